"""`SignInTest`: a sign-in that is tried out over the real way, and lets nobody in; its `Outcome`, check by check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

# Whoever tries out what they are setting up goes and changes something at the provider meanwhile. An hour is meant as
# "it does not time out": ten minutes (SAML-32) bound the sign-ins that let somebody in, and these do not.
LIFETIME = timedelta(minutes=60)
SILENCE = timedelta(minutes=3)


class Result(Enum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as it is kept: what is wrong, who can mend it and how, and what was expected and received."""

    code: str
    message: str
    mender: str
    fix: str
    facts: Mapping[str, Any] = {}


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check, in the order of all. Behind the first that failed, the others are there for information."""

    name: str
    result: Result
    trusted: bool = True  # no check before it has failed
    problem: Problem | None = None


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stops nobody, and is worth a look. The door has the words."""

    code: str
    facts: Mapping[str, Any] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a test found. Everything personal of it is in here, and so it is kept sealed."""

    checks: tuple[Check, ...]
    proven: bool = False  # every check of the protocol was passed: what follows is what the provider said
    subject: str | None = None
    subject_format: str | None = None
    attributes: Mapping[str, tuple[str, ...]] = {}
    profile: Mapping[str, Any] = {}  # what the application would get
    sources: Mapping[str, str] = {}  # field -> the attribute that feeds it
    evidence: Mapping[str, Any] = {}
    remarks: tuple[Remark, ...] = ()
    ip_address: str | None = None
    user_agent: str | None = None

    @property
    def passed(self) -> bool:
        return all(check.result is Result.PASSED for check in self.checks)

    @property
    def problem(self) -> Problem | None:
        """The first one: the reason why nobody would be let in."""
        return next((check.problem for check in self.checks if check.problem is not None), None)


class State(Enum):
    """How a test stands."""

    READY = "ready"  # to be started
    WAITING = "waiting"  # for the identity provider
    PASSED = "passed"
    FAILED = "failed"
    EXPIRED = "expired"  # not started, or not answered


class SignInTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test of one connection, started once, in whichever browser."""

    id: str  # of the sign-in as well, which begins when it is started
    handle: str  # 128 bits in hex: whoever has the link may start it, once
    connection_id: str
    made_by: str  # an operator's address
    configuration: str  # a digest of what is tried out
    created_at: datetime
    expires_at: datetime
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    passed: bool | None = None
    outcome: Outcome | None = None

    def state(self, now: datetime) -> State:
        if self.passed is not None:
            return State.PASSED if self.passed else State.FAILED
        if now >= self.expires_at:
            return State.EXPIRED
        return State.READY if self.begun_at is None else State.WAITING

    def is_silent(self, now: datetime) -> bool:
        """No answer for so long: usually the provider keeps a person who is not assigned on a page of its own."""
        return self.state(now) is State.WAITING and self.begun_at is not None and now - self.begun_at >= SILENCE
