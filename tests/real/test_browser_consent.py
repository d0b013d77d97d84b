"""A real browser at the question that comes before a sign-in nobody here began: "Is this you?"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.real.chromium import page, unfit
from tests.real.customer import Customer
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp
from tests.real.simplesamlphp_config import PASSWORD


@pytest.fixture(scope="module")
def customer(product: Product, simplesamlphp: SimpleSamlPhp, app: str) -> Customer:
    """Of an environment that asks, with a connection that takes such sign-ins."""
    asking = product.environment("Asking in a browser", app)
    asking.set("--idp-initiated-consent", "on")
    return Customer.of(asking, simplesamlphp, idp_initiated="allow")


@contextmanager
def _asked(browser: Browser, customer: Customer, *, javascript: bool = True) -> Iterator[Page]:
    """A fresh browser that has come from the provider's portal, and is asked."""
    with page(browser, javascript=javascript) as opened:
        opened.goto(customer.peer.portal_url(customer.saml["sp_entity_id"]))
        opened.locator("input[name=username]").fill("ann")
        opened.locator("input[name=password]").fill(PASSWORD)
        opened.locator("input[name=password]").press("Enter")
        if not javascript:  # the provider's hand-off does not go on by itself then
            opened.get_by_role("button", name="Submit", exact=True).click()
        expect(opened.get_by_role("heading", name="Is this you?")).to_be_visible()
        yield opened


def _returned(opened: Page, app: str) -> dict[str, str]:
    opened.wait_for_url(f"{app}?*")
    return {name: values[0] for name, values in parse_qs(urlsplit(opened.url).query).items()}


def test_the_question_is_fit_for_everybody(browser: Browser, customer: Customer) -> None:
    with _asked(browser, customer) as opened:
        assert opened.title() == "Is this you?"
        assert unfit(opened, "consent") == []


def test_continue_lands_on_the_default_redirect_uri_with_a_code(browser: Browser, customer: Customer, app: str) -> None:
    with _asked(browser, customer) as opened:
        said = opened.get_by_role("main").inner_text()
        provider = urlsplit(customer.peer.sso_url).netloc
        assert f"You are signing in to {urlsplit(app).netloc} as ann@example.com." in said
        assert provider in said
        opened.get_by_role("button", name="Continue").click()
        came = _returned(opened, app)
        assert set(came) == {"code"}
        assert customer.product.redeem(came["code"])["email"] == "ann@example.com"
        assert [cookie for cookie in opened.context.cookies(customer.product.base_url) if "ls_" in cookie["name"]] == []


def test_this_is_not_me_is_an_error_to_the_application(browser: Browser, customer: Customer, app: str) -> None:
    with _asked(browser, customer) as opened:
        opened.get_by_role("button", name="This is not me").click()
        came = _returned(opened, app)
        assert came["error"] == "signin_consent_denied"
        assert "code" not in came


@pytest.mark.parametrize("button", ["Continue", "This is not me"])
def test_the_question_by_keyboard_alone(browser: Browser, customer: Customer, app: str, button: str) -> None:
    with _asked(browser, customer) as opened:
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Skip to the content")).to_be_focused()
        for name in ("Continue", "This is not me"):
            opened.keyboard.press("Tab")
            expect(opened.get_by_role("button", name=name)).to_be_focused()
            if name == button:
                break
        opened.keyboard.press("Enter")
        assert ("code" in _returned(opened, app)) is (button == "Continue")


def test_the_question_without_javascript(browser: Browser, customer: Customer, app: str) -> None:
    with _asked(browser, customer, javascript=False) as opened:
        opened.get_by_role("button", name="Continue").click()
        assert "code" in _returned(opened, app)


def test_nobody_can_answer_for_another_browser(browser: Browser, customer: Customer, app: str) -> None:
    with _asked(browser, customer) as asked, page(browser) as other:
        form = asked.locator("form").evaluate("form => ({to: form.action, handle: form.elements.handle.value})")
        other.goto(app)  # a page of somebody else's, which knows even the handle
        other.evaluate(
            """({to, handle}) => {
              const form = Object.assign(document.createElement("form"), {method: "post", action: to});
              for (const [name, value] of Object.entries({handle, decision: "continue"}))
                form.append(Object.assign(document.createElement("input"), {name, value}));
              document.body.append(form);
              form.submit();
            }""",
            form,
        )
        expect(other.locator("details")).to_contain_text("browser_mismatch")
        asked.get_by_role("button", name="Continue").click()  # and nothing was lost to the one who was asked
        assert "code" in _returned(asked, app)
