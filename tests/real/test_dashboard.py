"""The Dashboard in a browser: the ways in, with and without JavaScript, in both schemes, on wide and narrow screens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.operators_for_tests import PASSWORD
from tests.real.chromium import overflows, page, too_small, unfit, violations
from tests.real.product import Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """One that has no operator yet, whatever other tests did with theirs."""
    with Product() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def admin(product: Product, browser: Browser) -> Iterator[str]:
    """The first administrator, who came by the printed link; their address."""
    with page(browser, javascript=False) as opened:
        opened.goto(product.dashboard_url)
        assert "link=" not in opened.url
        assert fit(opened) == []
        opened.get_by_label("E-mail address").fill("ann@example.com")
        opened.get_by_label("Your name").fill("Ann Example")
        opened.get_by_label("Password").fill("password1234")
        opened.get_by_role("button", name="Create the account").click()
        expect(opened.get_by_label("Password")).to_be_focused()
        assert fit(opened) == []
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Create the account").click()
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
    yield "ann@example.com"


def fit(opened: Page) -> list[str]:
    """What would keep somebody from using this page. axe needs scripts; without them the rest is looked at."""
    found = ["has to be pushed sideways"] if overflows(opened) else []
    return found + too_small(opened)


def sign_in(opened: Page, product: Product, email: str, password: str = PASSWORD) -> None:
    opened.goto(f"{product.base_url}/dashboard/sign-in")
    opened.get_by_label("E-mail address").fill(email)
    opened.get_by_label("Password").fill(password)
    opened.keyboard.press("Enter")


def test_the_ways_in_are_fit_for_everybody(browser: Browser, product: Product, admin: str) -> None:
    invited = product.terminal("operator", "invite", "lou@example.com", "--role", "support")
    with page(browser) as opened:
        opened.goto(f"{product.base_url}/dashboard")
        for seen in ("sign-in", "welcome", "home", "confirm", "refused"):
            if seen == "welcome":
                opened.goto(invited["url"])
            elif seen == "home":
                sign_in(opened, product, admin)
                expect(opened).to_have_url(f"{product.base_url}/dashboard")
            elif seen == "confirm":
                opened.goto(f"{product.base_url}/dashboard/confirm")
            elif seen == "refused":
                opened.context.clear_cookies()
                opened.goto(f"{product.base_url}/dashboard/welcome")
            assert unfit(opened, seen) == [], seen


@pytest.fixture(scope="module")
def places(product: Product, admin: str) -> dict[str, str]:
    """Every page, in each of its states."""
    production = product.terminal("environment", "create", "--name", "Live", "--kind", "production")["id"]
    organizations = f"/dashboard/{product.environment_id}/organizations"
    names = [{"domain": "acme.example", "state": "verified"}, {"domain": "acme-holding.example", "state": "pending"}]
    made = product.create("/organizations", {"name": "Acme", "domain_data": names})
    acme, waiting = made["id"], made["domains"][1]["id"]
    bare = product.create(
        "/organizations", {"name": "Globex" * 30, "allow_profiles_outside_organization": True, "domain_data": []}
    )["id"]
    ann = next(one["id"] for one in product.terminal("operator", "list")["data"] if one["email"] == admin)
    sue = product.terminal("operator", "invite", "sue@example.com", "--role", "support")
    assert sue["email"] == "sue@example.com"
    draft = product.create(
        "/connections", {"organization_id": acme, "draft": True, "connection_type": "OktaSAML", "name": "Okta"}
    )["id"]
    return {
        "home": "/dashboard",
        "team": "/dashboard/team",
        "account": "/dashboard/account",
        "invite": "/dashboard/team/invite",
        "operator": f"/dashboard/team/{ann}",
        "organizations": organizations,
        "organizations-none-found": f"{organizations}?search=nobody",
        "organizations-empty": f"/dashboard/{production}/organizations",
        "organization": f"{organizations}/{acme}",
        "organization-bare": f"{organizations}/{bare}",
        "organization-new": f"{organizations}/new",
        "organization-domain": f"{organizations}/{acme}/domains/{waiting}",
        "organization-profiles": f"{organizations}/{acme}/profiles",
        "organization-settings": f"{organizations}/{acme}/settings",
        "organization-outside": f"{organizations}/{acme}/settings/outside",
        "organization-delete": f"{organizations}/{bare}/settings/delete",
        "organization-missing": f"{organizations}/org_nobody",
        "connection": f"/dashboard/{product.environment_id}/connections/{product.test_connection_id}",
        "connection-draft": f"/dashboard/{product.environment_id}/connections/{draft}",
        "keys": f"/dashboard/{product.environment_id}/developers/keys",
        "key-new": f"/dashboard/{product.environment_id}/developers/keys/new",
        "overview": f"/dashboard/{product.environment_id}",
        "overview-empty": f"/dashboard/{production}",
        "go-live": f"/dashboard/{product.environment_id}/go-live",
        "go-live-production": f"/dashboard/{production}/go-live",
        "search": f"/dashboard/{product.environment_id}/search?q=ac",
        "requests": f"/dashboard/{product.environment_id}/developers/requests",
        "redirects": f"/dashboard/{product.environment_id}/developers/redirects",
        "redirect-new": f"/dashboard/{product.environment_id}/developers/redirects/new",
        "components": "/dev/components",
    }


def test_every_page_is_fit_for_everybody(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, admin)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        for name, path in places.items():
            opened.goto(product.base_url + path)
            assert unfit(opened, name) == [], name
        opened.goto(product.base_url + places["organization"])
        for menu in opened.locator("details.menu").all():
            menu.locator("summary").click()
            assert unfit(opened, "menu") == []
            menu.locator("summary").click()
        for name, place, link in (
            ("key", "keys", opened.locator("main tbody a").first),
            ("redirect-delete", "redirects", opened.locator("main").get_by_role("link", name="Delete").first),
            ("request", "requests", opened.locator("main tbody a").first),
        ):
            opened.goto(product.base_url + places[place])
            link.click()
            expect(opened).not_to_have_url(product.base_url + places[place])
            assert unfit(opened, name) == [], name
        opened.goto(product.base_url + places["requests"])
        opened.evaluate("document.querySelectorAll('details.fold').forEach((fold) => (fold.open = true))")
        assert unfit(opened, "unfolded") == []


def test_menu_and_filter_are_folded_on_a_narrow_screen_alone(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser, width=320, javascript=False) as opened:
        sign_in(opened, product, admin)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + places["requests"])
        menu = opened.get_by_role("navigation", name="Dashboard")
        fold, keys = menu.locator("summary"), menu.get_by_role("link", name="API keys")
        expect(fold).to_have_text("Menu API requests")
        expect(keys).to_be_hidden()
        expect(opened.get_by_role("search")).to_be_hidden()
        heading = opened.get_by_role("heading", level=1).bounding_box()
        assert heading is not None and heading["y"] < 400
        fold.focus()
        opened.keyboard.press("Enter")
        expect(keys).to_be_visible()
        assert fit(opened) == []
        opened.keyboard.press("Tab")
        expect(menu.get_by_role("link", name="Environments")).to_be_focused()
        opened.goto(f"{product.base_url}{places['requests']}?path=%2Fsso")
        expect(opened.locator("main summary")).to_have_text("Filter one in use")
        opened.locator("main summary").click()
        expect(opened.get_by_label("Path")).to_have_value("/sso")
        assert fit(opened) == []
        opened.set_viewport_size({"width": 1280, "height": 800})
        opened.reload()
        expect(opened.locator("summary").filter(has_text=re.compile("^(Menu|Filter)"))).to_have_count(2)
        expect(fold).to_be_hidden()
        expect(opened.locator("main summary")).to_be_hidden()
        expect(keys).to_be_visible()
        expect(opened.get_by_label("Path")).to_be_visible()


def test_a_team_and_a_domain_without_javascript(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser, javascript=False) as opened:
        sign_in(opened, product, admin)
        opened.get_by_role("link", name="Team").click()
        opened.get_by_role("link", name="Invite somebody").click()
        opened.get_by_label("E-mail address").fill("joe@example.com")
        opened.get_by_label("Developer").check()
        opened.get_by_role("button", name="Make an invitation").click()
        link = opened.locator("#link").inner_text()
        with page(browser, javascript=False) as joes:
            joes.goto(link)
            joes.get_by_label("Your name").fill("Joe")
            joes.get_by_label("Password").fill(PASSWORD)
            joes.get_by_role("button", name="Create the account").click()
            expect(joes.get_by_role("heading", level=1)).to_have_text("Environments")
            joes.goto(product.base_url + places["organization"])
            joes.get_by_role("button", name="Verify now").click()
            expect(joes).to_have_url(re.compile("/organizations/org_[^/#]+#org_domain_"))
            expect(joes.get_by_text("The record is not there yet").or_(joes.get_by_text("DNS"))).not_to_have_count(0)


def test_the_environment_is_changed_with_the_keyboard(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, admin)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + places["organizations"])
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Skip to the content")).to_be_focused()
        opened.keyboard.press("Tab")
        opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        live = opened.get_by_role("link", name="Live Production")
        expect(live).to_be_visible()
        for _ in range(10):
            if live.evaluate("link => link === document.activeElement"):
                break
            opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(product.base_url + places["overview-empty"])
        expect(opened.locator("header")).to_contain_text("Production")
        expect(opened.locator("header")).to_have_css("border-top-width", "6px")


def test_a_redirect_uri_is_judged_as_it_is_typed_and_a_key_is_seen_once(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, admin)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + places["redirect-new"])
        broken = opened.locator("[data-broken]:visible")
        for typed, rules in (  # as the server judges them
            ("http://app.example.com/cb", 1),
            ("https://app.example.com/cb?a=b#c", 2),
            ("https://app.example.*/cb", 1),
            ("app.example.com", 1),
            ("https://*.preview.example.com/cb", 0),
            ("http://localhost:*/cb", 0),
            ("https://app.example.com/typed", 0),
        ):
            opened.get_by_label("Address").fill(typed)
            expect(broken).to_have_count(rules)
        opened.get_by_label("Address").fill("https://app.example.com/cb?a=b")
        assert unfit(opened, "redirect-broken") == []
        opened.get_by_role("button", name="Add redirect URI").click()
        expect(opened.get_by_text("send it as state")).to_be_visible()
        opened.get_by_label("Address").fill("https://app.example.com/typed")
        opened.get_by_role("button", name="Add redirect URI").click()
        expect(opened.get_by_text("https://app.example.com/typed").first).to_be_visible()
        opened.goto(product.base_url + places["key-new"])
        opened.get_by_label("Name").fill("backend")
        opened.get_by_role("button", name="Create API key").click()
        secret = opened.locator("#secret").inner_text()
        assert secret.startswith("sk_test_") and unfit(opened, "key-made") == []
        opened.get_by_role("link", name="I have kept it").click()
        expect(opened.get_by_role("link", name="backend")).to_be_visible()
        assert secret not in opened.content()


def test_things_are_found_with_the_keyboard_alone(
    browser: Browser, product: Product, admin: str, places: dict[str, str]
) -> None:
    with page(browser) as opened:
        sign_in(opened, product, admin)
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.goto(product.base_url + places["overview"])
        opened.keyboard.press("Control+k")
        wanted = opened.get_by_role("combobox")
        expect(wanted).to_be_focused()
        expect(opened.get_by_role("option").first).to_be_visible()
        assert unfit(opened, "palette") == []
        opened.keyboard.type("Acm")
        expect(opened.get_by_role("option", selected=True)).to_contain_text("Acme")
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(product.base_url + places["organization"])
        opened.wait_for_load_state()
        opened.keyboard.press("g")
        opened.keyboard.press("o")
        expect(opened).to_have_url(product.base_url + places["organizations"])
        opened.wait_for_load_state()
        opened.keyboard.press("/")
        expect(opened.locator("#search")).to_be_focused()
        opened.keyboard.type("g?o")  # somebody who types is left alone
        expect(opened.locator("#search")).to_have_value("g?o")
        opened.goto(product.base_url + places["overview"])
        opened.keyboard.press("?")
        opened.get_by_label("Single keys do this").uncheck()
        opened.keyboard.press("Escape")
        expect(wanted).not_to_be_visible()
        opened.reload()
        opened.keyboard.press("?")
        opened.keyboard.press("g")
        opened.keyboard.press("o")
        expect(wanted).not_to_be_visible()
        expect(opened).to_have_url(product.base_url + places["overview"])


def test_signing_in_and_out_with_the_keyboard(browser: Browser, product: Product, admin: str) -> None:
    with page(browser) as opened:
        opened.goto(f"{product.base_url}/dashboard")
        expect(opened).to_have_url(f"{product.base_url}/dashboard/sign-in?next=/dashboard")
        expect(opened.get_by_label("E-mail address")).to_be_focused()
        opened.keyboard.type("ann@example.com")
        opened.keyboard.press("Tab")
        opened.keyboard.type("not this password")
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("alert")).to_contain_text("do not belong together")
        expect(opened.get_by_label("Password")).to_be_focused()  # the address is kept
        assert violations(opened) == []
        opened.keyboard.type(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(f"{product.base_url}/dashboard")
        opened.locator("details.me summary").focus()
        opened.keyboard.press("Enter")
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("link", name="Your account")).to_be_focused()
        opened.keyboard.press("Tab")
        expect(opened.get_by_role("button", name="Sign out", exact=True)).to_be_focused()
        opened.keyboard.press("Enter")
        expect(opened).to_have_url(f"{product.base_url}/dashboard/sign-in")
        opened.go_back()
        opened.reload()
        expect(opened.get_by_role("heading", level=1)).to_have_text("Sign in")
