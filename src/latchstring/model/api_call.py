"""`ApiCall`: a request that was made with an API key, in what may be kept of it: no query, no body, no secret."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model.environment import Pass

BY_KEY = "key:"  # in `Pass.actor`, before the key's id


class ApiCall(msgspec.Struct, frozen=True, kw_only=True):
    """A request that has just been answered, in the environment of its `pass_`."""

    pass_: Pass
    id: str  # as in x-request-id
    method: str
    path: str
    status: int
    code: str | None  # of the refusal
    microseconds: int
    at: datetime

    @property
    def key_id(self) -> str | None:
        """Of the API key; None for a client that proved itself by its code's verifier, or not at all."""
        actor = self.pass_.actor
        return actor.removeprefix(BY_KEY) if actor.startswith(BY_KEY) else None


class KeptCall(msgspec.Struct, frozen=True, kw_only=True):
    """The same as it is kept."""

    id: str
    method: str
    path: str
    status: int
    code: str | None
    key_id: str | None
    microseconds: int
    at: datetime
