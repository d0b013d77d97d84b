"""Organizations and their domains as types, for the OpenAPI document and for the tests (contract 4)."""

from __future__ import annotations

from typing import Literal

import msgspec


class DnsRecord(msgspec.Struct, kw_only=True):
    """A record to be made in the DNS of a domain."""

    type: Literal["TXT"]
    name: str
    value: str


class DomainShortfall(msgspec.Struct, kw_only=True):
    """Why the record was not found: `record_missing`, `record_different`, `domain_unknown`, `domain_is_alias` or
    `dns_unanswered`; in words; and the records that were taken for it."""

    code: str
    message: str
    seen: list[str]


class DomainVerification(msgspec.Struct, kw_only=True):
    """The search for a domain's record in DNS."""

    record: DnsRecord
    begun_at: str
    looked_at: str | None
    next_look_at: str | None
    gives_up_at: str
    shortfall: DomainShortfall | None


class OrganizationDomain(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A domain of an organization. Token and prefix are there while it is to be verified through DNS."""

    object_: Literal["organization_domain"]
    id: str
    organization_id: str
    domain: str
    state: Literal["failed", "legacy_verified", "pending", "unverified", "verified"]
    verification_strategy: Literal["dns", "manual"]
    domain_policy: bool  # of the organizations that have proven it, this is the one that is meant by it
    created_at: str
    updated_at: str
    verification_token: str | msgspec.UnsetType | None = msgspec.UNSET
    verification_prefix: str | msgspec.UnsetType | None = msgspec.UNSET
    verification: DomainVerification | msgspec.UnsetType = msgspec.UNSET  # where one domain is asked for


class OrganizationShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A customer of the application."""

    object_: Literal["organization"]
    id: str
    name: str
    allow_profiles_outside_organization: bool
    domains: list[OrganizationDomain]
    metadata: dict[str, str]
    external_id: str | None
    created_at: str
    updated_at: str
    stripe_customer_id: str | msgspec.UnsetType = msgspec.UNSET
