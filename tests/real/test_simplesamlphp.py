"""Whole logins through the product with SimpleSAMLphp, which stands on another site (127.0.0.1, not localhost)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.real.login import Browser, query, sign_in, walk
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, BINDINGS, JOE, SIGNED, Binding, Signed, SimpleSamlPhp
from tests.real.simplesamlphp_config import PEOPLE

_CALLBACK = "http://localhost:5999/callback"
_numbers = count(1)


@pytest.fixture(scope="module", params=BINDINGS)
def peer(request: pytest.FixtureRequest) -> Iterator[SimpleSamlPhp]:
    """Takes requests by one binding alone, so that its metadata decide."""
    binding: Binding = request.param
    with SimpleSamlPhp(bindings=[binding]) as provider:
        yield provider


def _connect(product: Product, peer: SimpleSamlPhp, signed: Signed = "assertion", *domains: str) -> dict[str, Any]:
    """An organization with a connection to the identity provider, and its trust in us."""
    organization = product.organization(f"Customer {next(_numbers)}", *(domains or ("example.com",)))
    body = {
        "organization_id": organization,
        "name": "SimpleSAMLphp",
        "connection_type": "SimpleSamlPhpSAML",
        "saml_options": {"idp_metadata_url": peer.metadata_url},
    }
    connection = product.create("/connections", body)
    saml = connection["saml_options"]
    peer.trust(saml["sp_entity_id"], saml["acs_url"], signed)
    return connection


def _arrive(product: Product, url: str) -> dict[str, Any]:
    came = query(url)
    assert "code" in came, f"{url}\n{product.story()}"
    return product.redeem(came["code"])


@pytest.mark.parametrize("signed", SIGNED)
def test_a_person_signs_in(product: Product, peer: SimpleSamlPhp, signed: Signed) -> None:
    connection = _connect(product, peer, signed)
    assert connection["state"] == "validating"
    start = product.authorize_url(_CALLBACK, state="s & t", organization=connection["organization_id"])
    url = sign_in(start, ANN, _CALLBACK)
    assert query(url)["state"] == "s & t"
    profile = _arrive(product, url)
    assert profile["id"].startswith("prof_")
    expected = {
        "object": "profile",
        "organization_id": connection["organization_id"],
        "connection_id": connection["id"],
        "connection_type": "SimpleSamlPhpSAML",
        "idp_id": "emp-1001",
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Łukaszewicz",
        "groups": ["Engineering", "Admins & Owners"],
    }
    assert {name: profile[name] for name in expected} == expected
    assert set(PEOPLE["ann"]) <= set(profile["raw_attributes"])
    assert product.call("GET", f"/connections/{connection['id']}")[1]["state"] == "active"


def test_who_signs_in_again_is_the_same_person(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    connection = _connect(product, simplesamlphp)
    start = product.authorize_url(_CALLBACK, connection=connection["id"])
    browser = Browser(_CALLBACK)
    first = _arrive(product, walk(browser, browser.open(start), ANN).url)
    pages = len(browser.visited)
    second = _arrive(product, walk(browser, browser.open(start), ANN).url)  # the provider knows this browser by now
    assert (first["id"], first["email"]) == (second["id"], second["email"])
    assert len(browser.visited) - pages < pages


def test_prompt_login_makes_the_provider_ask_again(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    connection = _connect(product, simplesamlphp, "assertion", "example.com", "elsewhere.test")
    browser = Browser(_CALLBACK)
    start = product.authorize_url(_CALLBACK, connection=connection["id"])
    assert _arrive(product, walk(browser, browser.open(start), ANN).url)["email"] == "ann@example.com"
    again = product.authorize_url(_CALLBACK, connection=connection["id"], prompt="login")
    assert _arrive(product, walk(browser, browser.open(again), JOE).url)["email"] == "joe@elsewhere.test"


def test_an_address_outside_the_organization_is_refused(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    connection = _connect(product, simplesamlphp)
    start = product.authorize_url(_CALLBACK, state="s", connection=connection["id"])
    came = query(sign_in(start, JOE, _CALLBACK))
    assert (came["error"], came["state"]) == ("profile_not_allowed_outside_organization", "s")


def test_an_answer_that_was_stolen_opens_nothing_in_another_browser(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    connection = _connect(product, simplesamlphp)
    start = product.authorize_url(_CALLBACK, connection=connection["id"])
    victim, thief = Browser(_CALLBACK), Browser(_CALLBACK)
    page = victim.open(start)
    while not any("SAMLResponse" in form.fields for form in page.forms):
        page = victim.submit(page, page.form_with("username"), ANN.fields)
    arrived = thief.submit(page, page.form_with("SAMLResponse"))
    assert 400 <= arrived.status < 500, arrived  # a page: this browser began no sign-in that could be returned from


def test_an_answer_is_good_for_one_time(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    connection = _connect(product, simplesamlphp)
    browser = Browser(_CALLBACK)
    page = browser.open(product.authorize_url(_CALLBACK, connection=connection["id"]))
    while not any("SAMLResponse" in form.fields for form in page.forms):
        page = browser.submit(page, page.form_with("username"), ANN.fields)
    form = page.form_with("SAMLResponse")
    assert "code" in query(browser.submit(page, form).url)
    assert "code" not in query(browser.submit(page, form).url)
