"""The sign-ins and their traces in a browser: a failed one is found, read, and says what to change."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product


def comes_in(opened: Page, product: Product, email: str) -> None:
    """By an invitation, as somebody of the team does."""
    opened.goto(product.terminal("operator", "invite", email, "--role", "developer")["url"])
    opened.get_by_label("Your name").fill("Ann Example")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Create the account").click()
    expect(opened).to_have_url(f"{product.base_url}/dashboard")


def try_to_sign_in(browser: Browser, product: Product, **changed: str) -> str:
    """To the page of the Test IdP, or to an error page; its text."""
    query = {
        "client_id": product.terminal("environment", "show", product.environment_id)["client_id"],
        "redirect_uri": "http://localhost:3000/callback",
        "response_type": "code",
        "connection": product.test_connection_id,
        **changed,
    }
    with page(browser) as opened:
        opened.goto(f"{product.base_url}/sso/authorize?{urlencode(query)}")
        return opened.locator("main").inner_text()


def test_a_failed_sign_in_is_found_by_its_reference_and_says_what_to_change(browser: Browser, product: Product) -> None:
    place = f"{product.base_url}/dashboard/{product.environment_id}/sign-ins"
    try_to_sign_in(browser, product)
    told = try_to_sign_in(browser, product, redirect_uri="https://elsewhere.example/callback")
    reference = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", told)
    assert reference, told
    with page(browser) as opened:
        comes_in(opened, product, "tracer@example.com")
        opened.goto(place)
        expect(opened.get_by_role("heading", level=1)).to_have_text("Sign-ins")
        assert unfit(opened, "sign-ins") == []
        opened.get_by_label("Reference or ID").fill(reference[0])
        opened.get_by_role("button", name="Show").click()
        expect(opened).to_have_url(re.compile(f"{place}/sess_"))
        expect(opened.get_by_text("redirect URI", exact=False).first).to_be_visible()
        expect(opened.get_by_role("heading", name="How to mend it")).to_be_visible()
        for summary in opened.locator("main summary").all():
            summary.click()
        assert unfit(opened, "trace-refused") == []
        opened.get_by_role("button", name="Make a link").click()
        link = opened.locator("#link").inner_text()
        assert unfit(opened, "trace-shared") == []
        with page(browser) as stranger:
            stranger.goto(link)
            expect(stranger.get_by_role("heading", level=1)).to_contain_text(reference[0])
            assert unfit(stranger, "shared-trace") == []
        opened.goto(f"{place}?email=nobody@example.com")
        assert unfit(opened, "sign-ins-none-found") == []


def test_new_sign_ins_appear_by_themselves_and_wait_while_somebody_reads(browser: Browser, product: Product) -> None:
    place = f"{product.base_url}/dashboard/{product.environment_id}/sign-ins"
    try_to_sign_in(browser, product)
    with page(browser) as opened:
        comes_in(opened, product, "watcher@example.com")
        opened.goto(f"{place}?outcome=refused")
        opened.goto(place)
        rows = opened.locator("main tbody tr")
        expect(opened.get_by_text("New sign-ins appear by themselves.")).to_be_visible()
        count = rows.count()
        try_to_sign_in(browser, product)
        expect(rows).to_have_count(count + 1)
        rows.first.hover()
        try_to_sign_in(browser, product)
        waiting = opened.get_by_role("button", name="1 new sign-in")
        expect(waiting).to_be_visible()
        expect(rows).to_have_count(count + 1)
        assert unfit(opened, "sign-ins-waiting") == []
        waiting.click()
        expect(rows).to_have_count(count + 2)
        opened.get_by_role("button", name="Pause").click()
        expect(opened.get_by_text("Updates paused.")).to_be_visible()
        expect(opened.get_by_role("button", name="Resume")).to_be_visible()


def test_a_response_is_run_again_with_other_settings(browser: Browser, product: Product) -> None:
    place = f"{product.base_url}/dashboard/{product.environment_id}"
    with page(browser) as opened:
        comes_in(opened, product, "replayer@example.com")
        opened.goto(f"{product.base_url}/try")
        opened.get_by_role("link", name=re.compile("Sign in")).first.click()
        opened.get_by_role("button", name=re.compile("Ann")).first.click()
        expect(opened.get_by_text("ann@example.com").first).to_be_visible()
        opened.goto(f"{place}/sign-ins?outcome=good")
        opened.locator("main tbody th a").first.click()
        expect(opened.get_by_text("the application has the profile", exact=False)).to_be_visible()
        assert unfit(opened, "trace-good") == []
        opened.get_by_role("link", name="Run again with other settings").click()
        expect(opened.get_by_text("It would be let in")).to_be_visible()
        assert unfit(opened, "replay-good") == []
        opened.get_by_label("Our entity ID, the audience").fill("https://somebody.example")
        opened.get_by_role("button", name="Run again").click()
        expect(opened.get_by_text("It would be refused")).to_be_visible()
        assert unfit(opened, "replay-refused") == []
