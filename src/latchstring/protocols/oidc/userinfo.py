"""Userinfo (OpenID Connect Core 5.3), and all claims together -> `Assertion`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from latchstring.model.connection import OidcConfig
from latchstring.model.fetch import Fetched
from latchstring.model.profile import Assertion
from latchstring.protocols.oidc import id_token, json_object
from latchstring.protocols.oidc.id_token import VerifiedClaims
from latchstring.protocols.oidc.refusals import UserinfoInvalid, UserinfoSubjectMismatch

# Claims of the protocol itself: they say nothing about the person.
_OWN = frozenset(
    "iss aud exp iat nbf jti nonce at_hash c_hash s_hash azp auth_time acr amr sid typ session_state rh uti aio ver"
    .split()
)  # fmt: skip
_MAX_VALUES = 1000


def merge(claims: VerifiedClaims, fetched: Fetched) -> VerifiedClaims:
    """Userinfo may add, never change (OIDC-10). Raises `UserinfoInvalid`, `UserinfoSubjectMismatch`."""
    if fetched.status != 200:
        raise UserinfoInvalid(reason=f"it answered {fetched.status}")
    if "jwt" in fetched.headers.get("content-type", ""):
        raise UserinfoInvalid(reason="it is a signed token, which is not expected")
    try:
        found = json_object.read(fetched.body)
    except ValueError as fault:
        raise UserinfoInvalid(reason=str(fault)) from None
    subject = claims.claims["sub"]
    if found.get("sub") != subject:
        raise UserinfoSubjectMismatch(expected=subject, received=str(found.get("sub"))[:255])
    # An address and the word that it is verified come from one mouth: a signed e-mail never borrows userinfo's word.
    if "email" in claims.claims:
        found.pop("email", None)
        found.pop("email_verified", None)
    more = {name: value for name, value in found.items() if name not in _OWN}
    return claims.with_more(more, "userinfo_is_about_the_same_subject")


def assertion(claims: VerifiedClaims, *, config: OidcConfig) -> Assertion:
    """What the provider said. Nested claims become dotted names ("address.street_address"); `raw` keeps the JSON."""
    said = claims.claims
    raw = {name: value for name, value in said.items() if name not in _OWN}
    attributes: dict[str, tuple[str, ...]] = {}
    for name, value in raw.items():
        _flatten(name, value, attributes)
    nonce = str(said["nonce"])
    return Assertion(
        subject=said["sub"],
        subject_format=None,
        attributes=attributes,
        friendly_names={},
        raw=raw,
        email_trusted=said.get("email_verified") is True or config.trust_email,
        message_id=nonce,
        # Whatever `exp` says, an ID token is too old to be used again ten minutes after it was issued.
        valid_until=datetime.fromtimestamp(said["iat"], UTC) + id_token.MAX_AGE + timedelta(seconds=id_token.MAX_SKEW),
        answers=nonce,
        passed=claims.passed,
    )


def _flatten(name: str, value: Any, into: dict[str, tuple[str, ...]]) -> None:
    if isinstance(value, dict):
        for inner, item in value.items():
            _flatten(f"{name}.{inner}", item, into)
    elif isinstance(value, list):
        into[name] = tuple(
            _text(item) for item in value[:_MAX_VALUES] if item is not None and not isinstance(item, dict | list)
        )
    elif value is not None:
        into[name] = (_text(value),)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
