"""The attribute mapper in a browser, with a SimpleSAMLphp that puts the address where the surname belongs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.customer import Customer
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, JOE, SimpleSamlPhp

SURNAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
MISPLACED = {"50": {"class": "core:AttributeMap", "email": SURNAME, "lastName": "lastname2"}}


@pytest.fixture
def customer(product: Product, simplesamlphp: SimpleSamlPhp) -> Customer:
    return Customer.of(product, simplesamlphp, options={"authproc": MISPLACED})


def come(opened: Page, product: Product, email: str) -> None:
    """Somebody who may change things is invited, and comes."""
    opened.goto(product.terminal("operator", "invite", email, "--role", "developer")["url"])
    opened.get_by_label("Your name").fill("Dora")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Create the account").click()
    expect(opened).to_have_url(f"{product.base_url}/dashboard")


@pytest.fixture
def opened(product: Product, browser: Browser) -> Iterator[Page]:
    with page(browser) as found:
        come(found, product, "dora@example.com")
        yield found


def test_misplaced_attributes_are_mended_and_taken_back(opened: Page, product: Product, customer: Customer) -> None:
    """Recommended, looked at, applied, signed in, taken back; every page on the way is fit for everybody."""
    mapper = f"{product.base_url}/dashboard/{product.environment_id}/connections/{customer.connection_id}/attributes"
    opened.goto(mapper)
    expect(opened.get_by_role("heading", name="We have not seen a sign-in yet")).to_be_visible()
    assert unfit(opened, "attributes-empty") == []
    for person in (ANN, JOE):
        assert customer.comes_back(person)["error_uri"].endswith("/attributes_missing")

    opened.reload()
    card = opened.locator("#email_in_last_name")
    expect(card).to_contain_text("The last name receives an e-mail address")
    expect(opened.get_by_role("main")).to_contain_text("2 profiles await reconciliation")
    expect(opened.get_by_role("main")).not_to_contain_text("ann@example.com")
    assert unfit(opened, "attributes") == []
    opened.get_by_role("link", name="Show values").click()
    expect(opened.get_by_role("main")).to_contain_text("ann@example.com")
    opened.get_by_role("link", name="Review them").click()
    expect(opened.get_by_role("heading", name="Awaiting reconciliation")).to_be_visible()
    assert unfit(opened, "awaiting") == []
    opened.go_back()

    card.get_by_role("button", name="Preview").click()
    expect(opened.get_by_role("main")).to_contain_text(
        "Nothing was changed yet. Of the last 2 sign-ins: 1 becomes good"
    )
    assert unfit(opened, "attributes-preview") == []
    opened.get_by_role("button", name="Apply").click()
    expect(opened.locator("#applied")).to_contain_text("Done.")
    assert unfit(opened, "attributes-applied") == []
    signed_in = customer.profile(ANN)
    assert (signed_in["email"], signed_in["last_name"]) == ("ann@example.com", "Łukaszewicz")

    opened.reload()
    opened.get_by_role("link", name="Change what people are known by").click()
    expect(opened.get_by_label("Source of idp_id", exact=True)).to_be_visible()
    assert unfit(opened, "attributes-identifier") == []
    opened.get_by_label("Source of idp_id", exact=True).fill("lastname2")
    opened.get_by_role("button", name="See whom it would cost").click()
    opened.get_by_role("button", name="Apply").click()
    expect(opened.get_by_label("Name of the connection")).to_be_focused()
    assert unfit(opened, "attributes-orphans") == []

    opened.goto(f"{product.base_url}/dashboard/{product.environment_id}/settings/attributes")
    opened.get_by_label("Name", exact=True).fill("badge_number")
    opened.get_by_role("button", name="Add").click()
    expect(opened.get_by_role("link", name="Remove badge_number")).to_be_visible()
    assert unfit(opened, "custom-attributes") == []
    opened.get_by_role("link", name="Remove badge_number").click()
    expect(opened.get_by_role("button", name="Remove it")).to_be_visible()
    assert unfit(opened, "custom-attribute") == []
    opened.get_by_role("button", name="Remove it").click()
    expect(opened.get_by_label("Name", exact=True)).to_be_focused()
    assert unfit(opened, "custom-attribute-remove") == []

    opened.goto(f"{mapper}/awaiting")
    with opened.expect_navigation():
        opened.get_by_role("button", name="Forget").first.click()
    expect(opened.get_by_role("heading", name="Nobody awaits reconciliation")).to_be_visible()
    assert unfit(opened, "awaiting-nobody") == []


def test_a_change_is_taken_back_without_javascript(browser: Browser, product: Product, customer: Customer) -> None:
    assert "error" in customer.comes_back(ANN)
    with page(browser, javascript=False) as plain:
        come(plain, product, "dave@example.com")
        plain.goto(
            f"{product.base_url}/dashboard/{product.environment_id}/connections/{customer.connection_id}/attributes"
        )
        plain.get_by_label("Source of email", exact=True).fill(SURNAME)
        plain.get_by_role("button", name="Preview the effect").click()
        plain.get_by_role("button", name="Apply").click()
        assert customer.profile(ANN)["email"] == "ann@example.com"
        plain.get_by_role("button", name="Undo").click()
        expect(plain.locator("#applied")).to_contain_text("the usual names instead of")
    assert customer.comes_back(ANN)["error_uri"].endswith("/attributes_missing")
