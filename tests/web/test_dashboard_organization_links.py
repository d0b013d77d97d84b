"""An organization's links: made and seen once, mailed, taken back; its IT contacts; and the choice on its own page."""

from __future__ import annotations

from latchstring.flows import portal_progress
from latchstring.model.operator import Role
from latchstring.model.portal import PortalProgress, Step
from tests.house_for_tests import BASE, Browser, Rig
from tests.operators_for_tests import hire, page, send, signed_in
from tests.portal_for_tests import api_link, follow, organization, press
from tests.web.test_portal_access import refused


def home(rig: Rig, organization_id: str) -> str:
    return f"/dashboard/{rig.environment.id}/organizations/{organization_id}"


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def test_web_07_a_link_is_made_seen_once_mailed_and_taken_back(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    send(browser, browser.get(f"{here}/links"), f"{here}/contacts", email="it@globex.example")
    shown = browser.get(f"{here}/links")
    (contact,) = [name for name in page(shown).one("form", action=f"{here}/links").sends() if name.startswith("to-")]
    made = send(browser, shown, f"{here}/links", intent="sso", emails="joe@globex.example", **{contact: "yes"})
    assert made.status == 200, made.text
    url = page(made).by_id("link").text
    assert url.startswith(f"{BASE}/portal/launch?token=")
    mailed = [each.mail for each in rig.house.kept_mail()]
    assert {each.to for each in mailed} == {"it@globex.example", "joe@globex.example"}
    assert all(url in each.text and "Globex" in each.subject for each in mailed)
    listed = browser.get(f"{here}/links")
    assert url not in listed.text and "Not opened yet." in listed.text and "joe@globex.example" in listed.text
    admin = rig.browser()
    assert press(admin, admin.get(url)).status == 303
    wanted = PortalProgress(step=Step.GUIDE, connection_type="OktaSAML")
    portal_progress.save(rig.house, rig.pass_, globex.id, wanted, seen=0)
    for place in (here, f"{here}/links"):
        seen = browser.get(place)
        assert "Opened once" in seen.text and "Guide" in seen.text
    action = next(
        form.attributes["action"]
        for form in page(listed).every("form")
        if form.attributes["action"].endswith("/revoke")
    )
    assert send(browser, browser.get(f"{here}/links"), action).location == f"{here}/links"
    refused(admin.get("/portal"), 401, "portal_session_over")
    after = browser.get(f"{here}/links")
    assert "No open link" in after.text and "taken back" in after.text


def test_web_07_a_new_link_takes_the_place_of_the_open_one(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    urls = [
        page(send(browser, browser.get(f"{here}/links"), f"{here}/links", intent="sso", emails="")).by_id("link").text
        for _ in range(2)
    ]
    assert rig.house.kept_mail() == ()
    refused(rig.browser().get(urls[0]), 410, "portal_link_revoked")
    assert rig.browser().get(urls[1]).status == 200


def test_what_cannot_be_mailed_to_comes_back_and_makes_no_link(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    wrong = send(browser, browser.get(f"{here}/links"), f"{here}/links", intent="sso", emails="nobody")
    assert wrong.status == 422 and "nobody" in page(wrong).by_id("emails").text
    assert page(wrong).by_id("emails-error").text and "No open link" in wrong.text
    typed = send(browser, browser.get(f"{here}/links"), f"{here}/contacts", email="nobody")
    assert typed.status == 422 and page(typed).by_id("email").attributes["value"] == "nobody"


def test_web_11_a_link_is_made_with_a_fresh_password_alone(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    shown = browser.get(f"{here}/links")
    rig.clock.forward(minutes=11)
    later = send(browser, shown, f"{here}/links", intent="sso", emails="")
    assert later.status == 302 and later.location.startswith("/dashboard/confirm")
    assert "type your password first" in browser.get(f"{here}/links").text
    support = signed_in(rig, hire(rig, Role.SUPPORT))
    seen = support.get(f"{here}/links")
    assert seen.status == 200 and not [form for form in page(seen).every("form") if here in form.attributes["action"]]


def test_an_it_contact_is_deleted_with_what_was_sent_to_them(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    made = send(browser, browser.get(f"{here}/links"), f"{here}/links", intent="sso", emails="it@globex.example")
    url = page(made).by_id("link").text
    listed = browser.get(f"{here}/links")
    action = next(
        form.attributes["action"]
        for form in page(listed).every("form")
        if form.attributes["action"].endswith("/delete")
    )
    assert send(browser, listed, action).status == 302
    refused(rig.browser().get(url), 410, "portal_link_revoked")
    assert "None yet." in browser.get(f"{here}/links").text


def test_an_organization_without_a_connection_offers_two_ways(rig: Rig) -> None:
    globex = organization(rig)
    here, browser = home(rig, globex.id), developer(rig)
    ways = {link.attributes["href"] for link in page(browser.get(here)).every("a")}
    assert {f"{here}/links", f"{here}/connections/new"} <= ways
    assert "recommended" in browser.get(here).text
    follow(rig, api_link(rig, globex.id, external_user_id="ann-of-globex"))
    assert "ann-of-globex" in browser.get(f"{here}/links").text
