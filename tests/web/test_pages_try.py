"""/try and its callback: the whole way round as an application goes it, and every way in which it ends early."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from latchstring.flows import environments, organizations
from latchstring.model.environment import EnvironmentKind
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.web.html import Element, read

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</code></pre><svg onload=alert(1)>"]


def start(browser: Browser) -> str:
    """Where the button leads."""
    answer = browser.get("/try")
    assert answer.status == 200
    return _button(read(answer.text), "Sign in with SSO")


def _button(page: Element, text: str) -> str:
    (found,) = [link for link in page.every("a") if link.text == text]
    return found.attributes["href"]


def come_back(browser: Browser, **person: str) -> Answer:
    """Everything between the button and the application's callback, which is not yet called."""
    return answered(browser, browser.get(start(browser)).location, **person)


def answered(browser: Browser, idp_url: str, **person: str) -> Answer:
    """Signs a person in at the Test IdP."""
    page = read(browser.get(idp_url).text)
    form = page.every("form", action="/test-idp/answer")[-1].sends()
    form |= {"email": "ann@example.com", "first_name": "Ann", "decision": "sign_in", **person}
    handing = read(browser.post("/test-idp/answer", form).text).one("form")
    return browser.post(handing.attributes["action"], handing.sends())


def signed_in(browser: Browser, **person: str) -> Answer:
    return browser.get(come_back(browser, **person).location)


def explains(answer: Answer, error: str, *, status: int = 400) -> Element:
    assert answer.status == status, answer.text
    page = read(answer.text)
    assert page.one("h1").text == "The sign-in failed"
    assert error in [value.text for value in page.every("dd")]
    assert _button(page, "Try again") == "/try"
    return page


def test_the_root_leads_to_try(rig: Rig) -> None:
    answer = rig.browser().get("/")
    assert (answer.status, answer.location) == (302, "/try")


