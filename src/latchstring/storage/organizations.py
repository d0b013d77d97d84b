"""Rows of organizations and their domains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from latchstring.model.organization import Domain, DomainState, Organization
from latchstring.storage import paging
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms

_ORGANIZATION = (
    "id, name, allow_profiles_outside_organization, external_id, stripe_customer_id, metadata, created_at, updated_at"
)
_OWN = len(_ORGANIZATION.split(", "))
_COLUMNS = ", ".join(f"organizations.{name}" for name in _ORGANIZATION.split(", "))
_INSERT = insert("organizations", _ORGANIZATION)
_BY_EXTERNAL_ID = select(_COLUMNS, "organizations", "organizations.external_id = :external_id")
_UPDATE = update(
    "organizations",
    "name = :name, allow_profiles_outside_organization = :allow_profiles_outside_organization, "
    "external_id = :external_id, stripe_customer_id = :stripe_customer_id, metadata = :metadata, "
    "updated_at = :updated_at",
    "id = :id",
)
_DELETE = delete("organizations", "id = :id")

_DOMAIN = (
    "id, organization_id, domain, state, verification_strategy, verification_token, verification_prefix, "
    "created_at, updated_at, holds_policy"
)
_INSERT_DOMAIN = insert("organization_domains", _DOMAIN)
_DOMAINS = select(_DOMAIN, "organization_domains", "organization_id = :organization_id", tail="ORDER BY created_at, id")
_GET = select(  # at once with its domains: each sign-in asks for both
    f"{_COLUMNS}, {', '.join(f'organization_domains.{name}' for name in _DOMAIN.split(', '))}",
    "organizations",
    "organizations.id = :id",
    left_join="organization_domains ON organization_domains.environment_id = organizations.environment_id "
    "AND organization_domains.organization_id = organizations.id",
    tail="ORDER BY organization_domains.created_at, organization_domains.id",
)
_DOMAIN_BY_ID = select(_DOMAIN, "organization_domains", "id = :id")
_DELETE_DOMAIN = delete("organization_domains", "id = :id")
_SET_DOMAIN_STATE = update(
    "organization_domains",
    "state = :after, verification_strategy = :strategy, verification_token = :token, verification_prefix = :prefix, "
    "updated_at = :now",
    "id = :id AND state = :before",
)
_SAME_DOMAIN = select(_DOMAIN, "organization_domains", "domain = :domain", tail="ORDER BY created_at, id")
_HOLDER = select(_DOMAIN, "organization_domains", "domain = :domain AND holds_policy")
_HOLD = update("organization_domains", "holds_policy = :holds, updated_at = :now", "id = :id")


def add(scope: WritingScope, organization: Organization) -> None:
    """The organization and its domains. Raises `AlreadyThere`."""
    scope.change(_INSERT, **_values(organization), created_at=to_ms(organization.created_at))
    for domain in organization.domains:
        add_domain(scope, domain)


def get(scope: Scope, organization_id: str) -> Organization | None:
    rows = scope.all(_GET, id=organization_id)
    if not rows:
        return None
    return _organization(rows[0][:_OWN], tuple(_domain(row[_OWN:]) for row in rows if row[_OWN] is not None))


def by_external_id(scope: Scope, external_id: str) -> Organization | None:
    row = scope.one(_BY_EXTERNAL_ID, external_id=external_id)
    return _organization(row, domains(scope, row[0])) if row else None


def page(
    scope: Scope, window: paging.Window, *, domain_names: Sequence[str] = (), search: str | None = None
) -> paging.Page[Organization]:
    """Organizations that have one of the domains and whose name contains `search`."""
    conditions: list[str] = []
    values: dict[str, str] = {}
    if domain_names:
        names = {f"domain_{number}": name for number, name in enumerate(domain_names)}
        values |= names
        conditions.append(
            "organizations.id IN (SELECT organization_id FROM organization_domains "
            "WHERE organization_domains.environment_id = organizations.environment_id "
            f"AND domain IN ({', '.join(':' + name for name in names)}))"
        )
    if search:
        values["search"] = like(search)
        conditions.append("lower(organizations.name) LIKE :search ESCAPE '\\'")
    found = paging.rows(scope, window, columns=_COLUMNS, table="organizations", conditions=conditions, **values)
    by_organization = _domains_of(scope, [row[0] for row in found.items])
    return paging.Page(
        items=tuple(_organization(row, by_organization[row[0]]) for row in found.items),
        before=found.before,
        after=found.after,
    )


def save(scope: WritingScope, organization: Organization) -> bool:
    """Everything but the domains. Raises `AlreadyThere`."""
    return scope.change(_UPDATE, **_values(organization)) == 1


def remove(scope: WritingScope, organization_id: str) -> bool:
    return scope.change(_DELETE, id=organization_id) == 1


def domains(scope: Scope, organization_id: str) -> tuple[Domain, ...]:
    return tuple(_domain(row) for row in scope.all(_DOMAINS, organization_id=organization_id))


def domain(scope: Scope, domain_id: str) -> Domain | None:
    row = scope.one(_DOMAIN_BY_ID, id=domain_id)
    return _domain(row) if row else None


def add_domain(scope: WritingScope, domain: Domain) -> None:
    """Raises `AlreadyThere` if the organization has it."""
    scope.change(
        _INSERT_DOMAIN,
        id=domain.id,
        organization_id=domain.organization_id,
        domain=domain.domain,
        state=domain.state.value,
        verification_strategy=domain.verification_strategy,
        verification_token=domain.verification_token,
        verification_prefix=domain.verification_prefix,
        created_at=to_ms(domain.created_at),
        updated_at=to_ms(domain.updated_at),
        holds_policy=domain.holds_policy,
    )


def change_domain(scope: WritingScope, before: Domain, after: Domain) -> bool:
    """State, strategy and record of a domain. False if it is not in the state any more from which this was decided."""
    changed = scope.change(
        _SET_DOMAIN_STATE,
        id=before.id,
        before=before.state.value,
        after=after.state.value,
        strategy=after.verification_strategy,
        token=after.verification_token,
        prefix=after.verification_prefix,
        now=to_ms(after.updated_at),
    )
    return changed == 1


def same_domain(scope: Scope, name: str) -> tuple[Domain, ...]:
    """The domain of this name in every organization that has it, the oldest first."""
    return tuple(_domain(row) for row in scope.all(_SAME_DOMAIN, domain=name))


def policy_holder(scope: Scope, name: str) -> Domain | None:
    """The one that is meant by the name."""
    row = scope.one(_HOLDER, domain=name)
    return _domain(row) if row else None


def hold_policy(scope: WritingScope, domain_id: str, *, holds: bool, now: datetime) -> None:
    """Raises `AlreadyThere` if another organization's domain of this name holds it."""
    scope.change(_HOLD, id=domain_id, holds=holds, now=to_ms(now))


