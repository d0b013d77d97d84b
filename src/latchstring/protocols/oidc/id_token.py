"""The ID token (OpenID Connect Core 2 and 3.1.3.7): verified first, then read through a list of named checks."""

from __future__ import annotations

import hashlib
import re
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey

from latchstring.model.connection import OidcConfig
from latchstring.model.fetch import Fetched
from latchstring.model.refusal import AssertionRefused
from latchstring.protocols.oidc import json_object, keys
from latchstring.protocols.oidc.discovery import Provider
from latchstring.protocols.oidc.refusals import (
    AccessTokenHash,
    IdTokenAlgorithm,
    IdTokenAudience,
    IdTokenClaimMissing,
    IdTokenExpired,
    IdTokenIssuer,
    IdTokenKeyUnknown,
    IdTokenMalformed,
    IdTokenSignature,
    IdTokenTooOld,
    JwksInvalid,
    NonceMismatch,
)

MAX_BYTES = 65_536
MAX_AGE = timedelta(minutes=10)
ALGORITHMS = frozenset("ES256 ES384 ES512 EdDSA HS256 HS384 HS512 PS256 PS384 PS512 RS256 RS384 RS512".split())
# The library would rather read the name of the curve; providers and the contract's list say EdDSA.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
_PART = re.compile(r"[A-Za-z0-9_-]+")
_HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}
_MAX_SUBJECT = 255
_MAKER = object()


class VerifiedClaims:
    """Claims whose signature was verified. Made in this file alone; `userinfo.merge` may add to what they say."""

    __slots__ = ("claims", "passed")

    def __init__(self, maker: object, claims: Mapping[str, Any], passed: tuple[str, ...]) -> None:
        if maker is not _MAKER:
            raise TypeError("VerifiedClaims are made by verify() and extended by with_more()")
        self.claims = claims
        self.passed = passed

    def with_more(self, more: Mapping[str, Any], check: str) -> VerifiedClaims:
        """With further claims about the same subject; what was signed wins."""
        return VerifiedClaims(_MAKER, {**more, **self.claims}, (*self.passed, check))


@dataclass(frozen=True)
class _Case:
    claims: Mapping[str, Any]
    provider: Provider
    config: OidcConfig
    nonce: str
    access_token: str | None
    algorithm: str
    now: datetime

    @property
    def skew(self) -> timedelta:
        return timedelta(seconds=min(self.config.clock_skew_seconds, 300))


def verify(
    id_token: str,
    jwks: Fetched,
    *,
    provider: Provider,
    config: OidcConfig,
    client_secret: str | None,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> VerifiedClaims:
    """The claims. Raises this package's refusals; `IdTokenKeyUnknown` asks for fresh keys (OIDC-05)."""
    header, payload = _take_apart(id_token)
    algorithm = config.id_token_signature_algorithm
    _check_header(header, algorithm)
    _check_signature(id_token, header, jwks, algorithm, client_secret)
    try:
        claims = json_object.read(payload)
    except ValueError as fault:
        raise IdTokenMalformed(reason=f"claims: {fault}") from None
    case = _Case(claims, provider, config, nonce, access_token, algorithm, now)
    passed = ["signature"]
    for check in CHECKS:
        try:
            check(case)
        except AssertionRefused as refusal:
            refusal.check = check.__name__  # type: ignore[attr-defined] # for the trace
            refusal.passed = tuple(passed)  # type: ignore[attr-defined]
            raise
        passed.append(check.__name__)
    return VerifiedClaims(_MAKER, claims, tuple(passed))


def _take_apart(token: str) -> tuple[dict[str, Any], bytes]:
    """Header and payload, after the strictest reading of the form (OIDC-17)."""
    if len(token) > MAX_BYTES:
        raise IdTokenMalformed(reason="it is too long")
    parts = token.split(".")
    if len(parts) == 5:
        raise IdTokenMalformed(reason="it is encrypted, which is not expected")  # OIDC-18
    if (
        len(parts) != 3
        or not all(_PART.fullmatch(part) for part in parts[:2])
        or not re.fullmatch(r"[A-Za-z0-9_-]*", parts[2])
    ):
        raise IdTokenMalformed(reason="it is not three parts of base64url")
    try:
        header = json_object.read(_decoded(parts[0]))
        return header, _decoded(parts[1])
    except ValueError as fault:
        raise IdTokenMalformed(reason=f"header: {fault}") from None


def _decoded(part: str) -> bytes:
    raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise ValueError("it is not canonical base64url")
    return raw


def _check_header(header: Mapping[str, Any], algorithm: str) -> None:
    """The algorithm is pinned by the connection, never chosen by the token (OIDC-03, RFC 8725)."""
    received = header.get("alg")
    if received != algorithm or algorithm not in ALGORITHMS:
        raise IdTokenAlgorithm(expected=algorithm, received=str(received)[:64])
    for name in ("crit", "b64", "zip"):
        if name in header:
            raise IdTokenMalformed(reason=f"the header parameter {name} is not understood")
    typ = header.get("typ")
    if typ is not None and str(typ).lower().removeprefix("application/") not in ("jwt", "id_token+jwt"):
        raise IdTokenMalformed(reason="it is a token of another type")
    kid = header.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > 256):
        raise IdTokenMalformed(reason="the key id is not a short string")


