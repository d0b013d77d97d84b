"""Connections in the Dashboard, in a browser: one is made for an organization and set up with a real provider."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from latchstring.effects import keys
from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp
from tests.real.test_dashboard import sign_in

DEVELOPER = "cora@example.com"


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
        expect(opened.get_by_text("saml20-sp-remote.php").first).to_be_visible()
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
        opened.get_by_role("navigation", name="Connection").get_by_role("link", name="Overview").click()
        expect(opened.get_by_text(simplesamlphp.sso_url)).to_be_visible()


@pytest.fixture(scope="module")
def connection(product: Product, acme: str) -> str:
    """The page of one that is set up, with keys of ours."""
    certificate, _key = keys.rsa_pair("idp", datetime(2026, 1, 1, tzinfo=UTC))
    options = {
        "idp_entity_id": "https://idp.acme-pages.example",
        "idp_sso_url": "https://idp.acme-pages.example/sso",
        "idp_signing_certs": [certificate],
        "sign_requests": True,
        "encrypt_assertions": True,
    }
    body = {"organization_id": acme.rpartition("/")[2], "connection_type": "OktaSAML", "saml_options": options}
    made = product.create("/connections", body)["id"]
    return f"{product.base_url}/dashboard/{product.environment_id}/connections/{made}"


def test_a_certificate_is_added_and_a_key_rotated_without_javascript(
    browser: Browser, product: Product, developer: str, connection: str
) -> None:
    certificate, _key = keys.rsa_pair("idp", datetime(2026, 2, 1, tzinfo=UTC))
    with page(browser, javascript=False) as opened:
        sign_in(opened, product, developer)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(f"{connection}/certificates")
        opened.get_by_label("Or its text").fill(certificate)
        opened.get_by_role("button", name="Trust it").click()
        expect(
            opened.get_by_role("table", name="Certificates of the identity provider").get_by_role("row")
        ).to_have_count(3)
        opened.get_by_role("button", name="Make a key").click()
        ours = opened.get_by_role("table", name="Our certificates for signatures")
        ours.get_by_role("row").filter(has_text="waits").get_by_role("link").click()
        opened.get_by_role("button", name="Sign with this key").click()
        ours.get_by_role("row").filter(has_text="published").get_by_role("link").click()
        start = opened.get_by_role("heading", name="Certificate ").first.inner_text().rpartition(" ")[2]
        opened.get_by_label("Beginning of the fingerprint").fill(start)
        opened.get_by_role("button", name="Remove").click()
        expect(ours.get_by_role("row")).to_have_count(2)


def test_the_pages_of_a_connection_are_fit_for_everybody(
    browser: Browser, product: Product, developer: str, acme: str, connection: str
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, developer)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        for name, path in (
            ("connection-types", ""),
            ("connection-types-none-found", "?search=nobody"),
            ("connection-new", "?type=OktaSAML"),
        ):
            opened.goto(f"{acme}/connections/new{path}")
            assert unfit(opened, name) == []
        make(opened, acme, "okta saml", "Okta SAML", "Okta")
        assert unfit(opened, "connection-set-up-saml") == []
        opened.get_by_label("Metadata URL", exact=True).fill("nowhere")
        opened.get_by_role("button", name="Read the metadata").click()
        expect(opened.get_by_label("Metadata URL", exact=True)).to_be_focused()
        assert unfit(opened, "connection-set-up-fault") == []
        make(opened, acme, "okta oidc", "Okta OIDC", "Okta OIDC")
        assert unfit(opened, "connection-set-up-oidc") == []
        make(opened, acme, "ad fs", "Microsoft AD FS", "AD FS")  # with scripts, rules and drawings
        assert unfit(opened, "connection-set-up-adfs") == []
        make(opened, acme, "apple", "Sign in with Apple", "Apple")
        assert unfit(opened, "connection-set-up-oauth") == []
        opened.goto(f"{connection}/certificates")
        assert unfit(opened, "connection-certificates") == []
        opened.get_by_role("table").first.get_by_role("link").first.click()
        opened.wait_for_url(lambda url: not url.endswith("/certificates"))
        assert unfit(opened, "connection-certificate") == []
        opened.goto(f"{connection}/settings")
        assert unfit(opened, "connection-settings") == []
        opened.get_by_label("Clocks may differ by, in seconds").fill("9999")
        opened.get_by_role("button", name="Save the options").click()
        expect(opened.get_by_role("alert")).to_contain_text("Nothing was changed.")
        assert unfit(opened, "connection-settings-fault") == []
        opened.goto(f"{connection}/settings/delete")
        assert unfit(opened, "connection-delete") == []
