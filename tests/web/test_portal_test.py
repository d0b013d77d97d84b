"""The last steps of the walk: a test sign-in, what it found, switching single sign-on on, and the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from latchstring.flows import connection_life, portal_links, portal_progress
from latchstring.model.operator import Role
from latchstring.model.portal import Intent, Step
from tests.events_for_tests import told
from tests.house_for_tests import Rig
from tests.idp_for_tests import ATTRIBUTES, SamlIdp, oidc_idp, pair, saml_idp
from tests.operators_for_tests import hire, page, post
from tests.portal_admin_for_tests import Admin, admin
from tests.portal_for_tests import api_link, csrf, follow, organization, set_up_link
from tests.web.test_audit import newest

TURN_ON = "/portal/test/turn-on"


@pytest.fixture
def ann(rig: Rig) -> Admin:
    return admin(rig, saml_idp(rig))


def step(at: Admin) -> Step:
    return portal_progress.of(at.rig.house, at.rig.pass_, at.idp.organization["id"]).step


def mails(rig: Rig, since: int) -> list[Any]:
    kept = rig.house.kept_mail()
    return [each.mail for each in kept[: len(kept) - since]]


# --- the test ---


@pytest.mark.parametrize("make", [saml_idp, oidc_idp])
def test_a_good_test_is_shown_in_its_tab_and_in_the_first_one(rig: Rig, make: Callable[[Rig], Any]) -> None:
    ann = admin(rig, make(rig))
    assert "Start the test" in page(ann.desk.get("/portal/test")).text
    address = ann.begin()
    waiting = page(ann.desk.get("/portal/test"))
    assert "Waiting for the sign-in to come back" in waiting.text
    assert waiting.one("a", href="/portal/test").text == "Refresh", "without JavaScript"
    assert waiting.one("form", action="/portal/test").attributes["target"] == "_blank"
    ann.come_back(ann.depart(address))
    assert "Test successful" in ann.other.get(address).text
    done = page(ann.desk.get("/portal/test")).text
    assert "Signed in as ann@acme.example." in done and "Every check was passed." in done
    for table in ("grants", "profiles"):
        assert rig.house.database._engine.one(f"SELECT count(*) FROM {table}", {})[0] == 0  # type: ignore[index]  # noqa: S608
    assert "ann@acme.example" not in ann.rig.browser().get(address).text, "it is of the browser that ran it"


def test_a_failed_test_says_what_to_change_in_the_words_of_this_provider(rig: Rig) -> None:
    okta = saml_idp(rig)
    set_type(rig, okta)
    ann = admin(rig, okta)
    ann.run(audience="https://elsewhere.example")
    shown = page(ann.desk.get("/portal/test")).text
    assert "It does not work yet" in shown and "Test again" in shown
    assert "Audience URI (SP Entity ID)" in shown and "https://elsewhere.example" in shown
    assert "Turn it on without a good test" in shown
    ann.run()
    assert "It works" in page(ann.desk.get("/portal/test")).text


def set_type(rig: Rig, idp: SamlIdp) -> None:
    """Another type of the same kind, as if it had been chosen in the beginning."""
    engine: Any = rig.house.database._engine
    engine.change("UPDATE connections SET type = 'OktaSAML' WHERE id = :id", {"id": idp.connection["id"]})


def test_silence_and_an_hour_without_an_answer_are_explained(ann: Admin) -> None:
    ann.depart(ann.begin())
    ann.rig.clock.forward(minutes=3)
    assert "No answer for three minutes" in ann.desk.get("/portal/test").text
    ann.rig.clock.forward(minutes=60)
    assert "The last test came to no end" in ann.desk.get("/portal/test").text


def test_there_is_nothing_to_test_before_the_details_are_there(rig: Rig) -> None:
    globex = organization(rig)
    browser = follow(rig, set_up_link(rig, globex.id))
    assert (browser.get("/portal/test").status, browser.get("/portal/test").location) == (303, "/portal")
    assert post(browser, "/portal/test", {"csrf": csrf(browser)}).status == 404
    draft = rig.client("POST", "/connections", {"organization_id": globex.id, "draft": True})
    assert draft.status == 201
    assert "There is nothing to test yet." in browser.get("/portal/test").text
    refused = post(browser, "/portal/test", {"csrf": csrf(browser)})
    assert refused.status == 409 and "connection_not_testable" in refused.text


# --- switching it on ---


def test_web_08_a_good_test_is_the_reason_to_turn_it_on_and_the_administrators_hear_of_it(ann: Admin) -> None:
    hire(ann.rig, Role.ADMIN, "admin@example.com")
    ann.run()
    before = len(ann.rig.house.kept_mail())
    answer = ann.sends("/portal/test", TURN_ON)
    assert (answer.status, answer.location) == (303, "/portal/done")
    assert ann.state == "active" and step(ann) is Step.DONE
    (turned,) = told(ann.rig, "connection.turned_on")
    assert (turned["reason"], turned["turned_on_by"]) == ("test", "it@acme.example")
    told_to = {each.to for each in mails(ann.rig, before) if "it was switched on" in each.text}
    assert told_to == {"first@example.com", "admin@example.com"}
    entry = [each for each in newest(ann.rig, 10) if each.target_id == ann.connection_id][-1]
    assert (entry.actor_name, entry.actor) == ("it@acme.example", f"portal:{ann.made.link.id}")


def test_without_a_good_test_it_stays_off_until_somebody_decides_and_that_is_recorded(ann: Admin) -> None:
    hire(ann.rig, Role.ADMIN, "admin@example.com")
    answer = ann.sends("/portal/test", TURN_ON, untested="")
    assert answer.status == 422 and "No test sign-in has succeeded" in answer.text
    assert ann.state == "validating" and step(ann) is Step.START
    before = len(ann.rig.house.kept_mail())
    assert ann.sends("/portal/test", TURN_ON, untested="yes").status == 303
    assert ann.state == "active"
    (turned,) = told(ann.rig, "connection.turned_on")
    assert (turned["reason"], turned["test_id"]) == ("untested", None)
    actions = {each.action: each for each in newest(ann.rig, 10) if each.target_id == ann.connection_id}
    assert actions["connection.turned_on_untested"].actor == f"portal:{ann.made.link.id}"
    assert any("it was switched on without a good test" in each.text for each in mails(ann.rig, before))
    assert "No test of the present set-up was successful yet" in ann.desk.get("/portal/done").text


def test_a_test_of_another_set_up_turns_nothing_on(ann: Admin) -> None:
    ann.run()
    body = {"saml_options": {"idp_sso_url": "https://idp.acme.example/other"}}
    assert ann.rig.client("PATCH", f"/connections/{ann.connection_id}", body).status == 200
    assert "The set-up was changed after the last good test." in ann.desk.get("/portal/test").text
    assert ann.sends("/portal/test", TURN_ON, untested="").status == 422 and ann.state == "validating"


def test_what_was_switched_off_by_others_is_not_switched_on_here(ann: Admin) -> None:
    ann.run()
    connection_life.switch(ann.rig.house, ann.rig.pass_, ann.connection_id, "off")
    assert page(ann.desk.get("/portal/test")).every("form", action=TURN_ON) == []
    answer = post(ann.desk, TURN_ON, {"csrf": csrf(ann.desk), "version": "0", "untested": "yes"})
    assert answer.status == 422 and "was switched off" in answer.text  # portal_connection_off
    assert ann.state == "inactive"


def test_somebody_else_went_on_meanwhile_and_nothing_is_turned_on(ann: Admin) -> None:
    ann.run()
    stale = page(ann.desk.get("/portal/test")).one("form", action=TURN_ON).sends()
    progress = portal_progress.of(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"])
    portal_progress.save(
        ann.rig.house,
        ann.rig.pass_,
        ann.idp.organization["id"],
        progress.reaching(Step.DETAILS),
        seen=progress.version,
        by="joe@acme.example",
    )
    answer = post(ann.desk, TURN_ON, {**stale, "untested": "yes"})
    assert answer.status == 409 and "joe@acme.example" in answer.text and ann.state == "validating"
    again = page(answer).one("form", action=TURN_ON).sends()
    assert post(ann.desk, TURN_ON, again).status == 303 and ann.state == "active"


def draft(at: Admin) -> str:
    """The connection that the walk begins beside the one that works."""
    choice = {"csrf": csrf(at.desk), "version": version(at), "type": "OktaSAML", "sure": "yes"}
    answer = post(at.desk, "/portal/provider", choice)
    assert answer.status == 303, answer.text
    made = portal_progress.of(at.rig.house, at.rig.pass_, at.idp.organization["id"]).connection_id
    assert made is not None and made != at.connection_id
    return made


def brought(at: Admin) -> None:
    form = {
        "csrf": csrf(at.desk),
        "version": version(at),
        "source": "values",
        "idp_entity_id": "https://idp.acme.example",
    }
    form |= {"idp_sso_url": "https://idp.acme.example/sso", "idp_signing_certs": pair("acme")[0]}
    answer = post(at.desk, "/portal/details", form)
    assert answer.status == 303, answer.text


def version(at: Admin) -> str:
    return str(portal_progress.of(at.rig.house, at.rig.pass_, at.idp.organization["id"]).version)


@pytest.mark.parametrize("both", [False, True])
def test_what_is_set_up_beside_a_connection_in_use_takes_its_place_when_it_is_switched_on(
    ann: Admin, both: bool
) -> None:
    hire(ann.rig, Role.ADMIN)
    connection_life.switch(ann.rig.house, ann.rig.pass_, ann.connection_id, "on")
    made = draft(ann)
    brought(ann)
    state = f"/connections/{made}"
    assert ann.rig.client("GET", state).json["state"] == "inactive", "it waits"
    before = len(ann.rig.house.kept_mail())
    shown = page(ann.desk.get("/portal/test")).one("form", action=TURN_ON)
    assert shown.one("input", name=f"off.{ann.connection_id}").attributes["checked"] == ""
    off = {f"off.{ann.connection_id}": "" if both else "yes"}
    assert post(ann.desk, TURN_ON, {**shown.sends(), "untested": "yes", **off}).status == 303
    assert ann.rig.client("GET", state).json["state"] == "active"
    assert ann.state == ("active" if both else "inactive")
    told = [each.text for each in mails(ann.rig, before)]
    assert any("it was switched off" in text for text in told) is not both


# --- done ---


def test_done_leads_back_and_the_link_opens_no_more(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann = admin(rig, idp)
    early = ann.desk.get("/portal/done")
    assert (early.status, early.location) == (303, "/portal/domain"), "it goes on where it was left"
    ann.run()
    ann.sends("/portal/test", TURN_ON)
    done = page(ann.desk.get("/portal/done"))
    assert "Single sign-on is on" in done.one("h1").text and "You are done." in done.text
    assert portal_links.of_organization(rig.house, rig.pass_, idp.organization["id"])[0].finished_at is not None
    by_api = follow(
        rig, api_link(rig, idp.organization["id"], success_url="https://app.example/ok", return_url="https://a.example")
    )
    done = page(by_api.get("/portal/done"))
    assert done.every("a", href="https://app.example/ok"), "where the application wants to have them"


def test_the_works_of_other_intents_end_with_a_button(rig: Rig) -> None:
    idp = saml_idp(rig)
    for intent, words in ((Intent.DOMAIN_VERIFICATION, "acme.example"), (Intent.CERTIFICATE_RENEWAL, "side by side")):
        ann = admin(rig, idp, intent)
        assert words in page(ann.desk.get("/portal/done")).one("main").text
        assert ann.sends("/portal/done", "/portal/done").status == 303
        assert page(ann.desk.get("/portal/done")).every("form", action="/portal/done") == []
        assert ann.desk.get("/portal/test").status == 403


def test_a_missing_attribute_is_explained_with_where_to_add_it(rig: Rig) -> None:
    okta = saml_idp(rig)
    set_type(rig, okta)
    ann = admin(rig, okta)
    ann.run(attributes={name: values for name, values in ATTRIBUTES.items() if name != "email"})
    shown = page(ann.desk.get("/portal/test")).text
    assert "Attribute statements" in shown and "Test failed" in shown
