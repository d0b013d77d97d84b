"""Sign-ins that begin at SimpleSAMLphp's own portal: allowed or not, with and without RelayState, with a question."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.real.customer import CALLBACK, Customer, answer, code_of, code_on
from tests.real.login import Browser, Page, query, walk
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, EVE, JOE, SimpleSamlPhp

HOME = "http://localhost:5999/home"  # the default redirect URI of these environments
OTHER = "http://localhost:5999/other"
EVIL = "http://localhost:6000/home"


@pytest.fixture(scope="module")
def as_made(product: Product) -> Product:
    """An environment whose settings nobody has touched."""
    return product.environment("As made", HOME, CALLBACK)


@pytest.fixture(scope="module")
def choosing(product: Product) -> Product:
    """An environment where the RelayState may choose among two redirect URIs."""
    made = product.environment("Choosing", HOME, OTHER)
    made.set("--relay-state", "redirect_uri")
    return made


@pytest.fixture(scope="module")
def asking(product: Product) -> Product:
    """An environment that asks the person first."""
    made = product.environment("Asking", HOME)
    made.set("--idp-initiated-consent", "on")
    return made


@pytest.fixture
def welcome(as_made: Product, simplesamlphp: SimpleSamlPhp) -> Iterator[Customer]:
    """A customer whose connection allows it."""
    yield Customer.of(as_made, simplesamlphp, idp_initiated="allow")


def _portal(customer: Customer, relay_state: str | None = None) -> str:
    return customer.peer.portal_url(customer.saml["sp_entity_id"], relay_state)


def _lands(
    customer: Customer, relay_state: str | None = None, browser: Browser | None = None
) -> tuple[str, dict[str, str]]:
    """Where Ann ends who chose the application in the portal, and with what."""
    browser = browser or Browser(HOME, OTHER, EVIL, CALLBACK)
    page = walk(browser, browser.open(_portal(customer, relay_state)), ANN)
    assert page.status == 0, page
    return page.url.partition("?")[0], query(page.url)


def test_saml_33_who_comes_from_the_portal_lands_on_the_default_redirect_uri_without_a_state(
    welcome: Customer,
) -> None:
    where, came = _lands(welcome)
    assert where == HOME
    assert set(came) == {"code"}
    profile = welcome.product.redeem(came["code"])
    assert (profile["email"], profile["connection_id"]) == ("ann@example.com", welcome.connection_id)
    assert welcome.product.call("GET", welcome.path())[1]["state"] == "active"
    from_the_app = welcome.profile()  # the same person, whichever way
    assert from_the_app["id"] == profile["id"]


def test_saml_33_refused_as_delivered_and_the_app_can_start_again_with_the_ids(
    as_made: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(as_made, simplesamlphp)
    browser = Browser(HOME, CALLBACK)
    where, came = _lands(customer, "anything", browser)
    assert where == HOME
    assert came["error"] == code_of(came) == "idp_initiated_sso_disabled"
    assert came["connection_id"] == came["connection"] == customer.connection_id
    assert came["organization_id"] == came["organization"] == customer.organization_id
    assert "state" not in came
    again = as_made.authorize_url(CALLBACK, connection=came["connection_id"], state="of the app")
    pages = len(browser.visited)
    back = query(walk(browser, browser.open(again), ANN).url)
    assert back["state"] == "of the app"
    assert as_made.redeem(back["code"])["email"] == "ann@example.com"
    assert not any("loginuserpass" in url for url in browser.visited[pages:])  # nobody typed a password again


def test_saml_33_without_a_default_redirect_uri_there_is_a_page(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    nowhere = product.environment("Nowhere")
    for setting in ("allow", "refuse"):
        customer = Customer.of(nowhere, simplesamlphp, idp_initiated=setting)
        browser = Browser()
        assert code_on(walk(browser, browser.open(_portal(customer)), ANN)) == "default_redirect_uri_missing"


def test_saml_41_a_relay_state_is_an_error_where_nobody_wants_it(welcome: Customer) -> None:
    for relay_state in ("/dashboard", f"redirect_uri={HOME}", EVIL):
        where, came = _lands(welcome, relay_state)
        assert (where, code_of(came)) == (HOME, "relay_state_not_allowed")
        assert "code" not in came


def test_saml_41_a_relay_state_chooses_among_the_registered_redirect_uris(
    choosing: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(choosing, simplesamlphp, idp_initiated="allow")
    for relay_state in (
        f"redirect_uri={OTHER}",
        f"tab=2&redirect_uri={OTHER}",
        "redirect_uri=http%3A%2F%2Flocalhost%3A5999%2Fother",
    ):
        where, came = _lands(customer, relay_state)
        assert (where, set(came)) == (OTHER, {"code"})
        assert choosing.redeem(came["code"])["email"] == "ann@example.com"
    for relay_state in ("/dashboard", EVIL, "redirect=" + OTHER, "redirect_uri="):  # anything else has no effect
        where, came = _lands(customer, relay_state)
        assert (where, set(came)) == (HOME, {"code"})
    for wrong in (EVIL, OTHER + "/", OTHER + "?a=b", OTHER.upper(), "http://localhost:5999@evil.test/other"):
        where, came = _lands(customer, f"redirect_uri={wrong}")
        assert (where, code_of(came)) == (HOME, "relay_state_unregistered")
        assert "code" not in came


def test_saml_34_an_answer_from_the_portal_is_good_for_one_time_in_any_browser(welcome: Customer) -> None:
    browser, other = Browser(HOME), Browser(HOME)
    page, form = answer(browser, browser.open(_portal(welcome)))
    assert "code" in query(browser.submit(page, form).url)
    for again in (browser, other):
        assert code_of(query(again.submit(page, form).url)) == "assertion_replayed"


def test_saml_33_an_answer_to_a_request_is_never_taken_for_one_from_the_portal(welcome: Customer) -> None:
    browser, other = Browser(HOME, CALLBACK), Browser(HOME, CALLBACK)
    page, form = answer(browser, browser.open(welcome.start()))
    assert code_on(other.submit(page, form)) == "browser_mismatch"  # its InResponseTo is a request of another browser
    del form.fields["RelayState"]
    assert code_on(other.submit(page, form)) == "browser_mismatch"
    assert "code" in query(browser.submit(page, form).url)  # it was not used up by that


def test_saml_33_a_sign_in_that_the_provider_lost_comes_as_if_from_the_portal(
    as_made: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    """SimpleSAMLphp starts over without our request when its session is gone, and sends our RelayState with it."""
    for allowed, code in (("refuse", "idp_initiated_sso_disabled"), ("allow", "relay_state_not_allowed")):
        customer = Customer.of(as_made, simplesamlphp, idp_initiated=allowed)
        browser = Browser(HOME, CALLBACK)
        page = browser.open(customer.start())
        page = browser.open(_after_the_session(simplesamlphp, browser, page))
        came = query(walk(browser, page, ANN).url)
        assert code_of(came) == code


def _after_the_session(peer: SimpleSamlPhp, browser: Browser, page: Page) -> str:
    """Loses the provider's cookies, and sends the login form; where a click on its "start over" leads."""
    form = page.form_with("username")
    for where in [where for where in browser.cookies if where[0] == "127.0.0.1"]:
        del browser.cookies[where]
    return browser.submit(page, form, ANN.fields).url


