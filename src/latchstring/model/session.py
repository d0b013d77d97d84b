"""`IdpSession`: what it takes to end a session at the identity provider, kept from the sign-in for the logout."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from latchstring.model.secret import Secret

LIFETIME = timedelta(days=30)  # how long a session is remembered whose end nobody has told


class NameId(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A NameID exactly as it was asserted: a logout names the person by it again (core 2.2.3, 3.7.1)."""

    value: str
    format: str | None = None  # URI
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


class SamlSession(msgspec.Struct, frozen=True, kw_only=True, tag="saml"):
    """A session that a SAML assertion began, read from the verified assertion alone."""

    name_id: NameId
    indexes: tuple[str, ...]  # SessionIndex of each AuthnStatement that has one
    ends_at: datetime | None = None  # the earliest SessionNotOnOrAfter


class OidcSession(msgspec.Struct, frozen=True, kw_only=True, tag="oidc"):
    """A session that an ID token began, and the provider's tokens, to be revoked with it."""

    id_token: str
    sid: str | None = None  # OpenID Connect Front-Channel Logout 1.0, 3
    access_token: str | None = None
    refresh_token: str | None = None


IdpSession = SamlSession | OidcSession


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session at an identity provider, under the id of the sign-in that began it."""

    id: str
    connection_id: str
    profile_id: str
    idp: Secret[IdpSession]
    created_at: datetime
    expires_at: datetime


def key(idp: IdpSession) -> str | None:
    """What the identity provider will name the session by; None: it cannot."""
    return idp.name_id.value if isinstance(idp, SamlSession) else idp.sid
