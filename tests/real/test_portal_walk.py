"""Tried as an IT admin would who knows only their identity provider: a link of an official SDK, and the portal alone.

What they do at their identity provider, the tests do with what stands on the pages. The first test sign-in fails, the
page says why, and it is mended. In the end an application of `examples/` signs somebody in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from latchstring.web.kit import languages
from latchstring.web.kit.language import COOKIE
from tests.real.chromium import page, unfit, violations
from tests.real.looked_at import LOOKED_AT
from tests.real.oidc_provider import OidcProvider
from tests.real.product import Product
from tests.real.sdks import SDKS, Sdk
from tests.real.simplesamlphp import SimpleSamlPhp
from tests.real.simplesamlphp_config import PASSWORD as OF_ANN
from tests.real.test_dashboard_walk import press, write
from tests.real.test_examples import node_express, python_flask

NODE, _, PYTHON, _ = SDKS


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """One of our own: nobody else's domains and branding."""
    with Product() as found:
        yield found


def link(product: Product, sdk: Sdk, organization: str, home: str) -> str:
    """As the application makes one."""
    asked = {"do": "portal_link", "organization": organization, "intent": "sso", "return_url": home}
    made: str = sdk.run({**asked, "success_url": home}, product.variables)["link"]
    return made


def follow(opened: Page, product: Product, sdk: Sdk, organization: str, home: str) -> None:
    """The IT admin opens it."""
    opened.goto(link(product, sdk, organization, home))
    expect(opened.get_by_role("button", name="Open the set-up")).to_be_visible()


def reach(opened: Page, words: str | re.Pattern[str]) -> None:
    """The page with this heading is there."""
    expect(opened.get_by_role("heading", level=1)).to_have_text(words)


def guide_step(opened: Page, words: str) -> None:
    reach(opened, re.compile(f": {re.escape(words)}$"))


def click(opened: Page, name: str) -> None:
    opened.locator("main").get_by_role("button", name=name, exact=True).click()


def begin_test(opened: Page, name: str = "Start the test") -> Page:
    """In its own tab, up to the identity provider."""
    with opened.expect_popup() as popping:
        click(opened, name)
    tab = popping.value
    tab.get_by_role("button", name="Go to the identity provider").click()
    return tab


def sign_in_as_ann(tab: Page) -> None:
    """At SimpleSAMLphp."""
    tab.get_by_label("Username").fill("ann")
    tab.get_by_label("Password").fill(OF_ANN)
    tab.keyboard.press("Enter")


def verify_by_hand(product: Product, organization: str, domain: str) -> None:
    """The developer knows that it is theirs; there is no DNS here in which a record could stand."""
    product.call("PUT", f"/organizations/{organization}", {"domain_data": [{"domain": domain, "state": "verified"}]})


