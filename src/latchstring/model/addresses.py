"""The addresses at which identity providers find us, made from the base URL and a connection (contract 2.6)."""

from __future__ import annotations

import msgspec

from latchstring.model.connection import Certificate, Connection, OidcConfig, SamlConfig


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Our side of one connection. An override in its configuration wins."""

    acs_url: str
    sp_entity_id: str
    sp_metadata_url: str
    oidc_redirect_uri: str
    oidc_jwks_uri: str
    oauth_redirect_uri: str
    slo_url: str  # SAML Single Logout, in both directions
    post_logout_redirect_uri: str  # OpenID Connect RP-Initiated Logout
    frontchannel_logout_uri: str  # OpenID Connect Front-Channel Logout


def of(connection: Connection, base_url: str) -> Addresses:
    key = connection.external_key
    config = connection.config
    saml = config if isinstance(config, SamlConfig) else None
    oidc = config if isinstance(config, OidcConfig) else None
    return Addresses(
        acs_url=(saml and saml.acs_url) or f"{base_url}/sso/saml/acs/{key}",
        sp_entity_id=(saml and saml.sp_entity_id) or f"{base_url}/{key}",
        sp_metadata_url=f"{base_url}/sso/saml/metadata/{key}",
        oidc_redirect_uri=(oidc and oidc.redirect_uri) or f"{base_url}/sso/oidc/{key}/callback",
        oidc_jwks_uri=f"{base_url}/sso/oidc/{key}/jwks",
        oauth_redirect_uri=f"{base_url}/sso/oauth/{provider_word(connection.type)}/{key}/callback",
        slo_url=f"{base_url}/sso/saml/slo/{key}",
        post_logout_redirect_uri=f"{base_url}/sso/oidc/{key}/logout",
        frontchannel_logout_uri=f"{base_url}/sso/oidc/idp-logout/{key}",
    )


def of_test(base_url: str, external_key: str, handle: str) -> str:
    """Where a test sign-in begins, and where its result stands afterwards."""
    return f"{base_url}/sso/test/{external_key}/{handle}"


def provider_word(connection_type: str) -> str:
    """How an OAuth provider is called in its redirect URI: GitHubOAuth is `github`."""
    return connection_type.removesuffix("OAuth").lower()


class TestIdpIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What a service provider knows about the built-in Test IdP."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    entity_id: str
    sso_url: str
    certificate: Certificate
