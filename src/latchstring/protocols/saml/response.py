"""A verified Response becomes an `Assertion`, through a list of named checks (profiles 4.1.4.3); and two looks before.

`decode` and `glance` stand at the door: what they give is not to be trusted. `read` takes nothing but a `VerifiedXml`,
and reads who signed in from its signed assertion alone; the envelope around it can refuse, never admit.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import msgspec
from lxml import etree

from latchstring.model.profile import Assertion
from latchstring.model.secret import Secret
from latchstring.protocols.saml import names, refusals, statements, xml
from latchstring.protocols.saml.signature import VerifiedXml

MAX_AGE: Final = timedelta(minutes=10)  # by IssueInstant, whatever the conditions allow (SAML-31)
MAX_SKEW: Final = timedelta(seconds=300)


def decode(field: str, *, max_bytes: int = xml.MAX_BYTES) -> bytes:
    """The `SAMLResponse` form field as bytes; whitespace is let be, as in RFC 2045.

    Raises `DocumentTooLarge` or `DocumentNotBase64`.
    """
    if len(field) > max_bytes * 2:  # Base64 takes four thirds, the rest are line breaks
        raise refusals.DocumentTooLarge(limit="bytes", most=max_bytes)
    try:
        document = base64.b64decode("".join(field.split()), validate=True)
    except (binascii.Error, ValueError):
        raise refusals.DocumentNotBase64 from None
    if not document:
        raise refusals.DocumentNotBase64
    if len(document) > max_bytes:
        raise refusals.DocumentTooLarge(limit="bytes", most=max_bytes)
    return document


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """What a Response says of itself before anything is verified. For routing and for the trace, for nothing else."""

    in_response_to: str | None
    issuer: str | None
    response_id: str | None


def glance(document: bytes) -> Glance:
    """An untrusted look. Raises what `xml.parse` raises, or `NotAResponse`."""
    return glance_tree(xml.parse(document))


def glance_tree(root: etree._Element) -> Glance:
    """The same for a tree that `xml.parse` made."""
    if root.tag != names.RESPONSE:
        raise refusals.NotAResponse(received=str(root.tag)[:256])
    issuer = xml.child(root, names.ISSUER)
    return Glance(
        in_response_to=root.get("InResponseTo"),
        issuer=None if issuer is None else xml.full_text(issuer)[:1024],
        response_id=root.get("ID"),
    )


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
    case.check_start(_moment(conditions, "NotBefore"), "Conditions")
    case.check_end(_moment(conditions, "NotOnOrAfter"), "Conditions")


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
        case.check_end(_moment(statement, "SessionNotOnOrAfter"), "AuthnStatement")


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


def read(verified: VerifiedXml, expected: Expected, now: datetime) -> Assertion:
    """What the identity provider said, after every check. `now` is aware.

    Raises a `refusals.SamlRefused` that knows the check (`check`) and those before it (`passed`).
    """
    passed = ["signature"]
    name = "form"
    try:
        case = Case(
            envelope=verified.envelope,
            response_signed=verified.response_signed,
            parts=statements.take_apart(verified.assertion),
            expected=expected,
            now=now,
            skew=min(expected.clock_skew, MAX_SKEW),
        )
        for check in CHECKS:
            name = check.__name__
            check(case)
            passed.append(name)
        name = "attributes"
        said = statements.attributes(case.parts)
        session = statements.session(case.parts)
    except refusals.SamlRefused as refusal:
        raise refusal.at(name, passed)  # noqa: B904 - it is the same refusal
    return Assertion(
        subject=case.parts.name_id or "",
        subject_format=case.parts.name_id_format,
        attributes=said.values,
        friendly_names=said.friendly_names,
        raw=said.raw,
        email_trusted=True,
        message_id=case.parts.assertion.get("ID", ""),
        valid_until=_remember_until(case),
        answers=expected.request_id,
        session=None if session is None else Secret(session),
        passed=(*passed, name),
    )


def _remember_until(case: Case) -> datetime:
    """The latest NotOnOrAfter + 2 * skew (SAML-34), or when the answer is too old anyhow, whichever comes first."""
    ends = case.ends()
    if case.parts.conditions is not None and (end := _moment(case.parts.conditions, "NotOnOrAfter")):
        ends.append(end)
    return min(max(ends), case.issued + MAX_AGE + case.skew) + 2 * case.skew


def _moment(element: etree._Element, name: str) -> datetime | None:
    text = element.get(name)
    return None if text is None else xml.instant(text)