def test_from_a_link_to_a_sign_in_by_simplesamlphp(
    browser: Browser, product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    organization = product.create("/organizations", {"name": "Globex"})["id"]
    with ExitStack() as stack:
        home = stack.enter_context(node_express(product, organization))
        opened = stack.enter_context(page(browser))
        follow(opened, product, NODE, organization, home)
        assert unfit(opened, "portal-launch") == []
        click(opened, "Open the set-up")
        reach(opened, "Single sign-on for Globex")
        assert unfit(opened, "portal-start") == []
        opened.get_by_role("link", name="Begin").click()

        reach(opened, "Show that your domain is yours")
        opened.get_by_label("Add a domain").fill("example.com")
        click(opened, "Add")
        expect(opened.get_by_role("heading", name="example.com")).to_be_visible()
        assert unfit(opened, "portal-domain") == []
        click(opened, "Go on without it")
        verify_by_hand(product, organization, "example.com")

        reach(opened, "Choose your identity provider")
        opened.get_by_label("Search for").fill("simple")
        click(opened, "Search")
        expect(opened.get_by_text("Not listed?")).to_be_visible()
        assert unfit(opened, "portal-provider") == []
        click(opened, "SimpleSAMLphp")

        guide_step(opened, "Let it be an identity provider")
        click(opened, "I have done this")
        guide_step(opened, "Make us known")
        entry = opened.locator("#snippet-2-1").inner_text()
        assert "'attributes' => ['id', 'email'," in entry
        simplesamlphp.paste("globex", entry.replace("['id', 'email',", "['id',"))  # so the first test will fail
        assert unfit(opened, "portal-guide") == []
        click(opened, "I have done this")
        guide_step(opened, "Or let it read our metadata")
        click(opened, "I have done this")
        guide_step(opened, "Bring the metadata here")
        click(opened, "I have done this")

        reach(opened, "Bring the details of SimpleSAMLphp here")
        opened.get_by_label("Metadata URL").fill(simplesamlphp.metadata_url)
        click(opened, "Read the metadata")
        expect(opened.get_by_text("Read and kept.")).to_be_visible()
        assert unfit(opened, "portal-details") == []
        click(opened, "Go on")

        reach(opened, "Attributes")
        assert unfit(opened, "portal-attributes") == []
        click(opened, "Go on to the test")
        reach(opened, "Test the sign-in")
        tab = begin_test(opened)
        expect(opened.get_by_text("Waiting for the sign-in to come back")).to_be_visible()
        sign_in_as_ann(tab)
        expect(tab.get_by_text("Test failed")).to_be_visible()
        tab.close()
        expect(opened.get_by_text("It does not work yet")).to_be_visible()
        for words in (
            "did not send what a profile cannot be without: email",
            "metadata/saml20-sp-remote.php",
            "attributes",
        ):
            expect(opened.locator("main")).to_contain_text(words)
        assert unfit(opened, "portal-test-failed") == []
        simplesamlphp.paste("globex", entry)
        tab = begin_test(opened, "Test again")
        expect(tab.get_by_text("Test successful")).to_be_visible()
        tab.close()
        expect(opened.get_by_text("Signed in as ann@example.com.")).to_be_visible()
        expect(opened.get_by_text("Test successful")).to_be_visible()
        assert unfit(opened, "portal-test") == []
        click(opened, "Turn on")

        reach(opened, "Single sign-on is on")
        assert unfit(opened, "portal-done") == []
        look_back(opened, product)
        speak(opened, product, link(product, NODE, organization, home))
        opened.goto(f"{product.base_url}/portal/done")
        opened.get_by_role("main").get_by_role("link", name="Back to the application").click()
        opened.get_by_role("link", name="Sign in with SSO").click()
        expect(opened.locator("body")).to_contain_text("ann@example.com")


# --- with the keyboard alone ---

OF_KIM = {"email_verified": True, "given_name": "Kim", "family_name": "Keys", "groups": []}


def test_the_keyboard_alone_leads_from_a_link_to_a_sign_in_by_openid_connect(
    browser: Browser, product: Product
) -> None:
    organization = product.create("/organizations", {"name": "Initech"})["id"]
    with ExitStack() as stack:
        peer = stack.enter_context(OidcProvider(claims_in_id_token=True))
        peer.put_person("kim-10", OF_KIM)  # whose e-mail address nobody has entered
        home = stack.enter_context(python_flask(product, organization))
        opened = stack.enter_context(page(browser))
        follow(opened, product, PYTHON, organization, home)
        enter(opened, "Open the set-up")
        reach(opened, "Single sign-on for Initech")
        press(opened, opened.get_by_role("link", name="Begin"))

        reach(opened, "Show that your domain is yours")
        write(opened, "Add a domain", "initech.example")
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", name="initech.example")).to_be_visible()
        verify_by_hand(product, organization, "initech.example")
        enter(opened, "Verify now initech.example")
        expect(opened.get_by_text("by hand")).to_be_visible()
        enter(opened, "Go on")

        reach(opened, "Choose your identity provider")
        enter(opened, "Custom OpenID Connect")
        guide_step(opened, "Register us as a client")
        enter(opened, "I have done this")
        guide_step(opened, "Enter our redirect URI")
        client = peer.register(opened.locator("#give-redirect_uri").inner_text(), "client_secret_basic", "RS256")
        enter(opened, "I have done this")
        for title in ("Allow the way back from a sign-out", "See to the claims", "Bring three values here"):
            guide_step(opened, title)
            enter(opened, "I have done this")

        reach(opened, "Bring the details of Custom OpenID Connect here")
        write(opened, "Discovery endpoint", peer.discovery)
        write(opened, "Client ID", client.client_id)
        write(opened, "Client secret", client.client_secret)
        enter(opened, "Ask the provider")
        expect(opened.get_by_text("Read and kept.")).to_be_visible()
        enter(opened, "Go on")
        reach(opened, "Attributes")
        enter(opened, "Go on to the test")

        reach(opened, "Test the sign-in")
        with opened.expect_popup() as popping:
            enter(opened, "Start the test")
        tab = popping.value
        sign_in_as_kim(tab)
        expect(tab.get_by_text("Test failed")).to_be_visible()
        tab.close()
        expect(opened.get_by_text("It does not work yet")).to_be_visible()
        for words in ("did not send what a profile cannot be without: email", "in the ID token or in userinfo"):
            expect(opened.locator("main")).to_contain_text(words)
        peer.put_person("kim-10", {**OF_KIM, "email": "kim@initech.example"})
        with opened.expect_popup() as popping:
            enter(opened, "Test again")
        tab = popping.value
        sign_in_as_kim(tab, known=True)
        expect(tab.get_by_text("Test successful")).to_be_visible()
        tab.close()
        expect(opened.get_by_text("Signed in as kim@initech.example.")).to_be_visible()
        enter(opened, "Turn on")
        reach(opened, "Single sign-on is on")
        press(opened, opened.get_by_role("main").get_by_role("link", name="Back to the application"))
        press(opened, opened.get_by_role("link", name="Sign in with SSO"))
        expect(opened.locator("body")).to_contain_text("kim@initech.example")


def enter(opened: Page, name: str) -> None:
    """Goes to a button with the keyboard, and presses it."""
    press(opened, opened.locator("main").get_by_role("button", name=name, exact=True))


def sign_in_as_kim(tab: Page, *, known: bool = False) -> None:
    """At oidc-provider, whose pages ask who it is, and whether they agree."""
    press(tab, tab.get_by_role("button", name="Go to the identity provider"))
    if not known:
        tab.get_by_placeholder("Enter any login").focus()
        tab.keyboard.type("kim-10")
        tab.get_by_placeholder("and password").focus()
        tab.keyboard.type("any will do")
        tab.keyboard.press("Enter")
    again = tab.get_by_role("button", name="Continue")
    expect(again.or_(tab.get_by_text(re.compile("^Test (successful|failed)$"))).first).to_be_visible()
    if again.is_visible():
        again.press("Enter")


# --- without JavaScript ---


def test_without_javascript_the_portal_leads_to_the_same_end(
    browser: Browser, product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    asked = {"name": "Hooli", "domain_data": [{"domain": "example.com", "state": "verified"}]}
    organization = product.create("/organizations", asked)["id"]
    with page(browser, javascript=False) as opened:
        home = "http://localhost:3000/"
        follow(opened, product, NODE, organization, home)
        click(opened, "Open the set-up")
        opened.get_by_role("link", name="Begin").click()
        click(opened, "Go on")
        click(opened, "SimpleSAMLphp")
        click(opened, "I have done this")
        simplesamlphp.paste("hooli", opened.locator("#snippet-2-1").inner_text())
        for title in ("Make us known", "Or let it read our metadata", "Bring the metadata here"):
            guide_step(opened, title)
            click(opened, "I have done this")
        reach(opened, "Bring the details of SimpleSAMLphp here")
        opened.locator("summary", has_text="By its metadata file").click()
        document = opened.context.request.get(simplesamlphp.metadata_url).body()
        file: FilePayload = {"name": "metadata.xml", "mimeType": "text/xml", "buffer": document}
        opened.get_by_label("Metadata file").set_input_files(file)
        click(opened, "Read the file")
        expect(opened.get_by_text("Read and kept.")).to_be_visible()
        click(opened, "Go on")
        click(opened, "Go on to the test")
        reach(opened, "Test the sign-in")
        tab = begin_test(opened)
        sign_in_as_ann(tab)
        opened.bring_to_front()
        opened.get_by_role("link", name="Refresh").click()
        expect(opened.get_by_text("Waiting for the sign-in to come back")).to_be_visible()
        tab.get_by_role("button").first.click()  # SimpleSAMLphp and we have a button where no script may send a form
        expect(tab.get_by_text("Test successful")).to_be_visible()
        opened.get_by_role("link", name="Refresh").click()
        expect(opened.get_by_text("Signed in as ann@example.com.")).to_be_visible()
        click(opened, "Turn on")
        reach(opened, "Single sign-on is on")
        expect(opened.get_by_role("main").get_by_role("link", name="Back to the application")).to_have_attribute(
            "href", home
        )


# --- in each language ---

LATER = ("portal-connection", "portal-sign-ins", "portal-certificate", "portal-reset")


def look_back(opened: Page, product: Product) -> None:
    """The pages for whoever comes back, and those beside the way."""
    for name in (*LATER, "portal-colleague", "portal-guide-whole"):
        opened.goto(product.base_url + next(path for path, picture in LOOKED_AT.items() if picture == name))
        assert unfit(opened, name) == []


def speak(opened: Page, product: Product, launch: str) -> None:
    """Every page of the portal in each other language: one load, light and dark."""
    places = [launch, *(path for path in LOOKED_AT if path.startswith("/portal") and path != "/portal/launch")]
    faults = []
    for code in sorted(languages.offered("/portal").keys() - {"en"}):
        opened.context.add_cookies([{"name": COOKIE, "value": code, "url": product.base_url}])
        for place in places:
            opened.goto(urljoin(product.base_url, place))
            assert opened.locator("html").get_attribute("lang") == code
            found = violations(opened)
            opened.emulate_media(color_scheme="dark")
            found += violations(opened, colours_alone=True)
            opened.emulate_media(color_scheme="light")
            faults += [f"{code}, {place}: {fault}" for fault in found]
    opened.context.clear_cookies(name=COOKIE)
    assert faults == []
