"""`Assertion` (what an identity provider said, after every check) and `Profile` (what the application gets)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from latchstring.model.oauth_tokens import OAuthTokens
from latchstring.model.secret import Secret
from latchstring.model.session import IdpSession


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider said, in no protocol's words."""

    subject: str  # NameID or `sub`
    subject_format: str | None  # NameID Format URI; None for OpenID Connect
    attributes: Mapping[str, tuple[str, ...]]  # by Name, in the order received, values as text
    friendly_names: Mapping[str, str]  # FriendlyName -> Name (SAML)
    raw: Mapping[str, Any]  # as sent, for `raw_attributes`; JSON-shaped
    email_trusted: bool  # the protocol vouches for the e-mail (SAML: always; OIDC: email_verified, or by setting)
    email_claims: tuple[str, ...] | None = None  # the attributes whose address that goes for; None: all of them
    message_id: str  # assertion ID or nonce: used once per connection
    valid_until: datetime  # how long `message_id` must be remembered
    answers: str | None  # the request it answers; None: nobody asked
    session: Secret[IdpSession] | None = None  # what a logout takes; None: this provider offers none
    oauth_tokens: Secret[OAuthTokens] | None = None  # of an OAuth provider
    told_once: tuple[str, ...] = ()  # profile fields that this provider tells at the first sign-in alone
    passed: tuple[str, ...] = ()  # names of the checks passed, in order, for the trace
    evidence: Mapping[str, Any] = {}  # how it was signed, in the protocol's own words, for people


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the application sees them. Unique by (connection, idp_id)."""

    id: str
    connection_id: str
    connection_type: str
    organization_id: str | None
    idp_id: str
    email: str
    email_domain_verified: bool = False  # its domain was the organization's, and the protocol vouched for the address
    first_name: str | None
    last_name: str | None
    name: str | None
    groups: tuple[str, ...]
    custom_attributes: Mapping[str, Any]
    raw_attributes: Mapping[str, Any]
    subject: str | None = None  # NameID or `sub` at the last sign-in, and its format: kept, never shown
    subject_format: str | None = None
    created_at: datetime
    updated_at: datetime
