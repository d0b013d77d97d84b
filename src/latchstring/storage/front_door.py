"""The only maker of a `Pass`: from a client id, an API key, a code, an access token, or a connection's external key."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest

import msgspec

from latchstring.model.connection import Connection
from latchstring.model.environment import (
    Environment,
    EnvironmentKind,
    EnvironmentSettings,
    KeyExpired,
    Pass,
    UnknownKey,
)
from latchstring.storage import connections
from latchstring.storage.database import Database, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

_ENVIRONMENT = "environments.id, environments.kind, environments.client_id, environments.settings"
_BY_CLIENT_ID = OpenStatement(f"SELECT {_ENVIRONMENT} FROM environments WHERE client_id = :client_id")
_BY_API_KEY = OpenStatement(
    f"SELECT {_ENVIRONMENT}, api_keys.id, api_keys.key_hash, api_keys.expires_at, api_keys.revoked_at FROM api_keys "
    "JOIN environments ON environments.id = api_keys.environment_id WHERE api_keys.key_hash = :key_hash"
)
# A code's or token's hash stands behind the environment in the key of its table: asked environment by environment,
# each look-up is one step into that key.
_BY_CODE = OpenStatement(
    f"SELECT {_ENVIRONMENT} FROM environments WHERE EXISTS (SELECT 1 FROM grants "
    "WHERE grants.environment_id = environments.id AND grants.code_hash = :code_hash)"
)
_BY_ACCESS_TOKEN = OpenStatement(
    f"SELECT {_ENVIRONMENT} FROM access_tokens "
    "JOIN environments ON environments.id = access_tokens.environment_id "
    "WHERE access_tokens.token_hash = :token_hash"
)
_BY_EXTERNAL_KEY = OpenStatement(
    f"SELECT {_ENVIRONMENT}, {connections.COLUMNS} FROM connections "
    "JOIN environments ON environments.id = connections.environment_id "
    "WHERE connections.external_key = :external_key"
)
_BY_LOGOUT = OpenStatement(
    f"SELECT {_ENVIRONMENT} FROM logouts "
    "JOIN environments ON environments.id = logouts.environment_id "
    "WHERE logouts.handle_hash = :handle_hash"
)
_BY_MAGIC_LINK = OpenStatement(
    f"SELECT {_ENVIRONMENT} FROM magic_link_tokens "
    "JOIN environments ON environments.id = magic_link_tokens.environment_id "
    "WHERE magic_link_tokens.token_hash = :token_hash"
)
_BY_TRACE_LINK = OpenStatement(
    f"SELECT {_ENVIRONMENT} FROM trace_links "
    "JOIN environments ON environments.id = trace_links.environment_id "
    "WHERE trace_links.token_hash = :token_hash"
)
_BY_PORTAL_LINK = OpenStatement(
    f"SELECT {_ENVIRONMENT}, portal_links.id FROM portal_links "
    "JOIN environments ON environments.id = portal_links.environment_id "
    "WHERE portal_links.token_hash = :token_hash"
)
_BY_PORTAL_SESSION = OpenStatement(
    f"SELECT {_ENVIRONMENT}, portal_sessions.link_id FROM portal_sessions "
    "JOIN environments ON environments.id = portal_sessions.environment_id "
    "WHERE portal_sessions.token_hash = :token_hash"
)
_settings_decoder = msgspec.json.Decoder(EnvironmentSettings)


def digest(secret: str) -> bytes:
    """How high-entropy secrets (256 bits of chance) are kept: one SHA-256.

    It also keeps the look-up from telling: an index is walked by the bytes of the hash, and whoever tries keys cannot
    choose those (OAUTH-07).
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def by_client_id(database: Database, client_id: str) -> Pass | None:
    with database.house() as house:
        row = house.one(_BY_CLIENT_ID, client_id=client_id)
    return _pass(row, "client") if row else None


