"""A real browser in German: the language is chosen at the foot of a page, stays, and long words fit a narrow window."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.real.chromium import page, unfit
from tests.real.product import Product


def test_a_page_speaks_german_once_it_was_asked_to(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        opened.goto(product.try_url)
        opened.get_by_role("button", name="Deutsch").click()
        expect(opened.get_by_role("heading", name="Eine Anmeldung ausprobieren")).to_be_visible()
        for path, heading in (
            ("/try", "Eine Anmeldung ausprobieren"),
            ("/dashboard/sign-in", "Anmelden"),
            ("/errors/audience_mismatch", "audience_mismatch"),
            ("/nowhere", "Hier ist nichts"),
            ("/sso/authorize?client_id=client_unknown&response_type=code", "Wir konnten Sie nicht anmelden"),
        ):
            opened.set_viewport_size({"width": 1280, "height": 800})
            opened.goto(f"{product.base_url}{path}")
            expect(opened.get_by_role("heading", name=heading, exact=True)).to_be_visible()
            assert opened.locator("html").get_attribute("lang") == "de"
            assert unfit(opened, f"german-{path.split('?')[0].strip('/').replace('/', '-')}") == [], path
