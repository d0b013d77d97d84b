"""Finds sign-ins: by id, by reference, and in a list that is narrowed by what is known of them.

Ids are made in the order of time, so a list is walked by them, and a moment is a bound of them. Of several conditions
the one that leaves least has its index; the others are written so that no index of theirs can be taken instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from latchstring.model import ids
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.storage import attempts
from latchstring.storage.database import Row, Scope
from latchstring.storage.paging import Page, Window
from latchstring.storage.statement import Statement, select

# Names by sub-queries, not by joins: a join could be taken first, and with it another order.
_COLUMNS = (
    attempts.COLUMNS + ", email, refusal, "
    "(SELECT name FROM connections WHERE connections.environment_id = attempts.environment_id "
    "AND connections.id = attempts.connection_id), "
    "(SELECT type FROM connections WHERE connections.environment_id = attempts.environment_id "
    "AND connections.id = attempts.connection_id), "
    "(SELECT name FROM organizations WHERE organizations.environment_id = attempts.environment_id "
    "AND organizations.id = attempts.organization_id)"
)
_GET = select(_COLUMNS, "attempts", "id = :id")
_ENDING = select(
    _COLUMNS, "attempts", "id >= :least AND id < :most AND id LIKE '%' || :end", tail="ORDER BY id DESC LIMIT 1"
)
_NEWER = select(_COLUMNS, "attempts", "id > :after", tail="ORDER BY id LIMIT :count")
_CONNECTIONS = select("id", "connections", "organization_id = :organization_id")

_UNCONNECTED = "connection_id IS NULL AND organization_id = :organization_id"
_LEADS = (  # the one of these that is asked for first leads
    ("unconnected", _UNCONNECTED, _UNCONNECTED),
    ("email", "email = :email", "coalesce(email, '') = :email"),
    ("refusal", "refusal = :refusal", "coalesce(refusal, '') = :refusal"),
    ("connection_id", "connection_id = :connection_id", "coalesce(connection_id, '') = :connection_id"),
    ("refused", "refusal IS NOT NULL", "coalesce(refusal, '') <> ''"),
    ("open", "state IN ('away', 'waiting')", "coalesce(state, '') IN ('away', 'waiting')"),
)

_OUTCOMES = {Outcome.REFUSED: "refused", Outcome.OPEN: "open"}


def get(scope: Scope, sign_in_id: str) -> SignIn | None:
    row = scope.one(_GET, id=sign_in_id)
    return _sign_in(row) if row else None


def ending(scope: Scope, least: str, most: str, end: str) -> SignIn | None:
    """The newest of those whose ids are not smaller than `least`, but than `most`, and end so."""
    row = scope.one(_ENDING, least=least, most=most, end=end)
    return _sign_in(row) if row else None


def newer(scope: Scope, after: str, count: int) -> list[SignIn]:
    """Those that began after this one, the oldest first."""
    return [_sign_in(row) for row in scope.all(_NEWER, after=after, count=count)]


def page(scope: Scope, window: Window, wanted: Wanted) -> Page[SignIn]:
    """Newest first. The cursors are ids of sign-ins, of any: one that is gone has its place all the same."""
    if wanted.organization_id is not None and wanted.connection_id is None:
        rows = _of_organization(scope, window, wanted, wanted.organization_id)
    else:
        rows = _rows(scope, window, wanted)
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    if window.before is not None:
        rows.reverse()
        newer_ones, older_ones = more, bool(rows)
    else:
        newer_ones, older_ones = window.after is not None and bool(rows), more
    found = tuple(_sign_in(row) for row in rows)
    return Page(
        items=found, before=found[0].id if newer_ones else None, after=found[-1].id if found and older_ones else None
    )


def _of_organization(scope: Scope, window: Window, wanted: Wanted, organization_id: str) -> list[Row]:
    """Merged from its few connections: each of them has an index. What names none of these has one of its own."""
    found = _rows(scope, window, wanted, unconnected=True)
    for (connection_id,) in scope.all(_CONNECTIONS, organization_id=organization_id):
        found += _rows(scope, window, wanted, connection_id=connection_id)
    found.sort(key=lambda row: str(row[0]), reverse=window.before is None)
    return found[: window.limit + 1]


def _rows(
    scope: Scope, window: Window, wanted: Wanted, *, connection_id: str | None = None, unconnected: bool = False
) -> list[Row]:
    """`unconnected`: of the organization, and through no connection."""
    values: dict[str, Any] = {
        "email": wanted.email and wanted.email.lower(),
        "refusal": wanted.refusal,
        "connection_id": connection_id or wanted.connection_id,
    }
    values = {name: value for name, value in values.items() if value is not None}
    asked = [*values, *([_OUTCOMES[wanted.outcome]] if wanted.outcome in _OUTCOMES else [])]
    if unconnected:
        asked.append("unconnected")
        values["organization_id"] = wanted.organization_id
    rest: list[str] = []
    if wanted.outcome is Outcome.GOOD:
        rest.append("coalesce(state, '') IN ('granted', 'done')")
    if wanted.organization_id is not None and wanted.connection_id is not None:
        rest.append("coalesce(organization_id, '') = :organization_id")
        values["organization_id"] = wanted.organization_id
    for name, moment, condition in (
        ("since", wanted.since, "id >= :since"),
        ("until", wanted.until, "id < :until"),
    ):
        if moment is not None:
            rest.append(condition)
            values[name] = ids.first(ids.ATTEMPT, moment)
    cursor, condition, direction = window.after, "id < :cursor", "DESC"
    if window.before is not None:
        cursor, condition, direction = window.before, "id > :cursor", "ASC"
    if cursor is not None:
        rest.append(condition)
        values["cursor"] = cursor
    statement = listing(tuple(asked), tuple(rest), direction)
    return list(scope.all(statement, **values, count=window.limit + 1))


@lru_cache(maxsize=256)
def listing(asked: Sequence[str], rest: Sequence[str], direction: str) -> Statement:
    """The statement of a list: `asked` are names of `_LEADS`, `rest` are further conditions."""
    conditions: list[str] = []
    for name, leading, following in _LEADS:
        if name in asked:
            conditions.append(following if conditions else leading)
    # The open ones are found by their state, and there are few of them at any time; their order has no index.
    order = "coalesce(id, '')" if tuple(asked) == ("open",) else "id"
    where = " AND ".join((*conditions, *rest))
    return select(_COLUMNS, "attempts", where, tail=f"ORDER BY {order} {direction} LIMIT :count")


def _sign_in(row: Row) -> SignIn:
    email, refusal, connection_name, connection_type, organization_name = row[-5:]
    return SignIn(
        attempt=attempts.of_row(row[:-5]),
        email=email,
        refusal=refusal,
        connection_name=connection_name or "",
        connection_type=connection_type or "",
        organization_name=organization_name,
    )
