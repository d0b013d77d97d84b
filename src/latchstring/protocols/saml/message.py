"""Logout messages come in: their form first, then who sent them; `VerifiedMessage` is what may be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass

from lxml import etree

from latchstring.protocols.saml import names, refusals, signature, xml
from latchstring.protocols.saml.logout_refusals import LogoutMessageMalformed, LogoutSignatureMissing
from latchstring.protocols.saml.query import SignedQuery
from latchstring.protocols.saml.request import Message
from latchstring.protocols.saml.signed_info import SignaturePolicy

_SEAL = object()
_TAGS: Mapping[Message, str] = {"SAMLRequest": names.LOGOUT_REQUEST, "SAMLResponse": names.LOGOUT_RESPONSE}
_HEAD = {names.ISSUER: 1, names.SIGNATURE: 2, names.EXTENSIONS: 3}
_PERSON = {names.NAME_ID: 4, names.BASE_ID: 4, names.ENCRYPTED_ID: 4, names.SESSION_INDEX: 5}
# Where each part may stand (core 3.2.1, 3.7.1, 3.2.2); SessionIndex alone may stand there several times.
_ORDER: Mapping[str, Mapping[str, int]] = {
    names.LOGOUT_REQUEST: {**_HEAD, **_PERSON},
    names.LOGOUT_RESPONSE: {**_HEAD, names.STATUS: 4},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedMessage:
    """A LogoutRequest or LogoutResponse that a stored certificate of the connection vouches for, whole."""

    root: etree._Element  # without its signature
    certificate_fingerprint: str  # SHA-256, hex
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only this file makes a VerifiedMessage")


def verify_posted(
    document: bytes, kind: Message, *, certificates: Sequence[str], policy: SignaturePolicy
) -> VerifiedMessage:
    """A message of the HTTP-POST binding, signed inside; read from the bytes that were signed.

    Raises a `refusals.SamlRefused` or a `LogoutRefused`.
    """
    root = xml.parse(document)
    found = _signature(root, kind)
    if found is None:
        raise LogoutSignatureMissing
    signed, fingerprint = signature.check_enveloped(found, root, certificates, policy)
    return VerifiedMessage(root=signed, certificate_fingerprint=fingerprint, seal=_SEAL)


def verify_query(query: SignedQuery, *, certificates: Sequence[str], policy: SignaturePolicy) -> VerifiedMessage:
    """A message of the HTTP-Redirect binding, signed outside; a signature inside it may not be (bindings 3.4.4.1)."""
    fingerprint = signature.check_octets(
        query.octets, algorithm=query.algorithm, value=query.value, stored=certificates, policy=policy
    )
    root = xml.parse(query.document)
    if _signature(root, query.kind) is not None:
        raise refusals.SignatureMisplaced(element=xml.local(root))
    return VerifiedMessage(root=root, certificate_fingerprint=fingerprint, seal=_SEAL)


def _signature(root: etree._Element, kind: Message) -> etree._Element | None:
    """Checks the form, on the child axis alone, and gives the one signature that may be there (SAML-09)."""
    if root.tag != _TAGS[kind]:
        raise LogoutMessageMalformed(reason=f"the {kind} is not a {_TAGS[kind].rpartition('}')[2]}")
    if root.get("Version") != "2.0" or not 0 < len(root.get("ID", "")) <= 256:
        raise LogoutMessageMalformed(reason="Version is not 2.0, or there is no usable ID")
    order = _ORDER[_TAGS[kind]]
    found: etree._Element | None = None
    last = 0
    for part in xml.children(root):
        rank = order.get(str(part.tag), 0)
        if rank == 0 or rank < last or (rank == last and part.tag != names.SESSION_INDEX):
            raise LogoutMessageMalformed(reason=f"{xml.local(part)[:64]} may not stand there, or twice")
        if part.tag == names.SIGNATURE:
            found = part
        last = rank
    if any(one is not found for one in root.iter(names.SIGNATURE)):
        raise refusals.SignatureMisplaced(element=xml.local(root))
    return found
