"""Signing out with the official SDKs, as a whole: their link, the provider, and back to the application.

Python from 6 has `authorize_logout` and `get_logout_url`. Node up to 11 and Python up to 5 have no word for SSO logout,
so there the SDK's own way to send a request is used: `workos.post` in Node, the HTTP client of `sso` in Python.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from tests.real.conftest import OidcProviders
from tests.real.login import Browser, query, walk
from tests.real.oidc_customer import CALLBACK, OidcCustomer, confirmed
from tests.real.oidc_provider import ANN
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk

_HAS_A_WORD = "10.8.0"


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)
def test_an_application_signs_a_person_out(product: Product, oidc_providers: OidcProviders, sdk: Sdk) -> None:
    customer, browser = OidcCustomer.of(product, oidc_providers(True)), Browser(CALLBACK)
    begin = {
        "do": "begin",
        "redirect_uri": CALLBACK,
        "state": "s",
        "organization": customer.connection["organization_id"],
    }
    start = sdk.run(begin, product.variables)["authorization_url"]
    came = query(walk(browser, browser.open(start), ANN).url)
    token = sdk.run({"do": "called_back", "query": came}, product.variables)
    assert token["profile"]["email"] == "ann@example.com"
    show = {"do": "show", "access_token": token["access_token"]}
    assert sdk.run(show, product.variables)["failure"] is None

    link = sdk.run({"do": "sign_out", "profile_id": token["profile"]["id"]}, product.variables)
    assert link["failure"] is None
    assert link["logout_url"] == f"{product.base_url}/sso/logout?token={link['logout_token']}"
    assert link.get("helper") == (link["logout_url"] if sdk.version == _HAS_A_WORD else None)
    question = browser.open(f"{link['logout_url']}&return_to={quote(CALLBACK, safe='')}")
    assert urlsplit(question.url).netloc == urlsplit(customer.peer.issuer).netloc
    assert confirmed(browser, question).url == CALLBACK

    assert sdk.run(show, product.variables)["failure"]["class"] == sdk.errors[1]
    assert customer.is_asked_who_it_is(browser)


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.version)
def test_who_cannot_be_signed_out_is_a_typed_error(product: Product, oidc_providers: OidcProviders, sdk: Sdk) -> None:
    unknown = sdk.run({"do": "sign_out", "profile_id": "prof_00000000000000000000000000"}, product.variables)["failure"]
    assert (unknown["class"], unknown["status"]) == (sdk.errors[0], 404)
    assert "prof_00000000000000000000000000" in unknown["message"]

    customer, browser = OidcCustomer.of(product, oidc_providers(True)), Browser(CALLBACK)
    profile = customer.signed_in(browser)["profile"]
    assert product.call("POST", f"/connections/{customer.connection['id']}/deactivate")[0] == 200
    refused = sdk.run({"do": "sign_out", "profile_id": profile["id"]}, product.variables)["failure"]
    assert (refused["class"], refused["status"]) == (sdk.errors[3], 400)
    assert refused["error"] == "connection_invalid"
    assert "Single Logout" in refused["error_description"]
