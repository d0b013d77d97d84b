"""Rows of connections: the configuration as tagged JSON, the secrets sealed beside it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import msgspec

from latchstring.model.connection import AttributeMaps, Config, Connection, ConnectionSecrets, ConnectionState
from latchstring.model.secret import Secret
from latchstring.storage import paging
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.organizations import like
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

_CONNECTION = (
    "id, organization_id, external_key, external_id, type, name, state, config, secrets, attribute_maps, "
    "identifier_source, created_at, updated_at"
)
COLUMNS = ", ".join(f"connections.{name}" for name in _CONNECTION.split(", "))
_INSERT = insert("connections", _CONNECTION)
_GET = select(COLUMNS, "connections", "connections.id = :id")
_STATE = select("state", "connections", "id = :id")
_OF_ORGANIZATION = select(COLUMNS, "connections", "organization_id = :organization_id", tail="ORDER BY created_at, id")
_EVERY_OF_ENVIRONMENT = select(
    COLUMNS, "connections", "organization_id IS NULL AND state <> 'deleting'", tail="ORDER BY created_at, id"
)
_BY_EXTERNAL_ID = select(COLUMNS, "connections", "organization_id = :organization_id AND external_id = :external_id")
_OF_ENVIRONMENT = select(COLUMNS, "connections", "organization_id IS NULL AND type = :type AND state <> 'deleting'")
_UPDATE = update(
    "connections",
    "type = :type, name = :name, external_id = :external_id, state = :state, config = :config, secrets = :secrets, "
    "attribute_maps = :attribute_maps, updated_at = :updated_at",
    "id = :id",
)
_SETTLE_IDENTIFIER = update("connections", "identifier_source = :source", "id = :id AND identifier_source IS NULL")
_SET_IDENTIFIER = update("connections", "identifier_source = :source", "id = :id")
_ALL_MAPS = select("id, attribute_maps", "connections", tail="ORDER BY created_at, id")
_SET_MAPS = update("connections", "attribute_maps = :maps, updated_at = :now", "id = :id")
_SET_STATE = update("connections", "state = :state, updated_at = :now", "id = :id AND state = :before")
_DELETE = delete("connections", "id = :id")
_BEGIN_DELETION = update("connections", "state = 'deleting', external_id = NULL, updated_at = :now", "id = :id")
_LET_GO = update("connections", "organization_id = NULL", "organization_id = :organization_id AND state = 'deleting'")
_DELETING = select("id", "connections", "state = 'deleting'", tail="ORDER BY updated_at, id")
# Each kind of row that a connection gathers, with its key; what hangs on these goes with them.
_BELONGINGS = tuple(
    delete(
        table,
        f"{key} IN (SELECT {key} FROM {table} WHERE environment_id = :environment_id "
        "AND connection_id = :connection_id LIMIT :count)" + more,
    )
    for table, key, more in (
        ("reconciliations", "id", ""),  # what was said of people goes first
        ("attribute_samples", "place", " AND connection_id = :connection_id"),
        ("profiles", "id", ""),
        ("sign_in_tests", "id", ""),
        ("attempts", "id", ""),
        ("magic_links", "id", ""),
        ("used_messages", "message_hash", " AND connection_id = :connection_id"),
    )
)

_config_decoder: msgspec.json.Decoder[Config] = msgspec.json.Decoder(Config)
_secrets_decoder = msgspec.json.Decoder(ConnectionSecrets)
_maps_decoder = msgspec.json.Decoder(AttributeMaps)


def add(scope: WritingScope, vault: Vault, connection: Connection) -> None:
    """Raises `AlreadyThere`."""
    scope.change(
        _INSERT,
        **_values(vault, connection),
        organization_id=connection.organization_id,
        external_key=connection.external_key,
        identifier_source=connection.identifier_source,
        created_at=to_ms(connection.created_at),
    )


def get(scope: Scope, vault: Vault, connection_id: str) -> Connection | None:
    row = scope.one(_GET, id=connection_id)
    return of_row(vault, scope.environment_id, row) if row else None


def admits_logins(scope: Scope, connection_id: str) -> bool:
    """Whether people may sign in through it now; of one that is gone, nobody may (SAML-35)."""
    row = scope.one(_STATE, id=connection_id)
    return row is not None and ConnectionState(row[0]).admits_logins


def of_organization(scope: Scope, vault: Vault, organization_id: str) -> list[Connection]:
    return [
        of_row(vault, scope.environment_id, row) for row in scope.all(_OF_ORGANIZATION, organization_id=organization_id)
    ]


def every_of_environment(scope: Scope, vault: Vault) -> list[Connection]:
    """All that belong to no organization."""
    return [of_row(vault, scope.environment_id, row) for row in scope.all(_EVERY_OF_ENVIRONMENT)]


def by_external_id(scope: Scope, vault: Vault, organization_id: str, external_id: str) -> Connection | None:
    row = scope.one(_BY_EXTERNAL_ID, organization_id=organization_id, external_id=external_id)
    return of_row(vault, scope.environment_id, row) if row else None


def of_environment(scope: Scope, vault: Vault, connection_type: str) -> Connection | None:
    """The one of this type that belongs to no organization."""
    row = scope.one(_OF_ENVIRONMENT, type=connection_type)
    return of_row(vault, scope.environment_id, row) if row else None


def page(
    scope: Scope,
    vault: Vault,
    window: paging.Window,
    *,
    connection_type: str | None = None,
    organization_id: str | None = None,
    domain: str | None = None,
    search: str | None = None,
) -> paging.Page[Connection]:
    conditions: list[str] = []
    values: dict[str, str] = {}
    if connection_type is not None:
        values["type"] = connection_type
        conditions.append("connections.type = :type")
    if organization_id is not None:
        values["organization_id"] = organization_id
        conditions.append("connections.organization_id = :organization_id")
    if domain is not None:
        values["domain"] = domain.lower()
        conditions.append(
            "connections.organization_id IN (SELECT organization_id FROM organization_domains "
            "WHERE organization_domains.environment_id = connections.environment_id AND domain = :domain)"
        )
    if search:
        values["search"] = like(search)
        conditions.append("lower(connections.name) LIKE :search ESCAPE '\\'")
    found = paging.rows(scope, window, columns=COLUMNS, table="connections", conditions=conditions, **values)
    return paging.Page(
        items=tuple(of_row(vault, scope.environment_id, row) for row in found.items),
        before=found.before,
        after=found.after,
    )


def save(scope: WritingScope, vault: Vault, connection: Connection) -> bool:
    """Raises `AlreadyThere`."""
    return scope.change(_UPDATE, **_values(vault, connection)) == 1


def change_state(
    scope: WritingScope, connection_id: str, *, before: ConnectionState, after: ConnectionState, now: datetime
) -> bool:
    """False if somebody was faster."""
    return scope.change(_SET_STATE, id=connection_id, before=before.value, state=after.value, now=to_ms(now)) == 1


def settle_identifier(scope: WritingScope, connection_id: str, source: str) -> bool:
    """False if it is settled already."""
    return scope.change(_SETTLE_IDENTIFIER, id=connection_id, source=source) == 1


def set_identifier_source(scope: WritingScope, connection_id: str, source: str | None) -> None:
    scope.change(_SET_IDENTIFIER, id=connection_id, source=source)


def all_maps(scope: Scope) -> list[tuple[str, AttributeMaps]]:
    """The mapping of every connection, by its id."""
    return [(id_, _maps_decoder.decode(maps)) for id_, maps in scope.all(_ALL_MAPS)]


def set_maps(scope: WritingScope, connection_id: str, maps: AttributeMaps, now: datetime) -> None:
    scope.change(_SET_MAPS, id=connection_id, maps=msgspec.json.encode(maps).decode(), now=to_ms(now))


def begin_deletion(scope: WritingScope, connection_id: str, now: datetime) -> None:
    """From now on it admits nobody, and its external id is free for another one."""
    scope.change(_BEGIN_DELETION, id=connection_id, now=to_ms(now))


def let_go(scope: WritingScope, organization_id: str) -> None:
    """Those that are half gone do not belong to it any more, so that it can go without waiting for them."""
    scope.change(_LET_GO, organization_id=organization_id)


def deleting(scope: Scope) -> list[str]:
    """Those that are half gone."""
    return [row[0] for row in scope.all(_DELETING)]


def remove_belongings(scope: WritingScope, connection_id: str, count: int) -> int:
    """Up to `count` of the rows that it has gathered. How many went; fewer than `count`: none is left."""
    gone = 0
    for statement in _BELONGINGS:
        if gone < count:
            gone += scope.change(statement, connection_id=connection_id, count=count - gone)
    return gone


def remove(scope: WritingScope, connection_id: str) -> bool:
    return scope.change(_DELETE, id=connection_id) == 1


def open_secrets(vault: Vault, environment_id: str, connection_id: str, sealed: bytes) -> ConnectionSecrets:
    """Raises `VaultKeyUnknown`."""
    return _secrets_decoder.decode(vault.open(sealed, **_place(environment_id, connection_id)))


def _place(environment_id: str, connection_id: str) -> dict[str, str]:
    return {
        "environment_id": environment_id,
        "table": "connections",
        "row_id": connection_id,
        "column": "secrets",
    }


def _values(vault: Vault, connection: Connection) -> dict[str, object]:
    secrets = connection.secrets.reveal()
    sealed = None
    if secrets != ConnectionSecrets():
        sealed = vault.seal(msgspec.json.encode(secrets), **_place(connection.environment_id, connection.id))
    return {
        "id": connection.id,
        "external_id": connection.external_id,
        "type": connection.type,
        "name": connection.name,
        "state": connection.state.value,
        "config": msgspec.json.encode(connection.config).decode() if connection.config else None,
        "secrets": sealed,
        "attribute_maps": msgspec.json.encode(connection.attribute_maps).decode(),
        "updated_at": to_ms(connection.updated_at),
    }


@lru_cache(maxsize=128)
def of_row(vault: Vault, environment_id: str, row: Row) -> Connection:
    """Remembered by the whole row, sealed secrets and all, so that it cannot be out of date: a row that was changed is
    another one. A sign-in reads its connection three times, and most of that is decrypting and decoding.
    """
    (
        id_,
        organization_id,
        external_key,
        external_id,
        type_,
        name,
        state,
        config,
        secrets,
        maps,
        identifier_source,
        created,
        updated,
    ) = row
    opened = ConnectionSecrets()
    if secrets is not None:
        opened = open_secrets(vault, environment_id, id_, secrets)
    return Connection(
        id=id_,
        environment_id=environment_id,
        organization_id=organization_id,
        external_key=external_key,
        external_id=external_id,
        type=type_,
        name=name,
        state=ConnectionState(state),
        config=_config_decoder.decode(config) if config else None,
        secrets=Secret(opened),
        attribute_maps=_maps_decoder.decode(maps),
        identifier_source=identifier_source,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
    )
