"""Single Logout (core 3.7, profiles 4.4): LogoutRequest and LogoutResponse, built, and read once they are verified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import msgspec
from lxml import etree

from latchstring.model.session import NameId
from latchstring.protocols.saml import encryption, names, refusals, statements, xml
from latchstring.protocols.saml.logout_refusals import (
    LogoutAnswerUnknown,
    LogoutDestinationMismatch,
    LogoutIssuerMismatch,
    LogoutMessageMalformed,
    LogoutMessageTooEarly,
    LogoutMessageTooLate,
    LogoutSubjectMissing,
)
from latchstring.protocols.saml.message import VerifiedMessage

MAX_AGE: Final = timedelta(minutes=10)  # by IssueInstant, as for Responses (SAML-31)
MAX_SKEW: Final = timedelta(seconds=300)
LIFETIME: Final = timedelta(minutes=5)  # of our own requests
_NAMESPACES = f'xmlns:samlp="{names.SAMLP}" xmlns:saml="{names.SAML}"'


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a message must fit: the connection's two sides."""

    idp_entity_id: str
    slo_url: str
    clock_skew: timedelta  # at most `MAX_SKEW` counts

    @property
    def skew(self) -> timedelta:
        return min(self.clock_skew, MAX_SKEW)


class LogoutRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose sessions are to end."""

    name_id: NameId
    indexes: tuple[str, ...]  # none: every session of the person


class LogoutResponse(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    status: tuple[str, ...]  # the first-level code and those below it

    @property
    def outcome(self) -> str:
        """`success`, `partial` (some application is still signed in), or `failed`."""
        if self.status[0] != names.STATUS_SUCCESS:
            return "failed"
        return "partial" if names.STATUS_PARTIAL_LOGOUT in self.status else "success"


def build_request(
    *,
    request_id: str,
    now: datetime,
    sp_entity_id: str,
    destination: str,
    name_id: NameId,
    indexes: Sequence[str],
) -> bytes:
    """A LogoutRequest. The NameID goes out with everything it was asserted with (profiles 4.4.4.1)."""
    sessions = "".join(f"<samlp:SessionIndex>{escape(index)}</samlp:SessionIndex>" for index in indexes)
    return (
        f'<samlp:LogoutRequest {_NAMESPACES} ID={quoteattr(request_id)} Version="2.0"'
        f' IssueInstant="{xml.shown(now)}" Destination={quoteattr(destination)}'
        f' NotOnOrAfter="{xml.shown(now + LIFETIME)}" Reason="{names.LOGOUT_BY_USER}">'
        f"<saml:Issuer>{escape(sp_entity_id)}</saml:Issuer>{_named(name_id)}{sessions}</samlp:LogoutRequest>"
    ).encode()


def build_response(
    *,
    response_id: str,
    now: datetime,
    issuer: str,
    destination: str,
    in_response_to: str,
    status: str = names.STATUS_SUCCESS,
    detail: str | None = None,
) -> bytes:
    """A LogoutResponse with a first-level status and, if there is one, a second-level one."""
    inner = "" if detail is None else f'<samlp:StatusCode Value="{detail}"/>'
    return (
        f'<samlp:LogoutResponse {_NAMESPACES} ID={quoteattr(response_id)} Version="2.0"'
        f' IssueInstant="{xml.shown(now)}" Destination={quoteattr(destination)}'
        f" InResponseTo={quoteattr(in_response_to)}><saml:Issuer>{escape(issuer)}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="{status}">{inner}</samlp:StatusCode></samlp:Status>'
        "</samlp:LogoutResponse>"
    ).encode()


def check_address(message: VerifiedMessage, expected: Expected) -> None:
    """From our identity provider, and to us: only then is there anybody to answer (SAML-26, SAML-28).

    A signed message must carry its Destination (bindings 3.4.5.2, 3.5.5.2), which also keeps apart the connections of
    two customers who use one identity provider (SAML-36).
    """
    issuer = xml.child(message.root, names.ISSUER)
    received = "" if issuer is None else xml.text(issuer)
    same = received == expected.idp_entity_id and not (received == "" or received.isspace())
    if issuer is None or not same or issuer.get("Format") not in (None, names.FORMAT_ENTITY):
        raise LogoutIssuerMismatch(expected=expected.idp_entity_id, received=received[:1024])
    destination = message.root.get("Destination")
    if destination is None or destination.strip() != expected.slo_url:
        raise LogoutDestinationMismatch(expected=expected.slo_url, received=destination and destination[:1024])


def read_request(
    message: VerifiedMessage, expected: Expected, now: datetime, *, decryption_keys: Sequence[str] = ()
) -> LogoutRequest:
    """Who is to be signed out, of a message whose address was checked. `decryption_keys` (PEM) open an EncryptedID.

    Raises a `LogoutRefused`, `TimeInvalid` or `AssertionMalformed`.
    """
    root = message.root
    _check_time(root, expected, now)
    end = root.get("NotOnOrAfter")
    if end is not None and now - expected.skew >= xml.instant(end):
        raise LogoutMessageTooLate(moment=xml.instant(end), now=now)
    name_id = _name_id(root, decryption_keys)
    if not name_id.value.strip() or len(name_id.value) > statements.MAX_NAME_ID:
        raise LogoutSubjectMissing(reason="too long" if name_id.value.strip() else "blank")
    return LogoutRequest(name_id=name_id, indexes=tuple(xml.text(one) for one in root.findall(names.SESSION_INDEX)))


def read_response(message: VerifiedMessage, expected: Expected, request_id: str, now: datetime) -> LogoutResponse:
    """How the identity provider answered the request that this browser carried. Raises as `read_request`."""
    root = message.root
    _check_time(root, expected, now)
    if root.get("InResponseTo") != request_id:
        raise LogoutAnswerUnknown
    status = xml.child(root, names.STATUS)
    codes = [] if status is None else [part for part in xml.children(status) if part.tag == names.STATUS_CODE]
    if len(codes) != 1:
        raise LogoutMessageMalformed(reason="there is not exactly one StatusCode")
    inner = codes[0].findall(names.STATUS_CODE)[:4]
    return LogoutResponse(status=tuple(code.get("Value", "")[:256] for code in (codes[0], *inner)))


def remember_until(expected: Expected, now: datetime) -> datetime:
    """Until when the ID of a request is to be remembered: then it is too old by any clock (SAML-34)."""
    return now + MAX_AGE + 2 * expected.skew


def same_person(asked: NameId, asserted: NameId, *, idp_entity_id: str, sp_entity_id: str) -> bool:
    """Whether two NameIDs mean one person (core 3.7.3.2): what is left out has its default (core 2.2.2, 8.3.7)."""

    def whole(name: NameId) -> tuple[str, str, str, str]:
        return (
            name.value,
            name.format or names.FORMAT_UNSPECIFIED,
            name.name_qualifier or idp_entity_id,
            name.sp_name_qualifier or sp_entity_id,
        )

    return whole(asked) == whole(asserted)


def _name_id(root: etree._Element, decryption_keys: Sequence[str]) -> NameId:
    element = xml.child(root, names.NAME_ID)
    if element is not None:
        return statements.name_id(element)
    encrypted = xml.child(root, names.ENCRYPTED_ID)
    if encrypted is None:
        raise LogoutSubjectMissing(reason="missing")
    if not decryption_keys:
        raise LogoutSubjectMissing(reason="encrypted")
    try:
        # The signature was verified first and covers the ciphertext, so CBC may be read as well (SAML-23).
        opened = xml.parse(encryption.decrypt(encrypted, decryption_keys))
        if opened.tag == names.NAME_ID:
            return statements.name_id(opened)
    except refusals.SamlRefused as refusal:
        raise LogoutSubjectMissing(reason="unreadable") from refusal  # the same for algorithm, key, padding, tag, XML
    raise LogoutSubjectMissing(reason="unreadable")


def _check_time(root: etree._Element, expected: Expected, now: datetime) -> None:
    issued = xml.instant(root.get("IssueInstant", ""))
    if issued > now + expected.skew:
        raise LogoutMessageTooEarly(moment=issued, now=now)
    if now - issued > MAX_AGE + expected.skew:
        raise LogoutMessageTooLate(moment=issued, now=now)


def _named(name: NameId) -> str:
    facts = (
        ("Format", name.format),
        ("NameQualifier", name.name_qualifier),
        ("SPNameQualifier", name.sp_name_qualifier),
    )
    written = "".join(f" {attribute}={quoteattr(value)}" for attribute, value in facts if value is not None)
    return f"<saml:NameID{written}>{escape(name.value)}</saml:NameID>"
