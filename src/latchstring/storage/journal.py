"""The journal of a transaction: it sees every statement that changes what people configure, and writes the audit log.

There is nothing for a flow to call, and so nothing to forget. Where somebody signs in there is no journal at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from latchstring.model.audit import SYSTEM, Change, Doer
from latchstring.protocols import audit_chain
from latchstring.protocols.audit_chain import Head, Place
from latchstring.storage import audit
from latchstring.storage.audited import KINDS, Fields, Hidden, Kind, Told, as_row
from latchstring.storage.database import Engine, Row
from latchstring.storage.times import to_ms
from latchstring.storage.vault import Vault

_STATEMENT = re.compile(
    r"(?:INSERT INTO (?P<into>\w+) \((?P<columns>[^)]*)\) VALUES \((?P<values>[^)]*)\)"
    r"|UPDATE (?P<updated>\w+) SET (?P<assigned>.*?) WHERE (?P<where>.*)"
    r"|DELETE FROM (?P<emptied>\w+) WHERE (?P<which>.*))",
    re.DOTALL,
)
_MAX_TEXT = 2000  # characters of one value: a longer one is cut, and says so

Key = tuple[str, tuple[Any, ...]]  # table, environment and key


class Ledger:
    """Opens a journal for each transaction. Has a clock, because an entry says when; and a vault, for the chain's head
    and to see whether a secret has changed."""

    def __init__(self, now: Callable[[], datetime], vault: Vault) -> None:
        self.now = now
        self.vault = vault

    def open(self, engine: Engine, doer: Doer) -> Journal:
        return Journal(self, engine, doer)


class _Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes an entry."""

    environment_id: str | None
    action: str
    type: str
    id: str | None
    name: str | None
    changes: tuple[Change, ...]


