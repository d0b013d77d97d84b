"""How sign-ins through a connection went lately: their number, the good ones among them, and the last good one."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model.attempt import AttemptState
from latchstring.model.environment import Pass
from latchstring.storage import attempts

WINDOW = timedelta(days=30)
MOST = 10_000  # the newest ones are counted, and no more: a page must not wait for a busy connection
_GOOD = (AttemptState.GRANTED, AttemptState.DONE)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Of the sign-ins that came to an end within `WINDOW`. `last_good` is the last one of these."""

    ended: int
    good: int
    last_good: datetime | None
    all_counted: bool

    @property
    def percent(self) -> str:
        """The good share, rounded down: 99.9 is not a hundred."""
        return f"{self.good * 1000 // self.ended / 10:g}" if self.ended else "0"


def of(house: House, pass_: Pass, connection_id: str) -> Health:
    """Empty for a connection that nobody has signed in through, and for one that there is not."""
    with house.database.read(pass_) as scope:
        found = attempts.outcomes(scope, connection_id, since=house.now() - WINDOW, at_most=MOST)
    good = [found[state] for state in _GOOD if state in found]
    ended = sum(outcome.count for outcome in good)
    ended += found[AttemptState.REFUSED].count if AttemptState.REFUSED in found else 0
    return Health(
        ended=ended,
        good=sum(outcome.count for outcome in good),
        last_good=max((outcome.newest for outcome in good), default=None),
        all_counted=sum(outcome.count for outcome in found.values()) < MOST,
    )
