"""Rows of the portal's sessions: each ends with its link, and counts for nothing once that was taken back."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.portal import PortalSession
from latchstring.storage import portal_links
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms

_INSERT = insert("portal_sessions", "token_hash, link_id, created_at, last_seen_at, expires_at")
_CURRENT = select(
    f"{portal_links.COLUMNS}, portal_sessions.created_at, portal_sessions.last_seen_at, portal_sessions.expires_at",
    "portal_sessions",
    "portal_sessions.token_hash = :token_hash AND portal_sessions.expires_at > :now "
    "AND portal_sessions.last_seen_at > :idle_since AND portal_links.revoked_at IS NULL",
    join="portal_links ON portal_links.environment_id = portal_sessions.environment_id "
    "AND portal_links.id = portal_sessions.link_id",
)
_SEEN = update("portal_sessions", "last_seen_at = :now", "token_hash = :token_hash")
_END = delete("portal_sessions", "token_hash = :token_hash")
_END_OF = delete("portal_sessions", "link_id = :link_id")
_FORGET = delete(
    "portal_sessions",
    "token_hash IN (SELECT token_hash FROM portal_sessions WHERE environment_id = :environment_id "
    "AND expires_at < :before LIMIT :count)",
)


def begin(scope: WritingScope, token_hash: bytes, session: PortalSession) -> None:
    scope.change(
        _INSERT,
        token_hash=token_hash,
        link_id=session.link.id,
        created_at=to_ms(session.created_at),
        last_seen_at=to_ms(session.last_seen_at),
        expires_at=to_ms(session.expires_at),
    )


def current(scope: Scope, token_hash: bytes, *, now: datetime, idle_since: datetime) -> PortalSession | None:
    """One that is neither over nor idle for too long, and whose link was not taken back."""
    row = scope.one(_CURRENT, token_hash=token_hash, now=to_ms(now), idle_since=to_ms(idle_since))
    if row is None:
        return None
    created, seen, expires = row[17:]
    return PortalSession(
        link=portal_links.of_row(row),
        created_at=from_ms(created),
        last_seen_at=from_ms(seen),
        expires_at=from_ms(expires),
    )


def seen(scope: WritingScope, token_hash: bytes, now: datetime) -> None:
    scope.change(_SEEN, token_hash=token_hash, now=to_ms(now))


def end(scope: WritingScope, token_hash: bytes) -> None:
    scope.change(_END, token_hash=token_hash)


def end_of(scope: WritingScope, link_id: str) -> int:
    """All that began with this link. How many."""
    return scope.change(_END_OF, link_id=link_id)


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that were over before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)
