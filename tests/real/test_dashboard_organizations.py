"""An organization and its domain in the Dashboard, in a browser: made, its DNS record copied, and deleted."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page
from tests.real.product import Product
from tests.real.test_dashboard import sign_in

DEVELOPER = "orla@example.com"


def test_an_organization_and_its_domain_from_the_first_to_the_last(browser: Browser, product: Product) -> None:
    link = product.terminal("operator", "invite", DEVELOPER, "--role", "developer")["url"]
    with page(browser) as opened:
        opened.goto(link)
        opened.get_by_label("Your name").fill("Orla Organizer")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")

    with page(browser) as opened:
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(opened, product, DEVELOPER)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(f"{product.base_url}/dashboard/{product.environment_id}/organizations")
        opened.get_by_role("link", name="Create organization").click()
        opened.get_by_label("Name").fill("Umbrella")
        opened.get_by_role("button", name="Create organization").click()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Umbrella")
        umbrella = opened.url
        expect(opened.get_by_text("No domain yet")).to_be_visible()

        opened.get_by_label("Add a domain").fill("umbrella.example")
        opened.get_by_role("button", name="Add", exact=True).click()
        expect(opened.get_by_role("heading", name="umbrella.example")).to_be_visible()
        _, kept = product.call("GET", f"/organizations/{umbrella.rpartition('/')[2]}")
        token = kept["domains"][0]["verification_token"]
        for what, value in (("Name", "umbrella.example"), ("Value", token)):
            copy = opened.get_by_role("button", name=f"{what} of the record for umbrella.example")
            copy.click()
            expect(copy).to_have_text(re.compile("Copied"))
            assert value in opened.evaluate("navigator.clipboard.readText()")

        opened.get_by_role("link", name="umbrella.example", exact=True).click()
        delete = opened.get_by_role("button", name="Delete")
        opened.get_by_label("Domain", exact=True).fill("umbrella.exampel")
        delete.click()
        expect(opened.get_by_label("Domain", exact=True)).to_have_attribute("aria-invalid", "true")
        opened.get_by_label("Domain", exact=True).fill("umbrella.example")
        delete.click()
        expect(opened.get_by_text("No domain yet")).to_be_visible()

        opened.get_by_role("link", name="Settings", exact=True).first.click()
        opened.get_by_role("link", name=re.compile("Delete")).click()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Delete this organization")
        opened.get_by_label("Name").fill("Umbrella")
        opened.get_by_role("button", name="Delete").click()
        expect(opened).to_have_url(re.compile("/organizations$"))
        opened.goto(umbrella)
        expect(opened.get_by_text("entity_not_found")).to_be_visible()
