"""The go-live checklist of an environment (guide G-23), ticked by what the environment itself shows.

Each item is done, open, or something that nobody can see from here; those say how to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Literal

import msgspec

from latchstring.flows.house import House
from latchstring.model.environment import EnvironmentKind, Pass
from latchstring.protocols import redirect_uri
from latchstring.storage import environments, overview

RECENT = timedelta(days=30)
_NAMED = 5  # organizations that are named


class Tick(Enum):
    """What can be said of an item."""

    DONE = "done"
    OPEN = "open"
    UNKNOWN = "unknown"


ItemName = Literal[
    "environment",
    "base_url",
    "keys",
    "secured",
    "redirects",
    "reachable",
    "connections",
    "domains",
    "idp_initiated",
    "signed_in",
    "entrance",
    "backups",
]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list, with what it was seen by."""

    name: ItemName
    tick: Tick
    facts: Mapping[str, Any] = {}


def checklist(house: House, pass_: Pass) -> tuple[Item, ...]:
    """In the order in which one goes through it."""
    now = house.now()
    with house.database.read(pass_) as scope:
        keys = [key for key in environments.keys(scope) if key.opens(now)]
        uris = environments.redirect_uris(scope)
        lonely = overview.without_connection(scope, _NAMED + 1)
        unproven = overview.without_domain(scope, _NAMED + 1)
        active = overview.in_state(scope, "active")
        allowing = overview.allowing_idp_initiated(scope)
        signed_in = overview.has_profile(scope)
        has_customers = overview.has_organization(scope)
    production = pass_.kind is EnvironmentKind.PRODUCTION
    used = [key for key in keys if key.last_used_at is not None]
    forgotten = [key.name for key in keys if now - (key.last_used_at or key.created_at) > RECENT]
    broken = [each.uri for each in uris if not redirect_uri.admits(each.uri, pass_.redirects)]
    default = redirect_uri.default(uris, pass_.redirects)
    return (
        Item(name="environment", tick=_tick(production)),
        Item(
            name="base_url",
            tick=_tick(house.base_url.startswith("https:") and not house.development),
            facts={"base_url": house.base_url},
        ),
        Item(name="keys", tick=_tick(bool(used)), facts={"keys": len(keys), "used": len(used)}),
        Item(name="secured", tick=Tick.OPEN if forgotten else Tick.UNKNOWN, facts={"forgotten": forgotten[:_NAMED]}),
        Item(
            name="redirects",
            tick=_tick(default is not None and not broken and not any(_only_here(each.uri) for each in uris)),
            facts={
                "default": default,
                "broken": broken[:_NAMED],
                "local": [each.uri for each in uris if _only_here(each.uri)][:_NAMED],
            },
        ),
        Item(name="reachable", tick=Tick.UNKNOWN, facts={"uris": [each.uri for each in uris if "*" not in each.uri]}),
        Item(
            name="connections",
            tick=_tick(bool(active) and has_customers and not lonely),
            facts={"active": active, "lonely": lonely[:_NAMED], "more": len(lonely) > _NAMED},
        ),
        Item(
            name="domains",
            tick=_tick(has_customers and not unproven),
            facts={"unproven": unproven[:_NAMED], "more": len(unproven) > _NAMED},
        ),
        Item(
            name="idp_initiated",
            tick=Tick.DONE if allowing else Tick.UNKNOWN,  # refusing all is a decision, or nobody has thought of it
            facts={"allowing": allowing, "of": active},
        ),
        Item(name="signed_in", tick=_tick(signed_in)),
        Item(name="entrance", tick=Tick.UNKNOWN),
        Item(name="backups", tick=Tick.UNKNOWN),
    )


def _tick(done: bool) -> Tick:
    return Tick.DONE if done else Tick.OPEN


def _only_here(uri: str) -> bool:
    """Whether it leads to somebody's own machine."""
    host = uri.partition("://")[2].partition("/")[0]
    return host.startswith(("localhost", "127.0.0.1", "[::1]"))
