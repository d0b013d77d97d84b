"""One page of a list, newest first by default, walked by the ids of its items (contract 1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import msgspec

from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.storage.database import Row, Scope
from latchstring.storage.statement import Statement, select

T = TypeVar("T")

Order = Literal["asc", "desc", "normal"]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Which page is wanted. `normal` is newest first with the meanings of before and after swapped."""

    limit: int = 10
    order: Order = "desc"
    before: str | None = None
    after: str | None = None


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The items and the cursors to the pages beside this one."""

    items: tuple[T, ...]
    before: str | None
    after: str | None


@lru_cache(maxsize=256)
def _statement(
    columns: str, table: str, join: str, conditions: tuple[str, ...], comparison: str, direction: str
) -> Statement:
    where = " AND ".join((*conditions, f"({table}.created_at, {table}.id) {comparison} (:cursor_at, :cursor_id)"))
    if not comparison:
        where = " AND ".join(conditions)
    tail = f"ORDER BY {table}.created_at {direction}, {table}.id {direction} LIMIT :count"
    return select(columns, table, where, join=join, tail=tail)


@lru_cache(maxsize=64)
def _cursor(table: str) -> Statement:
    return select("created_at, id", table, "id = :id")


def rows(
    scope: Scope,
    window: Window,
    *,
    columns: str,
    table: str,
    join: str = "",
    conditions: Sequence[str] = (),
    **values: Any,
) -> Page[Row]:
    """The page's rows; `columns` begins with the id. Raises `InvalidFields` for a cursor that names nothing here."""
    forward, backward = window.after, window.before
    if window.order == "normal":
        forward, backward = backward, forward
    descending = window.order != "asc"
    at: dict[str, Any] = {}
    comparison, direction = "", "DESC" if descending else "ASC"
    cursor = forward or backward
    if cursor is not None:
        row = scope.one(_cursor(table), id=cursor)
        if row is None:
            name = "after" if cursor == window.after else "before"
            raise InvalidFields(
                errors=(FieldError(field=name, code="cursor_unknown", message=f"No object with the id '{cursor}'."),)
            )
        at = {"cursor_at": row[0], "cursor_id": row[1]}
        towards_older = descending == (forward is not None)
        comparison, direction = ("<", "DESC") if towards_older else (">", "ASC")
    statement = _statement(columns, table, join, tuple(conditions), comparison, direction)
    found = scope.all(statement, **values, **at, count=window.limit + 1)
    more = len(found) > window.limit
    found = found[: window.limit]
    if cursor is not None and forward is None:
        found.reverse()
        previous, following = more, bool(found)
    else:
        previous, following = cursor is not None and bool(found), more
    first = str(found[0][0]) if previous and found else None
    last = str(found[-1][0]) if following and found else None
    if window.order == "normal":
        first, last = last, first
    return Page(items=tuple(found), before=first, after=last)
