"""Tried as a new developer would, in a browser alone: from a fresh `latchstring dev` to a sign-in by SimpleSAMLphp.

The set-up is broken in the five ways that are met most, and each time the page of the test alone tells what to change,
and so does the trace. Of somebody who is not assigned some providers send an error, and some send nothing, ever.
Only what the customer's administrator does, in the files of SimpleSAMLphp, is done behind the scenes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.real.simplesamlphp import (
    KEPT_THERE,
    NO_EMAIL,
    NOT_ASSIGNED,
    OTHER_AUDIENCE,
    SECOND_KEY,
    SimpleSamlPhp,
)
from tests.real.simplesamlphp_config import PASSWORD as OF_ANN


@pytest.fixture(scope="module")
def fresh() -> Iterator[Product]:
    """A product that nobody has used yet."""
    with Product() as found:
        yield found


def first_administrator(opened: Page, product: Product) -> None:
    opened.goto(product.dashboard_url)
    opened.get_by_label("E-mail address").fill("ann@example.com")
    opened.get_by_label("Your name").fill("Ann Example")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Create the account").click()
    expect(opened).to_have_url(f"{product.base_url}/dashboard")


def organization(opened: Page, product: Product) -> str:
    """With a domain that is said to be proven; its id."""
    opened.goto(f"{product.base_url}/dashboard/{product.environment_id}/organizations")
    opened.get_by_role("link", name="Create organization").first.click()
    opened.locator("main").get_by_label("Name").fill("Globex")
    opened.get_by_label("Domains").fill("example.com")
    opened.get_by_role("button", name="Create organization").click()
    expect(opened.get_by_role("heading", level=1)).to_have_text("Globex")
    opened.get_by_role("link", name="example.com").click()
    opened.get_by_role("button", name="It is theirs: verify by hand").click()
    expect(opened.get_by_text("by hand")).to_be_visible()
    return opened.locator("#id").inner_text()


def connection(opened: Page, provider: SimpleSamlPhp) -> str:
    """Through the guide of SimpleSAMLphp; the entity ID by which it knows us."""
    opened.get_by_role("link", name="Set up a connection").click()
    opened.get_by_role("link", name="SimpleSAMLphp").click()
    opened.get_by_role("button", name="Create the connection").click()
    expect(opened.get_by_role("heading", name="1. Set it up at the identity provider")).to_be_visible()
    entity_id = provider.trust_metadata(opened.locator("#give-sp_metadata_url").inner_text())
    opened.get_by_label("Metadata URL").fill(provider.metadata_url)
    opened.get_by_role("button", name="Read the metadata").click()
    expect(opened.get_by_text("Read and kept.")).to_be_visible()
    return entity_id


def begin_test(opened: Page) -> Page:
    """In its own tab, up to the identity provider."""
    with opened.expect_popup() as popping:
        opened.get_by_role("button", name="Test sign-in").click()
    tab = popping.value
    tab.get_by_role("button", name="Go to the identity provider").click()
    return tab


def read_trace(opened: Page, *words: str, shot: str | None = None) -> None:
    """Of the newest test, from the page of the tests, and back to it."""
    opened.reload()  # whatever came in the other tab is here now
    opened.get_by_role("link", name="Open the trace").click()
    expect(opened.get_by_role("heading", name="Timeline")).to_be_visible()
    for word in ("This can be mended by", *words):
        expect(opened.locator("main")).to_contain_text(word)
    if shot is not None:
        assert unfit(opened, shot) == []
    opened.go_back()
    expect(opened.get_by_role("heading", name="Tests so far")).to_be_visible()


def run_test(opened: Page) -> Page:
    """Up to its result. SimpleSAMLphp knows the browser from the second time on."""
    tab = begin_test(opened)
    result = tab.get_by_text(re.compile("^Test (successful|failed)$"))
    expect(result.or_(tab.get_by_label("Username")).first).to_be_visible()
    if tab.get_by_label("Username").is_visible():
        tab.get_by_label("Username").fill("ann")
        tab.get_by_label("Password").fill(OF_ANN)
        tab.keyboard.press("Enter")
    expect(result.first).to_be_visible()
    return tab


# What the administrator has wrong, and how far the clock goes wrong -> the code, and words of what is to be done.
BROKEN: Mapping[str, tuple[Mapping[str, object], int, str, tuple[str, ...]]] = {
    "certificate": (SECOND_KEY, 0, "certificate_unknown", ("certificate", "metadata/saml20-idp-hosted.php")),
    "audience": (OTHER_AUDIENCE, 0, "audience_mismatch", ("https://another.example/sp", "entity ID")),
    "email": (NO_EMAIL, 0, "attributes_missing", ("email", "core:AttributeMap")),
    "clock": ({}, -1200, "response_too_old", ("clock",)),
    "unassigned": (NOT_ASSIGNED, 0, "idp_refused", ("not assigned", "authorize:Authorize")),
}


def test_from_nothing_to_a_sign_in_with_five_mistakes_on_the_way(
    browser: Browser, fresh: Product, simplesamlphp: SimpleSamlPhp, app: str
) -> None:
    with page(browser) as opened:
        first_administrator(opened, fresh)
        organization_id = organization(opened, fresh)
        entity_id = connection(opened, simplesamlphp)
        metadata_url = opened.locator("#give-sp_metadata_url").inner_text()
        opened.get_by_role("link", name="Test sign-in").click()
        for name, (options, seconds, code, words) in BROKEN.items():
            assert simplesamlphp.trust_metadata(metadata_url, options=options) == entity_id
            simplesamlphp.put_clock(seconds)
            tab = run_test(opened)
            card = tab.locator("main .card").first
            expect(card, name).to_contain_text(code)
            for word in ("Who can mend it:", "How:", *words):
                expect(tab.locator("main"), name).to_contain_text(word)
            expect(opened.get_by_text("Test failed").first).to_be_visible()  # the first tab has followed
            if name == "certificate":
                assert unfit(tab, "sign-in-test-failed") == []
            tab.close()
            read_trace(opened, code, *words)
        simplesamlphp.put_clock(0)
        simplesamlphp.trust_metadata(metadata_url, options=KEPT_THERE)
        tab = begin_test(opened)
        expect(tab).to_have_url(re.compile("/authorize_403.php"))  # a page of SimpleSAMLphp's own, and the end of it
        read_trace(opened, "nothing has come back yet", "not assigned", "authorize:Authorize", shot="sign-in-silent")
        tab.close()
        simplesamlphp.trust_metadata(metadata_url)
        tab = run_test(opened)
        expect(tab.get_by_text("Test successful")).to_be_visible()
        expect(tab.locator("main")).to_contain_text("Łukaszewicz")
        tab.close()
        expect(opened.get_by_text("Test successful")).to_be_visible()
        expect(opened.get_by_text("A test of the present set-up was successful.")).to_be_visible()
        opened.get_by_role("button", name="Turn on").click()
        expect(opened.get_by_text("People can sign in through it.")).to_be_visible()
        opened.get_by_role("link", name="Redirect URIs").click()
        opened.get_by_role("link", name="Add redirect URI").first.click()
        opened.get_by_label("Address").fill(app)
        opened.get_by_role("button", name="Add redirect URI").click()
        expect(opened.get_by_text(app).first).to_be_visible()
        signing_in = fresh.authorize_url(app, organization=organization_id)  # where the application sends everybody
        simplesamlphp.trust_metadata(metadata_url, options={**OTHER_AUDIENCE, **NO_EMAIL})
        opened.goto(signing_in)
        expect(opened).to_have_url(re.compile(re.escape(app) + r"\?error=server_error&"))
        opened.goto(f"{fresh.base_url}/dashboard/{fresh.environment_id}/sign-ins")
        opened.get_by_role("row", name=re.compile("refused")).first.get_by_role("link").first.click()
        expect(opened.get_by_role("heading", name="Timeline")).to_be_visible()
        for word in ("https://another.example/sp", "metadata/saml20-sp-remote.php", "audience_mismatch"):
            expect(opened.locator("main")).to_contain_text(word)
        for word in ("Wrong as well:", "core:AttributeMap", "attributes_missing", "fits, not trusted"):  # both at once
            expect(opened.locator("main")).to_contain_text(word)
        assert unfit(opened, "trace-further") == []
        simplesamlphp.trust_metadata(metadata_url)
        opened.goto(signing_in)
        expect(opened).to_have_url(re.compile(re.escape(app) + r"\?code="))


# --- with the keyboard alone ---


def press(opened: Page, wanted: Locator, key: str = "Enter") -> None:
    """Goes to it with the Tab key, and presses another one."""
    wanted = wanted.first
    expect(wanted).to_be_visible()
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        opened.keyboard.press("Tab")
    else:
        raise AssertionError(f"the Tab key does not lead to {wanted}")
    outline = wanted.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline != "none", f"nobody sees that {wanted} has the focus"
    opened.keyboard.press(key)


def write(opened: Page, label: str, text: str) -> None:
    press(opened, opened.locator("main").get_by_label(label), "ControlOrMeta+A")
    opened.keyboard.type(text)


def test_the_keyboard_alone_leads_from_an_organization_to_the_trace_of_a_failed_test(
    browser: Browser, product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    link = product.terminal("operator", "invite", "keys@example.com", "--role", "developer")["url"]
    with page(browser) as opened:
        opened.goto(link)
        write(opened, "Your name", "Kay Board")
        write(opened, "Password", PASSWORD)
        press(opened, opened.get_by_role("button", name="Create the account"))
        expect(opened.get_by_role("heading", level=1)).to_have_text("Environments")
        press(opened, opened.get_by_role("link", name=re.compile("^Staging")))
        press(opened, opened.get_by_role("link", name="Organizations", exact=True))
        press(opened, opened.get_by_role("link", name="Create organization"))
        write(opened, "Name", "Initech")
        press(opened, opened.get_by_role("button", name="Create organization"))
        expect(opened.get_by_role("heading", level=1)).to_have_text("Initech")
        press(opened, opened.get_by_role("link", name="Set up a connection"))
        press(opened, opened.get_by_role("link", name="SimpleSAMLphp"))
        press(opened, opened.get_by_role("button", name="Create the connection"))
        expect(opened.get_by_role("heading", name="1. Set it up at the identity provider")).to_be_visible()
        simplesamlphp.trust_metadata(opened.locator("#give-sp_metadata_url").inner_text(), options=NO_EMAIL)
        write(opened, "Metadata URL", simplesamlphp.metadata_url)
        press(opened, opened.get_by_role("button", name="Read the metadata"))
        expect(opened.get_by_text("Read and kept.")).to_be_visible()
        press(opened, opened.get_by_role("link", name="Test sign-in"))
        expect(opened.get_by_role("heading", name="Tests so far")).to_be_visible()
        with opened.expect_popup() as popping:
            press(opened, opened.get_by_role("button", name="Test sign-in"))
        tab = popping.value
        press(tab, tab.get_by_role("button", name="Go to the identity provider"))
        tab.get_by_label("Username").focus()  # a page of SimpleSAMLphp's own
        tab.keyboard.type("ann")
        tab.get_by_label("Password").focus()
        tab.keyboard.type(OF_ANN)
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("Test failed")).to_be_visible()
        expect(tab.locator("main")).to_contain_text("core:AttributeMap")
        expect(opened.get_by_text("Test failed").first).to_be_visible()
        press(opened, opened.get_by_role("link", name="Every check, what arrived, and how it is mended"))
        expect(opened.get_by_role("heading", name="Checks")).to_be_visible()
        press(opened, opened.get_by_role("link", name="Open the trace"))
        expect(opened).to_have_url(re.compile("/sign-ins/sess_"))
        expect(opened.get_by_role("heading", name="Timeline")).to_be_visible()
        for word in ("attributes_missing", "core:AttributeMap", "This can be mended by"):
            expect(opened.locator("main")).to_contain_text(word)
        press(opened, opened.locator("summary", has_text="Answer of the identity provider"))
        expect(opened.locator("#response")).to_be_visible()
        expect(opened.locator("#response")).to_contain_text("AttributeStatement")
        press(opened, opened.get_by_role("link", name="attributes_missing"))  # what the code means
        expect(opened.get_by_role("heading", level=1)).to_be_visible()
