"""/oauth_providers: an environment's credentials at OAuth providers (latchstring's own addition)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from latchstring.flows import oauth_providers as flow
from latchstring.flows.house import House
from latchstring.flows.oauth_providers import OAuthWish
from latchstring.flows.story import instant
from latchstring.model.connection import Connection, OAuthConfig
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class OAuthProviderShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """One provider of this environment. Its secrets are never shown; `has_secret` says whether they are there."""

    object_: Literal["oauth_provider"]
    type: str
    connection_id: str
    state: str
    redirect_uri: str
    client_id: str | None
    has_secret: bool
    scopes: list[str]
    default_scopes: list[str]
    trust_email: bool
    tenant: str | None
    team_id: str | None
    key_id: str | None
    slug: str | None
    base_url: str | None
    created_at: str
    updated_at: str


def listed(house: House, ask: Ask) -> Reply:
    return as_json({"object": "list", "data": [shown(house, each) for each in flow.listed(house, ask.caller)]})


def get(house: House, ask: Ask) -> Reply:
    return as_json(shown(house, flow.get(house, ask.caller, ask.params["type"])))


def put(house: House, ask: Ask) -> Reply:
    wish: OAuthWish = ask.body
    connection, new = flow.put(house, ask.caller, ask.params["type"], wish)
    return as_json(shown(house, connection), status=201 if new else 200)


def delete(house: House, ask: Ask) -> Reply:
    flow.delete(house, ask.caller, ask.params["type"])
    return empty()


def shown(house: House, connection: Connection) -> dict[str, Any]:
    """Without the secrets."""
    config = connection.config if isinstance(connection.config, OAuthConfig) else OAuthConfig(client_id="")
    secrets = connection.secrets.reveal()
    return {
        "object": "oauth_provider",
        "type": connection.type,
        "connection_id": connection.id,
        "state": connection.state.value,
        "redirect_uri": house.addresses(connection).oauth_redirect_uri,
        "client_id": config.client_id or None,
        "has_secret": bool(secrets.oauth_client_secret or secrets.apple_private_key),
        "scopes": list(config.scopes),
        "default_scopes": list(PROVIDERS[connection.type].scopes),
        "trust_email": config.trust_email,
        **{name: getattr(config, name) for name in ("tenant", "team_id", "key_id", "slug", "base_url")},
        "created_at": instant(connection.created_at),
        "updated_at": instant(connection.updated_at),
    }
