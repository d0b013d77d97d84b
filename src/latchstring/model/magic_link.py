"""`MagicLink`: a link that signs its reader in once. WorkOS calls it a passwordless session (contract 9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

LIFETIME = timedelta(minutes=15)
SHORTEST, LONGEST = 900, 86_400  # seconds of `expires_in`


class MagicLink(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in by mail. Several tokens may open it: one for the API's answer, one for each mail; each is kept as a
    hash alone, and with the first that is used all of them are.
    """

    id: str
    connection_id: str
    email: str
    redirect_uri: str | None  # as it was asked for; None: the default one
    app_state: str | None  # the application's `state`, its bytes one character each; None: it sent none
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it can still sign somebody in."""
        return self.used_at is None and now < self.expires_at
