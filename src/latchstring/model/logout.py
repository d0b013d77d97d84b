"""`LogoutStep`: where a logout stands that waits for somebody, each waiting good for one time."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from latchstring.model.environment import TrustedRedirect
from latchstring.model.refusal import LogoutRefused, Mender

TOKEN_LIFETIME = timedelta(minutes=5)  # of a logout token, from the back end's call to the browser's
AWAY_LIFETIME = timedelta(minutes=10)  # how long an answer, or the application, is waited for


class LogoutLink(msgspec.Struct, frozen=True, kw_only=True, tag="link"):
    """A back end has a logout token; the browser is yet to come with it."""

    profile_id: str


class LogoutAway(msgspec.Struct, frozen=True, kw_only=True, tag="away"):
    """The browser is at the identity provider, which was asked to end the session."""

    browser_hash: bytes  # SHA-256 of the cookie that binds this browser
    return_to: TrustedRedirect | None  # None: a page of ours


class LogoutAsked(msgspec.Struct, frozen=True, kw_only=True, tag="asked"):
    """The identity provider has asked, and the browser is at the application, which clears its cookies."""

    request_id: str  # the LogoutRequest's ID
    relay_state: str | None


class LogoutUnsupported(LogoutRefused):
    """Single Logout is not possible with this connection: {reason}."""

    code = "logout_not_offered"
    mender = Mender.DEVELOPER
    fix = "End your own session. The IT admin can turn logout on at the identity provider; then read its metadata anew."
    reason: str


LogoutStep = LogoutLink | LogoutAway | LogoutAsked
