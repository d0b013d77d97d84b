"""The settings of an OpenID Connect connection: from a discovery document to a configuration, and its changes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, get_args

import msgspec
from msgspec import UNSET

from latchstring import guides
from latchstring.flows import client_keys
from latchstring.flows.connection_wishes import KeyPairWish, OidcWish, check_url, invalid, override, text
from latchstring.flows.house import House
from latchstring.model.connection import TENANT_PLACE, ConnectionSecrets, OidcConfig
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.oidc import discovery, encryption

# What can be set for each OpenID Connect connection. Changes are told in the event log.
OPTIONS = (
    "discovery_endpoint",
    "issuer",
    "tenant_id",
    "client_id",
    "pkce",
    "token_authentication_method",
    "client_assertion_audience",
    "id_token_signature_algorithm",
    "id_token_encryption_algorithm",
    "id_token_content_encryption",
    "fetch_user_info",
    "userinfo_signature_algorithm",
    "scopes",
    "trust_email",
    "allow_email_verified_text",
)
KEYS = ("jwt_signing_certificates", "jwt_encryption_certificates")  # told with them, by their ids
TokenAuthentication = Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
SIGNATURES = tuple("ES256 ES384 ES512 EdDSA HS256 HS384 HS512 PS256 PS384 PS512 RS256 RS384 RS512".split())
_KNOWN: dict[str, tuple[str, ...]] = {
    "token_authentication_method": get_args(TokenAuthentication),
    "id_token_signature_algorithm": SIGNATURES,
    "id_token_encryption_algorithm": encryption.ALGORITHMS,
    "id_token_content_encryption": encryption.CONTENT,
    "userinfo_signature_algorithm": SIGNATURES,
}
_NULLABLE = ("tenant_id", "id_token_encryption_algorithm", "userinfo_signature_algorithm")
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def configure(
    house: House, connection_id: str, wish: OidcWish, type_: str, now: datetime
) -> tuple[OidcConfig, ConnectionSecrets]:
    """A first configuration. Asks the discovery endpoint."""
    required = ["discovery_endpoint", "client_id"]
    if wish.token_authentication_method != "private_key_jwt":
        required.append("client_secret")
    faults = [_required(name) for name in required if not text(getattr(wish, name))]
    if faults:
        raise InvalidFields(errors=tuple(faults))
    endpoint = str(wish.discovery_endpoint)
    guide = guides.guide(type_)
    config = OidcConfig(
        discovery_endpoint=endpoint,
        issuer=_discover(house, endpoint),
        client_id=str(wish.client_id),
        client_assertion_audience=guide.assertion_audience if guide else "issuer",
    )
    return _settle(house, connection_id, config, ConnectionSecrets(), wish, now)


def reconfigure(
    house: House, connection_id: str, before: OidcConfig, secrets: ConnectionSecrets, wish: OidcWish, now: datetime
) -> tuple[OidcConfig, ConnectionSecrets]:
    """The configuration, the client secret and our keys with the wish granted."""
    config = before
    if isinstance(wish.discovery_endpoint, str):
        issuer = _discover(house, wish.discovery_endpoint)
        config = msgspec.structs.replace(config, discovery_endpoint=wish.discovery_endpoint, issuer=issuer)
    if isinstance(wish.client_id, str) and wish.client_id:
        config = msgspec.structs.replace(config, client_id=wish.client_id)
    return _settle(house, connection_id, config, secrets, wish, now)


def _settle(
    house: House, connection_id: str, config: OidcConfig, secrets: ConnectionSecrets, wish: OidcWish, now: datetime
) -> tuple[OidcConfig, ConnectionSecrets]:
    config = _with_settings(house, config, wish)
    _check_tenant(config)
    secrets = _with_client_secret(config, secrets, wish)
    if isinstance(wish.jwt_signing_key_pair, KeyPairWish):
        if config.token_authentication_method != "private_key_jwt":
            raise invalid(
                "oidc_options.jwt_signing_key_pair",
                "jwt_signing_key_pair_unused",
                "A key pair is for token_authentication_method private_key_jwt.",
            )
        config, secrets = client_keys.take(house, config, secrets, wish.jwt_signing_key_pair, now)
    return client_keys.complete(house, connection_id, config, secrets, now)


def _with_client_secret(config: OidcConfig, secrets: ConnectionSecrets, wish: OidcWish) -> ConnectionSecrets:
    """There is one exactly where it is used (contract 3.5): a secret for nothing is one more to be stolen."""
    given = text(wish.client_secret)
    if config.token_authentication_method != "private_key_jwt":
        if given is None and secrets.oidc_client_secret is None:
            raise InvalidFields(errors=(_required("client_secret"),))
        return msgspec.structs.replace(secrets, oidc_client_secret=given or secrets.oidc_client_secret)
    if given is not None:
        raise invalid(
            "oidc_options.client_secret", "client_secret_unused", "private_key_jwt does without a client secret."
        )
    for name in ("id_token_signature_algorithm", "userinfo_signature_algorithm"):
        if str(getattr(config, name)).startswith("HS"):
            raise invalid(
                f"oidc_options.{name}", f"{name}_needs_secret", "HS algorithms need the client secret as their key."
            )
    return msgspec.structs.replace(secrets, oidc_client_secret=None)


def _check_tenant(config: OidcConfig) -> None:
    """Entra ID's endpoints for many tenants need the one that is meant; no other issuer leaves a place for it."""
    if (TENANT_PLACE in config.issuer) is (config.tenant_id is not None):
        return
    message = (
        "This discovery document is for accounts of any tenant: name the tenant whose people sign in, or use its own."
        if config.tenant_id is None
        else f"The issuer of this discovery document leaves no place for a tenant: {config.issuer[:256]}."
    )
    raise invalid("oidc_options.tenant_id", "tenant_id_mismatch", message)


