"""The audit log for other programs: an entry as JSON has it, and many as JSON or CSV, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from latchstring.flows.story import instant
from latchstring.model.audit import AuditEntry
from latchstring.protocols import csv_table

_HEAD = (
    "sequence", "at", "environment_id", "actor", "actor_name", "action", "target_type", "target_id", "target_name",
    "changes", "ip_address", "user_agent", "previous_hash", "hash",
)  # fmt: skip


def shown(entry: AuditEntry) -> Mapping[str, Any]:
    """As the terminal and the exports have it."""
    plain: dict[str, Any] = msgspec.to_builtins(entry)
    return {"object": "audit_entry", **plain, "at": instant(entry.at)}


def as_json(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One array, an entry a line."""
    before = "[\n"
    for entry in entries:
        yield before + msgspec.json.encode(shown(entry)).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def as_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    yield csv_table.line(_HEAD)
    for entry in entries:
        one = shown(entry)
        cells = {**one, "changes": msgspec.json.encode(one["changes"]).decode()}
        yield csv_table.line(cells[name] for name in _HEAD)
