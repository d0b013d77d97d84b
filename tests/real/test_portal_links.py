"""A link in a browser: made in the Dashboard, followed by an IT admin, and taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product


@pytest.fixture(scope="module")
def house() -> Iterator[Product]:
    """One of our own: what is set here is nobody else's business."""
    with Product() as found:
        yield found


@pytest.fixture(scope="module")
def entered(house: Product, browser: Browser) -> Iterator[Page]:
    """The first administrator."""
    with page(browser) as opened:
        opened.goto(house.dashboard_url)
        opened.get_by_label("E-mail address").fill("ann@example.com")
        opened.get_by_label("Your name").fill("Ann Example")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened).to_have_url(f"{house.base_url}/dashboard")
        yield opened


def test_web_07_a_link_leads_an_it_admin_in_and_is_taken_back(house: Product, entered: Page, browser: Browser) -> None:
    globex = house.create("/organizations", {"name": "Globex"})["id"]
    here = f"{house.base_url}/dashboard/{house.environment_id}/organizations/{globex}"
    entered.goto(here)
    expect(entered.get_by_text("recommended")).to_be_visible()
    assert unfit(entered, "organization-two-ways") == []
    entered.get_by_role("link", name="Make a link").click()
    expect(entered.get_by_text("No open link")).to_be_visible()
    entered.get_by_label("Mail it to others").fill("it@globex.example")
    entered.get_by_role("button", name="Make the link").click()
    expect(entered.get_by_text("It was mailed to it@globex.example")).to_be_visible()
    assert unfit(entered, "portal-link-made") == []
    url = entered.locator("#link").inner_text()
    with page(browser) as admin:
        admin.goto(url)
        expect(admin.get_by_text("Globex")).to_be_visible()
        assert unfit(admin, "portal-launch") == []
        admin.get_by_role("button", name="Open the set-up").click()
        expect(admin).to_have_url(f"{house.base_url}/portal")
        expect(admin.get_by_role("heading", name="Single sign-on for Globex")).to_be_visible()
        assert unfit(admin, "portal-start") == []
        entered.goto(f"{here}/links")
        expect(entered.get_by_text("Opened once")).to_be_visible()
        assert unfit(entered, "organization-links") == []
        entered.get_by_role("button", name="Take it back").click()
        expect(entered.get_by_text("No open link")).to_be_visible()
        admin.goto(f"{house.base_url}/portal")
        expect(admin.get_by_role("heading", name="The set-up is not open in this browser")).to_be_visible()
        admin.goto(url)
        expect(admin.get_by_role("heading", name="This link was taken back.")).to_be_visible()
        assert unfit(admin, "portal-revoked") == []


def test_web_07_a_link_opens_without_javascript(house: Product, browser: Browser) -> None:
    acme = house.create("/organizations", {"name": "Acme"})["id"]
    link = house.create("/portal/generate_link", {"organization": acme, "intent": "sso"})["link"]
    with page(browser, javascript=False) as admin:
        admin.goto(link)
        admin.get_by_role("button", name="Open the set-up").click()
        expect(admin.get_by_role("heading", name="Single sign-on for Acme")).to_be_visible()
        admin.get_by_role("button", name="Leave and go on later").click()
        expect(admin.get_by_role("heading", name="You have left the set-up")).to_be_visible()
