"""Rows of logouts under way: each found by a hash, and taken up once by a conditional UPDATE."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model.logout import LogoutStep
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.front_door import digest
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import to_ms

_WAITING = "handle_hash = :handle_hash AND used_at IS NULL AND expires_at > :now"
_INSERT = insert("logouts", "handle_hash, connection_id, step, expires_at")
_GET = select("connection_id, step", "logouts", _WAITING)
_TAKE = update("logouts", "used_at = :now", _WAITING)
_FORGET = delete(
    "logouts",
    "handle_hash IN (SELECT handle_hash FROM logouts AS old WHERE old.environment_id = :environment_id "
    "AND old.expires_at < :before LIMIT :count)",
)

_decoder: msgspec.json.Decoder[LogoutStep] = msgspec.json.Decoder(LogoutStep)


def add(scope: WritingScope, handle: str, *, connection_id: str, step: LogoutStep, expires_at: datetime) -> None:
    scope.change(
        _INSERT,
        handle_hash=digest(handle),
        connection_id=connection_id,
        step=msgspec.json.encode(step).decode(),
        expires_at=to_ms(expires_at),
    )


def get(scope: Scope, handle: str, now: datetime) -> tuple[str, LogoutStep] | None:
    """The connection's id and the step, while nobody has taken it and its time is not over."""
    row = scope.one(_GET, handle_hash=digest(handle), now=to_ms(now))
    return (str(row[0]), _decoder.decode(row[1])) if row else None


def take(scope: WritingScope, handle: str, now: datetime) -> bool:
    """True exactly once, within its time."""
    return scope.change(_TAKE, handle_hash=digest(handle), now=to_ms(now)) == 1


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` whose time was over before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)
