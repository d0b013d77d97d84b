"""A real browser where sign-outs end, and where they and late sign-ins fail: with scripts, without, by keyboard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.real.chromium import page, too_small, unfit
from tests.real.login import Person, query
from tests.real.oidc_customer import OidcCustomer
from tests.real.oidc_provider import ANN, MAX, OidcProvider
from tests.real.product import Product
from tests.real.simplesamlphp import key_pair


@dataclass(frozen=True)
class Scene:
    """An application that is there, and a customer."""

    product: Product
    app: str
    customer: OidcCustomer

    def begun(self, opened: Page) -> None:
        opened.goto(self.product.authorize_url(self.app, connection=self.customer.connection["id"]))
        expect(opened.locator("input[name=login]")).to_be_visible()

    def entered(self, opened: Page, person: Person) -> None:
        opened.locator("input[name=login]").fill(person.fields["login"])
        opened.locator("input[name=password]").fill(person.fields["password"])
        opened.locator("button[type=submit]").press("Enter")
        opened.locator("button[type=submit]").press("Enter")  # that the application may know all this

    def link(self, opened: Page, person: Person = ANN) -> str:
        """A link to sign out, for somebody who has just signed in."""
        self.begun(opened)
        self.entered(opened, person)
        opened.wait_for_url(f"{self.app}?*")
        token = self.product.swap(query(opened.url)["code"])
        made = self.product.create("/sso/logout/authorize", {"profile_id": token["profile"]["id"]})
        url: str = made["logout_url"]
        return url

    def asked(self, opened: Page, url: str) -> None:
        """Up to the provider's own question."""
        opened.goto(url)
        expect(opened.get_by_role("button", name="Yes, sign me out")).to_be_visible()


@pytest.fixture(scope="module")
def scene(product: Product, app: str) -> Iterator[Scene]:
    with OidcProvider(claims_in_id_token=True) as peer:
        made = product.environment("Where sign-outs end", app)
        yield Scene(made, app, OidcCustomer.of(made, peer))


def signed_out(opened: Page, scene: Scene) -> None:
    scene.asked(opened, scene.link(opened))
    opened.get_by_role("button", name="Yes, sign me out").press("Enter")
    expect(opened.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert urlsplit(opened.url).netloc == urlsplit(scene.product.base_url).netloc


def signed_out_there(opened: Page, scene: Scene) -> None:
    """The application has no logout URI: nobody has told it."""
    opened.goto(scene.customer.connection["oidc_options"]["frontchannel_logout_uri"])
    expect(opened.get_by_role("heading", name="Signed out at your organization")).to_be_visible()


def link_was_used(opened: Page, scene: Scene) -> None:
    url = scene.link(opened)
    scene.asked(opened, url)
    opened.goto(url)
    expect(opened.locator("details")).to_contain_text("The sign-out link has expired or was used.")


def nowhere_to_return(opened: Page, scene: Scene) -> None:
    opened.goto(f"{scene.link(opened)}&return_to={quote('https://elsewhere.example/', safe='')}")
    expect(opened.locator("details")).to_contain_text("logout_return_unregistered")


def not_a_logout_message(opened: Page, scene: Scene) -> None:
    body = {
        "organization_id": scene.product.organization("Single Logout", "example.com"),
        "saml_options": {
            "idp_sso_url": "https://idp.example.com/sso",
            "idp_slo_url": "https://idp.example.com/slo",
            "idp_entity_id": "https://idp.example.com/entity",
            "idp_signing_certs": [key_pair()[1]],
        },
    }
    opened.goto(scene.product.create("/connections", body)["saml_options"]["sp_slo_url"] + "?SAMLRequest=nothing")
    expect(opened.get_by_role("heading", name="We could not sign you out")).to_be_visible()


def way_back_was_used(opened: Page, scene: Scene) -> None:
    opened.goto(f"{scene.product.base_url}/sso/logout/return?handle=unknown")
    expect(opened.locator("details")).to_contain_text("logout_return_invalid")


def too_late(opened: Page, scene: Scene) -> None:
    """Somebody comes back from lunch to the provider's page."""
    scene.begun(opened)
    with closing(sqlite3.connect(scene.product.data / "dev.db")) as database, database:
        database.execute("UPDATE attempts SET expires_at = created_at")
    opened.context.clear_cookies(domain="localhost")  # our cookie lives as long (WEB-02)
    scene.entered(opened, ANN)
    expect(opened.locator("details")).to_contain_text("attempt_expired")


PAGES: tuple[Callable[[Page, Scene], None], ...] = (
    signed_out,
    signed_out_there,
    link_was_used,
    nowhere_to_return,
    not_a_logout_message,
    way_back_was_used,
    too_late,
)
NAMES = [arrive.__name__.replace("_", " ") for arrive in PAGES]


@pytest.mark.parametrize("arrive", PAGES, ids=NAMES)
def test_every_end_is_fit_for_everybody(browser: Browser, scene: Scene, arrive: Callable[[Page, Scene], None]) -> None:
    with page(browser) as opened:
        arrive(opened, scene)
        assert unfit(opened, arrive.__name__) == []


@pytest.mark.parametrize("arrive", PAGES, ids=NAMES)
def test_every_end_is_reached_without_javascript(
    browser: Browser, scene: Scene, arrive: Callable[[Page, Scene], None]
) -> None:
    with page(browser, javascript=False) as opened:
        arrive(opened, scene)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_form_on_the_way_out_sends_itself_or_has_a_button(browser: Browser, scene: Scene, javascript: bool) -> None:
    """The ID token of somebody in many groups is too long for an address."""
    arrived: list[str] = []

    def take(route: Route) -> None:
        arrived.append(f"{route.request.method} {route.request.post_data}")
        route.fulfill(body="<h1>Arrived</h1>", content_type="text/html")

    with page(browser, javascript=javascript) as opened:
        opened.route(f"{scene.customer.peer.issuer}/session/end", take)  # it takes none over http
        opened.goto(scene.link(opened, MAX))
        if not javascript:
            expect(opened.get_by_role("heading", name="Going on to 127.0.0.1")).to_be_visible()
            assert too_small(opened) == []
            opened.keyboard.press("Tab")  # the way past everything to the content
            opened.keyboard.press("Tab")
            expect(opened.get_by_role("button", name="Continue")).to_be_focused()
            opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", name="Arrived")).to_be_visible()
        (form,) = arrived
        assert form.startswith("POST ") and "id_token_hint=" in form and "post_logout_redirect_uri=" in form


@pytest.mark.parametrize("arrive", [nowhere_to_return, too_late], ids=["out", "in"])
def test_what_went_wrong_is_read_by_keyboard_alone(
    browser: Browser, scene: Scene, arrive: Callable[[Page, Scene], None]
) -> None:
    with page(browser) as opened:
        arrive(opened, scene)
        code = opened.locator("details dd").first.text_content() or ""
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Skip to the content")).to_be_focused()
        help_ = opened.get_by_text("For whoever helps you")
        more = opened.locator("a", has_text="More about this code")
        while not more.evaluate("link => link === document.activeElement"):
            opened.keyboard.press("Tab")
            if help_.evaluate("summary => summary === document.activeElement"):
                opened.keyboard.press("Enter")
            assert opened.evaluate("document.activeElement !== document.body"), "the link was never reached"
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", name=code)).to_be_visible()
