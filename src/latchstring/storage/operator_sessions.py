"""Rows of operators' sessions, and the count of who tried to sign in how often."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.operator import OperatorSession, Tries, Way
from latchstring.storage import operators
from latchstring.storage.database import HouseScope, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_INSERT_SESSION = OpenStatement(
    "INSERT INTO operator_sessions "
    "(token_hash, operator_id, created_at, last_seen_at, confirmed_at, expires_at, user_agent, ip_address, way) "
    "VALUES (:token_hash, :operator_id, :now, :now, :now, :expires_at, :user_agent, :ip_address, :way)"
)
_COLUMNS = (
    "operator_sessions.created_at, operator_sessions.last_seen_at, operator_sessions.confirmed_at, "
    "operator_sessions.expires_at, operator_sessions.user_agent, operator_sessions.ip_address, "
    "operator_sessions.token_hash, operator_sessions.way"
)
_ALIVE = "operators.disabled_at IS NULL AND expires_at > :now AND last_seen_at > :idle_since"
_FROM = "operator_sessions JOIN operators ON operators.id = operator_sessions.operator_id"
_SESSION = OpenStatement(
    f"SELECT {operators.COLUMNS}, {_COLUMNS} FROM {_FROM} WHERE token_hash = :token_hash AND {_ALIVE}"
)
_OF = OpenStatement(
    f"SELECT {operators.COLUMNS}, {_COLUMNS} FROM {_FROM} WHERE operator_id = :operator_id AND {_ALIVE} "
    "ORDER BY operator_sessions.last_seen_at DESC, token_hash"
)
_SEEN = OpenStatement("UPDATE operator_sessions SET last_seen_at = :now WHERE token_hash = :token_hash")
_ROTATE = OpenStatement(
    "UPDATE operator_sessions SET token_hash = :new_hash, confirmed_at = :now, last_seen_at = :now "
    "WHERE token_hash = :token_hash"
)
_RENEW = OpenStatement(
    "UPDATE operator_sessions SET token_hash = :new_hash, last_seen_at = :now WHERE token_hash = :token_hash"
)
_END = OpenStatement("DELETE FROM operator_sessions WHERE token_hash = :token_hash")
_END_ONE = OpenStatement("DELETE FROM operator_sessions WHERE operator_id = :operator_id AND token_hash = :token_hash")
_END_OTHERS = OpenStatement(
    "DELETE FROM operator_sessions WHERE operator_id = :operator_id AND token_hash <> :token_hash"
)
_END_ALL = OpenStatement("DELETE FROM operator_sessions WHERE operator_id = :operator_id")
_DROP_SESSIONS = OpenStatement("DELETE FROM operator_sessions WHERE expires_at <= :now OR last_seen_at <= :idle_since")

_TRIES = OpenStatement(
    "SELECT tries, rounds, began_at, blocked_until, last_at FROM operator_tries WHERE key_hash = :key_hash"
)
_KEEP_TRIES = OpenStatement(
    "INSERT INTO operator_tries (key_hash, tries, rounds, began_at, blocked_until, last_at) "
    "VALUES (:key_hash, :tries, :rounds, :began_at, :blocked_until, :last_at) ON CONFLICT (key_hash) DO UPDATE SET "
    "tries = excluded.tries, rounds = excluded.rounds, began_at = excluded.began_at, "
    "blocked_until = excluded.blocked_until, last_at = excluded.last_at"
)
_FORGIVE = OpenStatement("DELETE FROM operator_tries WHERE key_hash = :key_hash")
_DROP_TRIES = OpenStatement("DELETE FROM operator_tries WHERE last_at <= :before")


def begin(house: HouseScope, token_hash: bytes, session: OperatorSession) -> None:
    house.change(
        _INSERT_SESSION,
        token_hash=token_hash,
        operator_id=session.operator.id,
        now=to_ms(session.created_at),
        expires_at=to_ms(session.expires_at),
        user_agent=session.user_agent,
        ip_address=session.ip_address,
        way=session.way.value,
    )


def current(house: HouseScope, token_hash: bytes, *, now: datetime, idle_since: datetime) -> OperatorSession | None:
    """A session that is neither over nor idle for too long, of an operator who may be here."""
    row = house.one(_SESSION, token_hash=token_hash, now=to_ms(now), idle_since=to_ms(idle_since))
    return _session(row) if row else None


def of_operator(house: HouseScope, operator_id: str, *, now: datetime, idle_since: datetime) -> list[OperatorSession]:
    """The same, all of one operator, the one used last first."""
    rows = house.all(_OF, operator_id=operator_id, now=to_ms(now), idle_since=to_ms(idle_since))
    return [_session(row) for row in rows]


def seen(house: HouseScope, token_hash: bytes, now: datetime) -> None:
    house.change(_SEEN, token_hash=token_hash, now=to_ms(now))


def rotate(house: HouseScope, token_hash: bytes, new_hash: bytes, now: datetime) -> bool:
    """The session goes on under another secret, with a password just typed. False if it has ended meanwhile."""
    return house.change(_ROTATE, token_hash=token_hash, new_hash=new_hash, now=to_ms(now)) == 1


def renew(house: HouseScope, token_hash: bytes, new_hash: bytes, now: datetime) -> bool:
    """The same where nothing was shown anew: what was fresh stays so for as long as it would have."""
    return house.change(_RENEW, token_hash=token_hash, new_hash=new_hash, now=to_ms(now)) == 1


def end(house: HouseScope, token_hash: bytes) -> None:
    house.change(_END, token_hash=token_hash)


def end_one(house: HouseScope, operator_id: str, token_hash: bytes) -> bool:
    """One of this operator's, and of nobody else's."""
    return house.change(_END_ONE, operator_id=operator_id, token_hash=token_hash) == 1


def end_others(house: HouseScope, operator_id: str, token_hash: bytes) -> None:
    """All of this operator's but the one named."""
    house.change(_END_OTHERS, operator_id=operator_id, token_hash=token_hash)