def _with_settings(house: House, config: OidcConfig, wish: OidcWish) -> OidcConfig:
    for name, known in _KNOWN.items():
        value = getattr(wish, name)
        if isinstance(value, str):
            if value not in known:
                raise invalid(f"oidc_options.{name}", f"{name}_unsupported", f"{name} is one of {', '.join(known)}.")
            config = msgspec.structs.replace(config, **{name: value})
    for name in _NULLABLE:
        if getattr(wish, name) is None:
            config = msgspec.structs.replace(config, **{name: None})
    if isinstance(wish.tenant_id, str):
        if not _TENANT.fullmatch(wish.tenant_id):
            raise invalid("oidc_options.tenant_id", "tenant_id_invalid", "A tenant id is a GUID in lower case.")
        config = msgspec.structs.replace(config, tenant_id=wish.tenant_id)
    if wish.redirect_uri is not UNSET:
        config = msgspec.structs.replace(config, redirect_uri=override(house, wish.redirect_uri, "redirect_uri"))
    if isinstance(wish.scopes, tuple):
        if not all(scope and scope.isascii() and not scope.isspace() and " " not in scope for scope in wish.scopes):
            raise invalid("oidc_options.scopes", "scope_invalid", "A scope is one word of ASCII characters.")
        config = msgspec.structs.replace(config, scopes=tuple(dict.fromkeys(("openid", *wish.scopes))))
    if isinstance(wish.client_assertion_audience, str):
        config = msgspec.structs.replace(config, client_assertion_audience=wish.client_assertion_audience)
    for name in ("pkce", "fetch_user_info", "trust_email", "allow_email_verified_text"):
        value = getattr(wish, name)
        if isinstance(value, bool):
            config = msgspec.structs.replace(config, **{name: value})
    return config


def _required(name: str) -> FieldError:
    return FieldError(field=f"oidc_options.{name}", code=f"{name}_required", message=f"{name} is required.")


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
