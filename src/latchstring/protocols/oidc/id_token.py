"""The ID token (OpenID Connect Core 2 and 3.1.3.7): verified first, then read through a list of named checks."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from latchstring.model.connection import OidcConfig
from latchstring.model.fetch import Fetched
from latchstring.model.refusal import AssertionRefused
from latchstring.protocols.oidc import jwt
from latchstring.protocols.oidc.refusals import (
    AccessTokenHash,
    IdTokenAudience,
    IdTokenClaimMissing,
    IdTokenExpired,
    IdTokenIssuer,
    IdTokenTooOld,
    NonceMismatch,
)

MAX_AGE = timedelta(minutes=10)
MAX_SKEW = 60  # seconds (OIDC-06)
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

    def without(self, name: str) -> VerifiedClaims:
        """As if this had not been said."""
        return VerifiedClaims(_MAKER, {each: said for each, said in self.claims.items() if each != name}, self.passed)


@dataclass(frozen=True)
class _Case:
    claims: Mapping[str, Any]
    config: OidcConfig
    nonce: str
    access_token: str | None
    algorithm: str
    now: datetime

    @property
    def skew(self) -> timedelta:
        return timedelta(seconds=min(self.config.clock_skew_seconds, MAX_SKEW))


def verify(
    id_token: str,
    jwks: Fetched | None,
    *,
    config: OidcConfig,
    client_secret: str | None,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> VerifiedClaims:
    """The claims. Raises this package's refusals; `IdTokenKeyUnknown` asks for fresh keys (OIDC-05).

    `jwks` is None where the key is the client secret. Before anything else the form is looked at (`jwt.read`).
    """
    case = _read(id_token, jwks, config, client_secret, nonce, access_token, now)
    return _checked(case, CHECKS)


def verify_without_nonce(
    id_token: str, jwks: Fetched | None, *, config: OidcConfig, access_token: str | None, now: datetime
) -> VerifiedClaims:
    """The same, for a provider that is known to return no nonce: the code alone ties the token to this sign-in.

    Fit for a token from the token endpoint and for no other (Core 3.1.3.7, 11).
    """
    case = _read(id_token, jwks, config, None, "", access_token, now)
    return _checked(case, tuple(check for check in CHECKS if check is not nonce_is_ours))


def _read(
    id_token: str,
    jwks: Fetched | None,
    config: OidcConfig,
    client_secret: str | None,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> _Case:
    algorithm = config.id_token_signature_algorithm
    claims = jwt.read(
        id_token,
        jwks,
        algorithm=algorithm,
        client_secret=client_secret,
        key_issuer=config.token_issuer if config.tenant_id else None,
    )
    return _Case(claims, config, nonce, access_token, algorithm, now)


def _checked(case: _Case, checks: Sequence[Callable[[_Case], None]]) -> VerifiedClaims:
    passed = ["signature"]
    for number, check in enumerate(checks, 1):
        try:
            check(case)
        except AssertionRefused as refusal:
            later = [(each.__name__, _refusal_of(each, case)) for each in checks[number:]]
            raise refusal.at(check.__name__, passed, later=later)  # noqa: B904 - it is the same refusal
        passed.append(check.__name__)
    return VerifiedClaims(_MAKER, case.claims, tuple(passed))


def _refusal_of(check: Callable[[_Case], None], case: _Case) -> AssertionRefused | None:
    """For people alone, once another check has refused."""
    try:
        check(case)
    except AssertionRefused as refusal:
        return refusal
    return None


def check_userinfo(claims: Mapping[str, Any], *, config: OidcConfig, now: datetime) -> None:
    """Signed userinfo names the same issuer and audience (Core 5.3.2), and has not expired if it says when it does."""
    case = _Case(claims, config, "", None, "", now)
    issuer_is_ours(case)
    audience_is_ours(case)
    if "exp" in claims and now - case.skew >= (expires_at := _time(claims, "exp")):
        raise IdTokenExpired(expires_at=expires_at, now=now)


def issuer_is_ours(case: _Case) -> None:
    """OIDC-01: the very string."""
    received = case.claims.get("iss")
    if received != case.config.token_issuer:
        raise IdTokenIssuer(expected=case.config.token_issuer, received=str(received)[:1024])


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