def test_saml_37_who_comes_from_the_portal_is_held_to_the_domains_too(welcome: Customer) -> None:
    browser = Browser(HOME)
    came = query(walk(browser, browser.open(_portal(welcome)), JOE).url)
    assert came["error"] == "profile_not_allowed_outside_organization"


def test_a_person_who_comes_from_the_portal_is_asked_once_in_a_browser(
    asking: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer = Customer.of(asking, simplesamlphp, idp_initiated="allow")
    browser = Browser(HOME)
    page, form = answer(browser, browser.open(_portal(customer)))
    asked = browser.submit(page, form)
    assert asked.status == 200
    for words in ("Is this you?", "ann@example.com", urlsplit(simplesamlphp.base).netloc):
        assert words in asked.text
    came = query(browser.submit(asked, asked.form_with("handle"), press="continue").url)
    assert set(came) == {"code"}
    assert asking.redeem(came["code"])["email"] == "ann@example.com"
    again = browser.submit(asked, asked.form_with("handle"), press="continue")
    assert again.status == 400 or "code" not in query(again.url)
    page, form = answer(browser, browser.open(_portal(customer)))
    assert set(query(browser.submit(page, form).url)) == {"code"}
    attacker = Browser()
    page, form = answer(attacker, attacker.open(_portal(customer)), EVE)
    assert "eve@example.com" in browser.submit(page, form).text  # login CSRF: somebody else's account is asked about


def test_who_says_that_it_is_not_them_gets_no_code(asking: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(asking, simplesamlphp, idp_initiated="allow")
    browser = Browser(HOME)
    page, form = answer(browser, browser.open(_portal(customer)))
    asked = browser.submit(page, form)
    came = query(browser.submit(asked, asked.form_with("handle"), press="deny").url)
    assert came["error"] == code_of(came) == "signin_consent_denied"
    late = browser.submit(asked, asked.form_with("handle"), press="continue")
    assert "code" not in query(late.url)
