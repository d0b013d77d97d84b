"""Keys of ours at the certified oidc-provider: it fetches them, believes what they sign, and encrypts for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.real.login import query, sign_in
from tests.real.oidc_provider import ANN, OidcProvider
from tests.real.product import Product

_CALLBACK = "http://localhost:5999/callback"
_PLACEHOLDER = "https://not-known-yet.example.com/callback"
_numbers = count(1)


@pytest.fixture(scope="module")
def peer() -> Iterator[OidcProvider]:
    with OidcProvider(claims_in_id_token=False) as found:
        yield found


def _connect(product: Product, peer: OidcProvider, options: dict[str, Any], **metadata: str) -> dict[str, Any]:
    """A connection with these options at a client that is registered with this metadata, and reads our keys."""
    signed_with = options.get("id_token_signature_algorithm", "RS256")
    client = peer.register(_PLACEHOLDER, "client_secret_basic", signed_with)
    secret = {} if "token_authentication_method" in options else {"client_secret": client.client_secret}
    body = {
        "organization_id": product.organization(f"OIDC customer with keys {next(_numbers)}", "example.com"),
        "connection_type": "GenericOIDC",
        "oidc_options": {
            "discovery_endpoint": peer.discovery,
            "client_id": client.client_id,
            **secret,
            **options,
        },
    }
    connection = product.create("/connections", body)
    ours = connection["oidc_options"]
    peer.redirect_to(client, ours["redirect_uri"], jwks_uri=ours["jwks_uri"], **metadata)
    return connection


def _came(product: Product, connection: dict[str, Any]) -> dict[str, str]:
    return query(sign_in(product.authorize_url(_CALLBACK, connection=connection["id"]), ANN, _CALLBACK))


def _signs_in(product: Product, peer: OidcProvider, connection: dict[str, Any]) -> None:
    came = _came(product, connection)
    assert "code" in came, f"{came}\n{product.story()[-3000:]}\n{peer.story()[-3000:]}"
    profile = product.redeem(came["code"])
    assert (profile["idp_id"], profile["email"]) == ("ann-7", "ann@example.com")


def _refusal(product: Product, connection: dict[str, Any]) -> str:
    return _came(product, connection)["error_uri"].rpartition("/")[2]


_KEYED = {"token_authentication_method": "private_key_jwt"}


@pytest.mark.parametrize("audience", ["issuer", "token_endpoint"])
def test_it_believes_who_we_are_by_our_signature(product: Product, peer: OidcProvider, audience: str) -> None:
    options = {**_KEYED, "client_assertion_audience": audience}
    _signs_in(product, peer, _connect(product, peer, options, token_endpoint_auth_method="private_key_jwt"))


def test_it_believes_a_key_on_a_curve(product: Product, peer: OidcProvider) -> None:
    connection = _connect(product, peer, _KEYED, token_endpoint_auth_method="private_key_jwt")
    collection = f"/connections/{connection['id']}/oidc_jwt_signing_certs"
    (first,) = product.call("GET", collection)[1]["data"]
    made = product.create(collection, {"algorithm": "ecdsa"})
    assert made["status"] == "published"
    assert product.create(f"{collection}/{made['id']}/activate", {})["status"] == "signing"
    assert product.call("DELETE", f"{collection}/{first['id']}")[0] == 204
    _signs_in(product, peer, connection)


def test_a_provider_without_rs256_gets_ps256(product: Product) -> None:
    with OidcProvider(claims_in_id_token=True, client_signatures=("PS256",)) as strict:
        connection = _connect(product, strict, _KEYED, token_endpoint_auth_method="private_key_jwt")
        _signs_in(product, strict, connection)


def test_a_key_that_it_has_not_read_is_not_believed(product: Product, peer: OidcProvider) -> None:
    """The client keeps reading the keys of another connection of ours."""
    other = _connect(product, peer, _KEYED, token_endpoint_auth_method="private_key_jwt")
    client = peer.register(_PLACEHOLDER, "client_secret_basic", "RS256")
    body = {
        "organization_id": product.organization(f"OIDC customer with keys {next(_numbers)}", "example.com"),
        "oidc_options": {"discovery_endpoint": peer.discovery, "client_id": client.client_id, **_KEYED},
    }
    connection = product.create("/connections", body)
    peer.redirect_to(
        client,
        connection["oidc_options"]["redirect_uri"],
        jwks_uri=other["oidc_options"]["jwks_uri"],
        token_endpoint_auth_method="private_key_jwt",
    )
    assert _refusal(product, connection) == "oidc_client_authentication_failed"


@pytest.mark.parametrize(
    ("algorithm", "content"),
    [
        ("RSA-OAEP", "A128CBC-HS256"),
        ("RSA-OAEP-256", "A256GCM"),
        ("ECDH-ES", "A128GCM"),
        ("ECDH-ES+A128KW", "A256CBC-HS512"),
        ("ECDH-ES+A256KW", "A256GCM"),
    ],
)
def test_oidc_18_what_it_encrypts_for_us_is_read(
    product: Product, peer: OidcProvider, algorithm: str, content: str
) -> None:
    options = {"id_token_encryption_algorithm": algorithm, "id_token_content_encryption": content}
    agreed = {"id_token_encrypted_response_alg": algorithm, "id_token_encrypted_response_enc": content}
    connection = _connect(product, peer, options, **agreed)
    _signs_in(product, peer, connection)
    change = {"oidc_options": {"id_token_encryption_algorithm": None}}
    assert product.call("PATCH", f"/connections/{connection['id']}", change)[0] == 200
    assert _refusal(product, connection) == "id_token_encryption_mismatch"


def test_oidc_18_what_it_does_not_encrypt_is_refused_where_it_should(product: Product, peer: OidcProvider) -> None:
    connection = _connect(product, peer, {"id_token_encryption_algorithm": "RSA-OAEP-256"})
    assert _refusal(product, connection) == "id_token_encryption_mismatch"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_oidc_10_its_signed_userinfo_is_verified(product: Product, peer: OidcProvider, algorithm: str) -> None:
    options = {"userinfo_signature_algorithm": algorithm}
    connection = _connect(product, peer, options, userinfo_signed_response_alg=algorithm)
    _signs_in(product, peer, connection)
    other = "PS256" if algorithm != "PS256" else "RS256"
    change = {"oidc_options": {"userinfo_signature_algorithm": other}}
    assert product.call("PATCH", f"/connections/{connection['id']}", change)[0] == 200
    assert _refusal(product, connection) == "userinfo_token_invalid"


def test_oidc_10_userinfo_that_should_be_signed_and_is_not(product: Product, peer: OidcProvider) -> None:
    connection = _connect(product, peer, {"userinfo_signature_algorithm": "ES256"})
    assert _refusal(product, connection) == "userinfo_invalid"


def test_everything_at_once(product: Product, peer: OidcProvider) -> None:
    """Keys instead of a secret, EdDSA, an encrypted ID token, and userinfo signed and then encrypted."""
    options = {
        **_KEYED,
        "id_token_signature_algorithm": "EdDSA",
        "id_token_encryption_algorithm": "ECDH-ES+A256KW",
        "id_token_content_encryption": "A256GCM",
        "userinfo_signature_algorithm": "PS256",
    }
    agreed = {
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_encrypted_response_alg": "ECDH-ES+A256KW",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "PS256",
        "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
        "userinfo_encrypted_response_enc": "A256GCM",
    }
    _signs_in(product, peer, _connect(product, peer, options, **agreed))
