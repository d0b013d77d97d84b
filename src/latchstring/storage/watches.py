"""Rows of watched metadata URLs: when to ask next, how it went, and what waits for a person to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_WATCH = (
    "connection_id, next_at, failures, asked_at, refreshed_at, error, seen, pending, "
    "asked_by, refreshed_by, failing_since"
)
_GET = select(_WATCH, "metadata_watches", "connection_id = :connection_id")
_DUE = select(_WATCH, "metadata_watches", "next_at <= :now", tail="ORDER BY next_at LIMIT :count")
_BEGIN = insert("metadata_watches", "connection_id, next_at, failures", tail="ON CONFLICT DO NOTHING")
_CLAIM = update("metadata_watches", "next_at = :until", "connection_id = :connection_id AND next_at = :before")
_KEEP = update(
    "metadata_watches",
    "next_at = :next_at, failures = :failures, asked_at = :asked_at, refreshed_at = :refreshed_at, error = :error, "
    "seen = :seen, pending = :pending, asked_by = :asked_by, refreshed_by = :refreshed_by, "
    "failing_since = :failing_since",
    "connection_id = :connection_id",
)
_END = delete("metadata_watches", "connection_id = :connection_id")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Where a metadata document sends browsers. The names are those of `model.connection.SamlConfig`."""

    idp_sso_url: str
    sso_binding: Literal["redirect", "post"]
    idp_slo_url: str | None = None
    idp_slo_response_url: str | None = None
    slo_binding: Literal["redirect", "post"] = "redirect"


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Metadata of another entity than the connection's: applied by a person or not at all (SAML-44)."""

    entity_id: str
    service: Service
    certificates: tuple[str, ...]  # PEM
    seen_at: datetime  # first
    wants_signed_requests: bool = False


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why the document could not be had."""

    code: str
    message: str


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A connection's metadata URL under watch."""

    connection_id: str
    next_at: datetime
    failures: int = 0  # since the last success
    asked_at: datetime | None = None
    refreshed_at: datetime | None = None  # the last success
    error: Failure | None = None
    seen: Service | None = None
    pending: Pending | None = None
    asked_by: str | None = None  # the actor: "worker" is the schedule
    refreshed_by: str | None = None  # the same of the last success
    failing_since: datetime | None = None  # the first failure after the last success


_failure_decoder = msgspec.json.Decoder(Failure)
_service_decoder = msgspec.json.Decoder(Service)
_pending_decoder = msgspec.json.Decoder(Pending)


def get(scope: Scope, connection_id: str) -> Watch | None:
    row = scope.one(_GET, connection_id=connection_id)
    return _watch(row) if row else None


def due(scope: Scope, now: datetime, count: int) -> list[Watch]:
    """Those whose time has come, the oldest first."""
    return [_watch(row) for row in scope.all(_DUE, now=to_ms(now), count=count)]


def begin(scope: WritingScope, connection_id: str, next_at: datetime) -> None:
    """Watch from now on; one that is watched already stays as it is."""
    scope.change(_BEGIN, connection_id=connection_id, next_at=to_ms(next_at), failures=0)


def claim(scope: WritingScope, watch: Watch, until: datetime) -> bool:
    """Take the work until then. False if somebody was faster."""
    changed = scope.change(_CLAIM, connection_id=watch.connection_id, before=to_ms(watch.next_at), until=to_ms(until))
    return changed == 1


def keep(scope: WritingScope, watch: Watch) -> bool:
    """How it stands now. False if the connection is not watched any more."""
    changed = scope.change(
        _KEEP,
        connection_id=watch.connection_id,
        next_at=to_ms(watch.next_at),
        failures=watch.failures,
        asked_at=None if watch.asked_at is None else to_ms(watch.asked_at),
        refreshed_at=None if watch.refreshed_at is None else to_ms(watch.refreshed_at),
        error=_text(watch.error),
        seen=_text(watch.seen),
        pending=_text(watch.pending),
        asked_by=watch.asked_by,
        refreshed_by=watch.refreshed_by,
        failing_since=None if watch.failing_since is None else to_ms(watch.failing_since),
    )
    return changed == 1


def end(scope: WritingScope, connection_id: str) -> None:
    scope.change(_END, connection_id=connection_id)


def _text(value: Failure | Service | Pending | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _watch(row: Row) -> Watch:
    connection_id, next_at, failures, asked, refreshed, error, seen, pending, by, refreshed_by, failing = row
    return Watch(
        connection_id=connection_id,
        next_at=from_ms(next_at),
        failures=failures,
        asked_at=optional_from_ms(asked),
        refreshed_at=optional_from_ms(refreshed),
        error=_failure_decoder.decode(error) if error else None,
        seen=_service_decoder.decode(seen) if seen else None,
        pending=_pending_decoder.decode(pending) if pending else None,
        asked_by=by,
        refreshed_by=refreshed_by,
        failing_since=optional_from_ms(failing),
    )