def _check_signature(
    token: str, header: Mapping[str, Any], jwks: Fetched, algorithm: str, client_secret: str | None
) -> None:
    if algorithm.startswith("HS"):
        candidates: list[keys.Key] = [_secret_key(client_secret)]
    else:
        if jwks.status != 200:
            raise JwksInvalid(reason=f"it answered {jwks.status}")
        candidates = keys.find(jwks.body, algorithm=algorithm, kid=header.get("kid"))
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
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


def issuer_is_ours(case: _Case) -> None:
    """OIDC-01: the very string."""
    received = case.claims.get("iss")
    if received != case.config.issuer:
        raise IdTokenIssuer(expected=case.config.issuer, received=str(received)[:1024])


def audience_is_ours(case: _Case) -> None:
    """OIDC-02."""
    sent = case.claims.get("aud")
    audiences = [sent] if isinstance(sent, str) else sent
    if not isinstance(audiences, list) or not all(isinstance(each, str) for each in audiences):
        raise IdTokenClaimMissing(claim="aud")
    party = case.claims.get("azp")
    ours = case.config.client_id
    shown = tuple(each[:256] for each in audiences[:10])
    if ours not in audiences or (len(audiences) > 1 and party is None) or party not in (None, ours):
        raise IdTokenAudience(expected=ours, received=shown)


def subject_is_named(case: _Case) -> None:
    subject = case.claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT or not subject.strip():
        raise IdTokenClaimMissing(claim="sub")


def times_hold(case: _Case) -> None:
    """OIDC-06."""
    expires_at, issued_at = _time(case.claims, "exp"), _time(case.claims, "iat")
    if case.now - case.skew >= expires_at:
        raise IdTokenExpired(expires_at=expires_at, now=case.now)
    if issued_at > case.now + case.skew or case.now - issued_at > MAX_AGE:
        raise IdTokenTooOld(issued_at=issued_at, now=case.now)
    if "nbf" in case.claims and _time(case.claims, "nbf") > case.now + case.skew:
        raise IdTokenTooOld(issued_at=_time(case.claims, "nbf"), now=case.now)


def nonce_is_ours(case: _Case) -> None:
    """OIDC-07."""
    received = case.claims.get("nonce")
    if not isinstance(received, str) or not compare_digest(received.encode(), case.nonce.encode()) or not case.nonce:
        raise NonceMismatch


def access_token_belongs(case: _Case) -> None:
    """at_hash, where there is one (OIDC-08); an algorithm without a known hash fails closed."""
    received = case.claims.get("at_hash")
    if received is None:
        return
    name = "sha512" if case.algorithm == "EdDSA" else _HASHES.get(case.algorithm[2:])
    if name is None or case.access_token is None or not isinstance(received, str):
        raise AccessTokenHash
    digest = hashlib.new(name, case.access_token.encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not compare_digest(expected, received.encode()):
        raise AccessTokenHash


CHECKS: tuple[Callable[[_Case], None], ...] = (
    issuer_is_ours,
    audience_is_ours,
    subject_is_named,
    times_hold,
    nonce_is_ours,
    access_token_belongs,
)


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdTokenClaimMissing(claim=name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise IdTokenClaimMissing(claim=name) from None
