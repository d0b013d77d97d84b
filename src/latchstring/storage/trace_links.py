"""Rows of the links that show a trace; of their secrets there is only the hash."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.trace_link import TraceLink
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_LINK = "id, attempt_id, made_by, created_at, expires_at, revoked_at"
_INSERT = insert("trace_links", _LINK + ", token_hash")
_OF = select(_LINK, "trace_links", "attempt_id = :attempt_id", tail="ORDER BY id DESC")
_BY_TOKEN = select(_LINK, "trace_links", "token_hash = :token_hash")
_REVOKE = update("trace_links", "revoked_at = :now", "id = :id AND attempt_id = :attempt_id AND revoked_at IS NULL")
_FORGET = delete(
    "trace_links",
    "id IN (SELECT id FROM trace_links WHERE environment_id = :environment_id AND expires_at < :before LIMIT :count)",
)


def add(scope: WritingScope, link: TraceLink, token_hash: bytes) -> None:
    scope.change(
        _INSERT,
        id=link.id,
        attempt_id=link.attempt_id,
        made_by=link.made_by,
        created_at=to_ms(link.created_at),
        expires_at=to_ms(link.expires_at),
        revoked_at=None,
        token_hash=token_hash,
    )


def of(scope: Scope, attempt_id: str) -> list[TraceLink]:
    """The newest first."""
    return [_link(row) for row in scope.all(_OF, attempt_id=attempt_id)]


def by_token(scope: Scope, token_hash: bytes) -> TraceLink | None:
    row = scope.one(_BY_TOKEN, token_hash=token_hash)
    return _link(row) if row else None


def revoke(scope: WritingScope, attempt_id: str, link_id: str, now: datetime) -> bool:
    return scope.change(_REVOKE, id=link_id, attempt_id=attempt_id, now=to_ms(now)) == 1


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that were over before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def _link(row: Row) -> TraceLink:
    id_, attempt_id, made_by, created, expires, revoked = row
    return TraceLink(
        id=id_,
        attempt_id=attempt_id,
        made_by=made_by,
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        revoked_at=optional_from_ms(revoked),
    )
