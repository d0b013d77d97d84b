"""`Operator`: a person who works in the Dashboard, with a role, sessions, and the one-time links that let them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

import msgspec


class Role(Enum):
    """What an operator may do. Each one may do everything that the ones after it may."""

    ADMIN = "admin"  # everything, the team included
    DEVELOPER = "developer"  # sets up organizations, connections and environments
    SUPPORT = "support"  # looks, and changes nothing

    def may(self, least: Role) -> bool:
        """Whether this role is `least` or more."""
        return _RANK[self] >= _RANK[least]


_RANK = {Role.SUPPORT: 0, Role.DEVELOPER: 1, Role.ADMIN: 2}

# OWASP Session Management and ASVS 3.3 (WEB-01, WEB-11).
IDLE = timedelta(hours=12)
SESSION = timedelta(days=7)
FRESH = timedelta(minutes=10)  # how long the password, once typed, is good for what needs it anew
FIRST_LINK = timedelta(hours=24)
INVITATION = timedelta(days=7)


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """One of the team. The address is unique without regard to case; the password's hash stays in storage."""

    id: str
    email: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    has_password: bool = True  # False after a reset, until the new one is chosen


class Way(Enum):
    """How somebody showed who they are when a session began."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"  # a password, and something else after it
    PASSKEY = "passkey"
    SSO = "sso"


class OperatorSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in to the Dashboard."""

    operator: Operator
    handle: str = ""  # names it to its own operator; whoever knows it cannot make the secret of it
    created_at: datetime
    last_seen_at: datetime
    confirmed_at: datetime  # when the password was typed last
    expires_at: datetime
    user_agent: str | None
    ip_address: str | None
    way: Way = Way.PASSWORD

    def is_fresh(self, now: datetime) -> bool:
        return now - self.confirmed_at < FRESH


class LinkPurpose(Enum):
    """What a one-time link is good for."""

    FIRST_ADMINISTRATOR = "first_administrator"
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"


class OneTimeLink(msgspec.Struct, frozen=True, kw_only=True):
    """A way in that is used once. The first administrator says who they are; the others are known."""

    purpose: LinkPurpose
    email: str | None
    role: Role
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """How often one account was tried from one address, and what came of it."""

    tries: int  # since `began_at`
    rounds: int = 0  # how often it was too many
    began_at: datetime
    blocked_until: datetime | None = None
    last_at: datetime


class Passwords(Protocol):
    """Makes and checks hashes of passwords; both take as long as they must."""

    def hash(self, password: str) -> str: ...
    def fits(self, password: str, hashed: str | None) -> bool: ...


PasswordDesk = Callable[[], Passwords]
"""Asked before anything is written, since hashing is slow on purpose and may have to wait for another thread."""
