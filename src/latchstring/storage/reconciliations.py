"""Rows of people who await reconciliation: one a person and connection; the last try is kept, sealed, all counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

import msgspec

from latchstring.model.testimony import Reconciliation, Testimony
from latchstring.storage import paging
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

_COLUMNS = "id, connection_id, refusal, tries, sealed, created_at, updated_at"
_ADD = insert(
    "reconciliations",
    _COLUMNS + ", subject_hash",
    tail="ON CONFLICT (environment_id, connection_id, subject_hash) DO UPDATE SET "
    "refusal = excluded.refusal, tries = reconciliations.tries + 1, sealed = excluded.sealed, "
    "updated_at = excluded.updated_at",
)
_COUNT = select("count(*)", "reconciliations", "connection_id = :connection_id")
_KNOWN = select("id", "reconciliations", "connection_id = :connection_id AND subject_hash = :subject_hash")
_OF_CONNECTION = select(
    _COLUMNS,
    "reconciliations",
    "connection_id = :connection_id AND id > :after",
    tail="ORDER BY id LIMIT :batch",
)
_REMOVE = delete("reconciliations", "connection_id = :connection_id AND id = :id")
_SIGNED_IN = delete("reconciliations", "connection_id = :connection_id AND subject_hash = :subject_hash")
_FORGET = delete(
    "reconciliations",
    "id IN (SELECT id FROM reconciliations WHERE environment_id = :environment_id "
    "AND updated_at < :before LIMIT :count)",
)
_FORGET_ALL = delete("reconciliations", "updated_at >= 0")
_BATCH = 200

_decoder = msgspec.json.Decoder(Testimony)


def subject_hash(connection_id: str, name: str) -> bytes:
    """What stands for a person in the index."""
    return sha256(f"{connection_id}\0{name}".encode("utf-8", "surrogatepass")).digest()


def put(scope: WritingScope, vault: Vault, entry: Reconciliation, *, subject_hash: bytes, most: int) -> bool:
    """Another try of somebody who is known, or somebody new while there are fewer than `most` of the connection."""
    known = scope.one(_KNOWN, connection_id=entry.connection_id, subject_hash=subject_hash)
    if known is None and count(scope, entry.connection_id) >= most:
        return False
    id_ = entry.id if known is None else str(known[0])
    scope.change(
        _ADD,
        id=id_,
        connection_id=entry.connection_id,
        refusal=entry.refusal,
        tries=1,
        sealed=vault.seal(msgspec.json.encode(entry.testimony), **_where(scope.environment_id, id_)),
        created_at=to_ms(entry.created_at),
        updated_at=to_ms(entry.updated_at),
        subject_hash=subject_hash,
    )
    return True


def count(scope: Scope, connection_id: str) -> int:
    row = scope.one(_COUNT, connection_id=connection_id)
    return int(row[0]) if row else 0


def page(scope: Scope, vault: Vault, window: paging.Window, connection_id: str) -> paging.Page[Reconciliation]:
    found = paging.rows(
        scope,
        window,
        columns=_COLUMNS,
        table="reconciliations",
        conditions=("connection_id = :connection_id",),
        connection_id=connection_id,
    )
    items = tuple(_reconciliation(scope, vault, row) for row in found.items)
    return paging.Page(items=items, before=found.before, after=found.after)


def of_connection(scope: Scope, vault: Vault, connection_id: str) -> Iterator[Reconciliation]:
    """All of them, oldest first."""
    after = ""
    while rows := scope.all(_OF_CONNECTION, connection_id=connection_id, after=after, batch=_BATCH):
        yield from (_reconciliation(scope, vault, row) for row in rows)
        after = rows[-1][0]


def remove(scope: WritingScope, connection_id: str, reconciliation_id: str) -> bool:
    return scope.change(_REMOVE, connection_id=connection_id, id=reconciliation_id) == 1


def signed_in(scope: WritingScope, connection_id: str, subject_hash: bytes) -> None:
    """The person made it, so nobody has to look after them any more."""
    scope.change(_SIGNED_IN, connection_id=connection_id, subject_hash=subject_hash)


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` of people who have not tried since then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def forget_all(scope: WritingScope) -> int:
    """Drop those of the whole environment."""
    return scope.change(_FORGET_ALL)


def _where(environment_id: str, reconciliation_id: str) -> dict[str, str]:
    return {
        "environment_id": environment_id,
        "table": "reconciliations",
        "row_id": reconciliation_id,
        "column": "sealed",
    }


def _reconciliation(scope: Scope, vault: Vault, row: Row) -> Reconciliation:
    id_, connection_id, refusal, tries, sealed, created, updated = row
    return Reconciliation(
        id=id_,
        connection_id=connection_id,
        refusal=refusal,
        tries=tries,
        testimony=_decoder.decode(vault.open(sealed, **_where(scope.environment_id, id_))),
        created_at=from_ms(created),
        updated_at=from_ms(updated),
    )