def remove_domain(scope: WritingScope, domain_id: str) -> bool:
    return scope.change(_DELETE_DOMAIN, id=domain_id) == 1


def like(search: str) -> str:
    """A LIKE pattern that finds `search` itself anywhere; its own metacharacters are text (ESCAPE '\\')."""
    escaped = search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _domains_of(scope: Scope, organization_ids: Sequence[str]) -> dict[str, tuple[Domain, ...]]:
    by_organization: dict[str, tuple[Domain, ...]] = defaultdict(tuple)
    for organization_id in organization_ids:  # at most a page of them
        by_organization[organization_id] = domains(scope, organization_id)
    return by_organization


def _values(organization: Organization) -> dict[str, object]:
    return {
        "id": organization.id,
        "name": organization.name,
        "allow_profiles_outside_organization": organization.allow_profiles_outside_organization,
        "external_id": organization.external_id,
        "stripe_customer_id": organization.stripe_customer_id,
        "metadata": msgspec.json.encode(organization.metadata).decode(),
        "updated_at": to_ms(organization.updated_at),
    }


def _organization(row: Row, domains: tuple[Domain, ...]) -> Organization:
    id_, name, outside, external_id, stripe_customer_id, metadata, created, updated = row
    return Organization(
        id=id_,
        name=name,
        allow_profiles_outside_organization=bool(outside),
        external_id=external_id,
        stripe_customer_id=stripe_customer_id,
        metadata=msgspec.json.decode(metadata, type=dict[str, str]),
        domains=domains,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
    )


def _domain(row: Row) -> Domain:
    id_, organization_id, name, state, strategy, token, prefix, created, updated, holds_policy = row
    return Domain(
        id=id_,
        organization_id=organization_id,
        domain=name,
        state=DomainState(state),
        verification_strategy=strategy,
        verification_token=token,
        verification_prefix=prefix,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
        holds_policy=bool(holds_policy),
    )
