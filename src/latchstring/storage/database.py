"""`Database` opens a `Scope` for whoever holds a `Pass`; a `Scope` runs statements inside one environment.

No Pass, no Scope; no Scope, no query.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from latchstring.model.environment import Pass
from latchstring.storage.statement import OpenStatement, Statement

Row = tuple[Any, ...]
S = TypeVar("S")


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


class _Thread(threading.local):
    """What one thread has open, and has begun."""

    depth = 0  # scopes
    writes = 0  # transactions


class _Opening(Generic[S]):
    """A scope for as long as a `with` lasts. A class, because generators would be a hundredth of a sign-in's cost."""

    __slots__ = ("_engine", "_scope", "_thread", "_writes")

    def __init__(self, scope: S, engine: Engine, thread: _Thread, *, writes: bool) -> None:
        self._scope = scope
        self._engine = engine
        self._thread = thread
        self._writes = writes

    def __enter__(self) -> S:
        if self._writes:
            self._thread.writes += 1
            self._engine.begin()
        self._thread.depth += 1
        return self._scope

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        self._thread.depth -= 1
        if not self._writes:
            return
        try:
            if kind is None:
                self._engine.commit()
                return
        except BaseException:
            self._engine.rollback()
            raise
        self._engine.rollback()


class Database:
    """The one way to the data."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = _Thread()

    def read(self, pass_: Pass) -> AbstractContextManager[Scope]:
        """Look, in autocommit: each statement sees what is committed when it runs."""
        return self._opening(Scope(self._engine, pass_.environment_id), writes=False)

    def write(self, pass_: Pass) -> AbstractContextManager[WritingScope]:
        """One transaction for one decision: committed at the end, rolled back by any exception."""
        return self._opening(WritingScope(self._engine, pass_.environment_id), writes=True)

    def house(self) -> AbstractContextManager[HouseScope]:
        return self._opening(HouseScope(self._engine), writes=False)

    def write_house(self) -> AbstractContextManager[HouseScope]:
        return self._opening(HouseScope(self._engine), writes=True)

    def within(self, pass_: Pass, house: HouseScope) -> AbstractContextManager[WritingScope]:
        """A scope inside the house's open transaction: an environment is made together with what it needs."""
        return nullcontext(WritingScope(self._engine, pass_.environment_id))

    @property
    def scope_open(self) -> bool:
        """Whether this thread is inside a scope; then nobody may call out."""
        return self._thread.depth > 0

    @property
    def writes(self) -> int:
        """How many transactions this thread has begun; `web.kit.endpoint` asks, before it runs something again."""
        return self._thread.writes

    def close(self) -> None:
        self._engine.close()

    def _opening(self, scope: S, *, writes: bool) -> _Opening[S]:
        return _Opening(scope, self._engine, self._thread, writes=writes)
