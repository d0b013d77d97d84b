"""Answers kept under their Idempotency-Key, so that a retried request gets the same one."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.times import to_ms

KEPT = timedelta(hours=24)

_GET = select("request_hash, status, body", "replays", "key_hash = :key_hash AND forget_at > :now")
_INSERT = insert("replays", "key_hash, request_hash, status, body, forget_at", tail="ON CONFLICT DO NOTHING")
_FORGET = delete("replays", "forget_at <= :now")
_FORGET_SOME = delete(
    "replays",
    "key_hash IN (SELECT key_hash FROM replays WHERE environment_id = :environment_id "
    "AND forget_at <= :now LIMIT :count)",
)


class Replay(msgspec.Struct, frozen=True):
    """What was asked (as a hash) and what was answered."""

    request_hash: bytes
    status: int
    body: str


def find(scope: Scope, key: str, now: datetime) -> Replay | None:
    row = scope.one(_GET, key_hash=_hash(key), now=to_ms(now))
    return Replay(*row) if row else None


def keep(scope: WritingScope, key: str, replay: Replay, now: datetime, *, until: datetime | None = None) -> None:
    """For 24 hours, or until then. What is there already stays."""
    scope.change(_FORGET, now=to_ms(now))
    scope.change(
        _INSERT,
        key_hash=_hash(key),
        request_hash=replay.request_hash,
        status=replay.status,
        body=replay.body,
        forget_at=to_ms(until or now + KEPT),
    )


def forget(scope: WritingScope, now: datetime, count: int) -> int:
    """Drop up to `count` whose time is over."""
    return scope.change(_FORGET_SOME, now=to_ms(now), count=count)


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
