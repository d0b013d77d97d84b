"""Whole logins through the product with SimpleSAMLphp, which stands on another site (127.0.0.1, not localhost)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.customer import CALLBACK, Customer, answer, code_on
from tests.real.login import Browser, query, sign_in
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, BINDINGS, JOE, SIGNED, Binding, Signed, SimpleSamlPhp
from tests.real.simplesamlphp_config import PEOPLE


@pytest.fixture(scope="module", params=BINDINGS)
def peer(request: pytest.FixtureRequest) -> Iterator[SimpleSamlPhp]:
    """Takes requests by one binding alone, so that its metadata decide."""
    binding: Binding = request.param
    with SimpleSamlPhp(bindings=[binding]) as provider:
        yield provider


@pytest.mark.parametrize("signed", SIGNED)
def test_saml_21_a_person_signs_in(product: Product, peer: SimpleSamlPhp, signed: Signed) -> None:
    customer = Customer.of(product, peer, signed=signed)
    assert product.call("GET", customer.path())[1]["state"] == "validating"
    start = product.authorize_url(CALLBACK, state="s & t", organization=customer.organization_id)
    came = query(sign_in(start, ANN, CALLBACK))
    assert came["state"] == "s & t"
    profile = product.redeem(came["code"])
    assert profile["id"].startswith("prof_")
    expected = {
        "object": "profile",
        "organization_id": customer.organization_id,
        "connection_id": customer.connection_id,
        "connection_type": "SimpleSamlPhpSAML",
        "idp_id": "emp-1001",
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Łukaszewicz",
        "groups": ["Engineering", "Admins & Owners"],
    }
    assert {name: profile[name] for name in expected} == expected
    assert set(PEOPLE["ann"]) <= set(profile["raw_attributes"])
    assert product.call("GET", customer.path())[1]["state"] == "active"


def test_saml_38_who_signs_in_again_is_the_same_person(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp)
    browser = Browser(CALLBACK)
    first = customer.profile(browser=browser)
    pages = len(browser.visited)
    second = customer.profile(browser=browser)  # the provider knows this browser by now
    assert (first["id"], first["email"]) == (second["id"], second["email"])
    assert len(browser.visited) - pages < pages


def test_prompt_login_makes_the_provider_ask_again(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp, "example.com", "elsewhere.test")
    browser = Browser(CALLBACK)
    assert customer.profile(browser=browser)["email"] == "ann@example.com"
    again = customer.start(prompt="login")
    assert customer.profile(JOE, browser, again)["email"] == "joe@elsewhere.test"


def test_saml_37_an_address_outside_the_organization_is_refused(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp)
    came = customer.comes_back(JOE, url=customer.start(state="s"))
    assert (came["error"], came["state"]) == ("profile_not_allowed_outside_organization", "s")


def test_saml_32_an_answer_that_was_stolen_opens_nothing_in_another_browser(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(product, simplesamlphp)
    victim, thief = Browser(CALLBACK), Browser(CALLBACK)
    page, form = answer(victim, victim.open(customer.start()))
    assert code_on(thief.submit(page, form)) == "browser_mismatch"  # a page: it is not this browser's to return from


def test_saml_34_an_answer_is_good_for_one_time(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp)
    browser = Browser(CALLBACK)
    page, form = answer(browser, browser.open(customer.start()))
    assert "code" in query(browser.submit(page, form).url)
    assert "code" not in query(browser.submit(page, form).url)


def test_saml_35_what_was_switched_off_while_somebody_signed_in_lets_nobody_in(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(product, simplesamlphp)
    browser = Browser(CALLBACK)
    page, form = answer(browser, browser.open(customer.start()))
    assert product.call("POST", customer.path("deactivate"))[0] == 200
    assert code_on(browser.submit(page, form)) == "connection_unlinked"


def test_saml_36_an_answer_for_one_connection_opens_no_other(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    one, other = Customer.of(product, simplesamlphp), Customer.of(product, simplesamlphp)
    browser = Browser(CALLBACK)
    page, form = answer(browser, browser.open(one.start()))
    browser.open(other.start())  # a sign-in of the other connection is under way in this browser too
    form.action = str(other.saml["acs_url"])
    assert code_on(browser.submit(page, form)) == "answer_unknown"
