"""`AuditEntry`: who changed what, from what to what, when and from where; one link of the house's chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Doer(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever changes something, as far as the door knows them."""

    actor: str  # "operator:operator_…", "key:api_key_…", "terminal:ann", "visitor", "system"
    name: str | None = None  # as people know them, at that time
    ip_address: str | None = None
    user_agent: str | None = None


SYSTEM = Doer(actor="system")  # the house itself: its worker, its set-up
VISITOR = "visitor"  # the actor of somebody who is not signed in to the Dashboard


class Change(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """One field. Of a secret it is told that it was set, changed or taken away, and nothing else."""

    field: str
    before: Any
    after: Any


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Written in the same transaction as the change it tells of, and never touched again."""

    sequence: int  # counts from 1, over the whole house, without a gap
    at: datetime
    environment_id: str | None  # None: the house's own, such as its team
    actor: str
    actor_name: str | None
    action: str  # "connection.updated"
    target_type: str  # "connection"
    target_id: str | None
    target_name: str | None  # as it was called then
    changes: tuple[Change, ...]
    ip_address: str | None
    user_agent: str | None
    previous_hash: str
    hash: str  # SHA-256 in hexadecimal, over everything above
