"""The attributes in the portal: what to send before a test; after it what arrived, and mapping it in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.flows import portal_progress
from latchstring.model.operator import Role
from latchstring.model.portal import Step
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import ATTRIBUTES, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, post
from tests.portal_admin_for_tests import Admin, admin
from tests.portal_for_tests import follow, organization, set_up_link
from tests.web.test_portal_test import set_type

PLACE = "/portal/attributes"
CHANGE = f"{PLACE}/change"


@pytest.fixture
def ann(rig: Rig) -> Admin:
    okta = saml_idp(rig)
    set_type(rig, okta)
    return admin(rig, okta)


def mapping(at: Admin) -> dict[str, Any]:
    found: dict[str, Any] = at.rig.client("GET", f"/connections/{at.connection_id}").json["attribute_maps"]
    return found


def typed(at: Admin, act: str, **boxes: str) -> Answer:
    """The form with all the boxes, sent by one of its buttons."""
    form = next(
        each
        for each in page(at.desk.get(PLACE)).every("form", action=CHANGE)
        if each.every("input", name="source.email.1")
    )
    return post(at.desk, CHANGE, {**form.sends(), **{f"source.{n}.1": v for n, v in boxes.items()}, "act": act})


def test_before_a_test_the_page_says_what_to_send_and_leads_on(ann: Admin) -> None:
    shown = page(ann.desk.get(PLACE))
    table = shown.one("table").text
    assert "user.email" in table and "E-mail address" in table and "required" in table
    assert "Attribute statements" in shown.text, "where it is added there"
    answer = ann.sends(PLACE, PLACE)
    assert (answer.status, answer.location) == (303, "/portal/test")
    assert portal_progress.of(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"]).step is Step.TEST


def test_a_provider_that_sends_everything_by_itself_is_said_to(rig: Rig) -> None:
    ann = admin(rig, oidc_idp(rig, type_="OktaOIDC"))
    assert "sends what is needed by itself" in ann.desk.get(PLACE).text


def test_there_are_no_attributes_without_a_connection(rig: Rig) -> None:
    browser = follow(rig, set_up_link(rig, organization(rig).id))
    assert (browser.get(PLACE).status, browser.get(PLACE).location) == (303, "/portal")


def test_after_a_test_the_page_shows_what_arrived_and_where_it_goes(ann: Admin) -> None:
    ann.run()
    shown = page(ann.desk.get(PLACE))
    assert "ann@acme.example" in shown.text, "whoever ran the test may see its values"
    rows = {row.every("th")[0].text: row.text for row in shown.every("table")[0].every("tr") if row.every("td")}
    assert "In Okta SAML: user.email" in rows["E-mail address required"] and "yes" in rows["E-mail address required"]
    everything = shown.every("table")[-1].text
    assert "NameID" in everything and "firstName" in everything and "First name" in everything


def test_what_people_said_at_sign_ins_stays_behind_a_mask(ann: Admin) -> None:
    ann.idp.sign_in(ann.rig.browser())
    shown = ann.desk.get(PLACE).text
    assert "a…@acme.example" in shown and "ann@acme.example" not in shown


def test_a_missing_required_attribute_is_explained_with_where_to_add_it(ann: Admin) -> None:
    ann.run(attributes={name: held for name, held in ATTRIBUTES.items() if name != "email"})
    shown = page(ann.desk.get(PLACE)).text
    assert "Something that is needed does not arrive" in shown
    assert "Send it as email. In Okta SAML its value is: user.email" in shown and "Attribute statements" in shown


def test_what_arrives_under_another_name_is_mapped_after_a_look_at_the_effect(ann: Admin) -> None:
    renamed = {("workMail" if name == "email" else name): held for name, held in ATTRIBUTES.items()}
    ann.run(attributes=renamed)
    looked = typed(ann, "preview", email="workMail")
    assert looked.status == 200 and "becomes good" in looked.text and mapping(ann)["standard_attributes"] == {}
    form = next(each for each in page(looked).every("form", action=CHANGE) if "Keep it so" in each.text)
    answer = post(ann.desk, CHANGE, {**form.sends(), "act": "apply"})
    assert (answer.status, answer.location) == (303, f"{PLACE}?saved=1")
    assert mapping(ann)["standard_attributes"] == {"email": "workMail"}
    assert "Test again, to see whether it fits now." in ann.desk.get(answer.location).text
    ann.run(attributes=renamed)
    assert "It works" in page(ann.desk.get("/portal/test")).text


def test_a_recommendation_is_applied_with_one_button(ann: Admin) -> None:
    swapped = {**ATTRIBUTES, "lastName": ("ann@acme.example",), "email": ("Example",)}
    ann.run(attributes=swapped)
    shown = page(ann.desk.get(PLACE))
    form = next(each for each in shown.every("form", action=CHANGE) if each.every("button", value="apply"))
    assert post(ann.desk, CHANGE, {**form.sends(), "act": "apply"}).status == 303
    assert mapping(ann)["standard_attributes"]["email"] == "lastName"


def test_a_source_that_cannot_be_is_said_beside_its_box(ann: Admin) -> None:
    ann.run()
    answer = typed(ann, "preview", email="x" * 513)
    assert answer.status == 422 and "1 to 512 characters" in answer.text and "x" * 513 in answer.text
    assert "nothing was changed" in typed(ann, "apply").text


def test_what_people_are_known_by_is_not_changed_in_the_portal_once_it_is_settled(ann: Admin) -> None:
    ann.idp.sign_in(ann.rig.browser())
    shown = page(ann.desk.get(PLACE))
    assert not shown.every("input", name="source.idp_id.1")
    sent = {**shown.every("form", action=CHANGE)[-1].sends(), "source.idp_id.1": "email", "act": "apply"}
    answer = post(ann.desk, CHANGE, sent)  # portal_identifier_settled
    assert answer.status == 422 and "would be known by something else" in answer.text
    assert mapping(ann)["standard_attributes"] == {}


def test_web_08_a_mapping_of_a_connection_in_use_is_told_to_the_administrators(ann: Admin) -> None:
    hire(ann.rig, Role.ADMIN)
    ann.run()
    before = len(ann.rig.house.kept_mail())
    assert typed(ann, "apply", groups="department").status == 303
    kept = ann.rig.house.kept_mail()
    told = [each.mail.text for each in kept[: len(kept) - before]]
    assert any("its attribute mapping was changed" in text for text in told)


def test_somebody_else_went_on_meanwhile_and_what_was_typed_stays(ann: Admin) -> None:
    ann.run()
    form = page(ann.desk.get(PLACE)).every("form", action=CHANGE)[-1].sends()
    progress = portal_progress.of(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"])
    portal_progress.save(ann.rig.house, ann.rig.pass_, ann.idp.organization["id"], progress, seen=progress.version)
    answer = post(ann.desk, CHANGE, {**form, "source.email.1": "workMail", "act": "apply"})
    assert answer.status == 409 and "workMail" in answer.text and mapping(ann)["standard_attributes"] == {}
    assert post(ann.desk, PLACE, {"csrf": form["csrf"], "version": form["version"]}).status == 409


def test_where_no_raw_attributes_are_kept_the_names_are_shown(rig: Rig) -> None:
    ann = admin(rig, saml_idp(rig))
    assert rig.client("PATCH", "/environment", {"raw_attributes": "empty"}).status == 200
    ann.run()
    shown = page(ann.desk.get(PLACE)).text
    assert "Values are not kept here." in shown and "firstName" in shown and "ann@acme.example" not in shown
