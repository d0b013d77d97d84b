"""The discovery document (OpenID Connect Discovery 1.0) -> `Provider`, and the Fetch that asks for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from latchstring.model.connection import TENANT_PLACE
from latchstring.model.fetch import BadAnswer, Fetch, Fetched, Purpose
from latchstring.protocols import json_object
from latchstring.protocols.oidc.refusals import DiscoveryInvalid, DiscoveryIssuerMismatch

WELL_KNOWN = "/.well-known/openid-configuration"
ENTRA_HOSTS = frozenset({"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"})


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What an OpenID Connect provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ()
    code_challenge_methods_supported: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False


def request(discovery_endpoint: str) -> Fetch:
    return Fetch(url=discovery_endpoint, purpose=Purpose.DISCOVERY, headers={"accept": "application/json"})


def read(fetched: Fetched, *, discovery_endpoint: str, expected_issuer: str | None, allow_http: bool) -> Provider:
    """The provider. Raises `BadAnswer`, `DiscoveryInvalid`, `DiscoveryIssuerMismatch` (OIDC-01, OIDC-14).

    `expected_issuer` is what the connection was made with; None while it is being made.
    """
    if fetched.status != 200:
        raise BadAnswer(url=discovery_endpoint, status=fetched.status)
    try:
        document = json_object.read(fetched.body)
    except ValueError as error:
        raise DiscoveryInvalid(reason=str(error)) from None
    issuer = document.get("issuer")
    if not isinstance(issuer, str):
        raise DiscoveryInvalid(reason="it names no issuer")
    # An issuer that ends with a slash loses it in front of the well-known path (Discovery 4.1).
    if issuer.removesuffix("/") + WELL_KNOWN != discovery_endpoint and not _leaves_the_tenant(
        issuer, discovery_endpoint
    ):
        raise DiscoveryIssuerMismatch(expected=discovery_endpoint.removesuffix(WELL_KNOWN), received=issuer[:1024])
    if expected_issuer is not None and issuer != expected_issuer:
        raise DiscoveryIssuerMismatch(expected=expected_issuer, received=issuer[:1024])
    return _provider(document, allow_http)


def _leaves_the_tenant(issuer: str, discovery_endpoint: str) -> bool:
    """Entra ID's endpoints for accounts of any tenant name no issuer but a pattern of it (OIDC-01).

    Microsoft's own hosts alone, and useless without the `tenant_id` that a connection has to name.
    """
    return any(
        issuer == f"https://{host}/{TENANT_PLACE}/v2.0"
        and discovery_endpoint == f"https://{host}/{anybody}/v2.0{WELL_KNOWN}"
        for host in ENTRA_HOSTS
        for anybody in ("common", "organizations")
    )


def _provider(document: dict[str, Any], allow_http: bool) -> Provider:
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(document.get(name), str):
            raise DiscoveryInvalid(reason=f"it names no {name}")
    known = {name: document[name] for name in Provider.__struct_fields__ if document.get(name) is not None}
    try:
        provider = msgspec.convert(known, Provider)
    except msgspec.ValidationError as error:
        raise DiscoveryInvalid(reason=str(error)[:200]) from None
    for name in Provider.__struct_fields__:
        value = getattr(provider, name)
        if (name.endswith("_endpoint") or name == "jwks_uri") and value and not _is_web(value, allow_http):
            raise DiscoveryInvalid(reason=f"{name} is not an https URL")
    return provider


def _is_web(url: str, allow_http: bool) -> bool:
    # A line break would end a header of ours, and the parser below takes it out before it looks.
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    schemes = ("https", "http") if allow_http else ("https",)
    return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
