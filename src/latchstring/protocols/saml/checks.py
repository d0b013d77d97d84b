"""The named checks of a verified Response (profiles 4.1.4.3), in their order. Each refuses, or says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import msgspec
from lxml import etree

from latchstring.protocols.saml import names, refusals, statements, xml

MAX_AGE: Final = timedelta(minutes=10)  # by IssueInstant, whatever the conditions allow (SAML-31)
MAX_SKEW: Final = timedelta(seconds=300)


def moment(element: etree._Element, name: str) -> datetime | None:
    text = element.get(name)
    return None if text is None else xml.instant(text)


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer must fit: the connection's two sides, and the request of this browser."""

    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    request_id: str | None  # None: only an unsolicited response is acceptable (IdP-initiated)
    clock_skew: timedelta = timedelta(seconds=60)  # at most `MAX_SKEW` counts


@dataclass(slots=False)
class Case:
    """One answer before its checks. `confirmations` gets shorter with each check on the subject's confirmation."""

    envelope: etree._Element
    response_signed: bool
    parts: statements.Parts
    expected: Expected
    now: datetime
    skew: timedelta
    confirmations: list[statements.Confirmation] = field(default_factory=list)

    @cached_property
    def issued(self) -> datetime:
        return xml.instant(self.parts.assertion.get("IssueInstant", ""))

    def check_start(self, moment: datetime | None, element: str) -> None:
        if moment is not None and moment > self.now + self.skew:
            raise refusals.AssertionNotYetValid(element=element, not_before=moment, now=self.now)

    def check_end(self, moment: datetime | None, element: str) -> None:
        if moment is not None and self.now - self.skew >= moment:
            raise refusals.AssertionExpired(element=element, not_on_or_after=moment, now=self.now)

    def ends(self) -> list[datetime]:
        return [xml.instant(one.not_on_or_after or "") for one in self.confirmations]


def version_is_2(case: Case) -> None:
    """Core 2.3.3."""
    if case.parts.assertion.get("Version") != "2.0":
        raise refusals.AssertionMalformed(element="Assertion", reason="Version is not 2.0")


def issuer_is_our_idp(case: Case) -> None:
    """Byte for byte, in the assertion and, if it is there, in the Response (SAML-26)."""
    for parent in (case.parts.assertion, case.envelope):
        issuer = xml.child(parent, names.ISSUER)
        if issuer is None:
            continue  # a Response may go without; an assertion has one (envelope.signature_of)
        received = xml.text(issuer)
        ours = received == case.expected.idp_entity_id and not (received == "" or received.isspace())
        if not ours or issuer.get("Format") not in (None, names.FORMAT_ENTITY):
            raise refusals.IssuerMismatch(expected=case.expected.idp_entity_id, received=received[:1024])


def destination_is_ours(case: Case) -> None:
    """If present; and it must be present in a signed Response (bindings 3.5.5.2, SAML-28)."""
    received = case.envelope.get("Destination")
    if received is None and not case.response_signed:
        return
    if received is None or received.strip() != case.expected.acs_url:
        raise refusals.DestinationMismatch(expected=case.expected.acs_url, received=received and received[:1024])


def issued_just_now(case: Case) -> None:
    """Assertion and Response, by IssueInstant (SAML-31)."""
    response = case.envelope.get("IssueInstant")
    for element, issued in (("Assertion", case.issued), ("Response", xml.instant(response or ""))):
        if issued > case.now + case.skew:
            raise refusals.AssertionNotYetValid(element=element, not_before=issued, now=case.now)
        if case.now - issued > MAX_AGE:
            raise refusals.ResponseTooOld(issued=issued, now=case.now)


def subject_is_named(case: Case) -> None:
    """SAML-39."""
    name = case.parts.name_id
    if name is None:
        raise refusals.SubjectMissing(reason="missing")
    # Blanks, and characters that nobody sees: a name of zero-width spaces alone would look like no name at all.
    if not any(character.isprintable() and not character.isspace() for character in name):
        raise refusals.SubjectMissing(reason="blank")
    if len(name) > statements.MAX_NAME_ID:
        raise refusals.SubjectMissing(reason="too_long")


def bearer_is_confirmed(case: Case) -> None:
    """A bearer confirmation with an end and without a beginning (profiles 4.1.4.2)."""
    every = case.parts.confirmations
    case.confirmations = [one for one in every if one.bearer and one.not_on_or_after and one.not_before is None]
    if not case.confirmations:
        raise refusals.SubjectUnconfirmed(received=tuple(one.method[:256] for one in every))


def recipient_is_ours(case: Case) -> None:
    """Profiles 4.1.4.2, SAML-29."""
    received = tuple((one.recipient or "")[:1024] for one in case.confirmations)
    case.confirmations = [one for one in case.confirmations if (one.recipient or "").strip() == case.expected.acs_url]
    if not case.confirmations:
        raise refusals.RecipientMismatch(expected=case.expected.acs_url, received=received)


def answers_our_request(case: Case) -> None:
    """In both places, the request this browser began; or nowhere, if none was made (SAML-32, SAML-33)."""
    ours = case.expected.request_id
    outside = case.envelope.get("InResponseTo")
    received = tuple(one.in_response_to for one in case.confirmations)
    case.confirmations = [one for one in case.confirmations if one.in_response_to == ours]
    if outside == ours and case.confirmations:
        return
    said = tuple(value[:256] for value in (outside, *received) if value is not None)
    if ours is not None and all(value == ours for value in said):
        raise refusals.UnsolicitedResponse(expected=ours)
    raise refusals.InResponseToUnknown(expected=ours, received=said)


def bearer_is_in_time(case: Case) -> None:
    """Any one confirmation that still holds will do (core 2.4.1.2)."""
    case.check_end(max(case.ends()), "SubjectConfirmationData")


def conditions_hold(case: Case) -> None:
    """Core 2.5.1: the window, and no condition of a kind we do not know."""
    conditions = case.parts.conditions
    if conditions is None:
        return  # audience_is_ours will say so
    for part in xml.children(conditions):
        if part.tag not in statements.KNOWN_CONDITIONS:
            raise refusals.ConditionUnknown(received=xml.local(part)[:256])
    case.check_start(moment(conditions, "NotBefore"), "Conditions")
    case.check_end(moment(conditions, "NotOnOrAfter"), "Conditions")


def audience_is_ours(case: Case) -> None:
    """Every AudienceRestriction must name us, and there must be one (core 2.5.1.4, SAML-27)."""
    restrictions = case.parts.audiences()
    if not restrictions or not all(case.expected.sp_entity_id in audiences for audiences in restrictions):
        received = tuple(audience[:1024] for audiences in restrictions for audience in audiences)
        raise refusals.AudienceMismatch(expected=case.expected.sp_entity_id, received=received)


def somebody_signed_in(case: Case) -> None:
    """An AuthnStatement, and a session that has not ended (profiles 4.1.4.2, core 2.7.2)."""
    if not case.parts.authentications:
        raise refusals.AuthnStatementMissing
    for statement in case.parts.authentications:
        case.check_end(moment(statement, "SessionNotOnOrAfter"), "AuthnStatement")


CHECKS: tuple[Callable[[Case], None], ...] = (
    version_is_2,
    issuer_is_our_idp,
    destination_is_ours,
    issued_just_now,
    subject_is_named,
    bearer_is_confirmed,
    recipient_is_ours,
    answers_our_request,
    bearer_is_in_time,
    conditions_hold,
    audience_is_ours,
    somebody_signed_in,
)
