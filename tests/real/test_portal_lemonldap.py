"""A link alone: an IT admin who knows only LemonLDAP::NG sets single sign-on up, and the application signs in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.real.chromium import SHOTS, page
from tests.real.lemonldap import LemonLdap
from tests.real.login import query
from tests.real.product import Product

# What the admin knows: how LemonLDAP::NG calls a person's values.
VALUES = {
    "immutable user id": "uid",
    "email address": "mail",
    "given name": "givenName",
    "family name": "sn",
    "group names, one value each": "groups",
}


@pytest.fixture(scope="module")
def peer() -> Iterator[LemonLdap]:
    with LemonLdap() as provider:
        yield provider


def _keep(opened: Page, name: str) -> None:
    """A picture for a person to look at."""
    if SHOTS:
        opened.screenshot(path=Path(SHOTS) / f"lemonldap-{name}.png", full_page=True)


def _headed(opened: Page, words: str) -> None:
    expect(opened.get_by_role("heading", level=1)).to_contain_text(words)
    _keep(opened, re.sub("[^a-z]+", "-", words.lower()))


def _signs_in(opened: Page) -> None:
    """Ann, on the page of LemonLDAP::NG."""
    opened.locator("#userfield").fill("ann")
    opened.locator("#passwordfield").fill("ann")
    opened.locator("#passwordfield").press("Enter")


def _follows_the_guide(admin: Page, peer: LemonLdap) -> None:
    """Step by step; what LemonLDAP::NG needs is taken from the page, and nothing else is known."""
    _headed(admin, "LemonLDAP: Add an application")
    admin.get_by_role("button", name="I have done this").click()
    _headed(admin, "Enter our values")
    metadata_url = admin.locator("#give-sp_metadata_url").inner_text()
    admin.get_by_role("button", name="I have done this").click()
    for words in ("Let it sign", "Say who it is"):
        _headed(admin, words)
        admin.get_by_role("button", name="I have done this").click()
    _headed(admin, "Send the attributes")
    rows = [row.locator("th, td").all_inner_texts() for row in admin.locator("tbody tr").all()]
    attributes = {VALUES[comes_from]: name for name, comes_from in rows}
    peer.trust_metadata("the application", metadata_url, attributes=attributes)
    admin.get_by_role("button", name="I have done this").click()
    _headed(admin, "Assign people")
    admin.get_by_role("button", name="I have done this").click()
    _headed(admin, "Bring its metadata here")
    admin.get_by_role("button", name="I have done this").click()


def test_a_link_leads_to_a_connection_that_works(product: Product, peer: LemonLdap, browser: Browser, app: str) -> None:
    house = product.environment("Limoncello's supplier", app)
    organization = house.organization("Limoncello", "example.com")
    link = house.create("/portal/generate_link", {"organization": organization, "intent": "sso"})["link"]
    with page(browser) as admin:
        admin.goto(link)
        admin.get_by_role("button", name="Open the set-up").click()
        _headed(admin, "Single sign-on for Limoncello")
        admin.get_by_role("link", name="Begin").click()
        _headed(admin, "Show that your domain is yours")
        admin.get_by_role("button", name="Go on", exact=True).click()
        _headed(admin, "Choose your identity provider")
        admin.get_by_label("Search").fill("LemonLDAP")
        admin.get_by_role("button", name="Search", exact=True).click()
        expect(admin.get_by_text("Nothing here is called “LemonLDAP”.")).to_be_visible()
        expect(admin.get_by_label("What is it called?")).to_have_value("LemonLDAP")
        admin.get_by_role("button", name="Custom SAML").click()
        _follows_the_guide(admin, peer)
        _headed(admin, "Bring the details of LemonLDAP here")
        admin.get_by_label("Metadata URL", exact=True).fill(peer.metadata_url)
        admin.get_by_role("button", name="Read the metadata").click()
        expect(admin.get_by_text("Read and kept")).to_be_visible()
        expect(admin.get_by_text(f"Issuer: {peer.entity_id}")).to_be_visible()
        _keep(admin, "read")
        admin.get_by_role("button", name="Go on", exact=True).click()
        _headed(admin, "Attributes")
        admin.get_by_role("button", name="Go on to the test").click()
        _headed(admin, "Test the sign-in")
        with admin.context.expect_page() as opening:
            admin.get_by_role("button", name="Start the test").click()
        tab = opening.value
        tab.get_by_role("button", name="Go to the identity provider").click()
        _signs_in(tab)
        expect(tab.get_by_text("Test successful").first).to_be_visible()
        expect(admin.get_by_text("Signed in as ann@example.com.")).to_be_visible()  # by itself
        _keep(admin, "tested")
        admin.get_by_role("button", name="Turn on").click()
        _headed(admin, "Single sign-on is on")
        expect(admin.get_by_text("People of Limoncello can sign in through LemonLDAP now.")).to_be_visible()
    with page(browser) as person:
        person.goto(house.authorize_url(app, organization=organization))
        _signs_in(person)
        person.wait_for_url(f"{app}?*")
        profile = house.redeem(query(person.url)["code"])
    assert (profile["email"], profile["first_name"], profile["idp_id"]) == ("ann@example.com", "Ann", "ann")
    assert sorted(profile["groups"]) == ["Admins & Owners", "Engineering"]
