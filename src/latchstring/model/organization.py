"""`Organization` and its domains, and the rule which e-mail addresses its connections may bring (contract 4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Literal

import msgspec


class DomainState(Enum):
    """Whether the organization has shown that a domain is its own."""

    FAILED = "failed"
    LEGACY_VERIFIED = "legacy_verified"
    PENDING = "pending"
    UNVERIFIED = "unverified"
    VERIFIED = "verified"

    @property
    def is_verified(self) -> bool:
        return self in (DomainState.VERIFIED, DomainState.LEGACY_VERIFIED)


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain of an organization."""

    id: str
    organization_id: str
    domain: str  # lower case, punycode
    state: DomainState
    verification_strategy: Literal["dns", "manual"]
    verification_token: str | None
    verification_prefix: str | None
    created_at: datetime
    updated_at: datetime
    holds_policy: bool = False  # of the organizations that have proven it, this is the one that is meant by it


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of the application."""

    id: str
    name: str
    allow_profiles_outside_organization: bool
    external_id: str | None
    stripe_customer_id: str | None
    metadata: Mapping[str, str]
    domains: tuple[Domain, ...]
    created_at: datetime
    updated_at: datetime

    def admits(self, email_domains: Sequence[str]) -> bool:
        """Whether a profile with e-mail addresses in these domains (lower case, punycode) may sign in.

        All of them must be verified domains of the organization: an identity provider that adds one foreign address
        must not get a profile through on the strength of the other (SAML-37).
        """
        if self.allow_profiles_outside_organization:
            return True
        return bool(email_domains) and all(self.has_verified(domain) for domain in email_domains)

    def has_verified(self, name: str) -> bool:
        """Whether the domain (lower case, punycode) is proven to be the organization's."""
        return any(domain.domain == name and domain.state.is_verified for domain in self.domains)
