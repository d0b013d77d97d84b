"""Organizations: created, changed, deleted with all that is theirs, and the events that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import connection_life, domains, story
from latchstring.flows.domains import DomainWish
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.organization import Domain, Organization
from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest, NotFound
from latchstring.storage import connections, events, organizations, profiles
from latchstring.storage.database import WritingScope
from latchstring.storage.paging import Page, Window
from latchstring.storage.sqlite import AlreadyThere

MAX_NAME = 255
MAX_EXTERNAL_ID = 128
MAX_METADATA_PAIRS = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 600


class ExternalIdTaken(InvalidRequest):
    """Another organization has the external id '{external_id}'."""

    code = "external_id_already_used"
    fix = "External ids are unique within an environment: choose another one."
    external_id: str


class StripeCustomerIdTaken(InvalidRequest):
    """Another organization has the Stripe customer id '{stripe_customer_id}'."""

    code = "stripe_customer_id_already_used"
    fix = "Stripe customer ids are unique within an environment."
    stripe_customer_id: str


class MetadataInvalid(InvalidRequest):
    """The metadata has at most 50 pairs, with keys of up to 40 and values of up to 600 characters."""

    code = "invalid_metadata"
    fix = "Shorten the metadata; its values are strings."


class Belongings(msgspec.Struct, frozen=True, kw_only=True):
    """What goes when an organization goes."""

    domains: int
    connections: int
    profiles: int


class OrganizationWish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be set; UNSET is left alone. `domains`, if given, replaces the set."""

    name: str | UnsetType = UNSET
    domains: tuple[DomainWish, ...] | UnsetType = UNSET
    allow_profiles_outside_organization: bool | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    stripe_customer_id: str | UnsetType | None = UNSET
    metadata: Mapping[str, str | None] | UnsetType = UNSET


def create(house: House, pass_: Pass, wish: OrganizationWish) -> Organization:
    now = house.now()
    blank = Organization(
        id=house.id(ids.ORGANIZATION, now),
        name="",
        allow_profiles_outside_organization=False,
        external_id=None,
        stripe_customer_id=None,
        metadata={},
        domains=(),
        created_at=now,
        updated_at=now,
    )
    wish = msgspec.structs.replace(wish, name="" if wish.name is UNSET else wish.name)
    organization = _with(house, blank, wish, now)
    with house.database.write(pass_) as scope:
        try:
            organizations.add(scope, organization)
        except AlreadyThere:
            raise _taken(organization) from None
        settled = tuple(domains.settle(house, scope, domain) for domain in organization.domains)
        organization = msgspec.structs.replace(organization, domains=settled)
        _tell(house, scope, "organization.created", story.organization(organization))
        for domain in settled:
            _tell(house, scope, "organization_domain.created", story.domain(domain))
    return organization


def get(house: House, pass_: Pass, organization_id: str) -> Organization:
    with house.database.read(pass_) as scope:
        return _existing(organizations.get(scope, organization_id), organization_id)


def by_external_id(house: House, pass_: Pass, external_id: str) -> Organization:
    with house.database.read(pass_) as scope:
        return _existing(organizations.by_external_id(scope, external_id), external_id)


def page(
    house: House, pass_: Pass, window: Window, *, domain_names: Iterable[str], search: str | None
) -> Page[Organization]:
    names = tuple(domains.searched(name) for name in domain_names)
    with house.database.read(pass_) as scope:
        return organizations.page(scope, window, domain_names=names, search=search)


def update(house: House, pass_: Pass, organization_id: str, wish: OrganizationWish) -> Organization:
    with house.database.write(pass_) as scope:
        before = _existing(organizations.get(scope, organization_id), organization_id)
        after = _with(house, before, wish, house.now())
        try:
            organizations.save(scope, after)
        except AlreadyThere:
            raise _taken(after) from None
        kept = {domain.id for domain in after.domains}
        had = {domain.id: domain for domain in before.domains}
        for domain in before.domains:
            if domain.id not in kept:
                domains.remove(house, scope, domain)
        for domain in after.domains:
            if domain.id not in had:
                domains.add_to(house, scope, domain)
            elif domain != had[domain.id]:
                domains.prove(house, scope, had[domain.id], domain)
        after = msgspec.structs.replace(after, domains=organizations.domains(scope, organization_id))
        _tell(house, scope, "organization.updated", story.organization(after))
    return after


