"""Rows of a connection's last assertions, sealed: a ring of fifty places, in which the newest takes the oldest's."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model.testimony import AttributeSample, Testimony
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import Vault

PLACES = 50

_TURN = (
    "(SELECT coalesce(max(turn), -1) + 1 FROM attribute_samples AS kept "
    "WHERE kept.environment_id = :environment_id AND kept.connection_id = :connection_id)"
)
# The one statement that a good sign-in pays for: it finds its place, and says whether somebody awaited this sign-in.
_KEEP = insert(
    "attribute_samples",
    "connection_id, place, turn, refusal, sealed, kept_at",
    computed={"place": f"{_TURN} % {PLACES}", "turn": _TURN},
    tail="ON CONFLICT (environment_id, connection_id, place) DO UPDATE SET turn = excluded.turn, "
    "refusal = excluded.refusal, sealed = excluded.sealed, kept_at = excluded.kept_at "
    "RETURNING (SELECT count(*) FROM reconciliations WHERE reconciliations.environment_id = :environment_id "
    "AND reconciliations.connection_id = :connection_id AND subject_hash = :subject_hash)",
)
_NEWEST = select(
    "kept_at, refusal, sealed",
    "attribute_samples",
    "connection_id = :connection_id AND kept_at >= :since",
    tail="ORDER BY turn DESC",
)
_FORGET = delete(
    "attribute_samples",
    "(connection_id, place) IN (SELECT connection_id, place FROM attribute_samples "
    "WHERE environment_id = :environment_id AND kept_at < :before LIMIT :count)",
)
_FORGET_ALL = delete("attribute_samples", "kept_at >= 0")

_decoder = msgspec.json.Decoder(Testimony)


def keep(
    scope: WritingScope, vault: Vault, connection_id: str, sample: AttributeSample, *, subject_hash: bytes
) -> bool:
    """Whether there is a reconciliation of this person."""
    row = scope.one(
        _KEEP,
        connection_id=connection_id,
        refusal=sample.refusal,
        sealed=vault.seal(msgspec.json.encode(sample.testimony), **_where(scope.environment_id, connection_id)),
        kept_at=to_ms(sample.at),
        subject_hash=subject_hash,
    )
    return row is not None and row[0] > 0


def newest(scope: Scope, vault: Vault, connection_id: str, *, since: datetime) -> list[AttributeSample]:
    """Those that are kept of a connection, the newest first."""
    where = _where(scope.environment_id, connection_id)
    return [
        AttributeSample(at=from_ms(kept_at), refusal=refusal, testimony=_decoder.decode(vault.open(sealed, **where)))
        for kept_at, refusal, sealed in scope.all(_NEWEST, connection_id=connection_id, since=to_ms(since))
    ]


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that were kept before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def forget_all(scope: WritingScope) -> int:
    """Drop those of the whole environment."""
    return scope.change(_FORGET_ALL)


def _where(environment_id: str, connection_id: str) -> dict[str, str]:
    return {
        "environment_id": environment_id,
        "table": "attribute_samples",
        "row_id": connection_id,
        "column": "sealed",
    }
