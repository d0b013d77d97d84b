"""The event log: rows are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import insert, select
from latchstring.storage.times import from_ms, to_ms

_INSERT = insert("events", "id, event, data, created_at")
_GET = select("id, event, data, created_at", "events", "id = :id")
_AFTER = select("id, event, data, created_at", "events", "id > :after", tail="ORDER BY id LIMIT :count")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in an environment (contract 7)."""

    id: str
    event: str
    data: Mapping[str, Any]
    created_at: datetime


def add(scope: WritingScope, event_id: str, name: str, data: Mapping[str, Any], *, now: datetime) -> None:
    scope.change(
        _INSERT,
        id=event_id,
        event=name,
        data=msgspec.json.encode(data).decode(),
        created_at=to_ms(now),
    )


def get(scope: Scope, event_id: str) -> Event | None:
    row = scope.one(_GET, id=event_id)
    return _event(row) if row else None


def after(scope: Scope, cursor: str, count: int) -> list[Event]:
    """Oldest first."""
    return [_event(row) for row in scope.all(_AFTER, after=cursor, count=count)]


def _event(row: Row) -> Event:
    id_, name, data, created = row
    return Event(id=id_, event=name, data=msgspec.json.decode(data), created_at=from_ms(created))
