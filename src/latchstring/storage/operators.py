"""Rows of operators and of the one-time links that let them in."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.operator import LinkPurpose, OneTimeLink, Operator, Role
from latchstring.storage.database import HouseScope, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

COLUMNS = (
    "operators.id, operators.email, operators.name, operators.role, operators.created_at, operators.disabled_at, "
    "operators.password_hash IS NOT NULL"
)
_INSERT = OpenStatement(
    "INSERT INTO operators (id, email, email_key, name, role, password_hash, created_at) "
    "VALUES (:id, :email, :email_key, :name, :role, :password_hash, :created_at)"
)
_ALL = OpenStatement(f"SELECT {COLUMNS} FROM operators ORDER BY created_at, id")
_NAMED = OpenStatement(f"SELECT {COLUMNS} FROM operators WHERE id = :name OR email_key = :key")
_BY_EMAIL = OpenStatement(
    f"SELECT {COLUMNS}, operators.password_hash FROM operators WHERE email_key = :key AND disabled_at IS NULL"
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


def email_key(email: str) -> str:
    """By which an address is found: people type capitals as they please."""
    return email.lower()


def add(house: HouseScope, operator: Operator, password_hash: str | None) -> None:
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
    return [of_row(row) for row in house.all(_ALL)]


def named(house: HouseScope, name: str) -> Operator | None:
    """By id or e-mail address."""
    row = house.one(_NAMED, name=name, key=email_key(name))
    return of_row(row) if row else None


def to_sign_in(house: HouseScope, email: str) -> tuple[Operator, str | None] | None:
    """Who has this address and may sign in, and the hash of their password."""
    row = house.one(_BY_EMAIL, key=email_key(email))
    return (of_row(row), row[7]) if row else None


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


def drop_ended(house: HouseScope, now: datetime) -> int:
    """Links that mean nothing any more."""
    return house.change(_DROP_LINKS, now=to_ms(now))


def of_row(row: Row) -> Operator:
    """From a row that begins with `COLUMNS`."""
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
