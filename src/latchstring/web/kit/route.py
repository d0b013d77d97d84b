"""`Route`: method, path, who may, what goes in and out, and the handler that answers; plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.refusal import Refusal
from latchstring.web.kit.message import Inbound, Params, Reply


class Who(Enum):
    """Who may call."""

    ANYONE = "anyone"
    API_KEY = "api_key"
    ACCESS_TOKEN = "access_token"  # the handler itself looks at it


def _nobody(_pass: Pass) -> None:
    """Where nobody asks."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request that has found its route and shown who it is."""

    inbound: Inbound
    params: Params
    pass_: Pass | None
    body: Any = None  # an instance of the route's `body`
    met: Callable[[Pass], None] = _nobody  # told who it is by a handler that looks at the key itself

    @property
    def caller(self) -> Pass:
        if self.pass_ is None:
            raise LookupError("this route is open to anyone and has no caller")
        return self.pass_


Handler = Callable[[House, Ask], Reply]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A query parameter, for the OpenAPI document."""

    name: str
    about: str
    required: bool = False
    many: bool = False


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a door's table."""

    method: str
    path: str  # "/connections/{id}"
    handler: Handler
    summary: str
    who: Who = Who.ANYONE
    body: Any = None  # a Struct type, read from JSON
    query: tuple[Parameter, ...] = ()
    answers: Mapping[int, Any] = {}  # status -> Struct type, or None for an empty body
    tag: str = ""
    max_body: int = 262_144  # bytes
    aside: bool = False  # may reckon for a second or more: a thread's work, while the event loop serves everybody else
    hidden: bool = False  # pages and the like: not in the OpenAPI document


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Routes with one way of saying no."""

    routes: Sequence[Route]
    refuse: Callable[[House, Refusal, Inbound], Reply]
