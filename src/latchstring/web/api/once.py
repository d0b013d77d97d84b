"""Idempotency-Key: a request that is sent again with the same key gets the first answer, for 24 hours.

Only creation takes part: one SDK derives the key from the request itself, and a long memory of, say, links would hand
out yesterday's (contract 1.8).
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from latchstring.flows.house import House
from latchstring.model.refusal import InvalidRequest
from latchstring.storage import replays
from latchstring.storage.replays import Replay
from latchstring.web.kit.message import JSON, Reply, as_json
from latchstring.web.kit.route import Ask

MAX_KEY = 255


class IdempotencyKeyReused(InvalidRequest):
    """Another idempotency key ({key}) with different request parameters was found. Please use a different idempotency \
key."""

    code = "idempotency_key_reused"
    fix = "Use a fresh key for every new request; the same key only to send the same request again."
    key: str


class IdempotencyKeyTooLong(InvalidRequest):
    """The Idempotency-Key is longer than {limit} characters."""

    code = "idempotency_key_too_long"
    fix = "Send a UUID."
    limit: int


def answered(house: House, ask: Ask, make: Callable[[], tuple[int, Any]]) -> Reply:
    """`make` gives status and body; refusals are not kept, so a corrected request may use its key again."""
    key = ask.inbound.header(b"idempotency-key")
    if not key:
        status, body = make()
        return as_json(body, status=status)
    if len(key) > MAX_KEY:
        raise IdempotencyKeyTooLong(limit=MAX_KEY)
    asked = sha256(ask.inbound.path.encode() + b"\n" + _canonical(ask.inbound.body)).digest()
    with house.database.read(ask.caller) as scope:
        known = replays.find(scope, key, house.now())
    if known is not None:
        if known.request_hash != asked:
            raise IdempotencyKeyReused(key=key)
        return Reply(status=known.status, headers=((b"content-type", JSON),), body=known.body.encode())
    status, body = make()
    reply = as_json(body, status=status)
    with house.database.write(ask.caller) as scope:
        replays.keep(scope, key, Replay(asked, status, reply.body.decode()), house.now())
    return reply


def _canonical(body: bytes) -> bytes:
    """The same request whatever the order of its keys; it was decoded once before and is JSON."""
    return msgspec.json.encode(msgspec.json.decode(body or b"{}"), order="deterministic")
