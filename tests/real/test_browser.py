"""A real browser: /try clicked through, every page looked at by axe, and an identity provider on another site."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp
from tests.real.simplesamlphp_config import PASSWORD


def to_try(opened: Page, product: Product) -> None:
    opened.goto(product.try_url)


def to_the_test_idp(opened: Page, product: Product) -> None:
    opened.goto(product.try_url)
    opened.get_by_role("link", name="Sign in with SSO").click()
    expect(opened.get_by_role("heading", name="Who signs in at Test Organization?")).to_be_visible()


def signed_in(opened: Page, product: Product) -> None:
    to_the_test_idp(opened, product)
    opened.get_by_role("button", name="Sign in as Zoe Admin").click()
    expect(opened.get_by_role("heading", name="Hello, Zoe")).to_be_visible()


def with_faults(opened: Page, product: Product) -> None:
    to_the_test_idp(opened, product)
    opened.get_by_label("E-mail address").fill("nobody")
    opened.get_by_role("button", name="Sign in", exact=True).click()
    expect(opened.get_by_text("Enter one e-mail address")).to_be_visible()
    expect(opened.get_by_label("E-mail address")).to_be_focused()


def handed_off(opened: Page, product: Product) -> None:
    opened.route("**/assets/submit.js", lambda route: route.abort())  # so that the page stays
    to_the_test_idp(opened, product)
    opened.get_by_role("button", name="Sign in as Ann Example").click()
    expect(opened.get_by_role("heading", name="Going on to localhost")).to_be_visible()


def with_everything_open(opened: Page, product: Product) -> None:
    signed_in(opened, product)
    opened.get_by_text("checks passed").click()
    expect(opened.get_by_role("listitem").filter(has_text="signature").first).to_be_visible()


def denied(opened: Page, product: Product) -> None:
    to_the_test_idp(opened, product)
    opened.get_by_role("button", name="Deny the sign-in").click()
    expect(opened.get_by_role("heading", name="The sign-in failed")).to_be_visible()


def refused(opened: Page, product: Product) -> None:
    opened.goto(f"{product.base_url}/sso/authorize?client_id=client_unknown&response_type=code")
    expect(opened.get_by_role("heading", name="We could not sign you in")).to_be_visible()


def explained(opened: Page, product: Product) -> None:
    opened.goto(f"{product.base_url}/errors/signature_missing")
    expect(opened.get_by_role("heading", name="signature_missing")).to_be_visible()


def nowhere(opened: Page, product: Product) -> None:
    opened.goto(f"{product.base_url}/nowhere")
    expect(opened.get_by_role("heading", name="There is nothing here")).to_be_visible()


PAGES: tuple[Callable[[Page, Product], None], ...] = (
    to_try,
    to_the_test_idp,
    with_faults,
    handed_off,
    with_everything_open,
    denied,
    refused,
    explained,
    nowhere,
)
NAMES = [arrive.__name__.replace("_", " ") for arrive in PAGES]


@pytest.mark.parametrize("arrive", PAGES, ids=NAMES)
def test_every_page_is_fit_for_everybody(
    browser: Browser, product: Product, arrive: Callable[[Page, Product], None]
) -> None:
    with page(browser) as opened:
        arrive(opened, product)
        assert unfit(opened, arrive.__name__) == []


def test_try_is_clicked_through(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        signed_in(opened, product)
        profile = json.loads(opened.get_by_role("group", name="Profile (JSON)").inner_text())
        assert profile["object"] == "profile"
        assert (profile["email"], profile["connection_type"]) == ("zoe@example.com", "TestIdp")
        assert profile["groups"] == ["Admins", "Engineering"]
        for step in ("Begun", "Answered", "Granted", "Redeemed"):
            expect(opened.get_by_text(step, exact=True)).to_be_visible()
        assert product.client_id in opened.get_by_role("group", name="Environment").inner_text()
        assert product.api_key not in opened.content()
        opened.reload()  # the code was used and the cookie is gone: said in words, not in a trace
        expect(opened.get_by_role("heading", name="The sign-in failed")).to_be_visible()


def test_joe_is_outside_and_denying_is_a_denial(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        to_the_test_idp(opened, product)
        opened.get_by_role("button", name="Sign in as Joe Guest").click()
        expect(opened.get_by_text("profile_not_allowed_outside_organization")).to_be_visible()
        opened.get_by_role("link", name="What it means, and how to mend it").click()
        expect(opened.get_by_role("heading", name="email_outside_organization")).to_be_visible()
        denied(opened, product)
        expect(opened.get_by_text("access_denied", exact=True)).to_be_visible()


def test_by_keyboard_alone(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        opened.goto(product.try_url)
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Skip to the content")).to_be_focused()
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Sign in with SSO")).to_be_focused()
        opened.keyboard.press("Enter")
        opened.wait_for_url("**/test-idp/sso**")
        opened.keyboard.press("Tab")
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("button", name="Sign in as Ann Example")).to_be_focused()
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", name="Hello, Ann")).to_be_visible()


def test_without_javascript(browser: Browser, product: Product) -> None:
    with page(browser, javascript=False) as opened:
        to_the_test_idp(opened, product)
        opened.get_by_label("E-mail address").fill("new@example.com")
        opened.get_by_label("First name").fill("<b>New</b>")
        opened.get_by_role("button", name="Sign in", exact=True).click()
        opened.get_by_role("button", name="Continue").click()
        expect(opened.get_by_role("heading", name="Hello, <b>New</b>")).to_be_visible()


def test_copying(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        signed_in(opened, product)
        opened.get_by_role("button", name="Copy Flask").click()
        expect(opened.get_by_role("status")).to_have_text("Copied")
        assert "get_authorization_url" in opened.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_an_identity_provider_on_another_site(
    browser: Browser, product: Product, simplesamlphp: SimpleSamlPhp, app: str, binding: str
) -> None:
    """The provider is on 127.0.0.1, we are on localhost: its POST brings our cookie only if browsers let it."""
    organization = product.organization(f"Browser {binding}", "example.com")
    options = {"idp_metadata_url": simplesamlphp.metadata_url}
    connection = product.create("/connections", {"organization_id": organization, "saml_options": options})
    if binding == "post":
        product.call("PATCH", f"/connections/{connection['id']}", {"saml_options": {"sso_binding": "post"}})
    saml = connection["saml_options"]
    simplesamlphp.trust(saml["sp_entity_id"], saml["acs_url"], "assertion")
    assert urlsplit(simplesamlphp.metadata_url).hostname == "127.0.0.1"
    with page(browser) as opened:
        opened.goto(product.authorize_url(app, state="from the browser", organization=organization))
        opened.locator("input[name=username]").fill("ann")
        opened.locator("input[name=password]").fill(PASSWORD)
        opened.locator("input[name=password]").press("Enter")
        opened.wait_for_url(f"{app}?*")
        returned = parse_qs(urlsplit(opened.url).query)
        assert returned["state"] == ["from the browser"]
        assert product.redeem(returned["code"][0])["email"] == "ann@example.com"
        assert [cookie for cookie in opened.context.cookies(product.base_url) if "ls_" in cookie["name"]] == []
