"""A provider's published keys (RFC 7517): which may be used, and which one a token's header means (OIDC-05)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from latchstring.protocols.oidc import json_object
from latchstring.protocols.oidc.refusals import IdTokenKeyUnknown, JwksInvalid

Key = RSAKey | ECKey | OKPKey | OctKey

MAX_KEYS = 100
MAX_TRIES = 10  # keys tried when the token names none
MIN_RSA_BITS = 2048
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def find(document: bytes, *, algorithm: str, kid: str | None) -> list[Key]:
    """The keys that may have signed: one by its kid, or the few of the right type. Raises `IdTokenKeyUnknown`."""
    fitting = [(key_id, key) for key_id, key in _read(document) if _fits(key, algorithm)]
    if kid is not None:
        found = [key for key_id, key in fitting if key_id == kid]
    else:
        found = [key for _, key in fitting][:MAX_TRIES]
    if not found:
        raise IdTokenKeyUnknown(kid=kid)
    return found


@lru_cache(maxsize=128)
def _read(document: bytes) -> tuple[tuple[str | None, Key], ...]:
    """Every key that is for verifying. A private, symmetric or doubled key spoils the whole set."""
    try:
        entries = json_object.read(document).get("keys")
    except ValueError as fault:
        raise JwksInvalid(reason=str(fault)) from None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS or not all(isinstance(each, dict) for each in entries):
        raise JwksInvalid(reason="it has no list of keys, or too many")
    found: list[tuple[str | None, Key]] = []
    seen: dict[str, Any] = {}
    for entry in entries:
        if _PRIVATE & entry.keys() or entry.get("kty") == "oct":
            raise JwksInvalid(reason="it publishes a private or symmetric key")
        if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ("verify",)):
            continue
        kid = entry.get("kid")
        if kid is not None and (not isinstance(kid, str) or len(kid) > 256):
            raise JwksInvalid(reason="a key id is not a short string")
        if kid is not None and kid in seen and seen[kid] != _material(entry):
            raise JwksInvalid(reason="two keys have the same id")
        key = _key(entry)
        if key is not None:
            found.append((kid, key))
            if kid is not None:
                seen[kid] = _material(entry)
    return tuple(found)


def _material(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name) for name in ("kty", "crv", "n", "e", "x", "y")}


def _key(entry: dict[str, Any]) -> Key | None:
    public = {name: value for name, value in _material(entry).items() if value is not None}
    try:
        match entry.get("kty"):
            case "RSA":
                modulus = json_web_integer(public.get("n"))
                return RSAKey.import_key(public) if modulus.bit_length() >= MIN_RSA_BITS else None
            case "EC":
                return ECKey.import_key(public)
            case "OKP":
                return OKPKey.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        raise JwksInvalid(reason="a key cannot be read") from None
    return None  # of a kind that nobody here uses


def json_web_integer(value: object) -> int:
    """Base64urlUInt (RFC 7518, 2). Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not a string")
    return int.from_bytes(urlsafe_b64decode(value + "=" * (-len(value) % 4)), "big")


def _fits(key: Key, algorithm: str) -> bool:
    match key:
        case RSAKey():
            return algorithm in _RSA
        case ECKey():
            return _CURVES.get(algorithm) == key.curve_name
        case OKPKey():
            return algorithm == "EdDSA" and key.curve_name in ("Ed25519", "Ed448")
        case OctKey():
            return False  # never out of a published document
