"""Rows of sessions at identity providers: sealed, found by profile or by what the provider names them by."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import msgspec

from latchstring.model.secret import Secret
from latchstring.model.session import IdpSession, Session, key
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

MAX_FOUND = 100  # of one person's

_SESSION = "id, connection_id, profile_id, sealed, created_at, expires_at"
_LIVE = "ended_at IS NULL AND expires_at > :now"
_NEWEST = f"ORDER BY created_at DESC, id DESC LIMIT {MAX_FOUND}"
_INSERT = insert("idp_sessions", _SESSION + ", key_hash")
_OF_PROFILE = select(_SESSION, "idp_sessions", f"profile_id = :profile_id AND {_LIVE}", tail=_NEWEST)
_NAMED = select(
    _SESSION, "idp_sessions", f"connection_id = :connection_id AND key_hash = :key_hash AND {_LIVE}", tail=_NEWEST
)
_END = update("idp_sessions", "ended_at = :now", "id = :id AND ended_at IS NULL")
_FORGET = delete(
    "idp_sessions",
    "id IN (SELECT id FROM idp_sessions AS old WHERE old.environment_id = :environment_id "
    "AND old.expires_at < :before LIMIT :count)",
)

_decoder: msgspec.json.Decoder[IdpSession] = msgspec.json.Decoder(IdpSession)


def add(scope: WritingScope, vault: Vault, session: Session) -> None:
    idp = session.idp.reveal()
    name = key(idp)
    scope.change(
        _INSERT,
        id=session.id,
        connection_id=session.connection_id,
        profile_id=session.profile_id,
        sealed=vault.seal(msgspec.json.encode(idp), **_place(scope.environment_id, session.id)),
        created_at=to_ms(session.created_at),
        expires_at=to_ms(session.expires_at),
        key_hash=None if name is None else _hash(session.connection_id, name),
    )


def of_profile(scope: Scope, vault: Vault, profile_id: str, now: datetime) -> list[Session]:
    """Those that have not ended, the newest first."""
    return [_session(scope, vault, row) for row in scope.all(_OF_PROFILE, profile_id=profile_id, now=to_ms(now))]


def named(scope: Scope, vault: Vault, connection_id: str, name: str, now: datetime) -> list[Session]:
    """Those of a connection that the identity provider names so, the newest first."""
    rows = scope.all(_NAMED, connection_id=connection_id, key_hash=_hash(connection_id, name), now=to_ms(now))
    return [_session(scope, vault, row) for row in rows]


def end(scope: WritingScope, session_id: str, now: datetime) -> bool:
    """False if it had ended before."""
    return scope.change(_END, id=session_id, now=to_ms(now)) == 1


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` whose time was over before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def _hash(connection_id: str, name: str) -> bytes:
    return sha256(f"{connection_id}\0{name}".encode("utf-8", "surrogatepass")).digest()


def _place(environment_id: str, session_id: str) -> dict[str, str]:
    return {"environment_id": environment_id, "table": "idp_sessions", "row_id": session_id, "column": "sealed"}


def _session(scope: Scope, vault: Vault, row: Row) -> Session:
    id_, connection_id, profile_id, sealed, created, expires = row
    return Session(
        id=id_,
        connection_id=connection_id,
        profile_id=profile_id,
        idp=Secret(_decoder.decode(vault.open(sealed, **_place(scope.environment_id, id_)))),
        created_at=from_ms(created),
        expires_at=from_ms(expires),
    )
