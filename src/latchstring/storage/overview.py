"""Counts and short lists for the overview of an environment. Each is read from an index, and none reads a whole table.

Sign-ins are counted by their ids, which are made in the order of time: a stretch of the key, or of the key of the
refused ones, which is small beside it.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model import ids
from latchstring.model.organization import DomainState
from latchstring.storage.database import Row, Scope
from latchstring.storage.statement import select
from latchstring.storage.times import from_ms, to_ms

# A test of the Dashboard has the id of its sign-in, and there are few: they are read once, not for each sign-in.
_NO_TEST = (
    "id NOT IN (SELECT id FROM sign_in_tests WHERE sign_in_tests.environment_id = :environment_id "
    "AND sign_in_tests.id >= :since)"
)
_BEGUN = select("count(*)", "attempts", f"id >= :since AND id < :until AND {_NO_TEST}")
_REFUSED = select("count(*)", "attempts", f"refusal IS NOT NULL AND id >= :since AND id < :until AND {_NO_TEST}")
_OPEN = select("count(*)", "attempts", f"state IN ('away', 'waiting') AND {_NO_TEST}")
_REFUSED_BY_CONNECTION = select(
    "connection_id, count(*)",
    "attempts",
    f"refusal IS NOT NULL AND id >= :since AND connection_id IS NOT NULL AND {_NO_TEST}",
    tail="GROUP BY connection_id ORDER BY count(*) DESC LIMIT :count",
)
_BEGUN_THROUGH = select("count(*)", "attempts", f"connection_id = :connection_id AND id >= :since AND {_NO_TEST}")
_IN_STATE = select("count(*)", "connections", "state = :state")
_UNFINISHED = select(  # written so that no index of time is taken instead of that of states
    "id, name, organization_id, state, created_at",
    "connections",
    "state IN ('requires_type', 'draft', 'validating') AND coalesce(created_at, 0) < :before",
    tail="ORDER BY coalesce(created_at, 0) LIMIT :count",
)
_NAMES = select("id, name, organization_id, state, created_at", "connections", "id = :id")
_WARNED = select("DISTINCT connection_id", "expiry_warnings", "warned_at >= :since", tail="LIMIT :count")
_FAILED_DOMAINS = select(
    "id, organization_id, domain", "organization_domains", "state = :failed", tail="ORDER BY id DESC LIMIT :count"
)
_WAITING = select(
    "connection_id, count(*)", "reconciliations", tail="GROUP BY connection_id ORDER BY connection_id LIMIT :count"
)
_ANY_URI = select("id", "redirect_uris", tail="LIMIT 1")
_ANY_USED_KEY = select("id", "api_keys", "last_used_at IS NOT NULL", tail="LIMIT 1")
_ANY_ORGANIZATION = select("id", "organizations", "id <> :ours", tail="LIMIT 1")
_ANY_CONNECTION = select("id", "connections", "id <> :ours AND state <> 'deleting'", tail="LIMIT 1")
_ANY_PROFILE = select(  # two stretches of an index, however many people have tried the Test IdP
    "connection_id", "profiles", "(connection_id < :ours OR connection_id > :ours)", tail="LIMIT 1"
)
_WITHOUT_CONNECTION = select(
    "id, name",
    "organizations",
    "id <> :ours AND NOT EXISTS (SELECT 1 FROM connections WHERE connections.environment_id = "
    "organizations.environment_id AND organization_id = organizations.id AND state = 'active')",
    tail="ORDER BY created_at DESC, id DESC LIMIT :count",
)
_WITHOUT_DOMAIN = select(
    "id, name",
    "organizations",
    "id <> :ours AND NOT allow_profiles_outside_organization AND NOT EXISTS (SELECT 1 FROM organization_domains "
    "WHERE organization_domains.environment_id = organizations.environment_id "
    "AND organization_id = organizations.id AND state IN ('verified', 'legacy_verified'))",
    tail="ORDER BY created_at DESC, id DESC LIMIT :count",
)
_ALLOWING_IDP_INITIATED = select(
    "count(*)", "connections", "state = 'active' AND config LIKE '%\"idp_initiated\":\"allow\"%'"
)


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A connection in a list of a few words."""

    id: str
    name: str
    organization_id: str | None
    state: str
    created_at: datetime


