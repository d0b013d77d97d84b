"""Rows of findings about a connection's attributes that somebody has dismissed, each with a digest of its facts."""

from __future__ import annotations

from datetime import datetime

from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import to_ms

_KEEP = insert(
    "dismissed_findings",
    "connection_id, code, facts, dismissed_by, dismissed_at",
    tail="ON CONFLICT (environment_id, connection_id, code) DO UPDATE SET "
    "facts = excluded.facts, dismissed_by = excluded.dismissed_by, dismissed_at = excluded.dismissed_at",
)
_OF_CONNECTION = select("code, facts", "dismissed_findings", "connection_id = :connection_id")
_REMOVE = delete("dismissed_findings", "connection_id = :connection_id AND code = :code")


def keep(scope: WritingScope, connection_id: str, code: str, *, facts: str, by: str, now: datetime) -> None:
    """Raises `OwnerGone`."""
    scope.change(_KEEP, connection_id=connection_id, code=code, facts=facts, dismissed_by=by, dismissed_at=to_ms(now))


def of_connection(scope: Scope, connection_id: str) -> dict[str, str]:
    """Code -> the facts with which it was dismissed."""
    return {str(code): str(facts) for code, facts in scope.all(_OF_CONNECTION, connection_id=connection_id)}


def remove(scope: WritingScope, connection_id: str, code: str) -> bool:
    return scope.change(_REMOVE, connection_id=connection_id, code=code) == 1
