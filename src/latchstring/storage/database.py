"""`Database` opens a `Scope` for whoever holds a `Pass`; a `Scope` runs statements inside one environment.

No Pass, no Scope; no Scope, no query.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from latchstring.model.audit import SYSTEM, Change, Doer
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


class Journal(Protocol):
    """Sees what a transaction changes of what people configure, and writes the audit log (`storage.journal`)."""

    def change(self, text: str, values: Mapping[str, Any]) -> int: ...
    def note(
        self,
        action: str,
        *,
        environment_id: str | None,
        target: tuple[str, str | None, str | None],
        changes: Sequence[Change],
    ) -> None: ...
    def write(self) -> None: ...


class Ledger(Protocol):
    """Opens a journal for a transaction."""

    def open(self, engine: Engine, doer: Doer) -> Journal: ...


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


class WritingScope(Scope):
    """A scope whose changes become real together, when it ends well."""

    __slots__ = ("_journal",)

    def __init__(self, engine: Engine, environment_id: str, journal: Journal | None) -> None:
        super().__init__(engine, environment_id)
        self._journal = journal

    def change(self, statement: Statement, **values: Any) -> int:
        """The number of rows changed."""
        values["environment_id"] = self.environment_id
        if self._journal is None:
            return self._engine.change(statement.text, values)
        return self._journal.change(statement.text, values)

    def note(self, action: str, target: tuple[str, str | None, str | None], changes: Sequence[Change] = ()) -> None:
        """For the audit log: an act that changes no row of which it tells anyway. `target`: type, id, name."""
        if self._journal is not None:
            self._journal.note(action, environment_id=self.environment_id, target=target, changes=changes)


class HouseScope:
    """The house's own tables. Used by `audit`, `front_door`, `environments`, `house_keys` and `operators`; a test
    keeps it so."""

    __slots__ = ("_engine", "journal")

    def __init__(self, engine: Engine, journal: Journal | None = None) -> None:
        self._engine = engine
        self.journal = journal

    def one(self, statement: OpenStatement, **values: Any) -> Row | None:
        return self._engine.one(statement.text, values)

    def all(self, statement: OpenStatement, **values: Any) -> list[Row]:
        return self._engine.all(statement.text, values)

    def change(self, statement: OpenStatement, **values: Any) -> int:
        if self.journal is None:
            return self._engine.change(statement.text, values)
        return self.journal.change(statement.text, values)

    def note(self, action: str, target: tuple[str, str | None, str | None], changes: Sequence[Change] = ()) -> None:
        """For the audit log, as `WritingScope.note`; of an act that belongs to no environment."""
        if self.journal is not None:
            self.journal.note(action, environment_id=None, target=target, changes=changes)


class _Thread(threading.local):
    """What one thread has open, and has begun."""

    depth = 0  # scopes
    writes = 0  # transactions


class _Opening(Generic[S]):
    """A scope for as long as a `with` lasts. A class, because generators would be a hundredth of a sign-in's cost."""

    __slots__ = ("_engine", "_journal", "_scope", "_thread", "_writes")

    def __init__(
        self, scope: S, engine: Engine, thread: _Thread, *, writes: bool, journal: Journal | None = None
    ) -> None:
        self._scope = scope
        self._engine = engine
        self._journal = journal
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
                if self._journal is not None:
                    self._journal.write()
                self._engine.commit()
                return
        except BaseException:
            self._engine.rollback()
            raise
        self._engine.rollback()


_SIGNS_IN = frozenset({"client", "code", "access_token", "logout", "magic_link", "identity_provider"})
"""The actors of passes by which nobody configures anything: where people sign in, nothing is kept for the audit log."""


class Database:
    """The one way to the data."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        self._engine = engine
        self._ledger = ledger
        self._thread = _Thread()
        self._doer: Doer | None = None

    def acting(self, doer: Doer) -> Database:
        """The same database in the hands of somebody: what they change stands in the audit log under their name."""
        held = Database(self._engine, self._ledger)
        held._thread = self._thread
        held._doer = doer
        return held

    def telling(self, ledger: Ledger) -> Database:
        """The same database with another ledger."""
        held = Database(self._engine, ledger)
        held._thread = self._thread
        held._doer = self._doer
        return held

    @property
    def doer(self) -> Doer:
        """In whose hands it is."""
        return self._doer or SYSTEM

    def read(self, pass_: Pass) -> AbstractContextManager[Scope]:
        """Look, in autocommit: each statement sees what is committed when it runs."""
        return self._opening(Scope(self._engine, pass_.environment_id), None, writes=False)

    def write(self, pass_: Pass) -> AbstractContextManager[WritingScope]:
        """One transaction for one decision: committed at the end, rolled back by any exception."""
        journal = None
        if self._doer is not None or pass_.actor not in _SIGNS_IN:
            journal = self._ledger.open(self._engine, self._doer or _doer(pass_))
        return self._opening(WritingScope(self._engine, pass_.environment_id, journal), journal, writes=True)

    def house(self) -> AbstractContextManager[HouseScope]:
        return self._opening(HouseScope(self._engine), None, writes=False)

    def write_house(self) -> AbstractContextManager[HouseScope]:
        journal = self._ledger.open(self._engine, self.doer)
        return self._opening(HouseScope(self._engine, journal), journal, writes=True)

    def within(self, pass_: Pass, house: HouseScope) -> AbstractContextManager[WritingScope]:
        """A scope inside the house's open transaction: an environment is made together with what it needs."""
        return nullcontext(WritingScope(self._engine, pass_.environment_id, house.journal))

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

    def _opening(self, scope: S, journal: Journal | None, *, writes: bool) -> _Opening[S]:
        return _Opening(scope, self._engine, self._thread, writes=writes, journal=journal)


def _doer(pass_: Pass) -> Doer:
    """Where no door has said who it is: whoever the pass is for."""
    return Doer(actor=pass_.actor) if ":" in pass_.actor else SYSTEM
