"""Idempotency-Key: a request that is sent again with the same key gets the first answer, for 24 hours.

Only creation takes part, and links for a minute alone: one SDK derives the key from the request itself, and a long
memory of links would hand out yesterday's (contract 1.8).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec

from latchstring.flows.house import House
from latchstring.model.refusal import InvalidRequest
from latchstring.storage import replays
from latchstring.storage.replays import Replay
from latchstring.storage.vault import VaultKeyUnknown
from latchstring.web.kit.message import JSON, Reply, as_json
from latchstring.web.kit.route import Ask

MAX_KEY = 255
BRIEFLY = timedelta(seconds=60)


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
    asked = _asked(ask)
    if asked is None:
        return _made(make)
    known = _known(house, ask, asked)
    if known is not None:
        return _again(known, known.body.encode())
    reply = _made(make)
    with house.database.write(ask.caller) as scope:
        replays.keep(scope, asked.key, Replay(asked.request_hash, reply.status, reply.body.decode()), house.now())
    return reply


def answered_briefly(house: House, ask: Ask, make: Callable[[], tuple[int, Any]]) -> Reply:
    """The same for a minute, for whoever lost the answer; sealed meanwhile, because such an answer opens something."""
    asked = _asked(ask)
    if asked is None:
        return _made(make)
    place = {
        "environment_id": ask.caller.environment_id,
        "table": "replays",
        "row_id": sha256(asked.key.encode()).hexdigest(),
        "column": "body",
    }
    known = _known(house, ask, asked)
    if known is not None:
        with suppress(VaultKeyUnknown):  # the secret key was changed within this minute
            return _again(known, house.vault.open(b64decode(known.body), **place))
    reply = _made(make)
    now = house.now()
    sealed = b64encode(house.vault.seal(reply.body, **place)).decode()
    with house.database.write(ask.caller) as scope:
        replays.keep(scope, asked.key, Replay(asked.request_hash, reply.status, sealed), now, until=now + BRIEFLY)
    return reply


class _Asked(msgspec.Struct, frozen=True):
    """A request under its key."""

    key: str
    request_hash: bytes


def _asked(ask: Ask) -> _Asked | None:
    key = ask.inbound.header(b"idempotency-key")
    if not key:
        return None
    if len(key) > MAX_KEY:
        raise IdempotencyKeyTooLong(limit=MAX_KEY)
    return _Asked(key, sha256(ask.inbound.path.encode() + b"\n" + _canonical(ask.inbound.body)).digest())


def _known(house: House, ask: Ask, asked: _Asked) -> Replay | None:
    with house.database.read(ask.caller) as scope:
        known = replays.find(scope, asked.key, house.now())
    if known is not None and known.request_hash != asked.request_hash:
        raise IdempotencyKeyReused(key=asked.key)
    return known


def _made(make: Callable[[], tuple[int, Any]]) -> Reply:
    status, body = make()
    return as_json(body, status=status)


def _again(known: Replay, body: bytes) -> Reply:
    return Reply(status=known.status, headers=((b"content-type", JSON),), body=body)


def _canonical(body: bytes) -> bytes:
    """The same request whatever the order of its keys. Where no body is asked for, none of it needs to be JSON."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body or b"{}"), order="deterministic")
    except msgspec.DecodeError:
        return body
