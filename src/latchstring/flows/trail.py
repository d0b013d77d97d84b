"""What happened in a sign-in, step by step, for whoever may see it."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.model.attempt import LoginAttempt
from latchstring.model.environment import Pass
from latchstring.model.refusal import NotFound
from latchstring.storage import attempts


def of(house: House, pass_: Pass, attempt_id: str) -> LoginAttempt:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        attempt = attempts.get(scope, attempt_id)
    if attempt is None:
        raise NotFound(kind="Sign-in", id=attempt_id)
    return attempt
