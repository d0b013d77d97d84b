"""SAML Single Logout by the browser (profiles 4.4): our request out, a provider's message in, our answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from latchstring.adapters.base import AutoPost, Departure, Door, Redirect
from latchstring.model.connection import SamlConfig
from latchstring.model.logout import LogoutUnsupported
from latchstring.model.session import IdpSession, SamlSession
from latchstring.protocols.saml import logout, message, names, query, request, response, signature
from latchstring.protocols.saml.logout_refusals import LogoutMessageMalformed
from latchstring.protocols.saml.message import VerifiedMessage
from latchstring.protocols.saml.query import SignedQuery
from latchstring.protocols.saml.request import Message

MAX_INDEXES = 20
MAX_RELAY_STATE = 2_048  # characters that go back with an answer; the standard's 80 bytes are honoured by few


class LogoutArrival(msgspec.Struct, frozen=True, kw_only=True):
    """A logout message as it came, opened and not to be trusted."""

    kind: Message
    relay_state: str | None
    content: SignedQuery | bytes  # of the Redirect binding, or a document of the POST binding


def receive_query(raw: bytes) -> LogoutArrival:
    """Raises what `query.read` raises."""
    found = query.read(raw)
    return LogoutArrival(kind=found.kind, relay_state=found.relay_state, content=found)


def receive_form(fields: Mapping[str, str]) -> LogoutArrival:
    """Raises `LogoutMessageMalformed`, or what `response.decode` raises."""
    kinds: list[Message] = [kind for kind in ("SAMLRequest", "SAMLResponse") if kind in fields]
    if len(kinds) != 1:
        raise LogoutMessageMalformed(reason="there is not exactly one of SAMLRequest and SAMLResponse")
    document = response.decode(fields[kinds[0]])
    return LogoutArrival(kind=kinds[0], relay_state=fields.get("RelayState"), content=document)


def verify(door: Door[SamlConfig], arrival: LogoutArrival, now: datetime) -> VerifiedMessage:
    """Who sent it; and that it is for us. Raises a `LogoutRefused` or a `SamlRefused`."""
    config = door.config
    certificates = tuple(certificate.pem for certificate in config.trusted_certificates(now))
    policy = signature.SignaturePolicy(
        allow_sha1=config.allows_sha1(now),
        allow_rsa1024=config.allows_rsa1024(now),
        allow_inclusive_c14n=config.allow_inclusive_c14n,
    )
    content = arrival.content
    if isinstance(content, SignedQuery):
        verified = message.verify_query(content, certificates=certificates, policy=policy)
    else:
        verified = message.verify_posted(content, arrival.kind, certificates=certificates, policy=policy)
    logout.check_address(verified, expected(door))
    return verified


def expected(door: Door[SamlConfig]) -> logout.Expected:
    return logout.Expected(
        idp_entity_id=door.config.idp_entity_id,
        slo_url=door.ours.slo_url,
        clock_skew=timedelta(seconds=door.config.clock_skew_seconds),
    )


def decryption_keys(door: Door[SamlConfig]) -> tuple[str, ...]:
    """What may open an encrypted NameID: the keys for encrypted assertions, since metadata know no others."""
    return tuple(pair.key for pair in door.connection.secrets.reveal().sp_encryption_keys)


def check(config: SamlConfig) -> None:
    """Raises `LogoutUnsupported`."""
    if not config.offers_logout:
        raise LogoutUnsupported(reason="its SAML metadata offer no Single Logout by HTTP-Redirect or HTTP-POST")


def ask(door: Door[SamlConfig], sessions: Sequence[IdpSession], handle: str, now: datetime) -> Departure:
    """The request to end the newest session, and with it those that the provider knows by the same NameID."""
    check(door.config)
    known = [one for one in sessions if isinstance(one, SamlSession)]
    if not known:
        raise LogoutUnsupported(reason="it spoke another protocol when the session began")
    name_id = known[0].name_id
    indexes = dict.fromkeys(index for one in known if one.name_id == name_id for index in one.indexes)
    destination = door.config.idp_slo_url or ""
    document = logout.build_request(
        request_id="_" + handle,
        now=now,
        sp_entity_id=door.ours.sp_entity_id,
        destination=destination,
        name_id=name_id,
        indexes=tuple(indexes)[:MAX_INDEXES],
    )
    return _sent(door, "SAMLRequest", document, destination, None, now)


def answer(
    door: Door[SamlConfig],
    *,
    response_id: str,
    in_response_to: str,
    relay_state: str | None,
    status: str,
    detail: str | None,
    now: datetime,
) -> Departure:
    """Our answer to the provider's request, by the binding and to the address that its metadata give."""
    destination = door.config.idp_slo_response_url or door.config.idp_slo_url or ""
    document = logout.build_response(
        response_id=response_id,
        now=now,
        issuer=door.ours.sp_entity_id,
        destination=destination,
        in_response_to=in_response_to,
        status=status,
        detail=detail,
    )
    relayed = relay_state if relay_state is not None and len(relay_state) <= MAX_RELAY_STATE else None
    return _sent(door, "SAMLResponse", document, destination, relayed, now)


STATUS = {
    "success": (names.STATUS_SUCCESS, None),
    "partial": (names.STATUS_SUCCESS, names.STATUS_PARTIAL_LOGOUT),
    "requester": (names.STATUS_REQUESTER, None),
}


def _sent(
    door: Door[SamlConfig], kind: Message, document: bytes, url: str, relay_state: str | None, now: datetime
) -> Departure:
    """Signed always (profiles 4.4.4), whether sign-in requests are or not."""
    certificate = door.config.signing_certificate(now)
    if certificate is None:
        raise LogoutUnsupported(reason="it has no key of ours to sign with")
    keys = {pair.certificate_id: pair.key for pair in door.connection.secrets.reveal().sp_signing_keys}
    key = keys[certificate.id]
    if door.config.slo_binding == "redirect":
        return Redirect(request.redirect_url(url, document, relay_state, signing_key_pem=key, message=kind))
    fields = request.post_fields(
        document, relay_state, signing_key_pem=key, signing_certificate_pem=certificate.pem, message=kind
    )
    return AutoPost(url, fields)
