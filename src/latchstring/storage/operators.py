"""Rows of operators, their sessions and one-time links, and the count of who tried to sign in how often."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.operator import LinkPurpose, OneTimeLink, Operator, OperatorSession, Role, Tries
from latchstring.storage.database import HouseScope, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_OPERATOR = (
    "operators.id, operators.email, operators.name, operators.role, operators.created_at, operators.disabled_at, "
    "operators.password_hash IS NOT NULL"
)
_INSERT = OpenStatement(
    "INSERT INTO operators (id, email, email_key, name, role, password_hash, created_at) "
    "VALUES (:id, :email, :email_key, :name, :role, :password_hash, :created_at)"
)
_ALL = OpenStatement(f"SELECT {_OPERATOR} FROM operators ORDER BY created_at, id")
_NAMED = OpenStatement(f"SELECT {_OPERATOR} FROM operators WHERE id = :name OR email_key = :key")
_BY_EMAIL = OpenStatement(
    f"SELECT {_OPERATOR}, operators.password_hash FROM operators WHERE email_key = :key AND disabled_at IS NULL"
)
_PASSWORD = OpenStatement("SELECT password_hash FROM operators WHERE id = :id AND disabled_at IS NULL")
_ANY = OpenStatement("SELECT 1 FROM operators LIMIT 1")
_OTHER_ADMIN = OpenStatement(
    "SELECT 1 FROM operators WHERE role = 'admin' AND disabled_at IS NULL AND id <> :id LIMIT 1"
)
_SET_PASSWORD = OpenStatement("UPDATE operators SET password_hash = :password_hash WHERE id = :id")
_SET_ROLE = OpenStatement("UPDATE operators SET role = :role WHERE id = :id")
_DISABLE = OpenStatement("UPDATE operators SET disabled_at = :now WHERE id = :id AND disabled_at IS NULL")
_ENABLE = OpenStatement("UPDATE operators SET disabled_at = NULL WHERE id = :id")

_INSERT_SESSION = OpenStatement(
    "INSERT INTO operator_sessions "
    "(token_hash, operator_id, created_at, last_seen_at, confirmed_at, expires_at, user_agent, ip_address) "
    "VALUES (:token_hash, :operator_id, :now, :now, :now, :expires_at, :user_agent, :ip_address)"
)
_SESSION = OpenStatement(
    f"SELECT {_OPERATOR}, operator_sessions.created_at, last_seen_at, confirmed_at, expires_at, user_agent, ip_address "
    "FROM operator_sessions JOIN operators ON operators.id = operator_sessions.operator_id "
    "WHERE token_hash = :token_hash AND operators.disabled_at IS NULL "
    "AND expires_at > :now AND last_seen_at > :idle_since"
)
_SEEN = OpenStatement("UPDATE operator_sessions SET last_seen_at = :now WHERE token_hash = :token_hash")
_ROTATE = OpenStatement(
    "UPDATE operator_sessions SET token_hash = :new_hash, confirmed_at = :now, last_seen_at = :now "
    "WHERE token_hash = :token_hash"
)
_END = OpenStatement("DELETE FROM operator_sessions WHERE token_hash = :token_hash")
_END_ALL = OpenStatement("DELETE FROM operator_sessions WHERE operator_id = :operator_id")
_DROP_SESSIONS = OpenStatement("DELETE FROM operator_sessions WHERE expires_at <= :now OR last_seen_at <= :idle_since")

_LINK = "purpose, email, role, created_at, expires_at, used_at"
_INSERT_LINK = OpenStatement(
    "INSERT INTO operator_links (token_hash, purpose, email, email_key, role, created_at, expires_at) "
    "VALUES (:token_hash, :purpose, :email, :email_key, :role, :created_at, :expires_at)"
)
_GET_LINK = OpenStatement(f"SELECT {_LINK} FROM operator_links WHERE token_hash = :token_hash")
_OPEN_LINKS = OpenStatement(
    f"SELECT {_LINK} FROM operator_links WHERE purpose = :purpose AND used_at IS NULL AND expires_at > :now "
    "ORDER BY created_at, token_hash"
)
_SPEND_LINK = OpenStatement(
    "UPDATE operator_links SET used_at = :now WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :now"
)
_DROP_FIRST_LINKS = OpenStatement("DELETE FROM operator_links WHERE purpose = 'first_administrator'")
_DROP_LINKS_TO = OpenStatement("DELETE FROM operator_links WHERE email_key = :email_key AND used_at IS NULL")
_DROP_LINKS = OpenStatement("DELETE FROM operator_links WHERE expires_at <= :now")

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


def email_key(email: str) -> str:
    """By which an address is found: people type capitals as they please."""
    return email.lower()


def add(house: HouseScope, operator: Operator, password_hash: str) -> None:
    """Raises `AlreadyThere` for an address that has an account."""
    house.change(
        _INSERT,
        id=operator.id,
        email=operator.email,
        email_key=email_key(operator.email),
        name=operator.name,
        role=operator.role.value,
        password_hash=password_hash,
        created_at=to_ms(operator.created_at),
    )


def every(house: HouseScope) -> list[Operator]:
    return [_operator(row) for row in house.all(_ALL)]


def named(house: HouseScope, name: str) -> Operator | None:
    """By id or e-mail address."""
    row = house.one(_NAMED, name=name, key=email_key(name))
    return _operator(row) if row else None


def to_sign_in(house: HouseScope, email: str) -> tuple[Operator, str | None] | None:
    """Who has this address and may sign in, and the hash of their password."""
    row = house.one(_BY_EMAIL, key=email_key(email))
    return (_operator(row), row[7]) if row else None


def password_hash(house: HouseScope, operator_id: str) -> str | None:
    row = house.one(_PASSWORD, id=operator_id)
    return row[0] if row else None


def exist(house: HouseScope) -> bool:
    return house.one(_ANY) is not None


def another_admin(house: HouseScope, operator_id: str) -> bool:
    """Whether somebody else could still look after the team."""
    return house.one(_OTHER_ADMIN, id=operator_id) is not None


def set_password(house: HouseScope, operator_id: str, hashed: str | None) -> None:
    house.change(_SET_PASSWORD, id=operator_id, password_hash=hashed)


def set_role(house: HouseScope, operator_id: str, role: Role) -> None:
    house.change(_SET_ROLE, id=operator_id, role=role.value)


def disable(house: HouseScope, operator_id: str, now: datetime) -> None:
    house.change(_DISABLE, id=operator_id, now=to_ms(now))


def enable(house: HouseScope, operator_id: str) -> None:
    house.change(_ENABLE, id=operator_id)


def begin_session(house: HouseScope, token_hash: bytes, session: OperatorSession) -> None:
    house.change(
        _INSERT_SESSION,
        token_hash=token_hash,
        operator_id=session.operator.id,
        now=to_ms(session.created_at),
        expires_at=to_ms(session.expires_at),
        user_agent=session.user_agent,
        ip_address=session.ip_address,
    )


def session(house: HouseScope, token_hash: bytes, *, now: datetime, idle_since: datetime) -> OperatorSession | None:
    """A session that is neither over nor idle for too long, of an operator who may be here."""
    row = house.one(_SESSION, token_hash=token_hash, now=to_ms(now), idle_since=to_ms(idle_since))
    if row is None:
        return None
    created, seen, confirmed, expires, agent, address = row[7:]
    return OperatorSession(
        operator=_operator(row),
        created_at=from_ms(created),
        last_seen_at=from_ms(seen),
        confirmed_at=from_ms(confirmed),
        expires_at=from_ms(expires),
        user_agent=agent,
        ip_address=address,
    )


def seen(house: HouseScope, token_hash: bytes, now: datetime) -> None:
    house.change(_SEEN, token_hash=token_hash, now=to_ms(now))


def rotate(house: HouseScope, token_hash: bytes, new_hash: bytes, now: datetime) -> bool:
    """The session goes on under another secret, with a password just typed. False if it has ended meanwhile."""
    return house.change(_ROTATE, token_hash=token_hash, new_hash=new_hash, now=to_ms(now)) == 1


def end_session(house: HouseScope, token_hash: bytes) -> None:
    house.change(_END, token_hash=token_hash)


def end_sessions(house: HouseScope, operator_id: str) -> None:
    house.change(_END_ALL, operator_id=operator_id)


def add_link(house: HouseScope, token_hash: bytes, link: OneTimeLink) -> None:
    """Takes the place of those that were sent to the same address; there is one for the first administrator."""
    if link.email is None:
        house.change(_DROP_FIRST_LINKS)
    else:
        house.change(_DROP_LINKS_TO, email_key=email_key(link.email))
    house.change(
        _INSERT_LINK,
        token_hash=token_hash,
        purpose=link.purpose.value,
        email=link.email,
        email_key=None if link.email is None else email_key(link.email),
        role=link.role.value,
        created_at=to_ms(link.created_at),
        expires_at=to_ms(link.expires_at),
    )


def link(house: HouseScope, token_hash: bytes) -> OneTimeLink | None:
    row = house.one(_GET_LINK, token_hash=token_hash)
    return _link(row) if row else None


def invitations(house: HouseScope, now: datetime) -> list[OneTimeLink]:
    """Those that nobody has followed yet and that are still good."""
    rows = house.all(_OPEN_LINKS, purpose=LinkPurpose.INVITATION.value, now=to_ms(now))
    return [_link(row) for row in rows]


def spend_link(house: HouseScope, token_hash: bytes, now: datetime) -> bool:
    """True exactly once, within the link's life."""
    return house.change(_SPEND_LINK, token_hash=token_hash, now=to_ms(now)) == 1


def drop_links(house: HouseScope, email: str) -> None:
    """What was sent to this address and not used opens nothing any more."""
    house.change(_DROP_LINKS_TO, email_key=email_key(email))


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
    """Sessions, links and counts that mean nothing any more."""
    return (
        house.change(_DROP_SESSIONS, now=to_ms(now), idle_since=to_ms(idle_since))
        + house.change(_DROP_LINKS, now=to_ms(now))
        + house.change(_DROP_TRIES, before=to_ms(tries_before))
    )


def _operator(row: Row) -> Operator:
    id_, email, name, role, created, disabled, has_password = row[:7]
    return Operator(
        id=id_,
        email=email,
        name=name,
        role=Role(role),
        created_at=from_ms(created),
        disabled_at=optional_from_ms(disabled),
        has_password=bool(has_password),
    )


def _link(row: Row) -> OneTimeLink:
    purpose, email, role, created, expires, used = row
    return OneTimeLink(
        purpose=LinkPurpose(purpose),
        email=email,
        role=Role(role),
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        used_at=optional_from_ms(used),
    )
