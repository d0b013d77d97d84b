"""What the official SDKs make of refusals: a sign-in begun anew from the ids of one, and typed errors of the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from tests.real.built_in_idp import ANN as HERSELF
from tests.real.customer import Customer
from tests.real.login import Browser, query, sign_in, walk
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk
from tests.real.simplesamlphp import ANN, SimpleSamlPhp

_CALLBACK = "http://localhost:5999/callback"
_every_sdk = pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)


@pytest.fixture(scope="module")
def as_made(product: Product) -> Product:
    """An environment whose settings nobody has touched."""
    return product.environment("Refusing", _CALLBACK)


@pytest.mark.parametrize(
    ("sdk", "by"),
    list(zip(SDKS, ("connection", "organization", "organization", "connection"), strict=True)),
    ids=lambda value: getattr(value, "version", value),
)
def test_saml_33_an_app_begins_anew_what_began_at_the_provider(
    as_made: Product, simplesamlphp: SimpleSamlPhp, sdk: Sdk, by: str
) -> None:
    customer, browser = Customer.of(as_made, simplesamlphp), Browser(_CALLBACK)
    portal = simplesamlphp.portal_url(customer.saml["sp_entity_id"])
    app = {"do": "called_back", "by": by, "redirect_uri": _CALLBACK}
    refused = query(walk(browser, browser.open(portal), ANN).url)
    assert refused["error"] == "idp_initiated_sso_disabled"
    assert refused["error_description"] and refused["error_uri"].endswith("/errors/idp_initiated_sso_disabled")

    again = sdk.run({**app, "query": refused}, as_made.variables)["redirect"]
    assert query(again)[by] == {"connection": customer.connection_id, "organization": customer.organization_id}[by]
    pages = len(browser.visited)
    came = query(walk(browser, browser.open(again), ANN).url)
    assert came["state"] == "anew"
    assert not any("loginuserpass" in url for url in browser.visited[pages:]), "nobody types a password again"
    profile = sdk.run({**app, "query": came}, as_made.variables)["profile"]
    assert (profile["email"], profile["connection_id"]) == ("ann@example.com", customer.connection_id)


def _code(product: Product) -> str:
    start = product.authorize_url(_CALLBACK, organization=product.test_organization_id)
    return query(sign_in(start, HERSELF, _CALLBACK))["code"]


def _swap(sdk: Sdk, product: Product, code: str, *, key: str | None = None) -> dict[str, Any] | None:
    """What the SDK raises."""
    failure: dict[str, Any] | None
    failure = sdk.run({"do": "swap", "code": code, "key": key or product.api_key}, product.variables)["failure"]
    return failure


def _is_refused(sdk: Sdk, failure: dict[str, Any] | None, error: str, description: str) -> None:
    assert failure is not None
    assert (failure["class"], failure["status"]) == (sdk.errors[3], 400)
    assert (failure["error"], failure["error_description"]) == (error, description)
    assert bool(failure["request_id"]) is sdk.knows_request_id


@_every_sdk
def test_oauth_05_the_second_use_of_a_code_is_a_typed_error_and_ends_the_first(product: Product, sdk: Sdk) -> None:
    code = _code(product)
    token = sdk.run({"do": "called_back", "query": {"code": code}}, product.variables)
    show = {"do": "show", "access_token": token["access_token"]}
    assert sdk.run(show, product.variables)["failure"] is None
    _is_refused(sdk, _swap(sdk, product, code), "invalid_grant", f"The code '{code}' has expired or is invalid.")
    gone = sdk.run(show, product.variables)["failure"]
    assert (gone["class"], gone["status"]) == (sdk.errors[1], 401)


@_every_sdk
def test_oauth_06_a_wrong_client_secret_is_a_typed_error_and_spends_nothing(product: Product, sdk: Sdk) -> None:
    code = _code(product)
    for wrong in ("sk_test_wrong", product.api_key[:-1] + ("A" if product.api_key[-1] != "A" else "B")):
        _is_refused(sdk, _swap(sdk, product, code, key=wrong), "invalid_client", "Invalid client ID or secret.")
    assert _swap(sdk, product, code) is None


@_every_sdk
def test_oauth_04_a_code_of_another_environment_is_a_typed_error(product: Product, as_made: Product, sdk: Sdk) -> None:
    code = _code(product)
    _is_refused(sdk, _swap(sdk, as_made, code), "invalid_grant", f"The code '{code}' has expired or is invalid.")
    assert _swap(sdk, product, code) is None


@_every_sdk
def test_oauth_04_an_expired_code_is_a_typed_error(product: Product, sdk: Sdk) -> None:
    code = _code(product)
    with closing(sqlite3.connect(product.data / "dev.db")) as database, database:  # nobody waits for ten minutes
        hashed = sha256(code.encode()).digest()
        changed = database.execute("UPDATE grants SET expires_at = created_at WHERE code_hash = ?", (hashed,))
        assert changed.rowcount == 1
    _is_refused(sdk, _swap(sdk, product, code), "invalid_grant", f"The code '{code}' has expired or is invalid.")
