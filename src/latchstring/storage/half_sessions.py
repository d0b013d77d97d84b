"""Rows of half-sessions: what was begun in a browser and is not done yet."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.second_factor import HalfSession, Purpose
from latchstring.storage import operators
from latchstring.storage.database import HouseScope
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, to_ms

_INSERT = OpenStatement(
    "INSERT INTO half_sessions (token_hash, purpose, operator_id, created_at, expires_at) "
    "VALUES (:token_hash, :purpose, :operator_id, :now, :expires_at)"
)
_GET = OpenStatement(
    f"SELECT {operators.COLUMNS}, half_sessions.expires_at FROM half_sessions "
    "LEFT JOIN operators ON operators.id = half_sessions.operator_id "
    "WHERE token_hash = :token_hash AND purpose = :purpose AND expires_at > :now AND operators.disabled_at IS NULL"
)
_SPEND = OpenStatement("DELETE FROM half_sessions WHERE token_hash = :token_hash AND expires_at > :now")
_DROP_OF = OpenStatement("DELETE FROM half_sessions WHERE operator_id = :operator_id")
_DROP_ENDED = OpenStatement("DELETE FROM half_sessions WHERE expires_at <= :now")


def add(
    house: HouseScope,
    token_hash: bytes,
    *,
    purpose: Purpose,
    operator_id: str | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    house.change(
        _INSERT,
        token_hash=token_hash,
        purpose=purpose.value,
        operator_id=operator_id,
        now=to_ms(now),
        expires_at=to_ms(expires_at),
    )


def get(house: HouseScope, token_hash: bytes, purpose: Purpose, now: datetime) -> HalfSession | None:
    """One of this purpose that is good, of an operator who may be here or of nobody yet."""
    row = house.one(_GET, token_hash=token_hash, purpose=purpose.value, now=to_ms(now))
    if row is None:
        return None
    operator = None if row[0] is None else operators.of_row(row)
    return HalfSession(purpose=purpose, operator=operator, expires_at=from_ms(row[-1]))


def spend(house: HouseScope, token_hash: bytes, now: datetime) -> bool:
    """True exactly once."""
    return house.change(_SPEND, token_hash=token_hash, now=to_ms(now)) == 1


def drop_of(house: HouseScope, operator_id: str) -> None:
    house.change(_DROP_OF, operator_id=operator_id)


def drop_ended(house: HouseScope, now: datetime) -> int:
    return house.change(_DROP_ENDED, now=to_ms(now))
