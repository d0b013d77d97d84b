"""Checks the whole audit log, however long it is: a stretch at a time, in slices that hold up nobody."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.flows.house import House
from latchstring.protocols import audit_chain
from latchstring.protocols.audit_chain import AuditChainBroken, Head, Place
from latchstring.storage import audit

STRETCH = 100_000  # entries that one call checks
SLICE = 1_000  # entries that are read in one transaction: the database's log of changes is not kept from shrinking


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Entries without a fault, each of which follows the one before."""

    beginning: int  # the number of the first entry that there is
    first: int
    last: int  # one less than `first`, where there is no entry
    end: int  # the number of the newest entry, whose hash is sealed
    at: datetime

    @property
    def at_the_end(self) -> bool:
        return self.last == self.end


def check(house: House, after: int | None = None) -> Stretch:
    """From the entry behind `after` on, or from the first one. Raises `AuditChainBroken`."""
    head = _head(house)
    try:
        return _walk(house, head, after)
    except AuditChainBroken:
        now = _head(house)
        if now.start == head.start:
            raise
    # Somebody shortened it in front while it was being read.
    return _walk(house, now, after)


def _head(house: House) -> Head:
    with house.database.house() as whole:
        return audit.head(whole, house.vault)


def _walk(house: House, head: Head, after: int | None) -> Stretch:
    start = head.start if after is None else _from(house, head, after)
    last = min(start.sequence + STRETCH, head.end.sequence)
    reached = start
    while reached.sequence < last:
        reached = _slice(house, reached, min(reached.sequence + SLICE, last))
    if last == head.end.sequence:
        audit_chain.must_end(reached, head)
    return Stretch(
        beginning=head.start.sequence + 1,
        first=start.sequence + 1,
        last=last,
        end=head.end.sequence,
        at=house.now(),
    )


def _from(house: House, head: Head, after: int) -> Place:
    """The entry that an earlier stretch ended with; the beginning, if `after` is none of the log's."""
    if not head.start.sequence < after < head.end.sequence:
        return head.start
    with house.database.house() as whole:
        found = audit.place(whole, after)
    if found is None:
        raise AuditChainBroken(finding=f"entry {after} is missing", sequence=after)
    return found


def _slice(house: House, start: Place, last: int) -> Place:
    with house.database.house() as whole:
        reached = audit_chain.walk(audit.links(whole, start.sequence, last), start)
    if reached.sequence != last:
        wanted = reached.sequence + 1
        raise AuditChainBroken(finding=f"entry {wanted} is missing", sequence=wanted)
    return reached
