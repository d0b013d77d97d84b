"""Testing a sign-in in a browser: the tab in which it runs, and the first one, which follows by itself."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product


def comes_in(opened: Page, product: Product, email: str, role: str = "developer") -> None:
    """By an invitation, as somebody of the team does."""
    opened.goto(product.terminal("operator", "invite", email, "--role", role)["url"])
    opened.get_by_label("Your name").fill("Ann Example")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Create the account").click()
    expect(opened).to_have_url(f"{product.base_url}/dashboard")


def test_the_first_tab_follows_the_test_in_the_second_one(browser: Browser, product: Product) -> None:
    place = f"{product.base_url}/dashboard/{product.environment_id}/connections/{product.test_connection_id}"
    with page(browser) as first:
        comes_in(first, product, "tester@example.com")
        first.goto(place)
        first.get_by_role("link", name="Test sign-in").click()
        expect(first).to_have_url(f"{place}/test")
        with first.expect_popup() as popping:
            first.get_by_role("button", name="Test sign-in").click()
        second = popping.value
        expect(second).to_have_url(re.compile("/sso/test/"))
        expect(first.get_by_text("Waiting for the sign-in to come back")).to_be_visible()
        assert unfit(second, "sign-in-test-ready") == []
        assert unfit(first, "sign-in-tests-waiting") == []
        second.get_by_role("button", name="Go to the identity provider").click()
        second.get_by_role("button", name=re.compile("Ann")).first.click()
        expect(second.get_by_text("Test successful").first).to_be_visible()
        expect(second).to_have_url(re.compile("/sso/test/"))
        expect(first.get_by_text("Test successful").first).to_be_visible()  # by itself
        assert unfit(second, "sign-in-test-passed") == []
        assert unfit(first, "sign-in-tests-passed") == []
        first.get_by_role("link", name="Every check, what arrived, and how it is mended").click()
        expect(first.get_by_role("heading", name="Checks")).to_be_visible()
        assert unfit(first, "sign-in-test-result") == []
