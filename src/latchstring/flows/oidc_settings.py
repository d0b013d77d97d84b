"""The settings of an OpenID Connect connection: from a discovery document to a configuration, and its changes."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from msgspec import UNSET

from latchstring.flows.connection_wishes import OidcWish, check_url, invalid, override, text
from latchstring.flows.house import House
from latchstring.model.connection import ConnectionSecrets, OidcConfig
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.oidc import discovery

TokenAuthentication = Literal["client_secret_basic", "client_secret_post"]
ID_TOKEN_ALGORITHMS = tuple("ES256 ES384 ES512 EdDSA HS256 HS384 HS512 PS256 PS384 PS512 RS256 RS384 RS512".split())


def configure(house: House, wish: OidcWish) -> tuple[OidcConfig, ConnectionSecrets]:
    """A first configuration. Asks the discovery endpoint."""
    faults = [
        FieldError(field=f"oidc_options.{name}", code=f"{name}_required", message=f"{name} is required.")
        for name in ("discovery_endpoint", "client_id", "client_secret")
        if not text(getattr(wish, name))
    ]
    if faults:
        raise InvalidFields(errors=tuple(faults))
    endpoint = str(wish.discovery_endpoint)
    config = OidcConfig(
        discovery_endpoint=endpoint,
        issuer=_discover(house, endpoint),
        client_id=str(wish.client_id),
    )
    return _with_settings(house, config, wish), ConnectionSecrets(oidc_client_secret=str(wish.client_secret))


def reconfigure(
    house: House, before: OidcConfig, secrets: ConnectionSecrets, wish: OidcWish
) -> tuple[OidcConfig, ConnectionSecrets]:
    """The configuration and the client secret with the wish granted."""
    config = before
    if isinstance(wish.discovery_endpoint, str):
        issuer = _discover(house, wish.discovery_endpoint)
        config = msgspec.structs.replace(config, discovery_endpoint=wish.discovery_endpoint, issuer=issuer)
    if isinstance(wish.client_id, str) and wish.client_id:
        config = msgspec.structs.replace(config, client_id=wish.client_id)
    if isinstance(wish.client_secret, str) and wish.client_secret:
        secrets = msgspec.structs.replace(secrets, oidc_client_secret=wish.client_secret)
    return _with_settings(house, config, wish), secrets


def _with_settings(house: House, config: OidcConfig, wish: OidcWish) -> OidcConfig:
    method = wish.token_authentication_method
    if isinstance(method, str):
        if method not in get_args(TokenAuthentication):
            raise invalid(
                "oidc_options.token_authentication_method",
                "token_authentication_method_unsupported",
                f"token_authentication_method is one of {', '.join(get_args(TokenAuthentication))}.",
            )
        config = msgspec.structs.replace(config, token_authentication_method=method)
    algorithm = wish.id_token_signature_algorithm
    if isinstance(algorithm, str):
        if algorithm not in ID_TOKEN_ALGORITHMS:
            raise invalid(
                "oidc_options.id_token_signature_algorithm",
                "id_token_signature_algorithm_unsupported",
                f"id_token_signature_algorithm is one of {', '.join(ID_TOKEN_ALGORITHMS)}.",
            )
        config = msgspec.structs.replace(config, id_token_signature_algorithm=algorithm)
    if wish.redirect_uri is not UNSET:
        config = msgspec.structs.replace(config, redirect_uri=override(house, wish.redirect_uri, "redirect_uri"))
    if isinstance(wish.scopes, tuple):
        if not all(scope and scope.isascii() and not scope.isspace() and " " not in scope for scope in wish.scopes):
            raise invalid("oidc_options.scopes", "scope_invalid", "A scope is one word of ASCII characters.")
        config = msgspec.structs.replace(config, scopes=tuple(dict.fromkeys(("openid", *wish.scopes))))
    for name in ("pkce", "fetch_user_info", "trust_email"):
        value = getattr(wish, name)
        if isinstance(value, bool):
            config = msgspec.structs.replace(config, **{name: value})
    return config


def _discover(house: House, endpoint: str) -> str:
    """The issuer that the discovery document names, checked against the URL it came from (OIDC-14)."""
    check_url(house, endpoint, "oidc_options.discovery_endpoint")
    provider = discovery.read(
        house.fetch(discovery.request(endpoint)),
        discovery_endpoint=endpoint,
        expected_issuer=None,
        allow_http=house.development,
    )
    return provider.issuer
