"""The way into the Admin Portal: links that open what they are for, when they are for it, and nothing besides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from latchstring.flows import branding, portal_links
from latchstring.flows.portal_links import PortalLinkUsed
from latchstring.model.portal import Intent
from latchstring.storage import front_door
from latchstring.web.kit.message import Inbound
from latchstring.web.kit.route import Ask
from latchstring.web.portal import start
from latchstring.web.portal.guard import PortalIntentForbidden, PortalPage, guarded
from tests.house_for_tests import Answer, Rig
from tests.operators_for_tests import HERE, page, post
from tests.portal_for_tests import address, api_link, csrf, follow, organization, press, set_up_link
from tests.web.test_audit import newest


def refused(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status and code in answer.text, (answer.status, answer.text[:600])


def test_web_07_looking_at_a_link_uses_nothing_up_and_the_button_exchanges_it(rig: Rig) -> None:
    globex = organization(rig)
    made = api_link(rig, globex.id)
    token = made.url.reveal().partition("token=")[2]
    assert len(token) == 43, "256 bits"
    for _ in range(3):  # a program that checks mails
        looked = rig.browser().get(address(made))
        assert looked.status == 200 and "Globex" in looked.text
        assert looked.header("set-cookie") is None and looked.header("referrer-policy") == "no-referrer"
        assert looked.header("cache-control") == "no-store"
    browser = rig.browser()
    opened = press(browser, browser.get(address(made)))
    assert (opened.status, opened.location) == (303, "/portal"), "the address has no token any more"
    kept = opened.header("set-cookie") or ""
    assert "HttpOnly" in kept and "SameSite=Lax" in kept and token not in kept
    start = browser.get("/portal")
    assert start.status == 200 and "Globex" in page(start).one("h1").text and token not in start.text
    engine = rig.house.database._engine
    for table in ("portal_links", "portal_sessions"):
        rows = repr(engine.all(f"SELECT * FROM {table}", {}))  # noqa: S608 - our own names
        assert token not in rows and browser.cookies["latchstring_portal"] not in rows, "hashes alone are kept"


def test_web_07_a_link_of_the_api_opens_once_and_within_five_minutes(rig: Rig) -> None:
    globex = organization(rig)
    made = api_link(rig, globex.id)
    late = api_link(rig, globex.id)
    shown = rig.browser().get(address(made))
    follow(rig, made)
    refused(press(rig.browser(), shown), 410, "portal_link_used")
    refused(rig.browser().get(address(made)), 410, "portal_link_used")
    rig.clock.forward(minutes=5)
    refused(rig.browser().get(address(late)), 410, "portal_link_expired")
    refused(rig.browser().get("/portal/launch?token=nonsense"), 404, "portal_link_unknown")
    refused(rig.browser().get("/portal/launch"), 404, "portal_link_unknown")
    refused(rig.browser().get("/portal/launch?token=a&token=b"), 400, "")


def test_web_07_i3_a_link_of_the_api_opens_once_however_many_follow_it_at_once(rig: Rig) -> None:
    seen = portal_links.look(rig.house, api_link(rig, organization(rig).id).url.reveal().partition("token=")[2])

    def open_it(_number: int) -> bool:
        try:
            portal_links.open_(rig.house, seen)
        except PortalLinkUsed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(open_it, range(24))) == 1


def test_web_07_a_set_up_link_opens_until_it_is_taken_back_and_that_ends_its_sessions(rig: Rig) -> None:
    globex = organization(rig)
    made = set_up_link(rig, globex.id, Intent.SSO, "it@globex.example")
    first = follow(rig, made)
    rig.clock.forward(days=1)
    second = follow(rig, made)
    refused(first.get("/portal"), 401, "portal_session_over")
    told = [entry.action for entry in newest(rig, 20) if entry.target_id == made.link.id]
    assert told == ["portal_link.created", "portal_link.opened", "portal_link.opened"]
    opened = newest(rig)[0]
    assert (opened.actor, opened.actor_name) == (f"portal:{made.link.id}", "it@globex.example")
    portal_links.revoke(rig.house, rig.pass_, globex.id, made.link.id)
    refused(second.get("/portal"), 401, "portal_session_over")
    refused(rig.browser().get(address(made)), 410, "portal_link_revoked")
    assert newest(rig, 1)[0].action == "portal_link.revoked"
    rig.clock.forward(days=30)
    refused(rig.browser().get(address(made)), 410, "portal_link_revoked")


def test_web_07_one_set_up_link_is_open_at_a_time(rig: Rig) -> None:
    globex = organization(rig)
    one, other = set_up_link(rig, globex.id), set_up_link(rig, globex.id)
    renewal = set_up_link(rig, globex.id, Intent.CERTIFICATE_RENEWAL)
    refused(rig.browser().get(address(one)), 410, "portal_link_revoked")
    follow(rig, other)
    follow(rig, renewal)
    portal_links.finish(rig.house, rig.pass_, other.link.id)
    refused(rig.browser().get(address(other)), 410, "portal_link_finished")
    with pytest.raises(portal_links.PortalLinkActive):
        portal_links.make_set_up(rig.house, rig.pass_, globex.id, intent=Intent.CERTIFICATE_RENEWAL, replaces=False)
    rig.clock.forward(days=30)
    refused(rig.browser().get(address(renewal)), 410, "portal_link_expired")


def test_web_01_a_session_ends_idle_or_after_half_a_day_and_is_left(rig: Rig) -> None:
    made = set_up_link(rig, organization(rig).id)
    idle = follow(rig, made)
    rig.clock.forward(hours=2)
    over = idle.get("/portal")
    refused(over, 401, "portal_session_over")
    assert "latchstring_portal" not in idle.cookies
    busy = follow(rig, made)
    for _ in range(11):
        rig.clock.forward(minutes=64)
        assert busy.get("/portal").status == 200
    rig.clock.forward(minutes=16)
    refused(busy.get("/portal"), 401, "portal_session_over")
    left = follow(rig, made)
    secret = left.cookies["latchstring_portal"]
    answer = post(left, "/portal/leave", {"csrf": csrf(left)})
    assert answer.status == 200 and "latchstring_portal" not in left.cookies
    left.cookies["latchstring_portal"] = secret
    refused(left.get("/portal"), 401, "portal_session_over")


def test_web_03_a_form_of_another_organizations_set_up_changes_nothing(rig: Rig) -> None:
    globex, acme = organization(rig), organization(rig, "Acme")
    browser = follow(rig, set_up_link(rig, globex.id))
    theirs = csrf(browser)
    shown = browser.get(address(made := set_up_link(rig, acme.id)))
    assert "Another set-up is open in this browser" in shown.text and "Globex" in shown.text
    follow(rig, made, browser)
    assert "Acme" in browser.get("/portal").text and "Globex" not in browser.get("/portal").text
    refused(post(browser, "/portal/leave", {"csrf": theirs}), 403, "portal_form_from_elsewhere")
    refused(browser.post("/portal/leave", {"csrf": csrf(browser)}), 403, "portal_form_from_elsewhere")
    elsewhere = {**HERE, "sec_fetch_site": "cross-site"}
    refused(browser.post("/portal/leave", {"csrf": csrf(browser)}, **elsewhere), 403, "portal_form_from_elsewhere")
    token = address(api_link(rig, acme.id)).partition("token=")[2]
    refused(browser.post("/portal/launch", {"token": token}, **elsewhere), 403, "portal_form_from_elsewhere")
    assert browser.get("/portal").status == 200


def test_a_link_that_is_over_says_whom_to_ask_in_the_looks_of_its_environment(rig: Rig) -> None:
    branding.change(rig.house, rig.pass_, application="Acme App", accent="", support="help@app.example")
    globex = organization(rig)
    made = set_up_link(rig, globex.id)
    assert "Acme App" in rig.browser().get(address(made)).text
    browser = follow(rig, made)
    assert "Acme App" in browser.get("/portal").text and "help@app.example" in browser.get("/portal").text
    portal_links.revoke(rig.house, rig.pass_, globex.id, made.link.id)
    over = rig.browser().get(address(made))
    assert "Acme App" in over.text and "help@app.example" in over.text
    assert "Acme App" not in rig.browser().get("/portal/launch?token=unknown").text


def test_web_07_a_link_opens_what_its_intent_is_for_and_nothing_else(rig: Rig) -> None:
    """Asked of the guard itself, with a page for one intent alone."""
    only = PortalPage(
        method="GET", path="/portal", summary="x", intents=frozenset({Intent.CERTIFICATE_RENEWAL}), show=start.start
    )
    globex = organization(rig)
    for intent in Intent:
        browser = follow(rig, api_link(rig, globex.id, intent))
        cookie = f"latchstring_portal={browser.cookies['latchstring_portal']}".encode()
        ask = Ask(inbound=Inbound(method="GET", path="/portal", headers=((b"cookie", cookie),)), params={}, pass_=None)
        if intent is Intent.CERTIFICATE_RENEWAL:
            assert guarded(only).handler(rig.house, ask).status == 200
        else:
            with pytest.raises(PortalIntentForbidden):
                guarded(only).handler(rig.house, ask)


def test_web_01_the_cookie_is_locked_to_this_host_over_https(rig: Rig) -> None:
    house = replace(rig.house, base_url="https://sso.example")
    token = api_link(rig, organization(rig).id).url.reveal().partition("token=")[2]
    inbound = Inbound(
        method="POST",
        path="/portal/launch",
        headers=((b"sec-fetch-site", b"same-origin"),),
        body=f"token={token}".encode(),
    )
    reply = start.launch(house, Ask(inbound=inbound, params={}, pass_=None))
    kept = dict(reply.headers)[b"set-cookie"].decode()
    assert kept.startswith("__Host-latchstring_portal=") and "; Secure" in kept and "Path=/;" in kept
    assert token not in repr(reply)


def test_web_07_what_was_handed_on_from_a_link_is_taken_back_with_it(rig: Rig) -> None:
    globex = organization(rig)
    made = api_link(rig, globex.id, external_user_id="ann")
    follow(rig, made)
    seen = front_door.by_portal_link(rig.house.database, made.url.reveal().partition("token=")[2])
    assert seen is not None
    handed_on = portal_links.make_set_up(rig.house, seen, globex.id)
    colleague = follow(rig, handed_on)
    portal_links.revoke_of_person(rig.house, rig.pass_, globex.id, "ann")
    refused(colleague.get("/portal"), 401, "portal_session_over")
    refused(rig.browser().get(address(handed_on)), 410, "portal_link_revoked")


def test_web_07_nobody_is_in_without_a_link(rig: Rig) -> None:
    refused(rig.browser().get("/portal"), 401, "portal_session_over")
    refused(post(rig.browser(), "/portal/leave", {"csrf": ""}), 401, "portal_session_over")
