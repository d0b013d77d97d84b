"""Half-sessions: something begun in one browser that is not done yet, such as a sign-in between password and code."""

from __future__ import annotations

import hmac
from hashlib import sha256

from latchstring.flows.house import House
from latchstring.model.operator import Operator
from latchstring.model.refusal import Mender, Unauthorized
from latchstring.model.second_factor import HALF_SESSION, HalfSession, Purpose
from latchstring.model.secret import Secret
from latchstring.storage import front_door, half_sessions
from latchstring.storage.database import HouseScope


class HalfSessionOver(Unauthorized):
    """This took too long, was done already, or was begun in another browser."""

    code = "operator_half_session_over"
    mender = Mender.USER
    fix = "Begin again."


def begin(house: House, whole: HouseScope, purpose: Purpose, operator: Operator | None) -> Secret[str]:
    """Its secret, for this browser's cookie."""
    secret = house.secret()
    hold(house, whole, secret, purpose, operator)
    return Secret(secret)


def hold(house: House, whole: HouseScope, secret: str, purpose: Purpose, operator: Operator | None) -> None:
    """The same with a secret of 256 bits that was made before."""
    now = house.now()
    half_sessions.add(
        whole,
        front_door.digest(secret),
        purpose=purpose,
        operator_id=None if operator is None else operator.id,
        now=now,
        expires_at=now + HALF_SESSION,
    )


def current(house: House, secret: str, purpose: Purpose) -> HalfSession:
    """Raises `HalfSessionOver`."""
    with house.database.house() as whole:
        found = half_sessions.get(whole, front_door.digest(secret), purpose, house.now())
    if found is None:
        raise HalfSessionOver
    return found


def spend(house: House, whole: HouseScope, secret: str) -> None:
    """It is done, once. Raises `HalfSessionOver`."""
    if not half_sessions.spend(whole, front_door.digest(secret), house.now()):
        raise HalfSessionOver


def challenge(secret: str) -> bytes:
    """What a passkey has to sign in this half-session and in no other. Whoever sees it knows nothing of the secret."""
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), b"challenge", sha256)
