"""A connection's protocol settings: a wish becomes a configuration, or changes one."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import key_pairs, oauth_settings, oidc_settings, saml_settings
from latchstring.flows.connection_wishes import OidcWish, SamlWish, Settled, invalid
from latchstring.flows.house import House
from latchstring.flows.oauth_settings import OAuthWish
from latchstring.model.connection import (
    Connection,
    ConnectionSecrets,
    MagicLinkConfig,
    OAuthConfig,
    OidcConfig,
    PreparedPair,
    SamlConfig,
)
from latchstring.storage import environments


def configure(
    house: House,
    environment_id: str,
    connection_id: str,
    *,
    saml: SamlWish | None,
    oidc: OidcWish | None,
    oauth: OAuthWish | None,
    type_: str,
    now: datetime,
    prepared: PreparedPair | UnsetType = UNSET,
) -> Settled:
    """A first configuration. One of the three is given, or none for a magic link, which has nothing to set.

    `prepared` is the key pair that the draft's metadata published.
    """
    if saml is not None:
        if not isinstance(saml.idp_initiated, str):
            usual = environments.settings(house.database, environment_id).idp_initiated
            saml = msgspec.structs.replace(saml, idp_initiated=usual)
        return saml_settings.configure(house, connection_id, saml, type_, now, prepared=prepared)
    if oauth is not None:
        settled = oauth_settings.settle(house, type_, None, ConnectionSecrets(), oauth, inside="oauth_options.")
        return Settled(config=settled[0], secrets=settled[1])
    if oidc is None:
        return Settled(config=MagicLinkConfig(), secrets=ConnectionSecrets())
    config, secrets = oidc_settings.configure(house, connection_id, oidc, type_, now)
    return Settled(config=config, secrets=secrets)


def configure_draft(
    house: House,
    before: Connection,
    *,
    saml: SamlWish | None,
    oidc: OidcWish | None,
    oauth: OAuthWish | None,
    type_: str,
    now: datetime,
) -> Settled:
    """The first configuration of one that was a draft."""
    return configure(
        house,
        before.environment_id,
        before.id,
        saml=saml,
        oidc=oidc,
        oauth=oauth,
        type_=type_,
        now=now,
        prepared=before.secrets.reveal().prepared,
    )


def draft(house: House, connection_id: str, secrets: ConnectionSecrets, *, type_: str, now: datetime) -> Settled:
    """What there is before the first configuration."""
    return Settled(config=None, secrets=key_pairs.prepared(house, connection_id, type_, secrets, now))


def reconfigure(
    house: House,
    before: Connection,
    *,
    saml: SamlWish | None,
    oidc: OidcWish | None,
    oauth: OAuthWish | None,
    now: datetime,
) -> Settled:
    """The configuration with the wish granted; null brings back what would be there without it."""
    config, secrets = before.config, before.secrets.reveal()
    if saml is not None:
        if not isinstance(config, SamlConfig):
            raise invalid("saml_options", "options_mismatch", "This is not a SAML connection.")
        return saml_settings.reconfigure(house, before.id, config, secrets, saml, now)
    if oidc is not None:
        if not isinstance(config, OidcConfig):
            raise invalid("oidc_options", "options_mismatch", "This is not an OpenID Connect connection.")
        config, secrets = oidc_settings.reconfigure(house, before.id, config, secrets, oidc, now)
    if oauth is not None:
        if not isinstance(config, OAuthConfig):
            raise invalid("oauth_options", "options_mismatch", "This is not an OAuth connection.")
        config, secrets = oauth_settings.settle(house, before.type, config, secrets, oauth, inside="oauth_options.")
    return Settled(config=config, secrets=secrets)
