"""Rows of requests that were made with an API key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from latchstring.model.api_call import ApiCall, KeptCall
from latchstring.storage import paging
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.organizations import like
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import from_ms, to_ms

_CALL = "id, method, path, status, code, key_id, microseconds, created_at"
_INSERT = insert("api_calls", _CALL, tail="ON CONFLICT DO NOTHING")
_GET = select(_CALL, "api_calls", "id = :id")
_PLACE = select(  # of the newest one that is too many
    "created_at", "api_calls", tail="ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET :keep"
)
_FORGET = delete(
    "api_calls",
    "id IN (SELECT id FROM api_calls WHERE environment_id = :environment_id AND created_at <= :until "
    "ORDER BY created_at, id LIMIT :count)",
)


def add(scope: WritingScope, call: ApiCall) -> None:
    scope.change(
        _INSERT,
        id=call.id,
        method=call.method,
        path=call.path,
        status=call.status,
        code=call.code,
        key_id=call.key_id,
        microseconds=call.microseconds,
        created_at=to_ms(call.at),
    )


def get(scope: Scope, call_id: str) -> KeptCall | None:
    row = scope.one(_GET, id=call_id)
    return _call(row) if row else None


def page(
    scope: Scope, window: paging.Window, *, statuses: tuple[int, int] | None, path: str | None
) -> paging.Page[KeptCall]:
    """Newest first; with a status from the first to the second of `statuses`, and `path` somewhere in the path."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if statuses is not None:
        conditions.append("status BETWEEN :least AND :most")
        values |= {"least": statuses[0], "most": statuses[1]}
    if path:
        conditions.append("lower(path) LIKE :path ESCAPE '\\'")
        values["path"] = like(path)
    found = paging.rows(scope, window, columns=_CALL, table="api_calls", conditions=conditions, **values)
    return paging.Page(items=tuple(map(_call, found.items)), before=found.before, after=found.after)


def surplus(scope: Scope, keep: int) -> datetime | None:
    """The time of the newest one that is older than the newest `keep`; None: there are no more than those."""
    row = scope.one(_PLACE, keep=keep)
    return from_ms(row[0]) if row else None


def forget(scope: WritingScope, until: datetime, count: int) -> int:
    """Drop up to `count` of that time or before; the oldest first."""
    return scope.change(_FORGET, until=to_ms(until), count=count)


def _call(row: Row) -> KeptCall:
    id_, method, path, status, code, key_id, microseconds, created = row
    return KeptCall(
        id=id_,
        method=method,
        path=path,
        status=status,
        code=code,
        key_id=key_id,
        microseconds=microseconds,
        at=from_ms(created),
    )
