"""Operators' single sign-on in a browser: to the Test IdP and back, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.test_dashboard import sign_in
from tests.real.test_dashboard_second_factors import newcomer


@pytest.fixture
def chosen(product: Product) -> Iterator[None]:
    organization = ("--environment", product.environment_id, "--organization", product.test_organization_id)
    assert product.terminal("operator", "sso", *organization, "--create")["on"]
    yield
    product.terminal("operator", "sso", "--off")


def as_zoe(opened: Page) -> None:
    opened.get_by_role("button", name="Sign in as Zoe Admin").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_operator_comes_by_single_sign_on(
    browser: Browser, product: Product, chosen: None, javascript: bool
) -> None:
    with page(browser, javascript=javascript) as opened:
        opened.goto(f"{product.base_url}/dashboard/account")
        opened.get_by_role("link", name="Sign in with single sign-on").click()
        as_zoe(opened)
        if not javascript:
            opened.get_by_role("button", name="Continue").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard/account")
        expect(opened.locator("dl")).to_contain_text("Support")
        opened.goto(f"{product.base_url}/dashboard/confirm?next=/dashboard/account/second-factors")
        expect(opened.get_by_label("Password")).to_have_count(0)
        if javascript:
            assert unfit(opened, "confirm-sso") == []
        opened.get_by_role("link", name="Use single sign-on again").click()
        as_zoe(opened)
        if not javascript:
            opened.get_by_role("button", name="Continue").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard/account/second-factors")


def test_its_pages_are_fit_for_everybody(browser: Browser, product: Product, chosen: None) -> None:
    newcomer(browser, product, "boss@example.com", "admin")
    with page(browser) as opened:
        opened.goto(f"{product.base_url}/dashboard/sign-in")
        assert unfit(opened, "sign-in-sso") == []
        opened.goto(f"{product.base_url}/dashboard/sign-in/sso/return?state=x&code=y")
        expect(opened.get_by_role("alert")).to_contain_text("another browser")
        assert unfit(opened, "sign-in-sso-refused") == []
        sign_in(opened, product, "boss@example.com")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(f"{product.base_url}/dashboard/team/sso")
        assert unfit(opened, "sso") == []
        opened.get_by_label("Organization ID").fill("org_nobody")
        opened.get_by_role("button", name="Let them in this way").click()
        expect(opened.get_by_label("Organization ID")).to_be_focused()
        assert unfit(opened, "sso-wrong") == []
        opened.goto(f"{product.base_url}/dashboard/team")
        assert unfit(opened, "team-factors") == []
