"""Rows of environments, their API keys and their redirect URIs."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from latchstring.model.environment import ApiKey, Environment, EnvironmentKind, EnvironmentSettings, RedirectUri
from latchstring.storage import paging
from latchstring.storage.database import Database, HouseScope, Row, Scope, WritingScope
from latchstring.storage.statement import OpenStatement, delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, optional_to_ms, to_ms

_ENVIRONMENT = "id, name, kind, client_id, created_at, updated_at, settings"
_INSERT = OpenStatement(
    f"INSERT INTO environments ({_ENVIRONMENT}) "
    "VALUES (:id, :name, :kind, :client_id, :created_at, :created_at, :settings)"
)
_NAME = OpenStatement("SELECT name FROM environments WHERE id = :id")
_SETTINGS = OpenStatement("SELECT settings FROM environments WHERE id = :id")
_SET_SETTINGS = OpenStatement("UPDATE environments SET settings = :settings, updated_at = :now WHERE id = :id")
_ALL = OpenStatement(f"SELECT {_ENVIRONMENT} FROM environments ORDER BY created_at, id")
_NAMED = OpenStatement(f"SELECT {_ENVIRONMENT} FROM environments WHERE id = :name OR name = :name")
_DELETE = OpenStatement("DELETE FROM environments WHERE id = :id")

_KEY = "id, name, hint, created_at, revoked_at, expires_at, last_used_at"
_INSERT_KEY = insert("api_keys", "id, name, key_hash, hint, created_at, expires_at")
_KEYS = select(_KEY, "api_keys", tail="ORDER BY created_at, id")
_LIVE_KEY = select("id", "api_keys", "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)", tail="LIMIT 1")
_REVOKE_KEY = update("api_keys", "revoked_at = :now", "id = :id AND revoked_at IS NULL")

_KEY_USED = update(
    "api_keys", "last_used_at = :used_at", "id = :id AND (last_used_at IS NULL OR last_used_at < :before)"
)

_URI = "id, uri, is_default, created_at, updated_at"
_INSERT_URI = insert("redirect_uris", "id, uri, is_default, created_at, updated_at")
_URIS = select(_URI, "redirect_uris", tail="ORDER BY created_at, id")
_UNSET_DEFAULT = update("redirect_uris", "is_default = FALSE, updated_at = :now", "is_default")
_SET_DEFAULT = update("redirect_uris", "is_default = TRUE, updated_at = :now", "id = :id")
_DELETE_URI = delete("redirect_uris", "id = :id")

_settings_decoder = msgspec.json.Decoder(EnvironmentSettings)


def add(house: HouseScope, environment: Environment) -> None:
    house.change(
        _INSERT,
        id=environment.id,
        name=environment.name,
        kind=environment.kind.value,
        client_id=environment.client_id,
        created_at=to_ms(environment.created_at),
        settings=msgspec.json.encode(environment.settings).decode(),
    )


def settings(database: Database, environment_id: str) -> EnvironmentSettings:
    """The settings of one environment, for who has come through its door."""
    with database.house() as house:
        row = house.one(_SETTINGS, id=environment_id)
    return _settings_decoder.decode(row[0]) if row else EnvironmentSettings()


def known(database: Database, environment_id: str) -> EnvironmentSettings | None:
    """The same; None if the environment is gone."""
    with database.house() as house:
        row = house.one(_SETTINGS, id=environment_id)
    return _settings_decoder.decode(row[0]) if row else None


def set_settings(house: HouseScope, environment_id: str, settings: EnvironmentSettings, now: datetime) -> bool:
    text = msgspec.json.encode(settings).decode()
    return house.change(_SET_SETTINGS, id=environment_id, settings=text, now=to_ms(now)) == 1


def name_of(database: Database, environment_id: str) -> str:
    """What people call it, for who has come through its door."""
    with database.house() as house:
        row = house.one(_NAME, id=environment_id)
    return str(row[0]) if row else ""


def every(house: HouseScope) -> list[Environment]:
    return [_environment(row) for row in house.all(_ALL)]


def named(house: HouseScope, name: str) -> Environment | None:
    """By id or by name."""
    row = house.one(_NAMED, name=name)
    return _environment(row) if row else None


def remove(house: HouseScope, environment_id: str) -> bool:
    return house.change(_DELETE, id=environment_id) == 1


def add_key(scope: WritingScope, key: ApiKey, key_hash: bytes) -> None:
    scope.change(
        _INSERT_KEY,
        id=key.id,
        name=key.name,
        key_hash=key_hash,
        hint=key.hint,
        created_at=to_ms(key.created_at),
        expires_at=optional_to_ms(key.expires_at),
    )


def keys(scope: Scope) -> list[ApiKey]:
    return [
        ApiKey(
            id=id_,
            name=name,
            hint=hint,
            created_at=from_ms(created),
            revoked_at=optional_from_ms(revoked),
            expires_at=optional_from_ms(expires),
            last_used_at=optional_from_ms(used),
        )
        for id_, name, hint, created, revoked, expires, used in scope.all(_KEYS)
    ]


def note_use(scope: WritingScope, key_id: str, at: datetime, every: timedelta) -> bool:
    """Whether it was written down: it is not, as long as the last note is younger than `every`."""
    return scope.change(_KEY_USED, id=key_id, used_at=to_ms(at), before=to_ms(at - every)) == 1


def has_key(scope: Scope, now: datetime) -> bool:
    """Whether there is an API key that works."""
    return scope.one(_LIVE_KEY, now=to_ms(now)) is not None


def revoke_key(scope: WritingScope, key_id: str, now: datetime) -> bool:
    return scope.change(_REVOKE_KEY, id=key_id, now=to_ms(now)) == 1


def redirect_uri_page(scope: Scope, window: paging.Window) -> paging.Page[RedirectUri]:
    found = paging.rows(scope, window, columns=_URI, table="redirect_uris")
    return paging.Page(items=tuple(_redirect_uri(row) for row in found.items), before=found.before, after=found.after)


def redirect_uris(scope: Scope) -> list[RedirectUri]:
    """All of them, oldest first."""
    return [_redirect_uri(row) for row in scope.all(_URIS)]


def add_redirect_uri(scope: WritingScope, uri: RedirectUri) -> None:
    """Raises `AlreadyThere`."""
    scope.change(
        _INSERT_URI,
        id=uri.id,
        uri=uri.uri,
        is_default=uri.default,
        created_at=to_ms(uri.created_at),
        updated_at=to_ms(uri.updated_at),
    )


def set_default_redirect_uri(scope: WritingScope, uri_id: str, now: datetime) -> None:
    scope.change(_UNSET_DEFAULT, now=to_ms(now))
    scope.change(_SET_DEFAULT, id=uri_id, now=to_ms(now))


def remove_redirect_uri(scope: WritingScope, uri_id: str) -> bool:
    return scope.change(_DELETE_URI, id=uri_id) == 1


def _environment(row: Row) -> Environment:
    id_, name, kind, client_id, created, updated, settings_ = row
    return Environment(
        id=id_,
        name=name,
        kind=EnvironmentKind(kind),
        client_id=client_id,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
        settings=_settings_decoder.decode(settings_),
    )


def _redirect_uri(row: Row) -> RedirectUri:
    id_, uri, default, created, updated = row
    return RedirectUri(id=id_, uri=uri, default=bool(default), created_at=from_ms(created), updated_at=from_ms(updated))
