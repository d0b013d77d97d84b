"""Rows of custom attributes: an environment's own ones; the predefined ones are not in the database."""

from __future__ import annotations

from datetime import datetime

from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import from_ms, to_ms

_INSERT = insert("custom_attributes", "name, created_at")
_ALL = select("name, created_at", "custom_attributes", tail="ORDER BY name")
_DELETE = delete("custom_attributes", "name = :name")


def add(scope: WritingScope, name: str, now: datetime) -> None:
    """Raises `AlreadyThere`."""
    scope.change(_INSERT, name=name, created_at=to_ms(now))


def every(scope: Scope) -> dict[str, datetime]:
    """Name -> when it was made."""
    return {name: from_ms(created) for name, created in scope.all(_ALL)}


def remove(scope: WritingScope, name: str) -> bool:
    return scope.change(_DELETE, name=name) == 1