def begun(scope: Scope, since: datetime, until: datetime) -> int:
    return _number(scope.one(_BEGUN, **_stretch(since, until)))


def refused(scope: Scope, since: datetime, until: datetime) -> int:
    return _number(scope.one(_REFUSED, **_stretch(since, until)))


def under_way(scope: Scope) -> int:
    return _number(scope.one(_OPEN, since=""))


def refused_by_connection(scope: Scope, since: datetime, count: int) -> list[tuple[str, int]]:
    """Connection and number, the most first."""
    rows = scope.all(_REFUSED_BY_CONNECTION, since=ids.first(ids.ATTEMPT, since), count=count)
    return [(str(row[0]), int(row[1])) for row in rows]


def begun_through(scope: Scope, connection_id: str, since: datetime) -> int:
    return _number(scope.one(_BEGUN_THROUGH, connection_id=connection_id, since=ids.first(ids.ATTEMPT, since)))


def in_state(scope: Scope, state: str) -> int:
    return _number(scope.one(_IN_STATE, state=state))


def unfinished(scope: Scope, before: datetime, count: int) -> list[Named]:
    """Set-ups that were begun before then and have not come to a sign-in, the oldest first."""
    return [_named(row) for row in scope.all(_UNFINISHED, before=to_ms(before), count=count)]


def named(scope: Scope, connection_id: str) -> Named | None:
    row = scope.one(_NAMES, id=connection_id)
    return _named(row) if row else None


def warned_of(scope: Scope, since: datetime, count: int) -> list[str]:
    """Connections of which a warning was given that a certificate ends."""
    return [str(row[0]) for row in scope.all(_WARNED, since=to_ms(since), count=count)]


def failed_domains(scope: Scope, count: int) -> list[tuple[str, str, str]]:
    """Id, organization and name."""
    rows = scope.all(_FAILED_DOMAINS, failed=DomainState.FAILED.value, count=count)
    return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]


def waiting(scope: Scope, count: int) -> list[tuple[str, int]]:
    """Connection, and how many people wait for its attributes to be put right."""
    return [(str(row[0]), int(row[1])) for row in scope.all(_WAITING, count=count)]


def has_redirect_uri(scope: Scope) -> bool:
    return scope.one(_ANY_URI) is not None


def has_used_key(scope: Scope) -> bool:
    return scope.one(_ANY_USED_KEY) is not None


def has_organization(scope: Scope) -> bool:
    """Beside the one that a staging environment comes with."""
    return scope.one(_ANY_ORGANIZATION, ours=ids.TEST_ORGANIZATION) is not None


def has_connection(scope: Scope) -> bool:
    """The same of connections."""
    return scope.one(_ANY_CONNECTION, ours=ids.TEST_CONNECTION) is not None


def has_profile(scope: Scope) -> bool:
    """Whether anybody has signed in, through a connection of theirs: a profile is made then, and by no test."""
    return scope.one(_ANY_PROFILE, ours=ids.TEST_CONNECTION) is not None


def without_connection(scope: Scope, count: int) -> list[tuple[str, str]]:
    """Organizations that no connection lets anybody into: id and name, the newest first."""
    return [(row[0], row[1]) for row in scope.all(_WITHOUT_CONNECTION, ours=ids.TEST_ORGANIZATION, count=count)]


def without_domain(scope: Scope, count: int) -> list[tuple[str, str]]:
    """Organizations that need a proven domain and have none."""
    return [(row[0], row[1]) for row in scope.all(_WITHOUT_DOMAIN, ours=ids.TEST_ORGANIZATION, count=count)]


def allowing_idp_initiated(scope: Scope) -> int:
    """Active connections that let a sign-in begin at the identity provider. Looks into each of them."""
    return _number(scope.one(_ALLOWING_IDP_INITIATED))


def _stretch(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": ids.first(ids.ATTEMPT, since), "until": ids.first(ids.ATTEMPT, until)}


def _number(row: Row | None) -> int:
    return int(row[0]) if row else 0


def _named(row: Row) -> Named:
    id_, name, organization_id, state, created = row
    return Named(id=id_, name=name, organization_id=organization_id, state=state, created_at=from_ms(created))
