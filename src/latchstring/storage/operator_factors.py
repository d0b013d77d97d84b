"""Rows of what operators have besides a password: the authenticator's secret, sealed, and hashes of recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from latchstring.model.second_factor import Totp
from latchstring.storage.database import HouseScope
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, optional_from_ms, to_ms
from latchstring.storage.vault import Vault

_TOTP = OpenStatement(
    "SELECT sealed_secret, created_at, proven_at, last_step FROM operator_totp WHERE operator_id = :operator_id"
)
_TOTP_SINCE = OpenStatement("SELECT operator_id, proven_at FROM operator_totp WHERE proven_at IS NOT NULL")
_BEGIN_TOTP = OpenStatement(
    "INSERT INTO operator_totp (operator_id, sealed_secret, created_at) VALUES (:operator_id, :sealed_secret, :now) "
    "ON CONFLICT (operator_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at "
    "WHERE operator_totp.proven_at IS NULL"
)
_PROVE_TOTP = OpenStatement(
    "UPDATE operator_totp SET proven_at = :now, last_step = :step WHERE operator_id = :operator_id "
    "AND proven_at IS NULL AND sealed_secret = :sealed_secret"
)
_SPEND_STEP = OpenStatement(
    "UPDATE operator_totp SET last_step = :step WHERE operator_id = :operator_id "
    "AND proven_at IS NOT NULL AND last_step < :step"
)
_DROP_TOTP = OpenStatement("DELETE FROM operator_totp WHERE operator_id = :operator_id")

_ANY = OpenStatement(
    "SELECT 1 FROM operator_totp WHERE operator_id = :operator_id AND proven_at IS NOT NULL "
    "UNION ALL SELECT 1 FROM operator_passkeys WHERE operator_id = :operator_id LIMIT 1"
)

_ADD_CODE = OpenStatement(
    "INSERT INTO operator_recovery_codes (operator_id, code_hash, created_at) VALUES (:operator_id, :code_hash, :now)"
)
_SPEND_CODE = OpenStatement(
    "UPDATE operator_recovery_codes SET used_at = :now "
    "WHERE operator_id = :operator_id AND code_hash = :code_hash AND used_at IS NULL"
)
_CODES_LEFT = OpenStatement(
    "SELECT count(*) FROM operator_recovery_codes WHERE operator_id = :operator_id AND used_at IS NULL"
)
_DROP_CODES = OpenStatement("DELETE FROM operator_recovery_codes WHERE operator_id = :operator_id")


def exist(house: HouseScope, operator_id: str) -> bool:
    """Whether this operator has to show more than a password."""
    return house.one(_ANY, operator_id=operator_id) is not None


def totp(house: HouseScope, vault: Vault, operator_id: str) -> Totp | None:
    row = house.one(_TOTP, operator_id=operator_id)
    if row is None:
        return None
    sealed, created, proven, last = row
    return Totp(
        secret=vault.open(sealed, environment_id="", table="operator_totp", row_id=operator_id, column="sealed_secret"),
        created_at=from_ms(created),
        proven_at=optional_from_ms(proven),
        last_step=last,
    )


def totp_since(house: HouseScope) -> dict[str, datetime]:
    """Of every operator who has one that counts: since when."""
    return {operator_id: from_ms(proven) for operator_id, proven in house.all(_TOTP_SINCE)}


def begin_totp(house: HouseScope, vault: Vault, operator_id: str, secret: bytes, now: datetime) -> bool:
    """Takes the place of one that was never proven. False where one counts already."""
    sealed = vault.seal(secret, environment_id="", table="operator_totp", row_id=operator_id, column="sealed_secret")
    return house.change(_BEGIN_TOTP, operator_id=operator_id, sealed_secret=sealed, now=to_ms(now)) == 1


def prove_totp(house: HouseScope, operator_id: str, step: int, now: datetime) -> bool:
    """It counts from now on, and the code that proved it is used up. True once."""
    row = house.one(_TOTP, operator_id=operator_id)
    return row is not None and (
        house.change(_PROVE_TOTP, operator_id=operator_id, sealed_secret=row[0], step=step, now=to_ms(now)) == 1
    )


def spend_step(house: HouseScope, operator_id: str, step: int) -> bool:
    """True once for each step, and for none before one that was spent."""
    return house.change(_SPEND_STEP, operator_id=operator_id, step=step) == 1


def drop_totp(house: HouseScope, operator_id: str) -> bool:
    return house.change(_DROP_TOTP, operator_id=operator_id) == 1


def drop_all(house: HouseScope, operator_id: str) -> None:
    """Of somebody who has lost them."""
    drop_totp(house, operator_id)
    drop_recovery_codes(house, operator_id)


def replace_recovery_codes(house: HouseScope, operator_id: str, hashes: Sequence[bytes], now: datetime) -> None:
    house.change(_DROP_CODES, operator_id=operator_id)
    for code_hash in hashes:
        house.change(_ADD_CODE, operator_id=operator_id, code_hash=code_hash, now=to_ms(now))


def spend_recovery_code(house: HouseScope, operator_id: str, code_hash: bytes, now: datetime) -> bool:
    """True once for each."""
    return house.change(_SPEND_CODE, operator_id=operator_id, code_hash=code_hash, now=to_ms(now)) == 1


def recovery_codes_left(house: HouseScope, operator_id: str) -> int:
    row = house.one(_CODES_LEFT, operator_id=operator_id)
    return int(row[0]) if row else 0


def drop_recovery_codes(house: HouseScope, operator_id: str) -> None:
    house.change(_DROP_CODES, operator_id=operator_id)