def test_the_button_is_an_ordinary_authorize_request(rig: Rig) -> None:
    browser = rig.browser()
    url = urlsplit(start(browser))
    asked = {name: values[0] for name, values in parse_qs(url.query, strict_parsing=True).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{BASE}/sso/authorize"
    assert len(asked.pop("state")) >= 22
    assert asked == {
        "client_id": rig.environment.client_id,
        "organization": "org_test_idp",
        "redirect_uri": f"{BASE}/callback",
        "response_type": "code",
    }


def test_the_state_is_new_each_time_and_bound_to_the_browser(rig: Rig) -> None:
    answer = rig.browser().get("/try")
    line = answer.header("set-cookie") or ""
    state = parse_qs(urlsplit(_button(read(answer.text), "Sign in with SSO")).query)["state"][0]
    assert line == f"latchstring_try={state}; Path=/callback; Max-Age=600; HttpOnly; SameSite=Lax"
    assert start(rig.browser()) != start(rig.browser())


def test_the_profile_is_what_the_sdk_returns(rig: Rig) -> None:
    browser = rig.browser()
    answer = signed_in(browser, groups="Staff")
    assert answer.status == 200 and answer.header("cache-control") == "no-store"
    page = read(answer.text)
    assert page.one("h1").text == "Hello, Ann"
    shown = json.loads(page.by_id("profile").text)
    assert (shown["object"], shown["email"], shown["groups"]) == ("profile", "ann@example.com", ["Staff"])
    assert browser.cookies == {}
    elsewhere = rig.browser()
    idp_url = rig.authorize(elsewhere, organization="org_test_idp").location
    landed = answered(elsewhere, idp_url, groups="Staff")
    assert shown == rig.swap(landed.returned["code"]).json["profile"]


def test_the_steps_are_told_in_order(rig: Rig) -> None:
    page = read(signed_in(rig.browser()).text)
    steps = page.one("ol").every("strong")
    assert [step.text for step in steps] == ["Begun", "Sent away", "Answered", "Granted", "Redeemed"]
    checks = [check.text for check in page.one("ul", **{"class": "checks"}).every("li")]
    assert len(checks) > 5 and not [check for check in checks if "_" in check]


def test_the_lines_to_copy_are_filled_in_and_keep_the_key_a_secret(rig: Rig) -> None:
    page = read(signed_in(rig.browser()).text)
    variables = dict(line.split("=", 1) for line in page.by_id("variables").text.split())
    assert variables["WORKOS_BASE_URL"] == BASE
    assert variables["WORKOS_CLIENT_ID"] == rig.environment.client_id
    assert rig.key.secret.reveal() not in page.text
    assert "get_profile_and_token" in page.by_id("flask").text
    assert "getProfileAndToken" in page.by_id("express").text


def test_without_a_name_the_address_greets(rig: Rig) -> None:
    assert read(signed_in(rig.browser(), first_name="").text).one("h1").text == "Hello, ann@example.com"


@pytest.mark.parametrize("words", HOSTILE)
def test_a_profile_stays_words(rig: Rig, words: str) -> None:
    person = {"first_name": words, "last_name": words, "groups": words}
    page = read(signed_in(rig.browser(), **person).text)
    assert page.skeleton() == read(signed_in(rig.browser()).text).skeleton()
    assert json.loads("".join(page.by_id("profile").words))["first_name"] == words


def test_loaded_again_it_says_so(rig: Rig) -> None:
    browser = rig.browser()
    back = come_back(browser).location
    assert browser.get(back).status == 200
    page = explains(browser.get(back), "state_mismatch")
    assert "loaded a second time" in page.one("p", **{"class": "lead"}).text


def test_a_code_is_good_once(rig: Rig) -> None:
    """Even where the browser still has the state: the code itself is spent."""
    browser = rig.browser()
    back = come_back(browser).location
    cookies = dict(browser.cookies)
    assert browser.get(back).status == 200
    browser.cookies = cookies
    explains(browser.get(back), "invalid_grant")


def test_a_code_is_good_for_ten_minutes(rig: Rig) -> None:
    browser = rig.browser()
    back = come_back(browser).location
    rig.clock.forward(minutes=11)
    page = explains(browser.get(back), "invalid_grant")
    assert "ten minutes" in page.text


@pytest.mark.parametrize("changed", ["another", "", None])
def test_another_state_signs_nobody_in(rig: Rig, changed: str | None) -> None:
    browser = rig.browser()
    code = come_back(browser).returned["code"]
    query = {"code": code} if changed is None else {"code": code, "state": changed}
    explains(browser.get("/callback", query=query), "state_mismatch")


def test_a_sign_in_that_began_at_the_identity_provider_has_no_state_and_is_shown(rig: Rig) -> None:
    browser = rig.browser()
    start_page = read(browser.get("/try").text)
    portal = next(link for link in start_page.every("a") if link.text == "begin at the identity provider")
    page = read(browser.get(portal.attributes["href"]).text)
    handed = read(browser.post("/test-idp/answer", page.every("form")[0].sends()).text).one("form")
    back = browser.post(handed.attributes["action"], handed.sends()).location
    assert "state" not in back
    shown = read(browser.get("/callback?" + urlsplit(back).query).text)
    assert "ann@example.com" in shown.text
    assert "a response that nobody had asked for" in shown.text


def test_another_browser_signs_nobody_in(rig: Rig) -> None:
    back = come_back(rig.browser()).location
    explains(rig.browser().get(back), "state_mismatch")
    other = rig.browser()
    start(other)
    explains(other.get(back), "state_mismatch")


@pytest.mark.parametrize("state", ["é", "\u2028", "x" * 4000])
def test_a_state_of_any_kind_is_compared(rig: Rig, state: str) -> None:
    browser = rig.browser()
    start(browser)
    explains(browser.get("/callback", query={"code": "x", "state": state}), "state_mismatch")


@pytest.mark.parametrize("code", [None, "", "x", "ä", "x" * 4000])
def test_a_code_that_never_was(rig: Rig, code: str | None) -> None:
    browser = rig.browser()
    state = parse_qs(urlsplit(start(browser)).query)["state"][0]
    query = {"state": state} if code is None else {"state": state, "code": code}
    answer = browser.get("/callback", query=query)
    explains(answer, "invalid_grant")


def test_an_error_is_explained(rig: Rig) -> None:
    browser = rig.browser()
    denied = come_back(browser, decision="deny")
    page = explains(browser.get(denied.location), "access_denied", status=200)
    more = _button(page, "What it means, and how to mend it")
    assert more == denied.returned["error_uri"]
    assert browser.get(more).status == 200


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/errors/x",
        "javascript:alert(1)",
        f"{BASE}.evil.example/errors/x",
        f"{BASE}@evil.example/errors/x",
        f"{BASE}/sso/authorize?x",
        "//evil.example",
        "",
    ],
)
def test_a_strangers_explanation_is_not_linked(rig: Rig, uri: str) -> None:
    answer = rig.browser().get("/callback", query={"error": "server_error", "error_uri": uri})
    page = explains(answer, "server_error", status=200)
    assert {link.attributes["href"] for link in page.every("a")} == {"#main", "/try"}


@pytest.mark.parametrize("words", HOSTILE)
def test_an_error_stays_words(rig: Rig, words: str) -> None:
    sent = {"error": words, "error_description": words, "error_uri": words}
    plain = dict.fromkeys(sent, "plain")
    page = read(rig.browser().get(f"/callback?{urlencode(sent)}").text)
    assert page.skeleton() == read(rig.browser().get(f"/callback?{urlencode(plain)}").text).skeleton()
    assert page.one("p", **{"class": "lead"}).text == words


def test_the_first_staging_environment_is_tried(rig: Rig) -> None:
    rig.another_environment()
    rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    assert parse_qs(urlsplit(start(rig.browser())).query)["client_id"] == [rig.environment.client_id]


def test_without_a_test_organization_there_is_nothing_to_try(rig: Rig) -> None:
    organizations.delete(rig.house, rig.pass_, "org_test_idp")
    for path in ("/try", "/callback?code=x&state=y"):
        answer = rig.browser().get(path)
        assert answer.status == 400
        assert "nothing_to_try" in answer.text and "latchstring dev" in answer.text
    other, _ = rig.another_environment()  # and the next environment that has one serves
    assert parse_qs(urlsplit(start(rig.browser())).query)["client_id"] == [other.client_id]
    assert len(list(environments.every(rig.house))) == 2
