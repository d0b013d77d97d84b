"""`LoginAttempt`: one sign-in from the application's request to the redeemed code, as one table of states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal

import msgspec

from latchstring.model.connection import Connection
from latchstring.model.environment import TrustedRedirect
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest

LIFETIME = timedelta(minutes=10)  # how long the identity provider's answer is waited for (SAML-32)
TEST_ORIGIN = "dashboard_test"


class AttemptState(Enum):
    """Where a sign-in stands."""

    AWAY = "away"  # the browser is at the identity provider
    WAITING = "waiting"  # the person is asked whether it is them
    GRANTED = "granted"  # the application has a code
    DONE = "done"  # the code was redeemed
    REFUSED = "refused"


StepName = Literal["begun", "departed", "arrived", "granted", "redeemed", "refused", "tested"]

TRANSITIONS: Mapping[tuple[AttemptState, StepName], AttemptState] = {
    (AttemptState.AWAY, "granted"): AttemptState.GRANTED,
    (AttemptState.AWAY, "arrived"): AttemptState.WAITING,
    (AttemptState.WAITING, "granted"): AttemptState.GRANTED,
    (AttemptState.WAITING, "refused"): AttemptState.REFUSED,
    (AttemptState.GRANTED, "redeemed"): AttemptState.DONE,
    (AttemptState.AWAY, "refused"): AttemptState.REFUSED,
    (AttemptState.AWAY, "tested"): AttemptState.DONE,  # a test ends here, without a code
    (AttemptState.GRANTED, "refused"): AttemptState.REFUSED,
}


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened, when, and what is worth knowing about it."""

    name: StepName
    at: datetime
    facts: Mapping[str, Any] = {}


class LoginAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One row, one story."""

    id: str
    handle: str  # 128 bits in hex: RelayState, OAuth `state`, and behind "_" the AuthnRequest's ID
    connection_id: str | None  # None: it was refused before anybody could tell
    organization_id: str | None
    state: AttemptState
    redirect_uri: TrustedRedirect
    app_state: str | None  # the application's `state`, byte for byte; None: it sent none
    code_challenge: str | None
    browser_hash: bytes  # SHA-256 of the cookie that binds this browser; empty: nobody here asked
    nonce: str | None  # OpenID Connect and OAuth
    code_verifier: str | None  # of both, PKCE towards the provider
    steps: tuple[Step, ...]
    created_at: datetime
    expires_at: datetime

    @property
    def request_id(self) -> str | None:
        """The AuthnRequest's ID: an NCName, so it may not begin with a digit. None where no request was made."""
        return "_" + self.handle if self.browser_hash else None

    @property
    def timed_out(self) -> bool:
        """Whether it was ended because no answer came in time."""
        return bool(self.steps) and self.steps[-1].facts.get("code") == AttemptExpired.code

    def is_of(self, secret: str) -> bool:
        """Whether it was begun in the browser that holds this secret."""
        return compare_digest(sha256(secret.encode()).digest(), self.browser_hash)

    def check_browser(self, secret: str, now: datetime) -> None:
        """Raises `BrowserMismatch`, or `AttemptExpired`: the cookie lives no longer than the wait for it (WEB-02)."""
        if self.is_of(secret):
            return
        waited = self.state in (AttemptState.AWAY, AttemptState.WAITING) and now >= self.expires_at
        raise AttemptExpired if waited or self.timed_out else BrowserMismatch

    def expect(self, state: AttemptState, now: datetime) -> None:
        """Raises `AttemptExpired`, also for one that was ended for that, or `OutOfTurn`."""
        if self.timed_out:
            raise AttemptExpired
        if self.state is not state:
            raise OutOfTurn
        if now >= self.expires_at:
            raise AttemptExpired

    @property
    def idp_initiated(self) -> bool:
        """Whether it began at the identity provider, unasked."""
        return bool(self.steps) and self.steps[0].facts.get("idp_initiated") is True

    @property
    def is_test(self) -> bool:
        """Whether it is tried out from the Dashboard: it issues no code, and lets nobody in."""
        return bool(self.steps) and self.steps[0].facts.get("origin") == TEST_ORIGIN


def begun(
    *,
    id: str,  # noqa: A002 - as in `LoginAttempt`
    handle: str,
    connection: Connection | None,
    redirect_uri: TrustedRedirect,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    steps: tuple[Step, ...] = (),
    organization_id: str | None = None,
    app_state: str | None = None,
    code_challenge: str | None = None,
    browser_hash: bytes = b"",
    nonce: str | None = None,
    code_verifier: str | None = None,
) -> LoginAttempt:
    """A sign-in that begins now. Without a `browser_hash` it was not asked for here, and answers no request.

    `organization_id` counts where no connection is known.
    """
    return LoginAttempt(
        id=id,
        handle=handle,
        connection_id=connection.id if connection else None,
        organization_id=connection.organization_id if connection else organization_id,
        state=AttemptState.AWAY,
        redirect_uri=redirect_uri,
        app_state=app_state,
        code_challenge=code_challenge,
        browser_hash=browser_hash,
        nonce=nonce,
        code_verifier=code_verifier,
        steps=steps,
        created_at=now,
        expires_at=now + lifetime,
    )


class SignInNews(msgspec.Struct, frozen=True, kw_only=True):
    """What a terminal shows of a sign-in that came to a code or to an end."""

    at: datetime
    connection: str  # its name
    connection_id: str
    attempt_id: str
    seconds: float
    email: str | None
    refusal: LoginRefused | None


class OutOfTurn(LoginRefused):
    """This sign-in has already been finished. Start again from the application."""

    code = "attempt_already_used"
    mender = Mender.USER
    fix = "Go back to the application and sign in again; do not reload or go back to the page that signs you in."
    public = "server_error"


class AttemptExpired(LoginRefused):
    """The sign-in took too long. Start again from the application."""

    code = "attempt_expired"
    mender = Mender.USER
    fix = "Go back to the application and sign in again; the identity provider's answer is awaited for ten minutes."


class BrowserMismatch(UntrustedRequest):
    """This sign-in was not started in this browser, so it was stopped.

    The cookie that was set when the sign-in began did not come back: another browser, cleared or blocked cookies, or
    somebody else's answer (login CSRF, SAML-32, OIDC-11).
    """

    code = "browser_mismatch"
    mender = Mender.USER
    fix = "Go back to the application and sign in again in this browser, with cookies allowed."


class AnswerUnknown(UntrustedRequest):
    """This answer belongs to no sign-in that we started."""

    code = "answer_unknown"
    mender = Mender.USER
    fix = (
        "Go back to the application and sign in again. If it persists, the identity provider makes InResponseTo up: "
        "switch that off there for sign-ins from its portal."
    )


def advance(state: AttemptState, step: StepName) -> AttemptState:
    """The state after `step`, by `TRANSITIONS`. Raises `OutOfTurn`."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise OutOfTurn from None
