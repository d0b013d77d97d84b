"""A provider's published keys (RFC 7517): which may be used, and which one a token's header means (OIDC-05)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from latchstring.model.connection import TENANT_PLACE
from latchstring.protocols import json_object
from latchstring.protocols.oidc.refusals import IdTokenKeyUnknown, JwksInvalid

Key = RSAKey | ECKey | OKPKey | OctKey

MAX_KEYS = 100
MAX_TRIES = 10  # keys tried when the token names none
MAX_KID = 256
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192  # a longer one would cost whoever verifies with it, us
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class Entry(msgspec.Struct, frozen=True):
    """A published key that may verify."""

    kid: str | None
    algorithm: str | None  # what its publisher means it for; None: not said
    issuer: str | None  # Entra ID's member: whose tokens it signs
    key: Key


def find(document: bytes, *, algorithm: str, kid: str | None, key_issuer: str | None = None) -> list[Key]:
    """The keys that may have signed: one by its kid, or the few of the right type. Raises `IdTokenKeyUnknown`.

    `key_issuer` is the issuer of a tenant whose keys stand among those of others: a key of another one does not count.
    """
    fitting = [entry for entry in _read(document) if _fits(entry, algorithm) and _signs_for(entry, key_issuer)]
    if kid is not None:
        found = [entry.key for entry in fitting if entry.kid == kid]
    else:
        found = [entry.key for entry in fitting][:MAX_TRIES]
    if not found:
        raise IdTokenKeyUnknown(kid=kid)
    return found


@lru_cache(maxsize=128)
def _read(document: bytes) -> tuple[Entry, ...]:
    """Every key that is for verifying. A private, symmetric or doubled key spoils the whole set."""
    try:
        entries = json_object.read(document).get("keys")
    except ValueError as fault:
        raise JwksInvalid(reason=str(fault)) from None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS or not all(isinstance(each, dict) for each in entries):
        raise JwksInvalid(reason="it has no list of keys, or too many")
    found: list[Entry] = []
    seen: dict[str, Any] = {}
    for entry in entries:
        if _PRIVATE & entry.keys() or entry.get("kty") == "oct":
            raise JwksInvalid(reason="it publishes a private or symmetric key")
        if entry.get("use", "sig") != "sig" or not _verifies(entry.get("key_ops")):
            continue
        kid = entry.get("kid")
        if kid is not None and (not isinstance(kid, str) or len(kid) > MAX_KID):
            raise JwksInvalid(reason="a key id is not a short string")
        if kid is not None and kid in seen and seen[kid] != _material(entry):
            raise JwksInvalid(reason="two keys have the same id")
        key = _key(entry)
        if key is not None:
            found.append(Entry(kid, _word(entry, "alg"), _word(entry, "issuer"), key))
            if kid is not None:
                seen[kid] = _material(entry)
    return tuple(found)


def _verifies(operations: object) -> bool:
    """`key_ops` (RFC 7517, 4.3) is a list; absent, it allows what the type allows."""
    return operations is None or (isinstance(operations, list) and "verify" in operations)


def _word(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise JwksInvalid(reason=f"the {name} of a key is not a string")
    return value


def _material(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name) for name in ("kty", "crv", "n", "e", "x", "y")}


def _key(entry: dict[str, Any]) -> Key | None:
    public = {name: value for name, value in _material(entry).items() if value is not None}
    try:
        match entry.get("kty"):
            case "RSA":
                modulus = json_web_integer(public.get("n"))
                return RSAKey.import_key(public) if MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS else None
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


def _signs_for(entry: Entry, issuer: str | None) -> bool:
    return issuer is None or entry.issuer in (None, issuer) or TENANT_PLACE in (entry.issuer or "")


def _fits(entry: Entry, algorithm: str) -> bool:
    """The type, and one key for one algorithm (RFC 8725, 3.1): a key that is meant for another one is another key."""
    if entry.algorithm not in (None, algorithm, "Ed25519" if algorithm == "EdDSA" else algorithm):
        return False
    match entry.key:
        case RSAKey():
            return algorithm in _RSA
        case ECKey(curve_name=curve):
            return _CURVES.get(algorithm) == curve
        case OKPKey(curve_name=curve):
            return algorithm == "EdDSA" and curve in ("Ed25519", "Ed448")
        case OctKey():
            return False  # never out of a published document
