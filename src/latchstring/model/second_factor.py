"""What an operator has besides a password: an authenticator's codes, passkeys, recovery codes; and the half-session."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import msgspec

from latchstring.model.operator import Operator

HALF_SESSION = timedelta(minutes=10)  # from the password to the code, and from a passkey's challenge to its answer
RECOVERY_CODES = 10


class Purpose(Enum):
    """What a half-session is half of. One is good for nothing else."""

    SECOND_FACTOR = "second_factor"  # the password was right
    PASSKEY_SIGN_IN = "passkey_sign_in"  # nobody is known yet
    NEW_PASSKEY = "new_passkey"
    SSO = "sso"  # nobody is known yet
    CONFIRM_SSO = "confirm_sso"
    CONFIRM = "confirm"  # somebody who is signed in shows once more who they are


class HalfSession(msgspec.Struct, frozen=True, kw_only=True):
    """Something begun in one browser, which its secret binds to it. It opens no page."""

    purpose: Purpose
    operator: Operator | None
    expires_at: datetime


class Totp(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator's secret (RFC 6238)."""

    secret: bytes
    created_at: datetime
    proven_at: datetime | None  # None: a first code has not been shown yet, and so it is asked for nowhere
    last_step: int | None


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key credential (WebAuthn level 2)."""

    id: str
    operator_id: str
    name: str
    credential_id: bytes
    credential: bytes  # AAGUID, id and public key
    sign_count: int
    created_at: datetime
    last_used_at: datetime | None


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """What one operator has, without any secret."""

    totp_since: datetime | None = None
    passkeys: tuple[Passkey, ...] = ()
    recovery_codes_left: int = 0

    def __bool__(self) -> bool:
        """Whether a second factor is asked for. Recovery codes alone are none: they stand in for one."""
        return self.totp_since is not None or bool(self.passkeys)
