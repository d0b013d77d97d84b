"""Rows of what identity providers answered, packed and sealed, one for each sign-in at most."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

import msgspec

from latchstring.model.answer import Answer
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select
from latchstring.storage.vault import Vault

MAX_BYTES = 65_536  # packed; what is larger is not kept

_KEEP = insert("sign_in_answers", "attempt_id, sealed", tail="ON CONFLICT DO NOTHING")
_GET = select("sealed", "sign_in_answers", "attempt_id = :attempt_id")
_FORGET_ALL = delete(
    "sign_in_answers",
    "attempt_id IN (SELECT attempt_id FROM sign_in_answers WHERE environment_id = :environment_id LIMIT :count)",
)


class _Packed(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    document: bytes
    parameters: Mapping[str, str]
    heard: str  # JSON in ASCII, which holds whatever JSON held: any number, and halves of characters


_decoder = msgspec.msgpack.Decoder(_Packed)


def keep(scope: WritingScope, vault: Vault, attempt_id: str, answer: Answer) -> None:
    """Nothing is kept of one that is too large, or that cannot be written down. The first answer of a sign-in stays."""
    try:
        packed = _pack(answer)
    except (RecursionError, ValueError, OverflowError):  # no sign-in ends otherwise for what is kept of it
        return
    if len(packed) <= MAX_BYTES:
        scope.change(_KEEP, attempt_id=attempt_id, sealed=vault.seal(packed, **_where(scope, attempt_id)))


def get(scope: Scope, vault: Vault, attempt_id: str) -> Answer | None:
    row = scope.one(_GET, attempt_id=attempt_id)
    if row is None:
        return None
    found = _decoder.decode(zlib.decompress(vault.open(row[0], **_where(scope, attempt_id))))
    return Answer(document=found.document, parameters=found.parameters, heard=json.loads(found.heard))


def forget_all(scope: WritingScope, count: int) -> int:
    """Drop up to `count` of the environment."""
    return scope.change(_FORGET_ALL, count=count)


def _pack(answer: Answer) -> bytes:
    heard = json.dumps(answer.heard, default=str)
    # Fastest level: an XML of 10 kB comes to a third of that in 0.1 ms, and each page not written is worth more.
    return zlib.compress(msgspec.msgpack.encode(_Packed(answer.document, answer.parameters, heard)), level=1)


def _where(scope: Scope, attempt_id: str) -> dict[str, str]:
    return {
        "environment_id": scope.environment_id,
        "table": "sign_in_answers",
        "row_id": attempt_id,
        "column": "sealed",
    }
