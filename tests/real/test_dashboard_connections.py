"""Connections in the Dashboard, in a browser: one is made for an organization and set up with a real provider."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp
from tests.real.test_dashboard import sign_in

DEVELOPER = "dora@example.com"


@pytest.fixture(scope="module")
def developer(product: Product, browser: Browser) -> Iterator[str]:
    link = product.terminal("operator", "invite", DEVELOPER, "--role", "developer")["url"]
    with page(browser) as opened:
        opened.goto(link)
        opened.get_by_label("Your name").fill("Dora Developer")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
    yield DEVELOPER


@pytest.fixture(scope="module")
def acme(product: Product) -> str:
    """The page of an organization."""
    made = product.create("/organizations", {"name": "Acme", "domains": ["acme-pages.example"]})["id"]
    return f"{product.base_url}/dashboard/{product.environment_id}/organizations/{made}"


def make(opened: Page, acme: str, search: str, choice: str, name: str) -> None:
    opened.goto(acme)
    opened.get_by_role("link", name="Set up a connection").click()
    opened.get_by_label(re.compile("Search for")).fill(search)
    opened.keyboard.press("Enter")
    opened.get_by_role("link", name=choice).click()
    opened.get_by_label("Name").fill(name)
    opened.get_by_role("button", name="Create the connection").click()
    expect(opened).to_have_url(re.compile("/connections/conn_[^/]+/set-up$"))
    expect(opened.get_by_text("Waiting for the details of the identity provider.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_connection_is_made_and_set_up_with_simplesamlphps_metadata(
    browser: Browser,
    product: Product,
    developer: str,
    acme: str,
    simplesamlphp: SimpleSamlPhp,
    tmp_path: Path,
    javascript: bool,
) -> None:
    """By file, and by pasted text where there are no scripts."""
    with urllib.request.urlopen(simplesamlphp.metadata_url) as answer:
        document = answer.read()
    with page(browser, javascript=javascript) as opened:
        sign_in(opened, product, developer)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        make(opened, acme, "simplesaml", "SimpleSAMLphp", f"Campus {javascript}")
        expect(opened.get_by_text("metadata/saml20-sp-remote.php").first).to_be_visible()
        opened.get_by_text("By its metadata file").click()
        if javascript:
            wrong = tmp_path / "page.html"
            wrong.write_text("<!doctype html><title>Sign in</title><p>Please sign in.")
            opened.get_by_label("Metadata file").set_input_files(wrong)
            opened.get_by_role("button", name="Read the file").click()
            expect(opened.get_by_text("This is a web page, not a metadata document.")).to_be_visible()
            file = tmp_path / "idp.xml"
            file.write_bytes(document)
            opened.get_by_label("Metadata file").set_input_files(file)
        else:
            opened.get_by_label("Or its text").fill(document.decode())
        opened.get_by_role("button", name="Read the file").click()
        expect(opened.get_by_text("Read and kept.")).to_be_visible()
        expect(opened.get_by_text(f"Issuer: {simplesamlphp.entity_id}")).to_be_visible()
        expect(opened.get_by_text("Configured. It becomes active on the first good sign-in.")).to_be_visible()
        opened.get_by_role("link", name="Overview").click()
        expect(opened.get_by_text(simplesamlphp.sso_url)).to_be_visible()


def test_the_pages_of_a_connection_are_fit_for_everybody(
    browser: Browser, product: Product, developer: str, acme: str
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, developer)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        for name, path in (("types", ""), ("types-none-found", "?search=nobody"), ("new", "?type=OktaSAML")):
            opened.goto(f"{acme}/connections/new{path}")
            assert unfit(opened, f"connection-{name}") == []
        make(opened, acme, "okta saml", "Okta SAML", "Okta")
        assert unfit(opened, "connection-set-up-saml") == []
        opened.get_by_label("Metadata URL", exact=True).fill("nowhere")
        opened.get_by_role("button", name="Read the metadata").click()
        expect(opened.get_by_label("Metadata URL", exact=True)).to_be_focused()
        assert unfit(opened, "connection-set-up-fault") == []
        make(opened, acme, "okta oidc", "Okta OIDC OpenID Connect", "Okta OIDC")
        assert unfit(opened, "connection-set-up-oidc") == []
        make(opened, acme, "apple", "Sign in with Apple", "Apple")
        assert unfit(opened, "connection-set-up-oauth") == []
