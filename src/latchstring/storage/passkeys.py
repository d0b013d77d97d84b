"""Rows of operators' passkeys."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.second_factor import Passkey
from latchstring.storage.database import HouseScope, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_COLUMNS = "id, operator_id, name, credential_id, credential, sign_count, created_at, last_used_at"
_INSERT = OpenStatement(
    "INSERT INTO operator_passkeys (id, operator_id, name, credential_id, credential, sign_count, created_at) "
    "VALUES (:id, :operator_id, :name, :credential_id, :credential, :sign_count, :created_at)"
)
_OF = OpenStatement(
    f"SELECT {_COLUMNS} FROM operator_passkeys WHERE operator_id = :operator_id ORDER BY created_at, id"
)
_OWNERS = OpenStatement("SELECT operator_id, count(*) FROM operator_passkeys GROUP BY operator_id")
_BY_CREDENTIAL = OpenStatement(f"SELECT {_COLUMNS} FROM operator_passkeys WHERE credential_id = :credential_id")
# A counter that stands still at nought is one that an authenticator does not keep (WebAuthn, 6.1.1).
_USED = OpenStatement(
    "UPDATE operator_passkeys SET sign_count = :sign_count, last_used_at = :now WHERE id = :id "
    "AND (sign_count < :sign_count OR (sign_count = 0 AND :sign_count = 0))"
)
_DELETE = OpenStatement("DELETE FROM operator_passkeys WHERE operator_id = :operator_id AND id = :id")
_DELETE_ALL = OpenStatement("DELETE FROM operator_passkeys WHERE operator_id = :operator_id")


def add(house: HouseScope, passkey: Passkey) -> None:
    """Raises `AlreadyThere` for a credential that somebody has."""
    house.change(
        _INSERT,
        id=passkey.id,
        operator_id=passkey.operator_id,
        name=passkey.name,
        credential_id=passkey.credential_id,
        credential=passkey.credential,
        sign_count=passkey.sign_count,
        created_at=to_ms(passkey.created_at),
    )


def of_operator(house: HouseScope, operator_id: str) -> list[Passkey]:
    return [_passkey(row) for row in house.all(_OF, operator_id=operator_id)]


def owners(house: HouseScope) -> dict[str, int]:
    """Of every operator who has any: how many."""
    return dict(house.all(_OWNERS))


def by_credential(house: HouseScope, credential_id: bytes) -> Passkey | None:
    row = house.one(_BY_CREDENTIAL, credential_id=credential_id)
    return _passkey(row) if row else None


def used(house: HouseScope, passkey_id: str, sign_count: int, now: datetime) -> bool:
    """False where the counter has not gone forward."""
    return house.change(_USED, id=passkey_id, sign_count=sign_count, now=to_ms(now)) == 1


def remove(house: HouseScope, operator_id: str, passkey_id: str) -> bool:
    """One of this operator's, and of nobody else's."""
    return house.change(_DELETE, operator_id=operator_id, id=passkey_id) == 1


def remove_all(house: HouseScope, operator_id: str) -> None:
    house.change(_DELETE_ALL, operator_id=operator_id)


def _passkey(row: Row) -> Passkey:
    id_, operator_id, name, credential_id, credential, sign_count, created, used_at = row
    return Passkey(
        id=id_,
        operator_id=operator_id,
        name=name,
        credential_id=credential_id,
        credential=credential,
        sign_count=sign_count,
        created_at=from_ms(created),
        last_used_at=optional_from_ms(used_at),
    )
