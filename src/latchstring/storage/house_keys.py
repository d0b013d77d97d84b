"""Keys of the house itself: the Test IdP's, and each environment's JWKS key; sealed by the vault."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.secret import Secret
from latchstring.storage.database import HouseScope
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import to_ms
from latchstring.storage.vault import Vault

TEST_IDP = "test_idp"

_GET = OpenStatement("SELECT certificate, sealed_key FROM house_keys WHERE id = :id")
_INSERT = OpenStatement(
    "INSERT INTO house_keys (id, certificate, sealed_key, created_at) "
    "VALUES (:id, :certificate, :sealed_key, :created_at) ON CONFLICT (id) DO NOTHING"
)
_DELETE = OpenStatement("DELETE FROM house_keys WHERE id = :id")


def jwks_key_id(environment_id: str) -> str:
    return f"jwks:{environment_id}"


def get(house: HouseScope, vault: Vault, key_id: str) -> tuple[str, Secret[str]] | None:
    """The certificate and its private key, both PEM."""
    row = house.one(_GET, id=key_id)
    if row is None:
        return None
    key = vault.open(row[1], environment_id="", table="house_keys", row_id=key_id, column="sealed_key")
    return row[0], Secret(key.decode())


def add(house: HouseScope, vault: Vault, key_id: str, *, certificate: str, key: str, now: datetime) -> None:
    """Keeps the first one if two come at once; read it back."""
    sealed = vault.seal(key.encode(), environment_id="", table="house_keys", row_id=key_id, column="sealed_key")
    house.change(_INSERT, id=key_id, certificate=certificate, sealed_key=sealed, created_at=to_ms(now))


def remove(house: HouseScope, key_id: str) -> None:
    house.change(_DELETE, id=key_id)
