"""Refusals that belong to no sign-in of this browser leave a trace of their own, so that an error page can name it.

Anybody can make them, so only so many of a connection are kept (WEB-10). They are no news and no event.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from latchstring.adapters.base import Arrival
from latchstring.flows import land, story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import LIFETIME, AttemptState, LoginAttempt, Step
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.refusal import LoginRefused
from latchstring.protocols.answer_reading import claimed_email
from latchstring.storage import attempts
from latchstring.storage.database import Scope

KEPT_REFUSALS = 30  # of a connection, within ...
KEPT_WITHIN = timedelta(minutes=10)


def is_crowded(scope: Scope, connection_id: str, now: datetime) -> bool:
    """Whether no more is kept. A crowd that arrives at once may bring a few more: the count is no lock."""
    return attempts.unasked_refusals(scope, connection_id, now - KEPT_WITHIN, KEPT_REFUSALS) >= KEPT_REFUSALS


def record(
    house: House,
    pass_: Pass,
    connection: Connection,
    refusal: LoginRefused,
    visitor: story.Visitor,
    *,
    redirect_uri: str | None = None,
    arrival: Arrival | None = None,
) -> None:
    """The refusal knows its trace afterwards, unless too many are kept. `redirect_uri` is what was asked for."""
    now = house.now()
    with house.database.read(pass_) as scope:
        if is_crowded(scope, connection.id, now):
            return
    attempt = LoginAttempt(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection_id=connection.id,
        organization_id=connection.organization_id,
        state=AttemptState.AWAY,
        redirect_uri=TrustedRedirect(""),  # nobody is sent anywhere
        app_state=None,
        code_challenge=None,
        browser_hash=b"",
        nonce=None,
        code_verifier=None,
        steps=(Step(name="begun", at=now, facts={**story.begun_facts(redirect_uri, visitor), "stray": True}),),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    step = Step(name="refused", at=now, facts=story.refused_facts(refusal))
    answer = arrival.answer if arrival is not None else None
    email = claimed_email(answer) if answer is not None and pass_.keeps_raw_attributes else None
    with house.database.write(pass_) as scope:
        attempts.add(scope, attempt)
        attempts.take_steps(scope, attempt, step, email=email, refusal=refusal.code)
        if arrival is not None:
            land.keep_answer(house, scope, pass_, attempt, arrival)
    refusal.during(attempt.id)
