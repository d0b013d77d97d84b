"""`TraceLink`: shows one trace, without the person in it, to whoever has it, for a while."""

from __future__ import annotations

from datetime import datetime

import msgspec


class TraceLink(msgspec.Struct, frozen=True, kw_only=True):
    """The secret itself is known to nobody but who has the link."""

    id: str
    attempt_id: str
    made_by: str  # the actor, as in the event log
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