def by_api_key(database: Database, key: str, now: datetime) -> Pass:
    """Raises `UnknownKey`: absent, unknown and revoked keys get one answer, as does one that is over, `KeyExpired`."""
    with database.house() as house:
        key_hash = digest(key)
        row = house.one(_BY_API_KEY, key_hash=key_hash)
    if row is None or not compare_digest(row[5], key_hash):
        raise UnknownKey
    pass_ = _pass(row, f"key:{row[4]}")
    if row[7] is not None:
        raise UnknownKey().of(pass_)
    if row[6] is not None and row[6] <= to_ms(now):
        raise KeyExpired(key_id=row[4], expired_at=from_ms(row[6]).isoformat(timespec="seconds")).of(pass_)
    return pass_


def by_code(database: Database, code_hash: bytes) -> Pass | None:
    """The environment that a code belongs to, whoever shows it: for counting a failure against it, for nothing else."""
    with database.house() as house:
        row = house.one(_BY_CODE, code_hash=code_hash)
    return _pass(row, "code") if row else None


def by_access_token(database: Database, token: str) -> Pass | None:
    with database.house() as house:
        row = house.one(_BY_ACCESS_TOKEN, token_hash=digest(token))
    return _pass(row, "access_token") if row else None


def by_logout(database: Database, handle: str) -> Pass | None:
    with database.house() as house:
        row = house.one(_BY_LOGOUT, handle_hash=digest(handle))
    return _pass(row, "logout") if row else None


def by_magic_link(database: Database, token: str) -> Pass | None:
    with database.house() as house:
        row = house.one(_BY_MAGIC_LINK, token_hash=digest(token))
    return _pass(row, "magic_link") if row else None


def by_trace_link(database: Database, token: str) -> Pass | None:
    """Of a link that shows one trace, open or not."""
    with database.house() as house:
        row = house.one(_BY_TRACE_LINK, token_hash=digest(token))
    return _pass(row, "trace_link") if row else None


def by_portal_link(database: Database, token: str) -> Pass | None:
    """Of a link into the Admin Portal, open or not."""
    with database.house() as house:
        row = house.one(_BY_PORTAL_LINK, token_hash=digest(token))
    return _pass(row, f"portal:{row[4]}") if row else None


def by_portal_session(database: Database, secret: str) -> Pass | None:
    """Of a session of the Admin Portal, over or not."""
    with database.house() as house:
        row = house.one(_BY_PORTAL_SESSION, token_hash=digest(secret))
    return _pass(row, f"portal:{row[4]}") if row else None


def by_external_key(database: Database, vault: Vault, external_key: str) -> tuple[Pass, Connection] | None:
    """The pass and the connection."""
    with database.house() as house:
        row = house.one(_BY_EXTERNAL_KEY, external_key=external_key)
    if row is None:
        return None
    pass_ = _pass(row, "identity_provider")
    return pass_, connections.of_row(vault, pass_.environment_id, row[4:])


def by_operator(environment: Environment) -> Pass:
    """For whoever sits at the machine itself: the terminal, and the set-up of a fresh environment."""
    return _of(environment, "operator")


def by_person(environment: Environment, operator_id: str) -> Pass:
    """For an operator who has signed in to the Dashboard: they work in every environment."""
    return _of(environment, f"operator:{operator_id}")


def by_worker(environment: Environment) -> Pass:
    """For the regular chores of the house itself."""
    return _of(environment, "worker")


def _of(environment: Environment, actor: str) -> Pass:
    return Pass(
        environment_id=environment.id,
        kind=environment.kind,
        client_id=environment.client_id,
        redirects=environment.settings.redirects(environment.kind),
        keeps_raw_attributes=environment.settings.raw_attributes == "keep",
        keeps_answers=environment.settings.keeps_answers,
        actor=actor,
    )


def _pass(row: Row, actor: str) -> Pass:
    return _made(*row[:4], actor)


@lru_cache(maxsize=256)
def _made(environment_id: str, kind_: str, client_id: str, settings_: str, actor: str) -> Pass:
    """Remembered by all that it is made of, so that it cannot be out of date: a sign-in makes four."""
    kind = EnvironmentKind(kind_)
    settings = _settings_decoder.decode(settings_)
    return Pass(
        environment_id=environment_id,
        kind=kind,
        client_id=client_id,
        redirects=settings.redirects(kind),
        keeps_raw_attributes=settings.raw_attributes == "keep",
        keeps_answers=settings.keeps_answers,
        actor=actor,
    )
