"""/oauth_providers: an environment's credentials at OAuth providers (latchstring's own addition)."""

from __future__ import annotations

from typing import Any, Literal

from latchstring.flows import oauth_providers as flow
from latchstring.flows.house import House
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.flows.story import instant
from latchstring.model.connection import Connection
from latchstring.web.api import oauth_options
from latchstring.web.api.oauth_options import OAuthOptions
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class OAuthProviderShape(OAuthOptions, kw_only=True, rename={"object_": "object"}):
    """One provider of this environment."""

    object_: Literal["oauth_provider"]
    type: str
    connection_id: str
    state: str
    created_at: str
    updated_at: str


def listed(house: House, ask: Ask) -> Reply:
    return as_json({"object": "list", "data": [shown(house, each) for each in flow.listed(house, ask.caller)]})


def get(house: House, ask: Ask) -> Reply:
    return as_json(shown(house, flow.get(house, ask.caller, ask.params["type"])))


def put(house: House, ask: Ask) -> Reply:
    wish: ProviderWish = ask.body
    connection, new = flow.put(house, ask.caller, ask.params["type"], wish)
    return as_json(shown(house, connection), status=201 if new else 200)


def delete(house: House, ask: Ask) -> Reply:
    flow.delete(house, ask.caller, ask.params["type"])
    return empty()


def shown(house: House, connection: Connection) -> dict[str, Any]:
    """Without the secrets."""
    return {
        "object": "oauth_provider",
        "type": connection.type,
        "connection_id": connection.id,
        "state": connection.state.value,
        **oauth_options.shown(house, connection),
        "created_at": instant(connection.created_at),
        "updated_at": instant(connection.updated_at),
    }
