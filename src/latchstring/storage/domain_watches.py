"""Rows of domains that wait for their record in DNS: when to look next, since when, and what was seen last."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from latchstring.protocols.domain_proof import Shortfall
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

PATIENCE = timedelta(days=30)  # then the search is over (contract 4.3)

_WATCH = "domain_id, begun_at, next_at, looked_at, shortfall"
_GET = select(_WATCH, "domain_watches", "domain_id = :domain_id")
_DUE = select(_WATCH, "domain_watches", "next_at <= :now", tail="ORDER BY next_at LIMIT :count")
_BEGIN = insert(
    "domain_watches",
    "domain_id, begun_at, next_at",
    tail="ON CONFLICT (environment_id, domain_id) DO UPDATE SET begun_at = excluded.begun_at, "
    "next_at = excluded.next_at, looked_at = NULL, shortfall = NULL",
)
_CLAIM = update("domain_watches", "next_at = :until", "domain_id = :domain_id AND next_at = :before")
_KEEP = update(
    "domain_watches",
    "next_at = :next_at, looked_at = :looked_at, shortfall = :shortfall",
    "domain_id = :domain_id AND begun_at = :begun_at",
)
_END = delete("domain_watches", "domain_id = :domain_id")


class DomainWatch(msgspec.Struct, frozen=True, kw_only=True):
    """A domain whose record is looked for."""

    domain_id: str
    begun_at: datetime
    next_at: datetime | None  # None: its time is over
    looked_at: datetime | None = None
    shortfall: Shortfall | None = None  # of the last look


_decoder = msgspec.json.Decoder(Shortfall)


def get(scope: Scope, domain_id: str) -> DomainWatch | None:
    row = scope.one(_GET, domain_id=domain_id)
    return _watch(row) if row else None


def due(scope: Scope, now: datetime, count: int) -> list[DomainWatch]:
    """Those whose time has come, the oldest first."""
    return [_watch(row) for row in scope.all(_DUE, now=to_ms(now), count=count)]


def begin(scope: WritingScope, domain_id: str, now: datetime) -> DomainWatch:
    """Look from now on, as if for the first time."""
    scope.change(_BEGIN, domain_id=domain_id, begun_at=to_ms(now), next_at=to_ms(now))
    return DomainWatch(domain_id=domain_id, begun_at=now, next_at=now)


def claim(scope: WritingScope, watch: DomainWatch, until: datetime) -> bool:
    """Take the work until then. False if somebody was faster, or it is over."""
    if watch.next_at is None:
        return False
    changed = scope.change(_CLAIM, domain_id=watch.domain_id, before=to_ms(watch.next_at), until=to_ms(until))
    return changed == 1


def keep(scope: WritingScope, watch: DomainWatch) -> bool:
    """How it stands now. False if it was begun anew meanwhile, or is over."""
    changed = scope.change(
        _KEEP,
        domain_id=watch.domain_id,
        begun_at=to_ms(watch.begun_at),
        next_at=None if watch.next_at is None else to_ms(watch.next_at),
        looked_at=None if watch.looked_at is None else to_ms(watch.looked_at),
        shortfall=None if watch.shortfall is None else msgspec.json.encode(watch.shortfall).decode(),
    )
    return changed == 1


def end(scope: WritingScope, domain_id: str) -> None:
    scope.change(_END, domain_id=domain_id)


def _watch(row: Row) -> DomainWatch:
    domain_id, begun, next_at, looked, shortfall = row
    return DomainWatch(
        domain_id=domain_id,
        begun_at=from_ms(begun),
        next_at=optional_from_ms(next_at),
        looked_at=optional_from_ms(looked),
        shortfall=_decoder.decode(shortfall) if shortfall else None,
    )
