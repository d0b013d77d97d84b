"""Custom attributes of an environment in the Dashboard: added, refused, and removed with all that hangs on them."""

from __future__ import annotations

import pytest

from latchstring.flows import custom_attributes
from latchstring.model.operator import Role
from tests.house_for_tests import Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import hire, page, post, send, signed_in


def place(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/settings/attributes"


def own(rig: Rig) -> list[str]:
    return [each.name for each in custom_attributes.listed(rig.house, rig.pass_) if not each.predefined]


def test_one_is_added_and_removed_with_its_mappings(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    empty = browser.get(place(rig))
    assert "None of your own yet" in page(empty).text and "jobTitle" in page(empty).text
    made = send(browser, empty, place(rig), name=" badge_number ")
    assert (made.status, made.location) == (302, f"{place(rig)}#badge_number")
    mapped = {"custom_attributes": {"badge_number": "badge"}}
    wish = {"attribute_maps": mapped, "required_attributes": ["badge_number", "last_name"]}
    assert rig.client("PATCH", f"/connections/{idp.connection['id']}", wish).status == 200
    assert "1 connection" in page(browser.get(place(rig))).by_id("badge_number").text

    confirm = f"{place(rig)}/badge_number"
    shown = browser.get(confirm)
    assert idp.connection["id"] in page(shown).text
    unsure = send(browser, shown, confirm, typed="badge")
    assert unsure.status == 422 and "Type badge_number" in page(unsure).by_id("typed-error").text
    assert own(rig) == ["badge_number"]
    assert send(browser, unsure, confirm, typed="badge_number").location == place(rig)
    assert own(rig) == []
    kept = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert (kept["attribute_maps"]["custom_attributes"], kept["required_attributes"]) == ({}, ["last_name"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Badge Number", "lower-case letters"),
        ("email", "no standard"),
        ("job_title", "exists already"),
        ("", "1 to 64"),
    ],
)
def test_a_name_that_cannot_be_stays_in_its_field_with_what_is_wrong(rig: Rig, name: str, words: str) -> None:
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    answer = send(browser, browser.get(place(rig)), place(rig), name=name)
    found = page(answer)
    assert answer.status == 422 and words in found.by_id("name-error").text
    assert found.by_id("name").attributes["value"] == name
    assert own(rig) == []


def test_a_predefined_one_stays(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    for name, status in (("job_title", 409), ("shoe_size", 404)):
        assert browser.get(f"{place(rig)}/{name}").status == status


def test_web_11_who_may_only_look_changes_none(rig: Rig) -> None:
    custom_attributes.create(rig.house, rig.pass_, name="badge_number")
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    shown = page(browser.get(place(rig)))
    assert "badge_number" in shown.text and shown.one("main").every("form") == []
    csrf = shown.every("input", name="csrf")[0].attributes["value"]
    assert browser.get(f"{place(rig)}/badge_number").status == 403
    assert post(browser, place(rig), {"csrf": csrf, "name": "another"}).status == 403
    assert post(browser, f"{place(rig)}/badge_number", {"csrf": csrf, "typed": "badge_number"}).status == 403
    assert own(rig) == ["badge_number"]


def test_i5_one_of_another_environment_is_not_there(rig: Rig) -> None:
    custom_attributes.create(rig.house, rig.pass_, name="badge_number")
    other, _ = rig.another_environment()
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    there = f"/dashboard/{other.id}/settings/attributes"
    shown = page(browser.get(there))
    assert "badge_number" not in shown.one("main").text.replace("such as badge_number", "")
    csrf = shown.every("input", name="csrf")[0].attributes["value"]
    assert browser.get(f"{there}/badge_number").status == 404
    assert post(browser, f"{there}/badge_number", {"csrf": csrf, "typed": "badge_number"}).status == 404
    assert own(rig) == ["badge_number"]
