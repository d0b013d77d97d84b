"""A query of the Redirect binding, read raw: its signature covers the very octets that were sent (bindings 3.4.4.1)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

import msgspec

from latchstring.protocols.saml import deflate
from latchstring.protocols.saml.logout_refusals import LogoutMessageMalformed, LogoutSignatureMissing
from latchstring.protocols.saml.request import Message

MAX_PARAMETERS = 32
DEFLATE = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
_OURS = frozenset({"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"})


class SignedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A signed message in a query. Nothing of it is verified yet."""

    kind: Message
    document: bytes
    relay_state: str | None
    octets: bytes  # what was signed
    algorithm: str
    value: bytes


def read(raw: bytes) -> SignedQuery:
    """The message in a raw query, without its "?".

    Raises `LogoutMessageMalformed`, also where two readers could see two messages in it: parameters that are repeated
    or disguised, and a request beside a response (SAML-43). `LogoutSignatureMissing`, or what `deflate.inflate` raises.
    """
    found = _parameters(raw)
    kinds: list[Message] = [kind for kind in ("SAMLRequest", "SAMLResponse") if kind in found]
    if len(kinds) != 1:
        raise LogoutMessageMalformed(reason="there is not exactly one of SAMLRequest and SAMLResponse")
    kind = kinds[0]
    if "SAMLEncoding" in found and unquote_plus(found["SAMLEncoding"]) != DEFLATE:
        raise LogoutMessageMalformed(reason="an encoding that is not DEFLATE")
    if not found.get("SigAlg") or not found.get("Signature"):
        raise LogoutSignatureMissing
    signed = (kind, "RelayState", "SigAlg")
    return SignedQuery(
        kind=kind,
        document=deflate.inflate(unquote_plus(found[kind])),
        relay_state=unquote_plus(found["RelayState"]) if "RelayState" in found else None,
        octets="&".join(f"{name}={found[name]}" for name in signed if name in found).encode("latin-1"),
        algorithm=unquote_plus(found["SigAlg"]),
        value=_base64(unquote_plus(found["Signature"])),
    )


def _parameters(raw: bytes) -> dict[str, str]:
    """The parameters of the binding as they were sent, still percent-encoded; others are let be."""
    parts = raw.decode("latin-1").split("&")
    if len(parts) > MAX_PARAMETERS:
        raise LogoutMessageMalformed(reason="the query has too many parameters")
    found: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        plain = unquote_plus(name)
        if plain not in _OURS:
            continue
        if name != plain or name in found:
            raise LogoutMessageMalformed(reason=f"the parameter {plain} is repeated or disguised")
        found[name] = value
    return found


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise LogoutMessageMalformed(reason="the Signature is not Base64") from None
