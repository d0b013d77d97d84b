"""Rows that say how far the set-up of an organization is: changed only by whoever has seen the newest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from latchstring.model.portal import PortalProgress, Step
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import insert, select, update
from latchstring.storage.times import from_ms, to_ms

_FIELDS = "step, part, connection_id, connection_type, kept, updated_by, updated_at"
_GET = select(f"{_FIELDS}, version", "portal_progress", "organization_id = :organization_id")
_BEGIN = insert("portal_progress", f"organization_id, {_FIELDS}, version", tail="ON CONFLICT DO NOTHING")
_SAVE = update(
    "portal_progress",
    ", ".join(f"{name} = :{name}" for name in _FIELDS.split(", ")) + ", version = version + 1",
    "organization_id = :organization_id AND version = :version",
)
_kept = msgspec.json.Decoder(dict[str, str])


def get(scope: Scope, organization_id: str) -> PortalProgress:
    row = scope.one(_GET, organization_id=organization_id)
    if row is None:
        return PortalProgress()
    step, part, connection_id, type_, kept, by, at, version = row
    return PortalProgress(
        step=Step(step),
        part=part,
        connection_id=connection_id,
        connection_type=type_,
        kept=_kept.decode(kept),
        version=version,
        updated_by=by,
        updated_at=from_ms(at),
    )


def save(scope: WritingScope, organization_id: str, wanted: PortalProgress, *, seen: int, now: datetime) -> bool:
    """False if there is a newer version than the one that was `seen`; then nothing is changed."""
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "step": wanted.step.value,
        "part": wanted.part,
        "connection_id": wanted.connection_id,
        "connection_type": wanted.connection_type,
        "kept": msgspec.json.encode(wanted.kept).decode(),
        "updated_by": wanted.updated_by,
        "updated_at": to_ms(now),
    }
    if seen == 0:
        return scope.change(_BEGIN, **values, version=1) == 1
    return scope.change(_SAVE, **values, version=seen) == 1
