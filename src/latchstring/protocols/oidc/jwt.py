"""A signed JSON object in compact form (RFC 7515, RFC 7519): taken apart strictly, verified as the connection says.

Size, form and JSON are looked at before any cryptography (OIDC-17); the header names a key and decides nothing else.
"""

from __future__ import annotations

import re
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey

from latchstring.model.fetch import Fetched
from latchstring.protocols import json_object
from latchstring.protocols.oidc import keys
from latchstring.protocols.oidc.refusals import (
    IdTokenAlgorithm,
    IdTokenEncryption,
    IdTokenKeyUnknown,
    IdTokenMalformed,
    IdTokenSignature,
    JwksInvalid,
)

MAX_BYTES = 65_536
MAX_KID = 256
ALGORITHMS = frozenset("ES256 ES384 ES512 EdDSA HS256 HS384 HS512 PS256 PS384 PS512 RS256 RS384 RS512".split())
# The library would rather read the name of the curve; providers and the contract's list say EdDSA.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
_PART = re.compile(r"[A-Za-z0-9_-]+")


def needs_keys(algorithm: str) -> bool:
    """Whether the provider's published keys have a say: with HS256 and its kin the key is the client secret."""
    return not algorithm.startswith("HS")


def read(
    token: str, jwks: Fetched | None, *, algorithm: str, client_secret: str | None, key_issuer: str | None = None
) -> dict[str, Any]:
    """The claims of a token whose signature holds. Raises this package's refusals.

    `IdTokenKeyUnknown` asks for fresh keys (OIDC-05). `key_issuer` passes over keys that Entra ID publishes for others.
    """
    signed, header, claims = _take_apart(token)
    _check_header(header, algorithm)
    _check_signature(signed, header, _candidates(header, jwks, algorithm, client_secret, key_issuer), algorithm)
    return claims


def parts(token: str, count: int) -> list[bytes]:
    """The decoded parts. Raises `IdTokenMalformed`: too long, another number of parts, not canonical base64url."""
    if len(token) > MAX_BYTES:
        raise IdTokenMalformed(reason="it is too long")
    found = token.split(".")
    if len(found) == 5 != count:
        raise IdTokenEncryption(expected="none", received="encrypted")  # OIDC-18
    if len(found) != count:
        raise IdTokenMalformed(reason=f"it does not have {count} parts")
    return [decoded(part) for part in found]


def decoded(part: str) -> bytes:
    """Base64url in its one spelling: no padding, no spare bits (RFC 7515, 2). An empty part is empty."""
    if part and not _PART.fullmatch(part):
        raise IdTokenMalformed(reason="a part of it is not base64url")
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise IdTokenMalformed(reason="a part of it is not base64url") from None
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise IdTokenMalformed(reason="a part of it is not canonical base64url")
    return raw


def json_part(raw: bytes, name: str) -> dict[str, Any]:
    """Raises `IdTokenMalformed`."""
    try:
        return json_object.read(raw)
    except ValueError as fault:
        raise IdTokenMalformed(reason=f"{name}: {fault}") from None


def glance(token: str) -> dict[str, Any]:
    """Header and claims as they stand there, unproven: for the trace, and good for nothing else."""
    try:
        _, header, claims = _take_apart(token)
    except (IdTokenMalformed, IdTokenEncryption):
        return {}
    return {"header": header, "claims": claims}


def check_common(header: Mapping[str, Any]) -> None:
    """What no header may hold, of a signed or of an encrypted token (OIDC-04). Raises `IdTokenMalformed`."""
    for name in ("crit", "b64", "zip"):
        if name in header:
            raise IdTokenMalformed(reason=f"the header parameter {name} is not understood")
    kid = header.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > MAX_KID):
        raise IdTokenMalformed(reason="the key id is not a short string")


def _take_apart(token: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    head, payload, _signature = parts(token, 3)
    return token, json_part(head, "header"), json_part(payload, "claims")


def _check_header(header: Mapping[str, Any], algorithm: str) -> None:
    """The algorithm is pinned by the connection, never chosen by the token (OIDC-03, RFC 8725)."""
    received = header.get("alg")
    if received != algorithm or algorithm not in ALGORITHMS:
        raise IdTokenAlgorithm(expected=algorithm, received=str(received)[:64])
    check_common(header)
    typ = header.get("typ")
    if typ is not None and str(typ).lower().removeprefix("application/") not in ("jwt", "id_token+jwt"):
        raise IdTokenMalformed(reason="it is a token of another type")


def _candidates(
    header: Mapping[str, Any],
    jwks: Fetched | None,
    algorithm: str,
    client_secret: str | None,
    key_issuer: str | None,
) -> list[keys.Key]:
    if not needs_keys(algorithm):
        return [_secret_key(client_secret)]
    if jwks is None or jwks.status != 200:
        raise JwksInvalid(reason=f"it answered {jwks.status if jwks else 'nothing'}")
    return keys.find(jwks.body, algorithm=algorithm, kid=header.get("kid"), key_issuer=key_issuer)


def _check_signature(token: str, header: Mapping[str, Any], candidates: list[keys.Key], algorithm: str) -> None:
    """Keys in the header (jwk, jku, x5u, x5c) are for nobody: only `candidates` are tried (OIDC-04)."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = MAX_BYTES  # a header may hold a chain of certificates; it is just not looked at
    for key in candidates:
        try:
            jws.deserialize_compact(token, key, registry=registry)
        except (JoseError, ValueError, TypeError):
            continue
        return
    raise IdTokenSignature


def _secret_key(client_secret: str | None) -> OctKey:
    try:
        return OctKey.import_key(client_secret or "")
    except (JoseError, ValueError, TypeError):  # empty, or a key pair that somebody took for a secret
        raise IdTokenKeyUnknown(kid=None) from None
