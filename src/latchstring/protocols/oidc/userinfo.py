"""Userinfo (OpenID Connect Core 5.3), and all claims together -> `Assertion`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from latchstring.model.connection import ConnectionSecrets, OidcConfig
from latchstring.model.fetch import Fetched
from latchstring.model.profile import Assertion
from latchstring.protocols import json_object
from latchstring.protocols.attribute_lookup import texts
from latchstring.protocols.oidc import encryption, id_token, jwt
from latchstring.protocols.oidc.id_token import VerifiedClaims
from latchstring.protocols.oidc.refusals import UserinfoInvalid, UserinfoSubjectMismatch

# Claims of the protocol itself: they say nothing about the person.
_OWN = frozenset(
    "iss aud exp iat nbf jti nonce at_hash c_hash s_hash azp auth_time acr amr sid typ session_state rh uti aio ver"
    .split()
)  # fmt: skip


def signed(fetched: Fetched) -> str | None:
    """The token in which userinfo came, signed or encrypted (Core 5.3.2); None where it is plain JSON.

    Raises `UserinfoInvalid`.
    """
    if fetched.status != 200:
        raise UserinfoInvalid(reason=f"it answered {fetched.status}")
    if fetched.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/jwt":
        return None
    try:
        return fetched.body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise UserinfoInvalid(reason="it is not a token") from None


def plain(fetched: Fetched, *, config: OidcConfig) -> dict[str, Any]:
    """Raises `UserinfoInvalid`, also where the connection wants it signed."""
    if config.userinfo_signature_algorithm is not None:
        raise UserinfoInvalid(reason="it is not signed")
    try:
        return json_object.read(fetched.body)
    except ValueError as fault:
        raise UserinfoInvalid(reason=str(fault)) from None


def algorithm(config: OidcConfig) -> str:
    """What a signed userinfo is signed with: pinned like the ID token's; the ID token's where nothing is said."""
    return config.userinfo_signature_algorithm or config.id_token_signature_algorithm


def verified(
    token: str, jwks: Fetched | None, *, config: OidcConfig, secrets: ConnectionSecrets, now: datetime
) -> dict[str, Any]:
    """The claims of a signed userinfo, under the ID token's rules for form, keys, issuer and audience.

    Encrypted, it is opened where the connection has ID tokens encrypted. Raises what `jwt.read` and the checks raise.
    """
    text = encryption.opened(token, config, secrets) if encryption.is_encrypted(token) else token
    found = jwt.read(
        text,
        jwks,
        algorithm=algorithm(config),
        client_secret=secrets.oidc_client_secret,
        key_issuer=config.token_issuer if config.tenant_id else None,
    )
    id_token.check_userinfo(found, config=config, now=now)
    return found


def merge(claims: VerifiedClaims, found: dict[str, Any]) -> VerifiedClaims:
    """Userinfo may add, never change (OIDC-10). Raises `UserinfoSubjectMismatch`."""
    found = dict(found)
    subject = claims.claims["sub"]
    if found.get("sub") != subject:
        raise UserinfoSubjectMismatch(expected=subject, received=str(found.get("sub"))[:255])
    # An address and the word that it is verified come from one mouth: a signed e-mail never borrows userinfo's yes,
    # and a signed "verified" beside no address says nothing about the one that userinfo brings (OIDC-16). A no counts.
    if "email" in claims.claims:
        found.pop("email", None)
        if found.pop("email_verified", True) not in (True, "true"):
            found["email_verified"] = False
    elif "email" in found:
        claims = claims.without("email_verified")
    more = {name: value for name, value in found.items() if name not in _OWN}
    return claims.with_more(more, "userinfo_is_about_the_same_subject")


def assertion(claims: VerifiedClaims, *, config: OidcConfig) -> Assertion:
    """What the provider said; `raw` keeps the JSON."""
    said = claims.claims
    raw = {name: value for name, value in said.items() if name not in _OWN}
    nonce = str(said["nonce"])
    return Assertion(
        subject=said["sub"],
        subject_format=None,
        attributes=texts(raw),
        friendly_names={},
        raw=raw,
        email_trusted=_is_verified(said.get("email_verified"), config) or config.trust_email,
        message_id=nonce,
        # Whatever `exp` says, an ID token is too old to be used again ten minutes after it was issued.
        valid_until=datetime.fromtimestamp(said["iat"], UTC) + id_token.MAX_AGE + timedelta(seconds=id_token.MAX_SKEW),
        answers=nonce,
        passed=claims.passed,
    )


def _is_verified(said: object, config: OidcConfig) -> bool:
    return said is True or (config.allow_email_verified_text and said == "true")
