"""The audit log and the pages of settings in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.protocols.test_branding import png
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


def test_every_page_of_settings_is_fit_for_everybody(house: Product, entered: Page) -> None:
    house.create("/organizations", {"name": "Acme & a very very very long name " * 3})
    house.terminal("provider", "set", "AppleOAuth")
    for name, path in {
        "sign-in-settings": f"/dashboard/{house.environment_id}/settings/sign-in",
        "oauth": f"/dashboard/{house.environment_id}/settings/oauth",
        "oauth-none": f"/dashboard/{house.environment_id}/settings/oauth/GoogleOAuth",
        "oauth-apple": f"/dashboard/{house.environment_id}/settings/oauth/AppleOAuth",
        "branding": f"/dashboard/{house.environment_id}/settings/branding",
        "mail": "/dashboard/settings/mail?sent=yes",
        "audit": "/dashboard/audit",
        "audit-none": "/dashboard/audit?target=nobody&since=2026-11-01",
        "audit-check": "/dashboard/audit/check",
        "audit-faulty": "/dashboard/audit?since=soon",
    }.items():
        entered.goto(house.base_url + path)
        assert unfit(entered, name) == [], name


def test_i5_a_change_is_found_in_the_audit_log(house: Product, entered: Page) -> None:
    made = house.create("/organizations", {"name": "Globex"})["id"]
    entered.goto(f"{house.base_url}/dashboard")
    entered.get_by_role("link", name="Audit log").click()
    expect(entered.get_by_text("Unbroken up to entry")).to_be_visible()
    entered.get_by_label("What was done").select_option("organization.created")
    entered.get_by_label("To what").fill(made)
    entered.get_by_role("button", name="Show", exact=True).click()
    expect(entered.locator("tbody tr")).to_have_count(1)
    expect(entered.locator("tbody tr")).to_contain_text("Globex")
    with entered.expect_download() as waiting:
        entered.get_by_role("link", name="Export as CSV").click()
    assert made in waiting.value.path().read_text()


def test_i5_a_branding_is_seen_by_people(house: Product, entered: Page, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(120, 40))
    entered.goto(f"{house.base_url}/dashboard")
    entered.goto(f"{house.base_url}/dashboard/{house.environment_id}/settings/branding")
    entered.get_by_label("Name of the application").fill("Acme")
    entered.get_by_label("Logo", exact=True).set_input_files(tmp_path / "logo.png")
    entered.get_by_label("Colour of buttons").fill("#f0bf63")
    entered.get_by_label("E-mail address for help").fill("help@acme.example")
    entered.get_by_role("button", name="Save").click()
    expect(entered.get_by_text("Black text on it has a contrast of")).to_be_visible()
    assert unfit(entered, "branding-set") == []
    with page(browser) as somebody:
        somebody.goto(f"{house.base_url}/sso/authorize?client_id={house.client_id}&redirect_uri=https://no.example")
        expect(somebody.get_by_text("help@acme.example")).to_be_visible()
        expect(somebody.locator("img.logo")).to_have_js_property("naturalWidth", 120)
        assert unfit(somebody, "branded-failed") == []
