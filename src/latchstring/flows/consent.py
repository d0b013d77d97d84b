"""A sign-in that nobody here asked for waits until its person has said "this is me" (guide G-20), once in each browser.

What a browser remembers is a sealed token in a cookie: it names one profile of one connection and an end. Somebody
else's profile, as in a login CSRF, is asked about all the same.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta

import msgspec

from latchstring.flows import land, select, story
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.land import Landing
from latchstring.flows.select import AddressUnknown
from latchstring.model.attempt import (
    AnswerUnknown,
    AttemptState,
    LoginAttempt,
    OutOfTurn,
    Step,
)
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.refusal import LoginRefused, Mender
from latchstring.storage import attempts
from latchstring.storage.times import from_ms, to_ms
from latchstring.storage.vault import VaultKeyUnknown

LIFETIME = timedelta(days=180)
_LEAST, _MOST = 40, 120  # bytes of a sealed moment, with room


class ConsentDenied(LoginRefused):
    """User cancelled the authentication request"""

    code = "signin_consent_denied"
    mender = Mender.USER
    fix = "Sign in again, and continue only if the account is yours."
    public = "signin_consent_denied"


class Consented(msgspec.Struct, frozen=True, kw_only=True):
    """The person said yes: back to the application, and what the browser shall remember."""

    landing: Landing
    token: str


def answer(
    house: House, external_key: str, *, handle: str, browser_secret: str, accepted: bool, visitor: story.Visitor
) -> Consented:
    """The person has said whether it is them. Raises `UntrustedRequest`, or `ReturnToApp` after a no."""
    entered = select.at_address(house, external_key)
    if entered is None:
        raise AddressUnknown
    pass_, connection = entered
    with house.database.read(pass_) as scope:
        attempt = attempts.by_handle(scope, handle)
    if attempt is None or attempt.connection_id != connection.id:
        raise AnswerUnknown
    attempt.check_browser(browser_secret, house.now())
    try:
        return _answered(house, pass_, connection, attempt, accepted=accepted)
    except LoginRefused as refusal:
        land.record(house, pass_, connection, attempt, refusal, visitor)
        raise ReturnToApp(refusal, attempt.redirect_uri, None) from refusal


def _answered(house: House, pass_: Pass, connection: Connection, attempt: LoginAttempt, *, accepted: bool) -> Consented:
    now = house.now()
    attempt.expect(AttemptState.WAITING, now)
    if not accepted:
        raise ConsentDenied
    profile_id = str(attempt.steps[-1].facts["profile_id"])
    with house.database.write(pass_) as scope:
        land.still_usable(house, scope, connection)
        code = land.give_code(house, scope, attempt, profile_id, now)
        step = Step(name="granted", at=now, facts={"profile_id": profile_id})
        if not attempts.take_steps(scope, attempt, step):
            raise OutOfTurn
        land.activate(house, scope, connection, now)
    house.told(story.news(attempt, connection, now))
    return Consented(
        landing=Landing(attempt=attempt, redirect_uri=attempt.redirect_uri, code=code, app_state=None),
        token=token(house, connection, profile_id, now),
    )


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
