"""How sign-ins through a connection went lately: day by day, the last good one, and which certificates vouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model.attempt import AttemptState
from latchstring.model.environment import Pass
from latchstring.storage import attempts
from latchstring.storage.attempts import Outcome, Vouched

DAY = timedelta(days=1)
DAYS = 30
WINDOW = DAYS * DAY
ROLL_OVER = 7 * DAY  # so long a certificate is looked for before it may go (as the overlap of metadata is)
MOST = 10_000  # the newest ones are counted, and no more: a page must not wait for a busy connection
_GOOD = (AttemptState.GRANTED, AttemptState.DONE)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """24 hours, and the sign-ins of them that came to an end."""

    since: datetime
    good: int
    refused: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Of the sign-ins that came to an end within `WINDOW`. `last_good` is the last one of these."""

    days: tuple[Day, ...]  # the oldest first
    last_good: datetime | None
    all_counted: bool

    @property
    def good(self) -> int:
        return sum(day.good for day in self.days)

    @property
    def refused(self) -> int:
        return sum(day.refused for day in self.days)

    @property
    def ended(self) -> int:
        return self.good + self.refused

    @property
    def percent(self) -> str:
        """The good share, rounded down: 99.9 is not a hundred."""
        return f"{self.good * 1000 // self.ended / 10:g}" if self.ended else "0"


def of(house: House, pass_: Pass, connection_id: str) -> Health:
    """Empty for a connection that nobody has signed in through, and for one that there is not."""
    since = house.now() - WINDOW
    with house.database.read(pass_) as scope:
        found = attempts.outcomes(scope, connection_id, since=since, at_most=MOST)
    return Health(
        days=tuple(
            Day(
                since=since + number * DAY,
                good=_number(found, number, _GOOD),
                refused=_number(found, number, (AttemptState.REFUSED,)),
            )
            for number in range(DAYS)
        ),
        last_good=max((outcome.newest for outcome in found if outcome.state in _GOOD), default=None),
        all_counted=sum(outcome.count for outcome in found) < MOST,
    )


def certificates(house: House, pass_: Pass, connection_id: str) -> Mapping[str, Vouched]:
    """By its fingerprint, each certificate that vouched for a good sign-in within `ROLL_OVER`; of the newest `MOST`."""
    with house.database.read(pass_) as scope:
        found = attempts.by_certificate(scope, connection_id, since=house.now() - ROLL_OVER, at_most=MOST)
    return {each.fingerprint: each for each in found}


def _number(found: Sequence[Outcome], day: int, states: Sequence[AttemptState]) -> int:
    """The last day is open towards the future, in which there is nothing but this very moment."""
    last = day == DAYS - 1
    return sum(each.count for each in found if each.state in states and (each.day == day or (last and each.day > day)))
