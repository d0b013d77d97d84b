"""Remembers in a browser that its person has said "this is me", so that the question comes once (guide G-20).

What is remembered is a sealed token in a cookie: it names one profile of one connection and an end. Somebody else's
profile, as in a login CSRF, is asked about all the same.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta

from latchstring.flows.house import House
from latchstring.model.connection import Connection
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import VaultKeyUnknown

LIFETIME = timedelta(days=180)
_LEAST, _MOST = 40, 120  # bytes of a sealed moment, with room


def token(house: House, connection: Connection, profile_id: str, now: datetime) -> str:
    """For the cookie of this browser."""
    until = str(to_ms(now + LIFETIME)).encode()
    return urlsafe_b64encode(house.vault.seal(until, **_place(connection, profile_id))).rstrip(b"=").decode()


def is_known(house: House, connection: Connection, profile_id: str, shown: str, now: datetime) -> bool:
    """Whether this browser was told so, for this very profile, within `LIFETIME`."""
    try:
        sealed = urlsafe_b64decode(shown + "=" * (-len(shown) % 4))
        if not _LEAST <= len(sealed) <= _MOST:
            return False
        return now < from_ms(int(house.vault.open(sealed, **_place(connection, profile_id))))
    except (NotBase64, ValueError, VaultKeyUnknown):
        return False


def _place(connection: Connection, profile_id: str) -> dict[str, str]:
    """A token of one profile opens for no other, and one of a connection at no other connection."""
    return {
        "environment_id": connection.environment_id,
        "table": "consent",
        "row_id": connection.id,
        "column": profile_id,
    }
