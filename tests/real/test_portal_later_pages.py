"""The last pages of the portal in a browser: the test that the first tab follows, switching on, and later visits."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.real.chromium import page, unfit
from tests.real.product import Product


def test_a_test_is_followed_and_what_comes_later_is_fit_for_everybody(browser: Browser, product: Product) -> None:
    here = ("--environment", product.environment_id)  # other tests make some of their own
    made = product.terminal("portal", "link", *here, "--organization", product.test_organization_id)
    at = f"{product.base_url}/portal"
    with page(browser) as first:
        first.goto(made["url"])
        first.get_by_role("button", name="Open the set-up").click()
        expect(first).to_have_url(at)
        first.goto(f"{at}/attributes")
        assert unfit(first, "portal-attributes-before") == []
        first.goto(f"{at}/test")
        with first.expect_popup() as popping:
            first.get_by_role("button", name=re.compile("Start the test|Test again")).click()
        second = popping.value
        expect(second).to_have_url(re.compile("/sso/test/"))
        expect(first.get_by_text("Waiting for the sign-in to come back")).to_be_visible()
        second.get_by_role("button", name="Go to the identity provider").click()
        second.get_by_role("button", name=re.compile("Ann")).first.click()
        expect(second.get_by_text("Test successful").first).to_be_visible()
        expect(first.get_by_text("Test successful").first).to_be_visible()  # by itself
        assert unfit(first, "portal-test-passed") == []
        first.goto(f"{at}/attributes")
        expect(first.get_by_role("heading", name="Where each field comes from")).to_be_visible()
        assert unfit(first, "portal-attributes-after") == []
        for place in ("connection", "sign-ins", "certificate", "reset"):
            first.goto(f"{at}/{place}")
            expect(first.get_by_role("heading", level=1)).to_be_visible()
            assert unfit(first, f"portal-{place}") == []