def belongings(house: House, pass_: Pass, organization_id: str) -> Belongings:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        organization = _existing(organizations.get(scope, organization_id), organization_id)
        return Belongings(
            domains=len(organization.domains),
            connections=len(connections.of_organization(scope, house.vault, organization_id)),
            profiles=profiles.number_of_organization(scope, organization_id),
        )


def delete(house: House, pass_: Pass, organization_id: str) -> Organization:
    """The organization with its domains, connections and profiles; a connection that has much goes by and by."""
    with house.database.write(pass_) as scope:
        organization = _existing(organizations.get(scope, organization_id), organization_id)
        for connection in connections.of_organization(scope, house.vault, organization_id):
            connection_life.begin_deletion(house, scope, connection)
        connections.let_go(scope, organization_id)
        organizations.remove(scope, organization_id)
        for domain in organization.domains:
            domains.gone(house, scope, domain)
        _tell(house, scope, "organization.deleted", story.organization(organization))
    return organization


def _with(house: House, before: Organization, wish: OrganizationWish, now: datetime) -> Organization:
    """`before` with the wish granted. Raises `InvalidFields` with every fault at once, or `MetadataInvalid`."""
    faults: list[FieldError] = []
    name = before.name if wish.name is UNSET else wish.name.strip()
    if not name:
        faults.append(FieldError(field="name", code="name_required", message="name should be a non-empty string."))
    elif len(name) > MAX_NAME:
        faults.append(
            FieldError(field="name", code="name_too_long", message=f"name has at most {MAX_NAME} characters.")
        )
    external_id = before.external_id if wish.external_id is UNSET else wish.external_id
    if external_id is not None and not (external_id.isascii() and 0 < len(external_id) <= MAX_EXTERNAL_ID):
        faults.append(
            FieldError(
                field="external_id",
                code="external_id_invalid",
                message=f"external_id has 1 to {MAX_EXTERNAL_ID} ASCII characters.",
            )
        )
    organization = msgspec.structs.replace(
        before,
        name=name,
        allow_profiles_outside_organization=(
            before.allow_profiles_outside_organization
            if wish.allow_profiles_outside_organization is UNSET
            else wish.allow_profiles_outside_organization
        ),
        external_id=external_id,
        stripe_customer_id=(before.stripe_customer_id if wish.stripe_customer_id is UNSET else wish.stripe_customer_id),
        metadata=before.metadata if wish.metadata is UNSET else _metadata(before.metadata, wish.metadata),
        updated_at=now,
    )
    if wish.domains is not UNSET:
        kept = {domain.domain: domain for domain in before.domains}
        wanted: dict[str, Domain] = {}
        for entry in wish.domains:
            try:
                new = domains.made(house, organization.id, entry, now)
            except InvalidFields as refusal:
                faults.extend(refusal.errors)
                continue
            old = kept.get(new.domain)
            if old is not None:
                proven = new.state.is_verified and not old.state.is_verified
                new = domains.by_hand(old, now) if proven else old
            wanted.setdefault(new.domain, new)
        organization = msgspec.structs.replace(organization, domains=tuple(wanted.values()))
    if faults:
        raise InvalidFields(errors=tuple(faults))
    return organization


def _metadata(before: Mapping[str, str], wish: Mapping[str, str | None]) -> dict[str, str]:
    after = {key: value for key, value in {**before, **wish}.items() if value is not None}  # null clears a pair
    if len(after) > MAX_METADATA_PAIRS or any(
        not 0 < len(key) <= MAX_METADATA_KEY or len(value) > MAX_METADATA_VALUE for key, value in after.items()
    ):
        raise MetadataInvalid
    return after


def _taken(organization: Organization) -> InvalidRequest:
    if organization.external_id is not None:
        return ExternalIdTaken(external_id=organization.external_id)
    return StripeCustomerIdTaken(stripe_customer_id=organization.stripe_customer_id or "")


def _existing(organization: Organization | None, organization_id: str) -> Organization:
    if organization is None:
        raise NotFound(kind="Organization", id=organization_id)
    return organization


def _tell(house: House, scope: WritingScope, name: str, data: Mapping[str, Any]) -> None:
    now = house.now()
    events.add(scope, house.id(ids.EVENT, now), name, data, now=now)
