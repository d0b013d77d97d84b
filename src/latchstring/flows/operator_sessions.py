"""Signing in to the Dashboard and out of it: password, session, the pause after too many tries, typing it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from latchstring.flows.house import House
from latchstring.flows.operators import as_operator
from latchstring.flows.story import Visitor
from latchstring.model.audit import Change
from latchstring.model.operator import IDLE, SESSION, Operator, OperatorSession, Tries
from latchstring.model.refusal import Mender, Throttled, Unauthorized
from latchstring.model.secret import Secret
from latchstring.storage import front_door, operators
from latchstring.storage import operator_sessions as sessions
from latchstring.storage.database import HouseScope

# WEB-10, for one account from one address: five tries in a quarter of an hour, then a pause that doubles each time.
WINDOW = timedelta(minutes=15)
TRIES = 5
LONGEST_PAUSE = timedelta(hours=24)
_SEEN_EVERY = timedelta(minutes=5)  # a write for every look at a page would be too many


class PasswordWrong(Unauthorized):
    """E-mail address and password do not belong together, or the account is switched off."""

    code = "operator_password_wrong"
    mender = Mender.USER
    fix = "Type both again. Who has forgotten theirs asks an administrator for a link to choose a new one."


class TriedTooOften(Throttled):
    """Too many tries to sign in with this address from here. Try again in {retry_after} seconds."""

    code = "operator_tried_too_often"
    mender = Mender.USER
    fix = "Wait. The next pause will be twice as long."


class SessionOver(Unauthorized):
    """Nobody is signed in to the Dashboard in this browser."""

    code = "operator_session_over"
    mender = Mender.USER
    fix = "Sign in."


def sign_in(house: House, *, email: str, password: str, visitor: Visitor) -> Secret[str]:
    """The secret of a new session. Raises `PasswordWrong`, for an address that nobody has as for anything else,
    and after as much work (WEB-11); `TriedTooOften`."""
    desk = house.passwords()
    address = email.strip()[:254]
    key = _key(address, visitor)
    _claim_a_try(house, address, key)
    with house.database.house() as whole:
        found = operators.to_sign_in(whole, address)
    operator, hashed = found or (None, None)
    if not desk.fits(password[:1024], hashed) or operator is None:
        raise PasswordWrong
    with as_operator(house, operator).database.write_house() as whole:
        # What was checked may have been taken back while it was being checked.
        if operators.password_hash(whole, operator.id) != hashed:
            raise PasswordWrong
        sessions.forgive(whole, key)
        return _begin(house, whole, operator, visitor)


def begin(house: House, operator: Operator, visitor: Visitor) -> Secret[str]:
    """The secret of a session for somebody who has just proven who they are."""
    with as_operator(house, operator).database.write_house() as whole:
        return _begin(house, whole, operator, visitor)


def current(house: House, secret: str) -> OperatorSession:
    """Raises `SessionOver`."""
    now = house.now()
    digest = front_door.digest(secret)
    with house.database.house() as whole:
        found = sessions.current(whole, digest, now=now, idle_since=now - IDLE)
        if found is None:
            raise SessionOver
        if now - found.last_seen_at >= _SEEN_EVERY:
            sessions.seen(whole, digest, now)
    return found


def sign_out(house: House, secret: str) -> None:
    """Ends the session on our side, wherever its cookie may have gone."""
    with house.database.write_house() as whole:
        sessions.end(whole, front_door.digest(secret))


def confirm(house: House, secret: str, password: str, visitor: Visitor) -> Secret[str]:
    """The same session under a new secret, good for what needs a fresh password.

    Raises `PasswordWrong`, `TriedTooOften`, `SessionOver`.
    """
    session = current(house, secret)
    check_password(house, session.operator, password, visitor)
    fresh = house.secret()
    with house.database.write_house() as whole:
        if not sessions.rotate(whole, front_door.digest(secret), front_door.digest(fresh), house.now()):
            raise SessionOver
    return Secret(fresh)


def check_password(house: House, operator: Operator, password: str, visitor: Visitor) -> str | None:
    """The password of somebody who is signed in, once more; the hash that it fits.

    Raises `PasswordWrong`, `TriedTooOften`.
    """
    desk = house.passwords()
    key = _key(operator.email, visitor)
    _claim_a_try(house, operator.email, key)
    with house.database.house() as whole:
        hashed = operators.password_hash(whole, operator.id)
    if not desk.fits(password[:1024], hashed):
        raise PasswordWrong
    with house.database.write_house() as whole:
        sessions.forgive(whole, key)
    return hashed


def drop_ended(house: House) -> int:
    """For the worker: what has ended counts for nothing, and goes."""
    now = house.now()
    with house.database.write_house() as whole:
        ended = sessions.drop_ended(whole, now=now, idle_since=now - IDLE, tries_before=now - 2 * LONGEST_PAUSE)
        return ended + operators.drop_ended(whole, now)


def _begin(house: House, whole: HouseScope, operator: Operator, visitor: Visitor) -> Secret[str]:
    now = house.now()
    secret = house.secret()
    session = OperatorSession(
        operator=operator,
        created_at=now,
        last_seen_at=now,
        confirmed_at=now,
        expires_at=now + SESSION,
        user_agent=visitor.user_agent,
        ip_address=visitor.ip_address,
    )
    sessions.begin(whole, front_door.digest(secret), session)
    return Secret(secret)


def _key(email: str, visitor: Visitor) -> bytes:
    return sha256(f"{operators.email_key(email)}\n{visitor.ip_address}".encode("utf-8", "surrogatepass")).digest()


def _claim_a_try(house: House, email: str, key: bytes) -> None:
    """Counted before the password is looked at, so that a hundred at once are five. Raises `TriedTooOften`."""
    now = house.now()
    with house.database.write_house() as whole:
        before = sessions.tries(whole, key)
        if before is not None and before.blocked_until is not None and now < before.blocked_until:
            wait = before.blocked_until - now
            raise TriedTooOften(retry_after=max(1, -(-int(wait.total_seconds() * 1000) // 1000)))
        counted = _counted(before, now)
        sessions.keep_tries(whole, key, counted)
        if counted.blocked_until is not None:
            found = operators.named(whole, email)  # what was typed may be anything, a password too: it is not kept
            who = ("operator", found.id, found.email) if found else ("operator", None, None)
            until = Change("blocked_until", None, counted.blocked_until)
            whole.note("operator.sign_in_paused", who, [until])


def _counted(before: Tries | None, now: datetime) -> Tries:
    """One try more. The fifth is let through, and the pause begins with it: whoever was right is forgiven."""
    if before is None or now - before.last_at >= LONGEST_PAUSE:
        return Tries(tries=1, began_at=now, last_at=now)
    paused = before.blocked_until is not None
    if paused or now - before.began_at >= WINDOW:
        return Tries(tries=1, rounds=before.rounds, began_at=now, last_at=now)
    tries = before.tries + 1
    if tries < TRIES:
        return Tries(tries=tries, rounds=before.rounds, began_at=before.began_at, last_at=now)
    pause = min(WINDOW * 2**before.rounds, LONGEST_PAUSE)
    return Tries(
        tries=tries, rounds=before.rounds + 1, began_at=before.began_at, blocked_until=now + pause, last_at=now
    )
