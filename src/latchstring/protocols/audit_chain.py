"""The chain of the audit log: what is hashed, and how a walk along it finds out what was changed from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from latchstring.model.refusal import Mender, Refusal

FORMAT = "latchstring-audit-1"
BEGINNING = "0" * 64  # what the first entry follows

Written = str | int | None


class AuditChainBroken(Refusal):
    """The audit log was changed from outside: {finding}."""

    code = "audit_chain_broken"
    mender = Mender.OPERATOR
    fix = (
        "Entries are only ever added by latchstring, so somebody else wrote to this database. Look at who can, and "
        "compare with a backup or an export from before."
    )
    finding: str
    sequence: int


class Place(msgspec.Struct, frozen=True):
    """A point of the chain: the number of an entry and its hash. The one before the first is 0 and zeros."""

    sequence: int
    hash: str


class Link(msgspec.Struct, frozen=True):
    """An entry as it is written down, ready to be hashed again."""

    fields: Sequence[Written]  # in the order of storage.audit; the first is its number
    previous_hash: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """Both ends of the chain as the house itself has sealed them."""

    end: Place  # the newest entry
    start: Place  # the last entry that `audit prune` took away; the beginning, if nothing was


def digest(previous_hash: str, fields: Sequence[Written]) -> str:
    """SHA-256 in hexadecimal over one JSON array, whose text is the same on every machine (no floats, no objects)."""
    return sha256(msgspec.json.encode([FORMAT, previous_hash, *fields])).hexdigest()


def walk(links: Iterable[Link], start: Place) -> Place:
    """From `start`, whose own entry is not among them, to the last of the links. Raises `AuditChainBroken`."""
    for link in links:
        number = link.fields[0]
        wanted = start.sequence + 1
        if number != wanted:
            raise AuditChainBroken(finding=f"entry {wanted} is missing", sequence=wanted)
        if link.previous_hash != start.hash or link.hash != digest(link.previous_hash, link.fields):
            raise AuditChainBroken(finding=f"entry {wanted} is not what it was", sequence=wanted)
        start = Place(wanted, link.hash)
    return start


def must_end(reached: Place, head: Head) -> None:
    """Raises `AuditChainBroken` unless the walk came to the end that was sealed."""
    if reached.sequence < head.end.sequence:
        finding = f"the entries after {reached.sequence} are missing; there were {head.end.sequence}"
        raise AuditChainBroken(finding=finding, sequence=reached.sequence + 1)
    if reached != head.end:
        raise AuditChainBroken(finding=f"it does not end with entry {head.end.sequence}", sequence=head.end.sequence)
