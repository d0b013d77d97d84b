"""The Dashboard in a browser: the ways in, with and without JavaScript, in both schemes, on wide and narrow screens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import Scheme, overflows, page, too_small, violations
from tests.real.product import Product

LOOKS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]


@pytest.fixture(scope="module")
def admin(product: Product, browser: Browser) -> Iterator[str]:
    """The first administrator, who came by the printed link; their address."""
    with page(browser, javascript=False) as opened:
        opened.goto(product.dashboard_url)
        assert "link=" not in opened.url
        assert fit(opened) == []
        opened.get_by_label("E-mail address").fill("ann@example.com")
        opened.get_by_label("Your name").fill("Ann Example")
        opened.get_by_label("Password").fill("password1234")
        opened.get_by_role("button", name="Create the account").click()
        expect(opened.get_by_label("Password")).to_be_focused()
        assert fit(opened) == []
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
    yield "ann@example.com"


def fit(opened: Page) -> list[str]:
    """What would keep somebody from using this page. axe needs scripts; without them the rest is looked at."""
    found = ["has to be pushed sideways"] if overflows(opened) else []
    return found + too_small(opened)


def sign_in(opened: Page, product: Product, email: str, password: str = PASSWORD) -> None:
    opened.goto(f"{product.base_url}/dashboard/sign-in")
    opened.get_by_label("E-mail address").fill(email)
    opened.get_by_label("Password").fill(password)
    opened.keyboard.press("Enter")


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_ways_in_are_fit_for_everybody(
    browser: Browser, product: Product, admin: str, scheme: Scheme, width: int
) -> None:
    invited = product.terminal("operator", "invite", f"{scheme}{width}@example.com", "--role", "support")
    with page(browser, scheme=scheme, width=width) as opened:
        opened.goto(f"{product.base_url}/dashboard")
        for seen in ("sign-in", "welcome", "home", "confirm", "refused"):
            if seen == "welcome":
                opened.goto(invited["url"])
            elif seen == "home":
                sign_in(opened, product, admin)
                expect(opened).to_have_url(f"{product.base_url}/dashboard")
            elif seen == "confirm":
                opened.goto(f"{product.base_url}/dashboard/confirm")
            elif seen == "refused":
                opened.context.clear_cookies()
                opened.goto(f"{product.base_url}/dashboard/welcome")
            assert violations(opened) == [], seen
            assert fit(opened) == [], seen


def test_signing_in_and_out_with_the_keyboard(browser: Browser, product: Product, admin: str) -> None:
    with page(browser) as opened:
        opened.goto(f"{product.base_url}/dashboard")
        expect(opened).to_have_url(f"{product.base_url}/dashboard/sign-in?next=/dashboard")
        expect(opened.get_by_label("E-mail address")).to_be_focused()
        opened.keyboard.type("ann@example.com")
        opened.keyboard.press("Tab")
        opened.keyboard.type("not this password")
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("alert")).to_contain_text("do not belong together")
        expect(opened.get_by_label("Password")).to_be_focused()  # the address is kept
        assert violations(opened) == []
        opened.keyboard.type(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.get_by_role("button", name="Sign out").focus()
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(f"{product.base_url}/dashboard/sign-in")
        opened.go_back()
        opened.reload()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Sign in")
