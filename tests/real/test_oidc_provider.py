"""Whole logins through the product with the certified oidc-provider, in all the ways it can be set up."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.real.conftest import OidcProviders
from tests.real.login import query, sign_in
from tests.real.oidc_provider import ALGORITHMS, ANN, AUTH_METHODS, JOE, PEOPLE, Algorithm, AuthMethod, OidcProvider
from tests.real.product import Product

_CALLBACK = "http://localhost:5999/callback"
_PLACEHOLDER = "https://not-known-yet.example.com/callback"
_numbers = count(1)


def _connect(
    product: Product,
    peer: OidcProvider,
    method: AuthMethod = "client_secret_basic",
    algorithm: Algorithm = "RS256",
    secret: str | None = None,
) -> dict[str, Any]:
    """An organization with a connection to the identity provider, which then learns where to send people."""
    client = peer.register(_PLACEHOLDER, method, algorithm)
    body = {
        "organization_id": product.organization(f"OIDC customer {next(_numbers)}", "example.com"),
        "name": "oidc-provider",
        "connection_type": "GenericOIDC",
        "oidc_options": {
            "discovery_endpoint": peer.discovery,
            "client_id": client.client_id,
            "client_secret": secret or client.client_secret,
            "token_authentication_method": method,
            "id_token_signature_algorithm": algorithm,
        },
    }
    connection = product.create("/connections", body)
    peer.redirect_to(client, connection["oidc_options"]["redirect_uri"])
    return connection


@pytest.mark.parametrize(
    ("claims_in_id_token", "method", "algorithm"),
    [
        *((claims, method, "RS256") for claims in (True, False) for method in AUTH_METHODS),
        *((True, "client_secret_basic", algorithm) for algorithm in ALGORITHMS[1:]),
    ],
)
def test_a_person_signs_in(
    product: Product,
    oidc_providers: OidcProviders,
    claims_in_id_token: bool,
    method: AuthMethod,
    algorithm: Algorithm,
) -> None:
    connection = _connect(product, oidc_providers(claims_in_id_token), method, algorithm)
    start = product.authorize_url(_CALLBACK, state="s & t", connection=connection["id"])
    came = query(sign_in(start, ANN, _CALLBACK))
    assert "code" in came, f"{came}\n{product.story()}"
    assert came["state"] == "s & t"
    profile = product.redeem(came["code"])
    expected = {
        "object": "profile",
        "organization_id": connection["organization_id"],
        "connection_id": connection["id"],
        "connection_type": "GenericOIDC",
        "idp_id": "ann-7",
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Łukaszewicz",
        "name": "Ann Łukaszewicz",
        "groups": ["Engineering", "Admins & Owners"],
    }
    assert {name: profile[name] for name in expected} == expected
    assert {name: profile["raw_attributes"][name] for name in PEOPLE["ann-7"]} == PEOPLE["ann-7"]
    assert product.call("GET", f"/connections/{connection['id']}")[1]["state"] == "active"


def test_an_address_outside_the_organization_is_refused(product: Product, oidc_providers: OidcProviders) -> None:
    connection = _connect(product, oidc_providers(True))
    start = product.authorize_url(_CALLBACK, state="s", connection=connection["id"])
    came = query(sign_in(start, JOE, _CALLBACK))
    assert (came["error"], came["state"]) == ("profile_not_allowed_outside_organization", "s")


def test_a_wrong_client_secret_comes_back_as_an_error(product: Product, oidc_providers: OidcProviders) -> None:
    connection = _connect(product, oidc_providers(True), secret="not the secret")
    start = product.authorize_url(_CALLBACK, state="s", connection=connection["id"])
    came = query(sign_in(start, ANN, _CALLBACK))
    assert (came["error"], came["state"]) == ("oauth_failed", "s")


def test_another_algorithm_than_agreed_is_refused(product: Product, oidc_providers: OidcProviders) -> None:
    connection = _connect(product, oidc_providers(True), algorithm="ES256")
    change = {"oidc_options": {"id_token_signature_algorithm": "RS256"}}
    assert product.call("PATCH", f"/connections/{connection['id']}", change)[0] == 200
    came = query(sign_in(product.authorize_url(_CALLBACK, connection=connection["id"]), ANN, _CALLBACK))
    assert "code" not in came
    assert came["error"] in ("server_error", "oauth_failed")
