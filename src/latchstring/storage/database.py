"""`Database` opens a `Scope` for whoever holds a `Pass`; a `Scope` runs statements inside one environment.

No Pass, no Scope; no Scope, no query.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from latchstring.model.environment import Pass
from latchstring.storage.statement import OpenStatement, Statement

Row = tuple[Any, ...]


class Engine(Protocol):
    """What an engine must do. Errors that callers answer are refusals: `AlreadyThere`, `OwnerGone`,
    `Unavailable`."""

    def one(self, text: str, parameters: Mapping[str, Any]) -> Row | None: ...
    def all(self, text: str, parameters: Mapping[str, Any]) -> list[Row]: ...
    def change(self, text: str, parameters: Mapping[str, Any]) -> int: ...
    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class Scope:
    """One environment, seen through statements that name it."""

    __slots__ = ("_engine", "environment_id")

    def __init__(self, engine: Engine, environment_id: str) -> None:
        self._engine = engine
        self.environment_id = environment_id

    def one(self, statement: Statement, **values: Any) -> Row | None:
        values["environment_id"] = self.environment_id
        return self._engine.one(statement.text, values)

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        values["environment_id"] = self.environment_id
        return self._engine.all(statement.text, values)

    def change(self, statement: Statement, **values: Any) -> int:
        """The number of rows changed."""
        values["environment_id"] = self.environment_id
        return self._engine.change(statement.text, values)


class WritingScope(Scope):
    """A scope whose changes become real together, when it ends well."""

    __slots__ = ()


class HouseScope:
    """The house's own tables. Used by `front_door`, `environments`, `house_keys` and `operators`; a test keeps
    it so."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def one(self, statement: OpenStatement, **values: Any) -> Row | None:
        return self._engine.one(statement.text, values)

    def all(self, statement: OpenStatement, **values: Any) -> list[Row]:
        return self._engine.all(statement.text, values)

    def change(self, statement: OpenStatement, **values: Any) -> int:
        return self._engine.change(statement.text, values)


class Database:
    """The one way to the data."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()

    @contextmanager
    def read(self, pass_: Pass) -> Iterator[Scope]:
        """Look, in autocommit: each statement sees what is committed when it runs."""
        with self._open():
            yield Scope(self._engine, pass_.environment_id)

    @contextmanager
    def write(self, pass_: Pass) -> Iterator[WritingScope]:
        """One transaction for one decision: committed at the end, rolled back by any exception."""
        with self._open(), self._transaction():
            yield WritingScope(self._engine, pass_.environment_id)

    @contextmanager
    def house(self) -> Iterator[HouseScope]:
        with self._open():
            yield HouseScope(self._engine)

    @contextmanager
    def write_house(self) -> Iterator[HouseScope]:
        with self._open(), self._transaction():
            yield HouseScope(self._engine)

    @contextmanager
    def within(self, pass_: Pass, house: HouseScope) -> Iterator[WritingScope]:
        """A scope inside the house's open transaction: an environment is made together with what it needs."""
        yield WritingScope(self._engine, pass_.environment_id)

    @property
    def scope_open(self) -> bool:
        """Whether this thread is inside a scope; then nobody may call out."""
        return getattr(self._thread, "depth", 0) > 0

    @property
    def writes(self) -> int:
        """How many transactions this thread has begun; `web.kit.endpoint` asks, before it runs something again."""
        return getattr(self._thread, "writes", 0)

    def close(self) -> None:
        self._engine.close()

    @contextmanager
    def _open(self) -> Iterator[None]:
        thread = self._thread
        thread.depth = getattr(thread, "depth", 0) + 1
        try:
            yield
        finally:
            thread.depth -= 1

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._thread.writes = self.writes + 1
        self._engine.begin()
        try:
            yield
            self._engine.commit()
        except BaseException:
            self._engine.rollback()
            raise
