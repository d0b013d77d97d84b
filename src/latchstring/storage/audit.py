"""Rows of the audit log, which are only ever added, and the one row that says where its chain begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from latchstring.model.audit import AuditEntry, Change
from latchstring.protocols.audit_chain import BEGINNING, AuditChainBroken, Head, Link, Place, Written
from latchstring.storage.database import Engine, HouseScope, Row
from latchstring.storage.statement import OpenStatement
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault, VaultKeyUnknown

_COLUMNS = (
    "sequence, at, environment_id, actor, actor_name, action, target_type, target_id, target_name, changes, "
    "ip_address, user_agent"
)
_FIELDS = tuple(_COLUMNS.split(", "))
_ENTRY = f"{_COLUMNS}, previous_hash, hash"
_INSERT = OpenStatement(
    f"INSERT INTO audit_entries ({_ENTRY}) VALUES ({', '.join(f':{name}' for name in _FIELDS)}, :previous_hash, :hash)"
)
# A change of the row, and not a look at it: where several write at once, this is where they wait for each other.
_TAKE = OpenStatement(
    "UPDATE audit_chain SET sequence = sequence + :count WHERE id = 1 "
    "RETURNING sequence - :count, hash, pruned_to, pruned_hash"
)
_SET_HEAD = OpenStatement(
    "UPDATE audit_chain SET sequence = :sequence, hash = :hash, pruned_to = :pruned_to, pruned_hash = :pruned_hash, "
    "sealed = :sealed WHERE id = 1"
)
_HEAD = OpenStatement(
    "SELECT sequence, hash, pruned_to, pruned_hash, sealed, (SELECT max(sequence) FROM audit_entries) "
    "FROM audit_chain WHERE id = 1"
)
_WALK = OpenStatement(
    f"SELECT {_ENTRY} FROM audit_entries WHERE sequence > :after AND sequence <= :last ORDER BY sequence LIMIT :count"
)
_PLACE_OF = OpenStatement("SELECT hash FROM audit_entries WHERE sequence = :sequence")
# Not simply the last one that is older: a clock may have been set back, and what is kept has no gap.
_LAST_BEFORE = OpenStatement(
    "SELECT sequence, hash FROM audit_entries WHERE sequence < "
    "coalesce((SELECT min(sequence) FROM audit_entries WHERE at >= :before), 9223372036854775807) "
    "ORDER BY sequence DESC LIMIT 1"
)
_DROP = OpenStatement("DELETE FROM audit_entries WHERE sequence <= :sequence")
_ACTIONS = OpenStatement("SELECT DISTINCT action FROM audit_entries ORDER BY action")
_ACTORS = OpenStatement(
    "SELECT actor, max(actor_name) FROM audit_entries GROUP BY actor ORDER BY max(sequence) DESC LIMIT 200"
)

_PLACE = {"environment_id": "", "table": "audit_chain", "row_id": "1", "column": "sealed"}
_BATCH = 1000


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted. What is None does not matter."""

    actor: str | None = None
    action: str | None = None  # "connection.updated", or "connection" for all that is done to one
    target: str | None = None  # an id, or a part of a name
    environment: str | None = None  # an id; "-" for what belongs to none
    since: datetime | None = None
    until: datetime | None = None  # not itself


def take(engine: Engine, count: int) -> Head:
    """The chain as it is, for whoever adds `count` entries: from now on until the transaction ends, for nobody else."""
    row = engine.one(_TAKE.text, {"count": count})
    if row is None:
        raise LookupError("the audit log has lost its head")
    return Head(end=Place(row[0], row[1]), start=Place(row[2], row[3]))


def add(engine: Engine, fields: Sequence[Written], *, previous_hash: str, hash_: str) -> None:
    values = dict(zip(_FIELDS, fields, strict=True))
    engine.change(_INSERT.text, {**values, "previous_hash": previous_hash, "hash": hash_})


def set_head(engine: Engine, vault: Vault, head: Head) -> None:
    """Sealed, so that whoever can write to the database, and has not the secret key, cannot end the chain elsewhere."""
    engine.change(_SET_HEAD.text, _head_values(vault, head))


def prune(house: HouseScope, vault: Vault, last: Place) -> int:
    """Takes away everything up to this entry, and keeps its hash: the chain goes on from there. How many went."""
    found = head(house, vault)
    house.change(_SET_HEAD, **_head_values(vault, Head(end=found.end, start=last)))
    return house.change(_DROP, sequence=last.sequence)


