"""The audit log: looked at, checked, handed out, and shortened in front; what stands in it is never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model.audit import AuditEntry, Change
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols import audit_chain
from latchstring.protocols.audit_chain import AuditChainBroken, Head, Place
from latchstring.storage import audit
from latchstring.storage.audit import Filter
from latchstring.storage.database import HouseScope

RECENT = 1000  # entries that a look at the page checks
_BATCH = 500


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `newer` and `older` are the numbers to go on from, where there is more."""

    entries: tuple[AuditEntry, ...]
    newer: int | None
    older: int | None


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the chain without a fault, up to its sealed end."""

    first: int  # the number of the first entry that was checked; one more than `end` where there is none
    end: Place
    start: Place  # the last entry that was taken away, or the beginning
    at: datetime

    @property
    def whole(self) -> bool:
        return self.first == self.start.sequence + 1


def page(
    house: House, wanted: Filter, *, count: int, older_than: int | None = None, newer_than: int | None = None
) -> AuditPage:
    with house.database.house() as whole:
        found = audit.some(whole, wanted, count + 1, older_than=older_than, newer_than=newer_than)
    more = len(found) > count
    backward = newer_than is not None
    entries = found[-count:] if backward else found[:count]
    newer, older = (more, True) if backward else (older_than is not None, more)
    return AuditPage(
        entries=tuple(entries),
        newer=entries[0].sequence if newer and entries else None,
        older=entries[-1].sequence if older and entries else None,
    )


def actions(house: House) -> list[str]:
    """All that happened so far, for a filter to offer."""
    with house.database.house() as whole:
        return audit.actions(whole)


def actors(house: House) -> list[tuple[str, str | None]]:
    """Who did something of late, with the names they had."""
    with house.database.house() as whole:
        return audit.actors(whole)


def check(house: House, *, known: Place | None = None) -> Checked:
    """Every entry. `known`: one that somebody wrote down elsewhere, which must still be there.

    Raises `AuditChainBroken`.
    """
    with house.database.house() as whole:
        return _check(house, whole, None, known)


def check_recent(house: House, count: int = RECENT) -> Checked:
    """The newest entries, and where the chain ends. Raises `AuditChainBroken`."""
    with house.database.house() as whole:
        return _check(house, whole, count, None)


def export(house: House, wanted: Filter) -> Iterator[AuditEntry]:
    """Newest first, as many as somebody takes."""
    older_than: int | None = None
    while True:
        with house.database.house() as whole:
            found = audit.some(whole, wanted, _BATCH, older_than=older_than)
        yield from found
        if len(found) < _BATCH:
            return
        older_than = found[-1].sequence


def prune(house: House, before: datetime) -> int:
    """Takes away what is older, which an entry tells of; how many went.

    Nothing of a chain that is broken: it would be the evidence. Raises `AuditChainBroken`, and `InvalidFields` for a
    time that has not come.
    """
    if before > house.now():
        fault = FieldError("before", "before_in_the_future", "Give a time that has passed.")
        raise InvalidFields(errors=(fault,))
    with house.database.write_house() as whole:
        _check(house, whole, None, None)
        last = audit.last_before(whole, before)
        if last is None:
            return 0
        gone = audit.prune(whole, house.vault, last)
        changes = (
            Change("before", None, story.instant(before)),
            Change("entries", gone, 0),
            Change("continues_from", None, {"sequence": last.sequence, "hash": last.hash}),
        )
        whole.note("audit_log.pruned", ("audit_log", None, None), changes)
    return gone


def _check(house: House, whole: HouseScope, count: int | None, known: Place | None) -> Checked:
    head = audit.head(whole, house.vault)
    try:
        return _walk(house, whole, head, count, known)
    except AuditChainBroken:
        if audit.head(whole, house.vault).start == head.start:
            raise
    # Somebody shortened it in front while it was being read.
    return _walk(house, whole, audit.head(whole, house.vault), count, known)


def _walk(house: House, whole: HouseScope, head: Head, count: int | None, known: Place | None) -> Checked:
    start = head.start
    if count is not None and head.end.sequence - count > start.sequence:
        wanted = head.end.sequence - count
        found = audit.place(whole, wanted)
        if found is None:
            raise AuditChainBroken(finding=f"entry {wanted} is missing", sequence=wanted)
        start = found
    reached = audit_chain.walk(audit.links(whole, start.sequence, head.end.sequence), start)
    audit_chain.must_end(reached, head)
    if known is not None and known != head.start and known != audit.place(whole, known.sequence):
        raise AuditChainBroken(finding=f"entry {known.sequence} is not the one you know", sequence=known.sequence)
    return Checked(first=start.sequence + 1, end=head.end, start=head.start, at=house.now())
