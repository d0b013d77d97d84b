"""Rows that say when a regular chore is next due and which warnings were given: each is done once, by one of many."""

from __future__ import annotations

from datetime import datetime

from latchstring.storage.database import WritingScope
from latchstring.storage.statement import insert, update
from latchstring.storage.times import to_ms

_BEGIN = insert("chores", "name, next_at", tail="ON CONFLICT DO NOTHING")
_CLAIM = update("chores", "next_at = :until", "name = :name AND next_at <= :now")
_WARN = insert(
    "expiry_warnings",
    "connection_id, certificate_type, fingerprint, threshold, warned_at",
    tail="ON CONFLICT DO NOTHING",
)


def claim(scope: WritingScope, name: str, *, now: datetime, until: datetime) -> bool:
    """True for one caller; for the others it is not due again before `until`."""
    scope.change(_BEGIN, name=name, next_at=to_ms(now))
    return scope.change(_CLAIM, name=name, now=to_ms(now), until=to_ms(until)) == 1


def warn_once(
    scope: WritingScope, connection_id: str, *, certificate_type: str, fingerprint: str, threshold: int, now: datetime
) -> bool:
    """False if this warning was given before."""
    changed = scope.change(
        _WARN,
        connection_id=connection_id,
        certificate_type=certificate_type,
        fingerprint=fingerprint,
        threshold=threshold,
        warned_at=to_ms(now),
    )
    return changed == 1