def head(house: HouseScope, vault: Vault) -> Head:
    """Both ends. Raises `AuditChainBroken` if they are not the ones that were sealed."""
    row = house.one(_HEAD)
    if row is None:
        raise AuditChainBroken(finding="the row that says where it ends is missing", sequence=0)
    found = Head(end=Place(row[0], row[1]), start=Place(row[2], row[3]))
    if (row[5] or 0) > found.end.sequence:
        finding = f"entry {row[5]} lies behind its end, and was not written by us"
        raise AuditChainBroken(finding=finding, sequence=row[5])
    beginning = Place(0, BEGINNING)
    if row[4] is None and found == Head(end=beginning, start=beginning):
        return found
    try:
        sealed = msgspec.json.decode(vault.open(row[4] or b"", **_PLACE), type=Head)
    except (VaultKeyUnknown, msgspec.DecodeError):
        sealed = None
    if sealed != found:
        raise AuditChainBroken(finding="what is written of its end was not written by us", sequence=found.end.sequence)
    return found


def links(house: HouseScope, after: int, last: int) -> Iterator[Link]:
    """Every entry behind the first number, up to the second: a thousand at a time."""
    while rows := house.all(_WALK, after=after, last=last, count=_BATCH):
        for row in rows:
            yield Link(row[:-2], row[-2], row[-1])
        after = rows[-1][0]


def place(house: HouseScope, sequence: int) -> Place | None:
    """An entry's number and hash, as they are written."""
    row = house.one(_PLACE_OF, sequence=sequence)
    return None if row is None else Place(sequence, row[0])


def some(
    house: HouseScope, wanted: Filter, count: int, *, older_than: int | None = None, newer_than: int | None = None
) -> list[AuditEntry]:
    """Newest first; with `newer_than`, those next to it, and still newest first."""
    conditions, values = _conditions(wanted)
    if older_than is not None:
        conditions.append("sequence < :older_than")
        values["older_than"] = older_than
    if newer_than is not None:
        conditions.append("sequence > :newer_than")
        values["newer_than"] = newer_than
    rows = house.all(_some(tuple(conditions), newer_than is not None), **values, count=count)
    found = [_entry(row) for row in rows]
    return found[::-1] if newer_than is not None else found


def actions(house: HouseScope) -> list[str]:
    """All that there are."""
    return [row[0] for row in house.all(_ACTIONS)]


def actors(house: HouseScope) -> list[tuple[str, str | None]]:
    """Those of late, with their names."""
    return [(row[0], row[1]) for row in house.all(_ACTORS)]


def last_before(house: HouseScope, moment: datetime) -> Place | None:
    """The last entry of those that are older, with everything in front of it."""
    row = house.one(_LAST_BEFORE, before=to_ms(moment))
    return None if row is None else Place(row[0], row[1])


@lru_cache(maxsize=128)
def _some(conditions: tuple[str, ...], ascending: bool) -> OpenStatement:
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    order = "" if ascending else "DESC "
    return OpenStatement(f"SELECT {_ENTRY} FROM audit_entries {where}ORDER BY sequence {order}LIMIT :count")


def _head_values(vault: Vault, head: Head) -> dict[str, Any]:
    return {
        "sequence": head.end.sequence,
        "hash": head.end.hash,
        "pruned_to": head.start.sequence,
        "pruned_hash": head.start.hash,
        "sealed": vault.seal(msgspec.json.encode(head), **_PLACE),
    }


def _conditions(wanted: Filter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}

    def must(condition: str, **more: Any) -> None:
        conditions.append(condition)
        values.update(more)

    if wanted.actor is not None:
        must("actor = :actor", actor=wanted.actor)
    if wanted.action is not None:
        if "." in wanted.action:
            must("action = :action", action=wanted.action)
        else:
            must("target_type = :action", action=wanted.action)
    if wanted.target is not None:
        must("(target_id = :target OR lower(target_name) LIKE :named ESCAPE '\\')", **_target(wanted.target))
    if wanted.environment == "-":
        must("environment_id IS NULL")
    elif wanted.environment is not None:
        must("environment_id = :environment", environment=wanted.environment)
    if wanted.since is not None:
        must("at >= :since", since=to_ms(wanted.since))
    if wanted.until is not None:
        must("at < :until", until=to_ms(wanted.until))
    return conditions, values


def _target(target: str) -> Mapping[str, str]:
    escaped = target.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"target": target, "named": f"%{escaped}%"}


def _entry(row: Row) -> AuditEntry:
    sequence, at, environment_id, actor, actor_name, action, type_, id_, name, changes, ip, agent, previous, hash_ = row
    return AuditEntry(
        sequence=sequence,
        at=from_ms(at),
        environment_id=environment_id,
        actor=actor,
        actor_name=actor_name,
        action=action,
        target_type=type_,
        target_id=id_,
        target_name=name,
        changes=_read(changes),
        ip_address=ip,
        user_agent=agent,
        previous_hash=previous,
        hash=hash_,
    )


def _read(changes: str) -> tuple[Change, ...]:
    """Of an entry that somebody else has written over, whatever can be read."""
    try:
        return msgspec.json.decode(changes, type=tuple[Change, ...])
    except msgspec.DecodeError:
        return (Change("(unreadable)", None, changes),)
