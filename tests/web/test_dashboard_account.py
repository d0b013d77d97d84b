"""One's own account: the password, the sessions, and how pages look."""

from __future__ import annotations

import pytest

from latchstring.flows import operator_sessions
from latchstring.flows.story import Visitor
from latchstring.model.operator import Role
from latchstring.web.dashboard import user_agent
from tests.house_for_tests import Browser, Rig
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in
from tests.web.html import Element

ACCOUNT = "/dashboard/account"
NEW = "another quiet river 7"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


def rows(browser: Browser) -> list[Element]:
    return page(browser.get(ACCOUNT)).one("tbody").every("tr")


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/dashboard").status == 200


def test_an_account_says_who_one_is(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig, Role.SUPPORT, "sue@example.com"))
    assert ACCOUNT in {link.attributes["href"] for link in page(browser.get("/dashboard")).one("header").every("a")}
    facts = page(browser.get(ACCOUNT)).one("dl").text
    assert "Support" in facts and "sue@example.com" in facts


def test_web_01_a_new_password_ends_every_other_session_and_renews_this_one(rig: Rig) -> None:
    ann = hire(rig)
    browser, other = signed_in(rig, ann), signed_in(rig, ann)
    before = Browser(rig.endpoint, dict(browser.cookies))
    done = send(browser, browser.get(ACCOUNT), f"{ACCOUNT}/password", current=PASSWORD, new=NEW)
    assert (done.status, done.location) == (302, f"{ACCOUNT}?done=password")
    assert "The new password counts" in browser.get(done.location).text
    assert not is_signed_in(other) and not is_signed_in(before)
    statuses = [
        post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": password}).status
        for password in (PASSWORD, NEW)
    ]
    assert statuses == [401, 302]


@pytest.mark.parametrize(
    ("field", "current", "new"),
    [("current", "wrong password here", NEW), ("new", PASSWORD, "short"), ("new", PASSWORD, "first@example.com")],
)
def test_web_11_a_new_password_needs_the_one_before_and_is_a_good_one(
    rig: Rig, field: str, current: str, new: str
) -> None:
    ann = hire(rig, Role.ADMIN, "first@example.com")
    browser, other = signed_in(rig, ann), signed_in(rig, ann)
    answer = send(browser, browser.get(ACCOUNT), f"{ACCOUNT}/password", current=current, new=new)
    assert answer.status == 422
    shown = page(answer)
    faulty = [entry.attributes["id"] for entry in shown.every("input") if "aria-invalid" in entry.attributes]
    assert faulty == [field]
    assert {shown.by_id(name).attributes["value"] for name in ("current", "new")} == {""}
    assert is_signed_in(browser) and is_signed_in(other)
    assert post(rig.browser(), "/dashboard/sign-in", {"email": ann.email, "password": PASSWORD}).status == 302


def test_web_10_the_current_password_is_not_tried_out_here_either(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig))
    shown = browser.get(ACCOUNT)
    answers = [send(browser, shown, f"{ACCOUNT}/password", current="wrong password", new=NEW) for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]
    assert answers[-1].header("retry-after") == "900"


def test_web_01_sessions_are_listed_and_ended_one_by_one_or_all_the_others(rig: Rig) -> None:
    ann = hire(rig)
    browser = signed_in(rig, ann)
    elsewhere = Browser(
        rig.endpoint,
        {"latchstring_session": operator_sessions.begin(rig.house, ann, Visitor("192.0.2.7", FIREFOX)).reveal()},
    )
    third = signed_in(rig, ann)
    rig.clock.forward(minutes=6)
    found = rows(browser)
    assert len(found) == 3 and "(this one)" in found[0].text and found[0].every("form") == []
    (row,) = [row for row in found if "192.0.2.7" in row.text]
    assert "Firefox, Linux" in row.text
    action = row.one("form").attributes["action"]
    assert send(browser, browser.get(ACCOUNT), action).location == f"{ACCOUNT}?done=session#sessions"
    assert (is_signed_in(browser), is_signed_in(elsewhere), is_signed_in(third)) == (True, False, True)
    assert send(browser, browser.get(ACCOUNT), f"{ACCOUNT}/sessions/end").status == 302
    assert (is_signed_in(browser), is_signed_in(third)) == (True, False)
    assert len(rows(browser)) == 1


def test_oauth_14_nobody_ends_the_session_of_somebody_else(rig: Rig) -> None:
    ann, sue = hire(rig), hire(rig, Role.SUPPORT)
    anns, sues = signed_in(rig, ann), signed_in(rig, sue)
    handle = operator_sessions.current(rig.house, anns.cookies["latchstring_session"]).handle
    csrf = page(sues.get(ACCOUNT)).every("input", name="csrf")[0].attributes["value"]
    for named in (handle, "x", "ab"):
        assert post(sues, f"{ACCOUNT}/sessions/{named}/end", {"csrf": csrf}).status == 302
    assert post(sues, f"{ACCOUNT}/sessions/end", {"csrf": csrf}).status == 302
    assert is_signed_in(anns) and is_signed_in(sues)


@pytest.mark.parametrize(
    ("chosen", "shown"), [("dark", "dark"), ("light", "light"), ("system", None), ('"><script>', None)]
)
def test_light_and_dark_are_chosen_in_a_browser(rig: Rig, chosen: str, shown: str | None) -> None:
    browser = signed_in(rig, hire(rig))
    browser.cookies["latchstring_scheme"] = "light"
    done = send(browser, browser.get(ACCOUNT), f"{ACCOUNT}/appearance", scheme=chosen)
    assert done.location == f"{ACCOUNT}#appearance"
    looked = page(browser.get(ACCOUNT))
    assert looked.one("html").attributes.get("data-scheme") == shown
    assert looked.one("meta", name="color-scheme").attributes["content"] == (shown or "light dark")
    assert "checked" in looked.by_id(f"scheme-{shown or 'system'}").attributes
    browser.cookies["latchstring_scheme"] = '"><script>'  # not ours, and not said again
    assert "data-scheme" not in page(browser.get(ACCOUNT)).one("html").attributes


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (FIREFOX, "Firefox, Linux"),
        (EDGE, "Edge, Windows"),
        (SAFARI, "Safari, macOS"),
        ("curl/8.5", "curl/8.5"),
        (None, "Unknown browser"),
    ],
)
def test_a_browser_has_a_name_that_people_know(said: str | None, named: str) -> None:
    assert user_agent.named(said) == named
