"""The OAuth side of a connection, as it is shown: everything but its secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from latchstring.flows.house import House
from latchstring.model.connection import Connection, OAuthConfig
from latchstring.protocols.oauth.providers import PROVIDERS


class OAuthOptions(msgspec.Struct, kw_only=True):
    """The OAuth side of a connection. Its secrets are never shown; `has_secret` says whether they are there."""

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


def shown(house: House, connection: Connection) -> dict[str, Any]:
    """Of a draft too, whose redirect URI has to be registered before there are credentials."""
    config = connection.config if isinstance(connection.config, OAuthConfig) else OAuthConfig(client_id="")
    secrets = connection.secrets.reveal()
    return {
        "redirect_uri": house.addresses(connection).oauth_redirect_uri,
        "client_id": config.client_id or None,
        "has_secret": bool(secrets.oauth_client_secret or secrets.apple_private_key),
        "scopes": list(config.scopes),
        "default_scopes": list(PROVIDERS[connection.type].scopes),
        "trust_email": config.trust_email,
        **{name: getattr(config, name) for name in ("tenant", "team_id", "key_id", "slug", "base_url")},
    }
