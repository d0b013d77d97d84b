"""Signing in to the Dashboard and out of it: password, session, the pause after too many tries, typing it again."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from latchstring.flows import half_sessions, operator_tries
from latchstring.flows.house import House
from latchstring.flows.operators import as_operator
from latchstring.flows.story import Visitor
from latchstring.model.operator import IDLE, SESSION, Operator, OperatorSession, Way
from latchstring.model.refusal import Mender, Unauthorized
from latchstring.model.second_factor import Purpose
from latchstring.model.secret import Secret
from latchstring.storage import front_door, operator_factors, operators
from latchstring.storage import half_sessions as halves
from latchstring.storage import operator_sessions as sessions
from latchstring.storage.database import HouseScope

_SEEN_EVERY = timedelta(minutes=5)  # a write for every look at a page would be too many


class PasswordWrong(Unauthorized):
    """E-mail address and password do not belong together, or the account is switched off."""

    code = "operator_password_wrong"
    mender = Mender.USER
    fix = "Type both again. Who has forgotten theirs asks an administrator for a link to choose a new one."


class SessionOver(Unauthorized):
    """Nobody is signed in to the Dashboard in this browser."""

    code = "operator_session_over"
    mender = Mender.USER
    fix = "Sign in."


class SecondFactorWanted(msgspec.Struct, frozen=True):
    """The password was right, and no session has begun: that takes something else as well."""

    half: Secret[str]  # of the half-session


def sign_in(house: House, *, email: str, password: str, visitor: Visitor) -> Secret[str] | SecondFactorWanted:
    """The secret of a new session, or of half a one.

    Raises `PasswordWrong`, for an address that nobody has as for anything else, and after as much work (WEB-11);
    `TriedTooOften`.
    """
    desk = house.passwords()
    address = email.strip()[:254]
    key = operator_tries.key_of(address, visitor)
    operator_tries.claim(house, key, address)
    with house.database.house() as whole:
        found = operators.to_sign_in(whole, address)
    operator, hashed = found or (None, None)
    if not desk.fits(password[:1024], hashed) or operator is None:
        raise PasswordWrong
    with as_operator(house, operator).database.write_house() as whole:
        # What was checked may have been taken back while it was being checked.
        if operators.password_hash(whole, operator.id) != hashed:
            raise PasswordWrong
        operator_tries.forgive(whole, key)
        if operator_factors.exist(whole, operator.id):
            return SecondFactorWanted(half_sessions.begin(house, whole, Purpose.SECOND_FACTOR, operator))
        return begin_within(house, whole, operator, visitor, Way.PASSWORD)


def begin(house: House, operator: Operator, visitor: Visitor) -> Secret[str]:
    """The secret of a session for somebody who has just proven who they are."""
    with as_operator(house, operator).database.write_house() as whole:
        return begin_within(house, whole, operator, visitor, Way.PASSWORD)


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
    with house.database.write_house() as whole:
        return rotate_within(house, whole, session)


def rotate_within(house: House, whole: HouseScope, session: OperatorSession) -> Secret[str]:
    """Somebody has shown once more who they are: the session under a new secret. Raises `SessionOver`."""
    fresh = house.secret()
    if not sessions.rotate(whole, bytes.fromhex(session.handle), front_door.digest(fresh), house.now()):
        raise SessionOver
    return Secret(fresh)


def check_password(house: House, operator: Operator, password: str, visitor: Visitor) -> str | None:
    """The password of somebody who is signed in, once more; the hash that it fits.

    Raises `PasswordWrong`, `TriedTooOften`.
    """
    desk = house.passwords()
    key = operator_tries.key_of(operator.email, visitor)
    operator_tries.claim(house, key, operator.email)
    with house.database.house() as whole:
        hashed = operators.password_hash(whole, operator.id)
    if not desk.fits(password[:1024], hashed):
        raise PasswordWrong
    with house.database.write_house() as whole:
        operator_tries.forgive(whole, key)
    return hashed


def renew(house: House, whole: HouseScope, session: OperatorSession) -> Secret[str]:
    """After a change of what lets somebody in: this session goes on under a new secret, and every other one ends.

    Raises `SessionOver`.
    """
    fresh = house.secret()
    if not sessions.renew(whole, bytes.fromhex(session.handle), front_door.digest(fresh), house.now()):
        raise SessionOver
    sessions.end_others(whole, session.operator.id, front_door.digest(fresh))
    halves.drop_of(whole, session.operator.id)
    return Secret(fresh)


def drop_ended(house: House) -> int:
    """For the worker: what has ended counts for nothing, and goes."""
    now = house.now()
    with house.database.write_house() as whole:
        ended = sessions.drop_ended(
            whole, now=now, idle_since=now - IDLE, tries_before=now - 2 * operator_tries.LONGEST_PAUSE
        )
        return ended + operators.drop_ended(whole, now) + halves.drop_ended(whole, now)


def begin_within(house: House, whole: HouseScope, operator: Operator, visitor: Visitor, way: Way) -> Secret[str]:
    """The same inside a transaction that has looked at what was shown."""
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
        way=way,
    )
    sessions.begin(whole, front_door.digest(secret), session)
    return Secret(secret)
