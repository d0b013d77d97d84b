"""`SignIn`: a sign-in as it stands in a list, with the names of what it belongs to; and what one is looked for by."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import msgspec

from latchstring.model.attempt import AttemptState, LoginAttempt


class Outcome(Enum):
    """How a sign-in ended, in a word."""

    GOOD = "good"
    REFUSED = "refused"
    OPEN = "open"


_OUTCOMES = {
    AttemptState.AWAY: Outcome.OPEN,
    AttemptState.WAITING: Outcome.OPEN,
    AttemptState.GRANTED: Outcome.GOOD,
    AttemptState.DONE: Outcome.GOOD,
    AttemptState.REFUSED: Outcome.REFUSED,
}


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the list."""

    attempt: LoginAttempt
    email: str | None  # in lower case; of a refused one, what was said and perhaps not proven
    refusal: str | None  # the code
    connection_name: str
    connection_type: str
    organization_name: str | None

    @property
    def id(self) -> str:
        return self.attempt.id

    @property
    def outcome(self) -> Outcome:
        return _OUTCOMES[self.attempt.state]

    @property
    def ended_at(self) -> datetime | None:
        """When the application got its code, or the refusal; None while it is open."""
        ends = [step.at for step in self.attempt.steps if step.name in ("granted", "tested", "refused")]
        return ends[0] if ends else None

    @property
    def seconds(self) -> float | None:
        """From its beginning to its end: mostly the time that somebody takes at the identity provider."""
        return None if self.ended_at is None else (self.ended_at - self.attempt.created_at).total_seconds()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of sign-ins is narrowed to. Everything that is given must be true of each."""

    email: str | None = None
    organization_id: str | None = None
    connection_id: str | None = None
    refusal: str | None = None  # a code
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None  # before it
