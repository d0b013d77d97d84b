"""Logout messages of the imaginary identity provider at the frozen moment, and the two ways in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from latchstring.model.session import NameId
from latchstring.protocols.saml import deflate, logout, message, names, query, signature, signing
from latchstring.protocols.saml.message import VerifiedMessage
from latchstring.protocols.saml.request import Message
from tests.protocols.saml.answers import IDP, NOW, POLICY, REQUEST, SP, Edit, Key, pair, same
from tests.protocols.saml.sealing import sealed

SLO = "https://sso.example.net/sso/saml/slo/conn-key"
EXPECTED = logout.Expected(idp_entity_id=IDP, slo_url=SLO, clock_skew=timedelta(seconds=60))
ANN = NameId(value="ann", format=names.FORMAT_PERSISTENT, name_qualifier=IDP, sp_name_qualifier=SP)


def request(*indexes: str, edit: Edit = same, **changed: Any) -> bytes:
    """A LogoutRequest for ann, unsigned; good unless `changed` and `edit` say otherwise."""
    facts: dict[str, Any] = {
        "request_id": "_logout",
        "now": NOW,
        "sp_entity_id": IDP,
        "destination": SLO,
        "name_id": ANN,
        "indexes": indexes,
    }
    return edit(logout.build_request(**{**facts, **changed}).decode()).encode()


def response(*, edit: Edit = same, **changed: Any) -> bytes:
    """A LogoutResponse to our request, likewise."""
    facts: dict[str, Any] = {
        "response_id": "_answer",
        "now": NOW,
        "issuer": IDP,
        "destination": SLO,
        "in_response_to": REQUEST,
    }
    return edit(logout.build_response(**{**facts, **changed}).decode()).encode()


def sealing(**how: Any) -> Edit:
    """Puts an EncryptedID in the place of the NameID; `plaintext` changes what is in it."""
    plaintext: Edit = how.pop("plaintext", same)

    def edit(text: str) -> str:
        start, end = text.index("<saml:NameID"), text.index("</saml:NameID>") + len("</saml:NameID>")
        name = plaintext(text[start:end].replace("<saml:NameID", f'<saml:NameID xmlns:saml="{names.SAML}"', 1))
        return text[:start] + sealed(name.encode(), **how).replace("EncryptedAssertion", "EncryptedID") + text[end:]

    return edit


def unsigned(document: bytes, *, kind: Message = "SAMLRequest", relay_state: str | None = None) -> str:
    """The beginning of a query, percent-encoded: all of what `signing.sign_query` wants."""
    relayed = "" if relay_state is None else f"&RelayState={quote(relay_state, safe='')}"
    return f"{kind}={quote(deflate.deflate(document), safe='')}{relayed}"


def redirected(document: bytes, *, key: Key = "rsa", **wishes: Any) -> str:
    """A signed query."""
    return signing.sign_query(unsigned(document, **wishes), pair(key).pem)


def posted(document: bytes, *, key: Key = "rsa") -> bytes:
    """The document signed inside."""
    return signing.sign(document, key_pem=pair(key).pem, certificate_pem=pair(key).certificate)


def by_query(
    raw: str | bytes, *, keys: Sequence[Key] = ("rsa",), policy: signature.SignaturePolicy = POLICY
) -> VerifiedMessage:
    """Verifies a query as it came."""
    found = query.read(raw if isinstance(raw, bytes) else raw.encode())
    return message.verify_query(found, certificates=[pair(key).certificate for key in keys], policy=policy)


def by_post(
    document: bytes,
    kind: Message = "SAMLRequest",
    *,
    keys: Sequence[Key] = ("rsa",),
    policy: signature.SignaturePolicy = POLICY,
) -> VerifiedMessage:
    """Verifies a document as it came."""
    certificates = [pair(key).certificate for key in keys]
    return message.verify_posted(document, kind, certificates=certificates, policy=policy)