def end_all(house: HouseScope, operator_id: str) -> None:
    house.change(_END_ALL, operator_id=operator_id)


def tries(house: HouseScope, key_hash: bytes) -> Tries | None:
    row = house.one(_TRIES, key_hash=key_hash)
    if row is None:
        return None
    return Tries(
        tries=row[0],
        rounds=row[1],
        began_at=from_ms(row[2]),
        blocked_until=optional_from_ms(row[3]),
        last_at=from_ms(row[4]),
    )


def keep_tries(house: HouseScope, key_hash: bytes, found: Tries) -> None:
    house.change(
        _KEEP_TRIES,
        key_hash=key_hash,
        tries=found.tries,
        rounds=found.rounds,
        began_at=to_ms(found.began_at),
        blocked_until=None if found.blocked_until is None else to_ms(found.blocked_until),
        last_at=to_ms(found.last_at),
    )


def forgive(house: HouseScope, key_hash: bytes) -> None:
    house.change(_FORGIVE, key_hash=key_hash)


def drop_ended(house: HouseScope, *, now: datetime, idle_since: datetime, tries_before: datetime) -> int:
    """Sessions and counts that mean nothing any more."""
    return house.change(_DROP_SESSIONS, now=to_ms(now), idle_since=to_ms(idle_since)) + house.change(
        _DROP_TRIES, before=to_ms(tries_before)
    )


def _session(row: Row) -> OperatorSession:
    created, seen, confirmed, expires, agent, address, token_hash, way = row[7:]
    return OperatorSession(
        operator=operators.of_row(row),
        handle=token_hash.hex(),
        created_at=from_ms(created),
        last_seen_at=from_ms(seen),
        confirmed_at=from_ms(confirmed),
        expires_at=from_ms(expires),
        user_agent=agent,
        ip_address=address,
        way=Way.PASSWORD if way is None else Way(way),
    )
