"""The attribute mapper in the Dashboard: recommended, previewed, applied, taken back; and who may see and do what."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.flows import audit, custom_attributes, environment_settings, operators
from latchstring.flows.environment_settings import SettingsWish
from latchstring.model.operator import Role
from latchstring.storage.audit import Filter
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, post, send, signed_in
from tests.web.html import Element
from tests.web.test_attribute_mapper import GUIDS, SURNAME, misplaced
from tests.web.test_profile_fields import profile, refused, saml


def place(idp: Any) -> str:
    return f"/dashboard/{idp.rig.environment.id}/connections/{idp.connection['id']}/attributes"


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def csrf(shown: Element) -> str:
    return shown.every("input", name="csrf")[0].attributes["value"]


def mapper_form(answer: Answer) -> dict[str, str]:
    """What the table of fields would send as it stands."""
    fields = page(answer).by_id("mapping").every("input")
    return {
        each.attributes["name"]: each.attributes["value"]
        for each in fields
        if each.attributes["type"] != "checkbox" or "checked" in each.attributes
    }


def row(shown: Element, field: str) -> Element:
    (found,) = [each for each in shown.every("tr") if [code.text for code in each.children[0].every("code")] == [field]]
    return found


def mapping(idp: SamlIdp) -> Any:
    return idp.rig.client("GET", f"/connections/{idp.connection['id']}").json["attribute_maps"]["standard_attributes"]


def test_misplaced_attributes_are_recommended_applied_and_taken_back(rig: Rig) -> None:
    idp = saml_idp(rig)
    for id_, name in (("u1", "Ann"), ("u2", "Bea")):
        assert refused(misplaced(idp, id_, name)) == "attributes_missing"
    browser = developer(rig)
    answer = browser.get(place(idp))
    shown = page(answer)
    card = shown.by_id("email_in_last_name")
    assert "The last name receives an e-mail address" in card.text
    assert "Of the last 2 sign-ins: 2 become good." in card.text
    assert "2 profiles await reconciliation" in shown.text
    assert "Attributes (2)" in [link.text for link in shown.every("a")]
    assert "looks like an e-mail address" in row(shown, "last_name").text
    form = card.every("form")[0].sends()
    assert (form["source.last_name.1"], form["source.email.1"]) == ("lastname2", SURNAME)

    preview = post(browser, f"{place(idp)}/change", {**form, "act": "preview"})
    assert preview.status == 200 and "Nothing was changed yet. Of the last 2 sign-ins: 2 become good." in preview.text
    assert "Of 2 who await reconciliation, 2 could sign in then." in preview.text
    assert mapping(idp) == {}

    done = send(browser, preview, f"{place(idp)}/change", act="apply")
    assert done.status == 302 and mapping(idp) == {"last_name": "lastname2", "email": SURNAME}
    assert profile(idp, misplaced(idp))["email"] == "ann@acme.example"
    applied = browser.get(done.location.partition("#")[0])
    assert "Done." in page(applied).by_id("applied").text

    undone = send(browser, applied, f"{place(idp)}/undo")
    assert undone.status == 302 and mapping(idp) == {}
    (first, second) = told(rig, "connection.options_changed")
    assert first["actor"].startswith("operator:")
    assert second["changes"]["attribute_maps.standard_attributes.email"] == {"from": [SURNAME], "to": []}
    redone = send(browser, browser.get(undone.location.partition("#")[0]), f"{place(idp)}/undo")
    assert redone.status == 302 and mapping(idp)["email"] == SURNAME


def test_a_finding_is_dismissed_until_it_says_something_else(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp, "u1", "Ann")
    browser = developer(rig)
    findings = f"{place(idp)}/findings/email_in_last_name"
    form = {"csrf": csrf(page(browser.get(place(idp))))}
    assert post(browser, f"{findings}/dismiss", form).location == place(idp)
    misplaced(idp, "u2", "Bea")  # one sign-in more says nothing new
    hidden = page(browser.get(place(idp)))
    assert not [each for each in hidden.all() if each.attributes.get("id") == "email_in_last_name"]
    folded = hidden.by_id("dismissed").text
    assert "One finding was dismissed" in folded and "The last name receives an e-mail address" in folded
    waits = page(browser.get(f"{place(idp)}/awaiting")).one("main")
    assert "The last name receives" not in " ".join(each.text for each in waits.every("h2"))
    assert "Suggestion: Take last_name" in waits.text

    assert post(browser, f"{findings}/show", form).location == f"{place(idp)}#email_in_last_name"
    page(browser.get(place(idp))).by_id("email_in_last_name")
    assert post(browser, f"{findings}/show", form).status == 404

    assert post(browser, f"{findings}/dismiss", form).status == 302
    half = {"attribute_maps": {"standard_attributes": {"email": SURNAME}}}
    assert rig.client("PATCH", f"/connections/{idp.connection['id']}", half).status == 200
    page(browser.get(place(idp))).by_id("email_in_last_name")  # with another remedy, and less grave
    entries = [each for each in audit.export(rig.house, Filter()) if each.action.startswith("attribute_finding.")]
    assert [each.action.partition(".")[2] for each in entries] == ["dismissed", "shown_again", "dismissed"]
    assert {each.target_name for each in entries} == {"Acme: email_in_last_name"}
    assert post(browser, f"{place(idp)}/findings/groups_joined/dismiss", form).status == 404


def test_values_are_masked_until_somebody_who_may_asks(rig: Rig) -> None:
    idp = saml_idp(rig)
    profile(idp, saml(idp, title="Chief"))
    browser = developer(rig)
    masked = browser.get(place(idp)).text
    assert "a…@acme.example" in masked and "ann@acme.example" not in masked and "Chief" not in masked
    plain = browser.get(f"{place(idp)}?values=show").text
    assert "ann@acme.example" in plain and "Chief" in plain
    (entry,) = audit.export(rig.house, Filter(action="connection.values_shown"))
    who = operators.named(rig.house, "developer@example.com")
    assert (entry.actor, entry.actor_name, entry.target_id) == (f"operator:{who.id}", who.name, idp.connection["id"])
    looking = signed_in(rig, hire(rig, Role.SUPPORT)).get(f"{place(idp)}?values=show")
    assert "ann@acme.example" not in looking.text and "Show values" not in looking.text
    assert len(list(audit.export(rig.house, Filter(action="connection.values_shown")))) == 1


def test_a_preview_masks_too_what_a_refusal_quotes(rig: Rig) -> None:
    idp = saml_idp(rig)
    profile(idp, saml(idp, nick="Annie Example"))
    browser = developer(rig)
    token = csrf(page(browser.get(place(idp))))
    wish = {"csrf": token, "source.email.1": "nick", "act": "preview"}
    masked = post(browser, f"{place(idp)}/change", wish)
    assert "1 is refused from then on" in masked.text and "not one plain address" in masked.text
    assert "Annie" not in masked.text and "ann@acme" not in masked.text
    plain = send(browser, masked, f"{place(idp)}/change", values="show")
    assert "Annie Example" in plain.text and "ann@acme.example" in plain.text


def test_the_table_says_where_each_field_comes_from_and_whether_it_is_right(rig: Rig) -> None:
    idp = saml_idp(rig)
    profile(idp, saml(idp, title="Chief", shoe="42", lastName=None))
    profile(idp, saml(idp, title="Chief"))
    shown = page(developer(rig).get(place(idp)))
    assert "in the organization's domains" in row(shown, "email").text
    assert "frozen" in row(shown, "idp_id").text and "the same at each sign-in" in row(shown, "idp_id").text
    assert "arrives in 1 of 2 sign-ins" in row(shown, "last_name").text
    assert "(2)" in row(shown, "groups").text
    assert "title" in row(shown, "job_title").text and "custom attribute" in row(shown, "job_title").text
    unused = shown.every("table")[-1].text
    assert "shoe" in unused and "title" not in unused


def test_several_sources_what_is_required_and_a_custom_attribute_in_one_form(rig: Rig) -> None:
    idp = saml_idp(rig)
    custom_attributes.create(rig.house, rig.pass_, name="badge")
    profile(idp, saml(idp, badgeNumber="7"))
    browser = developer(rig)
    answer = browser.get(place(idp))
    typed = mapper_form(answer) | {"source.email.1": "mail", "required.last_name": "1"}
    typed |= {"add": "badge", "add_source": "badgeNumber", "act": "preview"}
    preview = post(browser, f"{place(idp)}/change", typed)
    carried = page(preview).every("form", action=f"{place(idp)}/change")[0].sends()
    assert [name for name in carried if name.startswith("source.")] == ["source.email.1", "source.badge.1"]

    edited = send(browser, preview, f"{place(idp)}/change", act="edit")
    more = mapper_form(edited)
    assert (more["source.email.1"], more["source.email.2"], more["source.badge.1"]) == ("mail", "", "badgeNumber")
    more |= {"source.email.2": " email ", "act": "preview"}
    preview = post(browser, f"{place(idp)}/change", more)
    assert send(browser, preview, f"{place(idp)}/change", act="apply").status == 302
    kept = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert kept["attribute_maps"] == {
        "standard_attributes": {"email": ["mail", "email"]},
        "custom_attributes": {"badge": "badgeNumber"},
    }
    assert kept["required_attributes"] == ["last_name"]
    cleared = mapper_form(browser.get(place(idp))) | {"source.email.1": "", "source.email.2": "", "act": "apply"}
    del cleared["required.last_name"]
    done = post(browser, f"{place(idp)}/change", cleared)
    kept = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert (mapping(idp), kept["required_attributes"]) == ({}, [])
    assert "required" in page(browser.get(done.location.partition("#")[0])).by_id("applied").text


def test_what_is_so_already_changes_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = developer(rig)
    answer = browser.get(place(idp))
    again = post(browser, f"{place(idp)}/change", mapper_form(answer) | {"act": "apply"})
    assert again.status == 200 and "nothing was changed" in again.text
    assert told(rig, "connection.options_changed") == []


def test_what_cannot_be_comes_back_as_it_was_typed(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = developer(rig)
    typed = mapper_form(browser.get(place(idp))) | {"source.email.1": "x" * 513, "source.name.1": "nick"}
    long = post(browser, f"{place(idp)}/change", typed | {"act": "preview"})
    shown = page(long)
    assert long.status == 422 and "1 to 512 characters" in shown.by_id("source.email.1-error").text
    assert shown.by_id("source.name.1").attributes["value"] == "nick"
    unknown = typed | {"source.email.1": "", "add": "shoe", "add_source": "size", "act": "preview"}
    answer = post(browser, f"{place(idp)}/change", unknown)
    shown = page(answer)
    assert answer.status == 422 and "not found: 'shoe'" in shown.by_id("add-error").text
    assert shown.by_id("add_source").attributes["value"] == "size"
    assert mapping(idp) == {}


def test_another_identifier_shows_whom_it_orphans_and_takes_the_name_of_the_connection(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann = profile(idp, saml(idp, objectid=GUIDS[0]))
    bea = {"id": ("u2",), "email": ("bea@acme.example",)}
    profile(idp, idp.sign_in(rig.browser(), name_id="u2", attributes=bea))
    browser = developer(rig)
    asked = browser.get(f"{place(idp)}/identifier")
    assert page(asked).by_id("source.idp_id.1").attributes["value"] == "id"
    wrong = send(browser, asked, f"{place(idp)}/change", act="preview", **{"source.idp_id.1": "x" * 513})
    assert wrong.status == 422 and "1 to 512" in page(wrong).by_id("source.idp_id.1-error").text
    shown = send(browser, asked, f"{place(idp)}/change", act="preview", **{"source.idp_id.1": "objectid"})
    edited = send(browser, shown, f"{place(idp)}/change", act="edit")
    assert page(edited).by_id("source.idp_id.1").attributes["value"] == "objectid"
    assert "Of 2 profiles 0 stay as they are, 1 keep their profile under the new identifier, and 1 would be" in (
        page(shown).text
    )
    assert "b…@acme.example" in page(shown).text
    for typed in ("", "another"):
        unsure = send(browser, shown, f"{place(idp)}/change", act="apply", typed=typed)
        assert unsure.status == 422 and "the name of the connection" in page(unsure).by_id("typed-error").text
    assert mapping(idp) == {}
    done = send(browser, shown, f"{place(idp)}/change", act="apply", typed=idp.connection["name"])
    assert done.status == 302 and mapping(idp) == {"idp_id": "objectid"}
    again = profile(idp, saml(idp, objectid=GUIDS[0]))
    assert (again["id"], again["idp_id"]) == (ann["id"], GUIDS[0])
    back = send(browser, browser.get(done.location.partition("#")[0]), f"{place(idp)}/undo")
    assert back.status == 200 and "People would be known by something else" in back.text  # no undo in passing
    taken = send(browser, back, f"{place(idp)}/change", act="apply", typed=idp.connection["name"])
    assert taken.status == 302 and mapping(idp) == {}
    assert profile(idp, saml(idp, objectid=GUIDS[0]))["id"] == ann["id"]


def test_who_was_left_behind_is_linked_to_who_they_came_back_as_and_back(rig: Rig) -> None:
    idp = saml_idp(rig)
    before = profile(idp, saml(idp, id="ann"))["id"]
    body = {
        "attribute_maps": {"standard_attributes": {"idp_id": "objectid"}},
        "confirm_identifier_change": True,
    }
    assert rig.client("PATCH", f"/connections/{idp.connection['id']}", body).status == 200
    browser = developer(rig)
    where = f"{place(idp)}/identifier"
    form = {"csrf": csrf(page(browser.get(where))), "profile": before}
    assert "nobody yet" in browser.get(where).text
    unlinkable = post(browser, f"{where}/link", form)
    assert unlinkable.status == 409 and "profile_unlinkable" in unlinkable.text

    returned = profile(idp, saml(idp, id="ann", objectid=GUIDS[0]))["id"]
    assert returned != before
    seen = page(browser.get(where))
    assert (
        before in seen.text and returned in seen.text and "ann@acme.example" not in seen.one("main").one("table").text
    )
    assert post(browser, f"{where}/link", form).location == f"{where}#people"
    assert profile(idp, saml(idp, id="ann", objectid=GUIDS[0]))["id"] == before
    (event,) = told(rig, "connection.profile_linked")
    assert (event["from"], event["to"]) == (returned, before)
    assert "profile.linked" in [each.action for each in audit.export(rig.house, Filter())]

    assert "Take the link back" in browser.get(where).text
    assert post(browser, f"{where}/link", {**form, "profile": returned}).status == 302
    assert profile(idp, saml(idp, id="ann", objectid=GUIDS[0]))["id"] == returned
    assert post(browser, f"{where}/link", {**form, "profile": "prof_nobody"}).status == 404


def test_a_recommended_identifier_cannot_be_applied_without_its_preview(rig: Rig) -> None:
    idp = saml_idp(rig)
    profile(idp, saml(idp, id="ann@acme.example", objectid=GUIDS[0]))
    bea = {"id": ("bea@acme.example",), "email": ("bea@acme.example",), "objectid": (GUIDS[1],)}
    profile(idp, idp.sign_in(rig.browser(), name_id="u2", attributes=bea))
    browser = developer(rig)
    card = page(browser.get(place(idp))).by_id("identifier_is_email")
    form = card.every("form")[0]
    assert [button.attributes["value"] for button in form.every("button")] == ["preview"]
    forced = post(browser, f"{place(idp)}/change", {**form.sends(), "act": "apply"})
    assert forced.status == 200 and page(forced).by_id("typed").tag == "input"
    assert mapping(idp) == {}


def test_what_was_changed_again_since_is_not_taken_back(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = developer(rig)
    form = {"csrf": csrf(page(browser.get(place(idp)))), "act": "apply"}
    first = post(browser, f"{place(idp)}/change", {**form, "source.name.1": "nick"})
    shown = browser.get(first.location.partition("#")[0])
    post(browser, f"{place(idp)}/change", {**form, "source.name.1": "alias"})
    late = send(browser, shown, f"{place(idp)}/undo")
    assert late.status == 409 and "attribute_mapping_moved_on" in late.text
    stale = page(browser.get(first.location.partition("#")[0])).by_id("applied")
    assert "It was changed again since." in stale.text and stale.every("form") == []
    assert mapping(idp) == {"name": "alias"}


def test_only_a_change_of_this_connection_can_be_taken_back(rig: Rig) -> None:
    idp, neighbour = saml_idp(rig), saml_idp(rig)
    browser = developer(rig)
    form = {"csrf": csrf(page(browser.get(place(idp)))), "act": "apply", "source.name.1": "nick"}
    event = post(browser, f"{place(idp)}/change", form).location.partition("applied=")[2].partition("#")[0]
    for where, named in ((neighbour, event), (idp, "event_01"), (idp, "")):
        answer = post(browser, f"{place(where)}/undo", {"csrf": form["csrf"], "change": named})
        assert (answer.status, "entity_not_found" in answer.text) == (404, True)
        assert not [
            each
            for each in page(browser.get(f"{place(where)}?applied={named}")).all()
            if each.attributes.get("id") == "applied"
        ]
    assert mapping(idp) == {"name": "nick"}


def test_where_nothing_has_come_the_usual_names_stand_in_the_table(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = developer(rig)
    shown = page(browser.get(place(idp)))
    assert "We have not seen a sign-in yet" in shown.text
    assert "emailAddress" in row(shown, "email").text and "not seen yet" in row(shown, "email").text
    for path in ("", "?sample=7", "?sample=x", "?applied=nothing"):
        assert browser.get(place(idp) + path).status == 200


def test_one_of_the_last_sign_ins_can_be_picked(rig: Rig) -> None:
    idp = saml_idp(rig)
    profile(idp, saml(idp))
    rig.clock.forward(minutes=1)
    profile(idp, saml(idp, id="u2", email="bea@acme.example"))
    browser = developer(rig)
    for sample, address in (("0", "bea@acme.example"), ("1", "ann@acme.example"), ("77", "bea@acme.example")):
        shown = page(browser.get(f"{place(idp)}?sample={sample}&values=show"))
        assert address in row(shown, "email").text


def test_an_environment_that_keeps_nothing_says_so(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(raw_attributes="empty"))
    browser = developer(rig)
    assert "keeps nothing of what arrives" in browser.get(place(idp)).text
    assert "keeps nothing of what arrives" in browser.get(f"{place(idp)}/awaiting").text


def test_openid_connect_is_mapped_alike(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims |= {"email": None, "contact": "ann@acme.example"}
    assert refused(idp.sign_in(rig.browser())) == "attributes_missing"
    assert "Nothing feeds the e-mail address." in developer(rig).get(place(idp)).text


def test_the_trace_of_who_is_refused_for_attributes_leads_here(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = developer(rig)
    for leads in (True, False):
        misplaced(idp) if leads else saml(idp)
        rig.clock.forward(minutes=1)
        sign_ins = page(browser.get(f"/dashboard/{rig.environment.id}/sign-ins"))
        newest = next(each for each in sign_ins.every("tr") if each.every("td")).one("th").one("a").attributes["href"]
        assert (place(idp) in [link.attributes["href"] for link in page(browser.get(newest)).every("a")]) is leads


# --- those who wait ---


def test_who_waits_is_shown_with_what_is_stored_and_what_came(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann = profile(idp, saml(idp))
    misplaced(idp)
    browser = developer(rig)
    shown = page(browser.get(f"{place(idp)}/awaiting?values=show"))
    assert ann["id"] in shown.text and "1 try" in shown.text
    email = row(shown, "email")
    assert [cell.text for cell in email.every("td")] == ["ann@acme.example", "nothing"]
    assert f"Take last_name from lastname2, email from {SURNAME}: then they can sign in." in shown.text
    masked = browser.get(f"{place(idp)}/awaiting").text
    assert "ann@acme.example" not in masked and "a…@acme.example" in masked

    form = page(browser.get(f"{place(idp)}/awaiting")).every("form", action=f"{place(idp)}/change")[0].sends()
    done = post(browser, f"{place(idp)}/change", {**form, "act": "apply"})
    assert done.location.startswith(f"{place(idp)}/awaiting?applied=")
    after = browser.get(done.location.partition("#")[0])
    assert "Of those on this page, 1 can sign in now." in after.text and "Ask them to sign in again" in after.text
    assert profile(idp, misplaced(idp))["id"] == ann["id"]
    assert "Nobody awaits reconciliation" in browser.get(f"{place(idp)}/awaiting").text


def test_somebody_is_forgotten_and_a_long_list_is_leafed_through(rig: Rig) -> None:
    idp = saml_idp(rig)
    for number in range(27):
        rig.clock.forward(seconds=1)
        idp.sign_in(rig.browser(), name_id=f"u{number}", attributes={"id": (f"u{number}",)})
    browser = developer(rig)
    first = browser.get(f"{place(idp)}/awaiting?values=show")
    assert "27 profiles await reconciliation" in first.text
    names = [each.one("h2").text.split()[0] for each in page(first).every("section", **{"class": "card"})]
    assert [name for name in names if name.startswith("u")] == [f"u{number}" for number in range(26, 1, -1)]
    (older,) = [link.attributes["href"] for link in page(first).every("a") if link.text == "Older"]
    last = browser.get(older)
    forgets = [form for form in page(last).every("form") if form.attributes["action"].endswith("/forget")]
    assert len(forgets) == 2
    gone = post(browser, forgets[0].attributes["action"], forgets[0].sends())
    assert gone.location == f"{place(idp)}/awaiting"
    assert "26 profiles await reconciliation" in browser.get(gone.location).text
    assert post(browser, forgets[0].attributes["action"], forgets[0].sends()).status == 404


# --- who may ---


def test_web_11_who_may_only_look_changes_no_mapping(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    shown = page(browser.get(place(idp)))
    waits = page(browser.get(f"{place(idp)}/awaiting"))
    assert "email_in_last_name" not in [form.attributes["action"] for form in shown.every("form")]
    for each in (shown, waits):
        changing = each.one("main").every("form", method="post")
        assert not [form for form in changing if form.every("button")]
    token = csrf(shown)
    (entry,) = rig.client("GET", f"/connections/{idp.connection['id']}/reconciliations").json["data"]
    for path in ("/change", "/undo", f"/awaiting/{entry['id']}/forget", "/findings/email_in_last_name/dismiss"):
        answer = post(browser, place(idp) + path, {"csrf": token, "source.email.1": SURNAME, "act": "apply"})
        assert answer.status == 403
    assert browser.get(f"{place(idp)}/identifier").status == 403
    assert (
        mapping(idp) == {}
        and len(rig.client("GET", f"/connections/{idp.connection['id']}/reconciliations").json["data"]) == 1
    )


def test_i5_no_page_reaches_another_environment(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    (entry,) = rig.client("GET", f"/connections/{idp.connection['id']}/reconciliations").json["data"]
    other, _ = rig.another_environment()
    browser = developer(rig)
    token = csrf(page(browser.get("/dashboard")))
    there = f"/dashboard/{other.id}/connections/{idp.connection['id']}/attributes"
    for path in ("", "/awaiting", "/identifier"):
        assert browser.get(there + path).status == 404
    wish = {"csrf": token, "source.email.1": SURNAME, "change": "event_1"}
    for path, act in (("/change", "preview"), ("/change", "apply"), ("/change", "edit"), ("/undo", "")):
        assert post(browser, there + path, {**wish, "act": act}).status == 404
    neighbour = saml_idp(rig)
    for where in (there, place(neighbour)):
        assert post(browser, f"{where}/awaiting/{entry['id']}/forget", {"csrf": token}).status == 404
    assert mapping(idp) == {}


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_web_04_whatever_a_provider_sends_stays_text(rig: Rig, words: str) -> None:
    idp = saml_idp(rig)
    said = {"id": (words,), words: (words,), SURNAME: (words,), "groups": (words, words + "2")}
    idp.sign_in(rig.browser(), name_id=words, attributes=said)
    browser = developer(rig)
    for path in ("?values=show", "/awaiting?values=show", "/identifier"):
        shown = page(browser.get(place(idp) + path))
        assert all(script.attributes["src"].startswith("/assets/") for script in shown.every("script")) and not [
            image for image in shown.every("img") if image.attributes["src"] != "/assets/mark.svg"
        ]