class _Touch(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that may change what the audit log tells of."""

    table: str
    kind: Kind
    look: str  # the rows that it will change; "" where it only adds one
    key: tuple[str, ...]  # of an added row: the names of the values


class Journal:
    """What one transaction has changed so far: of each row, as it was before and as it is now."""

    __slots__ = ("_doer", "_engine", "_ledger", "_notes", "_rows")

    def __init__(self, ledger: Ledger, engine: Engine, doer: Doer) -> None:
        self._ledger = ledger
        self._engine = engine
        self._doer = doer
        self._rows: dict[Key, tuple[Fields | None, Fields | None]] = {}
        self._notes: list[_Noted] = []

    def change(self, text: str, values: Mapping[str, Any]) -> int:
        touch = _touch(text)
        if touch is None:
            return self._engine.change(text, values)
        before = {self._key(touch, row): row for row in self._look(touch, values)}
        changed = self._engine.change(text, values)
        for key in before or ([self._added(touch, values)] if touch.key and changed else []):
            first = self._rows[key][0] if key in self._rows else before.get(key)
            self._rows[key] = (first, self._now(touch.kind, key))
        return changed

    def note(
        self,
        action: str,
        *,
        environment_id: str | None,
        target: tuple[str, str | None, str | None],
        changes: Sequence[Change],
    ) -> None:
        """An act that changes no such row. `target`: type, id, name."""
        type_, id_, name = target
        self._notes.append(
            _Noted(environment_id=environment_id, action=action, type=type_, id=id_, name=name, changes=tuple(changes))
        )

    def write(self) -> None:
        """Before the transaction ends. From here on it holds the chain's head, and every other one waits."""
        noted = [*self._told(), *self._notes]
        if not noted:
            return
        head = audit.take(self._engine, len(noted))
        at = to_ms(self._ledger.now())
        end = head.end
        for one in noted:
            fields = (
                end.sequence + 1,
                at,
                one.environment_id,
                self._doer.actor,
                self._doer.name,
                one.action,
                one.type,
                one.id,
                one.name,
                msgspec.json.encode(one.changes).decode(),
                self._doer.ip_address,
                self._doer.user_agent,
            )
            hash_ = audit_chain.digest(end.hash, fields)
            audit.add(self._engine, fields, previous_hash=end.hash, hash_=hash_)
            end = Place(end.sequence + 1, hash_)
        audit.set_head(self._engine, self._ledger.vault, Head(end=end, start=head.start))

    def _told(self) -> list[_Noted]:
        found = []
        for (table, key), (before, after) in self._rows.items():
            kind = KINDS[table]
            environment_id = key[0] if kind.scoped else ""
            was = None if before is None else kind.tell(self._ledger.vault, environment_id, before)
            now = None if after is None else kind.tell(self._ledger.vault, environment_id, after)
            swept = kind.swept and after is None and self._doer.actor == SYSTEM.actor
            one = None if swept else _noted(kind, environment_id, was, now)
            if one is not None:
                found.append(one)
        return found

    def _look(self, touch: _Touch, values: Mapping[str, Any]) -> list[Fields]:
        if not touch.look:
            return []
        columns = ", ".join(touch.kind.read)
        if touch.kind.scoped:
            columns = f"environment_id, {columns}"
        rows = self._engine.all(f"SELECT {columns} FROM {touch.table} WHERE {touch.look}", values)
        return [_row(touch.kind, row) for row in rows]

    def _key(self, touch: _Touch, row: Fields) -> Key:
        names = ("environment_id", *touch.kind.key) if touch.kind.scoped else touch.kind.key
        return touch.table, tuple(row[name] for name in names)

    def _added(self, touch: _Touch, values: Mapping[str, Any]) -> Key:
        return touch.table, tuple(values[name] for name in touch.key)

    def _now(self, kind: Kind, key: Key) -> Fields | None:
        table, values = key
        names = ("environment_id", *kind.key) if kind.scoped else kind.key
        where = " AND ".join(f"{name} = :{name}" for name in names)
        columns = ", ".join(("environment_id", *kind.read) if kind.scoped else kind.read)
        named = dict(zip(names, values, strict=True))
        row = self._engine.one(f"SELECT {columns} FROM {table} WHERE {where}", named)
        return None if row is None else _row(kind, row)


def _row(kind: Kind, row: Row) -> Fields:
    if not kind.scoped:
        return as_row(kind, row)
    return {"environment_id": row[0], **as_row(kind, row[1:])}


@lru_cache(maxsize=512)
def _touch(text: str) -> _Touch | None:
    """How a statement's rows are found; None if the audit log tells nothing of what it does."""
    found = _STATEMENT.match(text)
    if found is None:
        return None
    table = found["into"] or found["updated"] or found["emptied"]
    kind = KINDS.get(table)
    if kind is None:
        return None
    if found["into"]:
        columns = [each.strip() for each in found["columns"].split(",")]
        values = dict(
            zip(columns, (each.strip().removeprefix(":") for each in found["values"].split(",")), strict=True)
        )
        names = ("environment_id", *kind.key) if kind.scoped else kind.key
        key = tuple(values[name] for name in names)
        # Where there may be such a row already, it is looked at first.
        look = " AND ".join(f"{name} = :{value}" for name, value in zip(names, key, strict=True))
        return _Touch(table=table, kind=kind, look=look if "ON CONFLICT" in text else "", key=key)
    if found["assigned"] and not set(re.findall(r"(\w+) = ", found["assigned"])) & set(kind.columns):
        return None
    look = (found["where"] or found["which"]).partition(" RETURNING ")[0]
    return _Touch(table=table, kind=kind, look=look, key=())


def _noted(kind: Kind, environment_id: str, was: Told | None, now: Told | None) -> _Noted | None:
    before = None if was is None else was.fields
    after = None if now is None else now.fields
    changes = _changes(before or {}, after or {})
    verb = kind.verb(before, after)
    told = now or was
    if told is None or verb is None or (before is not None and after is not None and not changes):
        return None
    return _Noted(
        environment_id=environment_id or (told.id if kind.type == "environment" else None),
        action=f"{kind.type}.{verb}",
        type=kind.type,
        id=told.id,
        name=told.name,
        changes=changes,
    )


def _changes(before: Fields, after: Fields) -> tuple[Change, ...]:
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        Change(name, *_said(before.get(name), after.get(name)))
        for name in names
        if name != "environment_id" and before.get(name) != after.get(name) and (before.get(name) or after.get(name))
    )


def _said(before: Any, after: Any) -> tuple[Any, Any]:
    if isinstance(before, Hidden) or isinstance(after, Hidden):
        return "(set)" if before else None, ("(changed)" if before else "(set)") if after else None
    return _cut(before), _cut(after)


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return f"{value[:_MAX_TEXT]}… ({len(value)} characters)"
    return value
