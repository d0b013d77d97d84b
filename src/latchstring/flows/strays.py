"""Refusals that belong to no sign-in of this browser leave a trace of their own, so that an error page can name it.

Anybody can make them, so only so many are kept of a connection, and of an environment where no connection is known
(WEB-10). Whoever comes later is told of an earlier one that was refused alike. They are no news and no event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from latchstring.adapters.base import Arrival
from latchstring.flows import land, story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import Step, begun
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.refusal import LoginRefused
from latchstring.protocols.answer_reading import claimed_email
from latchstring.storage import attempts
from latchstring.storage.database import Scope
from latchstring.storage.sqlite import OwnerGone

KEPT_REFUSALS = 30  # of a connection, or without one, within ...
KEPT_WITHIN = timedelta(minutes=10)
_LONGEST = 500  # characters of a value that came from outside, and so at most some kilobytes of a row


def is_crowded(scope: Scope, connection_id: str | None, now: datetime) -> bool:
    """Whether no more is kept. A crowd that arrives at once may bring a few more: the count is no lock."""
    return attempts.unasked_refusals(scope, connection_id, now - KEPT_WITHIN, KEPT_REFUSALS) >= KEPT_REFUSALS


def record(
    house: House,
    pass_: Pass,
    connection: Connection | None,
    refusal: LoginRefused,
    visitor: story.Visitor,
    *,
    organization_id: str | None = None,
    redirect_uri: str | None = None,
    idp_initiated: bool = False,
    arrival: Arrival | None = None,
) -> None:
    """The refusal knows its trace afterwards, or that of one alike if too many are kept.

    `redirect_uri` is what was asked for. `organization_id` counts where no connection is known.
    """
    now = house.now()
    connection_id = connection.id if connection else None
    asked = story.begun_facts(redirect_uri and redirect_uri[:_LONGEST], visitor)
    first = {**asked, "stray": True, **({"idp_initiated": True} if idp_initiated else {})}
    last = _short(story.refused_facts(refusal))
    with house.database.read(pass_) as scope:
        if is_crowded(scope, connection_id, now):
            kept = attempts.refused_alike(scope, connection_id, now - KEPT_WITHIN, refusal.code, KEPT_REFUSALS)
            for id_, steps in kept:
                same_address = steps[0].facts.get("redirect_uri") == first["redirect_uri"]
                if same_address and steps[-1].facts.get("facts") == last["facts"]:
                    refusal.during(id_)
                    break
            return
    attempt = begun(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection=connection,
        redirect_uri=TrustedRedirect(""),  # nobody is sent anywhere
        now=now,
        steps=(Step(name="begun", at=now, facts=first),),
        organization_id=organization_id,
    )
    step = Step(name="refused", at=now, facts=last)
    answer = arrival.answer if arrival is not None else None
    email = claimed_email(answer) if answer is not None and pass_.keeps_raw_attributes else None
    try:
        with house.database.write(pass_) as scope:
            attempts.add(scope, attempt)
            attempts.take_steps(scope, attempt, step, email=email, refusal=refusal.code)
            if arrival is not None:
                land.keep_answer(house, scope, pass_, attempt, arrival)
    except OwnerGone:  # the connection, at this very moment; the refusal is told all the same
        return
    refusal.during(attempt.id)


def _short(value: Any) -> Any:
    """The same with every text cut: whoever asks says how long an id or an address is."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, list | tuple) else value
