"""The attribute mapper through the real doors: found, previewed, repaired by one call; and who waited comes in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.events_for_tests import told
from tests.house_for_tests import Answer, Client, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.web.declared import matches
from tests.web.test_attribute_samples import awaiting
from tests.web.test_profile_fields import outside_allowed, profile, refused, saml

SURNAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
GUIDS = tuple(f"0f8fad5b-d9cb-469f-a165-7086772895{number:02x}" for number in range(9))


def path(idp: SamlIdp, *rest: str) -> str:
    return "/".join((f"/connections/{idp.connection['id']}", *rest))


def look(idp: SamlIdp) -> Any:
    answer = idp.rig.client("GET", path(idp, "attribute_findings"))
    return matches("GET /connections/{id}/attribute_findings", answer, 200)


def codes(idp: SamlIdp) -> list[str]:
    return [each["code"] for each in look(idp)["findings"]]


def waiting(idp: SamlIdp) -> Any:
    answer = idp.rig.client("GET", path(idp, "reconciliations"))
    return matches("GET /connections/{id}/reconciliations", answer, 200)


def apply(idp: SamlIdp, **body: Any) -> Answer:
    return idp.rig.client("POST", path(idp, "attribute_findings", "apply"), body)


def repaired(idp: SamlIdp, **body: Any) -> Any:
    return matches("POST /connections/{id}/attribute_findings/apply", apply(idp, **body), 200)


def misplaced(idp: SamlIdp, id_: str = "u1", name: str = "Ann") -> Answer:
    """The example of the guide: the surname claim holds the address, and the surname is elsewhere."""
    said = {
        "id": (id_,),
        "firstName": (name,),
        SURNAME: (f"{name.lower()}@acme.example",),
        "lastname2": ("Example",),
        "groups": ("Staff",),
    }
    return idp.sign_in(idp.rig.browser(), name_id=id_, attributes=said)


def test_a_wrong_mapping_is_found_and_repaired_by_one_call(rig: Rig) -> None:
    idp = saml_idp(rig)
    for id_, name in (("u1", "Ann"), ("u2", "Bea")):
        assert refused(misplaced(idp, id_, name)) == "attributes_missing"
    found = look(idp)
    assert (found["samples"], found["awaiting_reconciliation"]) == (2, 2)
    assert [each["code"] for each in found["findings"]] == ["email_in_last_name", "email_missing"]
    (finding, _) = found["findings"]
    assert (finding["field"], finding["severity"], finding["samples"]) == ("last_name", "error", 2)
    maps = {"standard_attributes": {"last_name": "lastname2", "email": SURNAME}, "custom_attributes": {}}
    assert finding["recommended"] == {"attribute_maps": maps}
    effect = finding["effect"]
    assert (effect["become_valid"], effect["become_invalid"], effect["unchanged"]) == (2, 0, 0)
    assert effect["changes"][0]["before"] == {"email": None, "last_name": "bea@acme.example", "name": None}
    assert effect["changes"][0]["after"] == {
        "email": "bea@acme.example",
        "last_name": "Example",
        "name": "Bea Example",
    }
    assert effect["changes"][0]["refusal_before"]["missing"] == ["email"]

    done = repaired(idp, finding="email_in_last_name")
    assert (done["applied"], done["attribute_maps"]) == (True, maps)
    people = done["reconciliations"]
    assert [each["fields"]["email"] for each in people["can_sign_in"]] == ["ann@acme.example", "bea@acme.example"]
    assert (people["count"], people["cannot_sign_in"]) == (2, [])

    signed_in = profile(idp, misplaced(idp))
    assert (signed_in["email"], signed_in["last_name"], signed_in["idp_id"]) == ("ann@acme.example", "Example", "u1")
    left = waiting(idp)
    assert (left["count"], [each["subject"] for each in left["data"]]) == (1, ["u2"])
    assert left["data"][0]["state"] == "can_sign_in"
    assert codes(idp) == []
    (event,) = told(rig, "connection.options_changed")
    assert event["changes"]["attribute_maps.standard_attributes.email"] == {"from": [], "to": [SURNAME]}
    assert "@acme.example" not in repr(event)


def test_a_preview_does_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    shown = repaired(idp, finding="email_in_last_name", preview=True)
    assert (shown["applied"], shown["effect"]["become_valid"]) == (False, 1)
    assert shown["attribute_maps"]["standard_attributes"]["email"] == SURNAME
    assert len(shown["reconciliations"]["can_sign_in"]) == 1
    kept = rig.client("GET", path(idp)).json["attribute_maps"]
    assert kept == {"standard_attributes": {}, "custom_attributes": {}}
    assert told(rig, "connection.options_changed") == []
    assert refused(misplaced(idp)) == "attributes_missing"


def test_a_mapping_of_ones_own_is_tried_and_applied_too(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None, contact="ann@acme.example", title="Head")
    maps = {"standard_attributes": {"email": ["mail", "contact"]}, "custom_attributes": {"job_title": "firstName"}}
    done = repaired(idp, attribute_maps=maps)
    assert done["attribute_maps"] == maps
    (change,) = done["effect"]["changes"]
    assert change["after"]["custom_attributes.job_title"] == "Ann"
    signed_in = profile(idp, saml(idp, email=None, contact="ann@acme.example"))
    assert signed_in["custom_attributes"] == {"job_title": "Ann"}


def test_what_is_required_is_tried_and_applied_beside_a_mapping(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp)
    wish = {"attribute_maps": {}, "required_attributes": ["job_title"]}
    assert repaired(idp, **wish, preview=True)["effect"]["become_invalid"] == 1
    assert rig.client("GET", path(idp)).json["required_attributes"] == []
    assert repaired(idp, **wish)["applied"] is True
    assert refused(saml(idp)) == "attributes_missing"


def test_who_still_cannot_sign_in_is_told_why(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    idp.sign_in(rig.browser(), name_id="u2", attributes={"id": ("u2",)})
    idp.sign_in(rig.browser(), name_id="u3", attributes={"id": ("u3",), SURNAME: ("eve@globex.example",)})
    people = repaired(idp, attribute_maps={"standard_attributes": {"email": SURNAME}})["reconciliations"]
    assert [each["subject"] for each in people["can_sign_in"]] == ["u1"]
    reasons = {each["subject"]: each["refusal"]["code"] for each in people["cannot_sign_in"]}
    assert reasons == {"u2": "attributes_missing", "u3": "email_outside_organization"}
    outside_allowed(idp)
    answer = rig.client("POST", path(idp, "reconciliations", "apply"))
    again = matches("POST /connections/{id}/reconciliations/apply", answer, 200)
    assert [each["subject"] for each in again["reconciliations"]["can_sign_in"]] == ["u1", "u3"]
    assert not [each for each in again["reconciliations"]["can_sign_in"] if "received" in each]  # would be megabytes
    assert (again["applied"], again["effect"]["changed"]) == (False, 0)


def test_reconciliations_can_be_applied_a_remedy_as_well(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    answer = rig.client("POST", path(idp, "reconciliations", "apply"), {"finding": "email_missing"})
    assert answer.json["applied"] is True
    assert answer.json["reconciliations"]["can_sign_in"][0]["subject"] == "u1"
    assert "code" in misplaced(idp).returned


def test_where_nothing_has_come_there_is_nothing_to_say(rig: Rig) -> None:
    idp = saml_idp(rig)
    found = look(idp)
    assert (found["samples"], found["newest_sample_at"], found["attributes"], found["findings"]) == (0, None, [], [])
    assert {each["field"]: each["source"] for each in found["sources"]}["email"] is None
    empty = waiting(idp)
    assert (empty["data"], empty["count"], empty["list_metadata"]) == ([], 0, {"before": None, "after": None})
    again = rig.client("POST", path(idp, "reconciliations", "apply"), {}).json
    assert again["reconciliations"] == {"count": 0, "can_sign_in": [], "cannot_sign_in": []}
    unknown = apply(idp, finding="email_missing")
    assert (unknown.status, unknown.json["code"]) == (404, "entity_not_found")


def test_a_finding_that_no_mapping_mends_says_who_can(rig: Rig) -> None:
    idp = saml_idp(rig)
    saml(idp, email=None)
    (finding,) = look(idp)["findings"]
    assert (finding["code"], finding["recommended"], finding["effect"]) == ("email_missing", None, None)
    assert finding["fix"]
    answer = apply(idp, finding="email_missing")
    assert (answer.status, answer.json["code"]) == (409, "attribute_finding_without_mapping")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "remedy_required"),
        ({"finding": "email_missing", "attribute_maps": {}}, 422, "remedy_required"),
        ({"attribute_maps": {"standard_attributes": {"shoe": "size"}}}, 422, "standard_attribute_unknown"),
        ({"attribute_maps": {"custom_attributes": {"shoe": "size"}}}, 400, "custom_attribute_not_found"),
        ({"finding": 7}, 422, "finding_invalid"),
    ],
)
def test_what_cannot_be_applied_is_refused(rig: Rig, body: Any, status: int, code: str) -> None:
    idp = saml_idp(rig)
    answer = apply(idp, **body)
    named = [each["code"] for each in answer.json.get("errors", [])] or [answer.json["code"]]
    assert (answer.status, named) == (status, [code])
    if code != "remedy_required" or body:
        assert rig.client("POST", path(idp, "reconciliations", "apply"), body).status == status


def test_another_identifier_is_recommended_and_needs_to_be_confirmed(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann = profile(idp, saml(idp, id="ann@acme.example", objectid=GUIDS[0]))
    bea = {"id": "bea@acme.example", "email": "bea@acme.example", "firstName": "Bea", "objectid": GUIDS[1]}
    said = {name: (value,) for name, value in {**bea, "lastName": "Bell", "groups": "Staff"}.items()}
    profile(idp, idp.sign_in(rig.browser(), name_id="u2", attributes=said))
    (finding,) = look(idp)["findings"]
    assert (finding["code"], finding["severity"]) == ("identifier_is_email", "warning")
    assert finding["recommended"]["attribute_maps"]["standard_attributes"] == {"idp_id": "objectid"}
    change = finding["effect"]["identifier_change"]
    assert (change["before"], change["after"], change["orphaned"], change["rekeyed"]) == ("id", "objectid", 0, 2)
    assert change["needs_confirmation"] is True
    unsure = apply(idp, finding="identifier_is_email")
    assert (unsure.status, unsure.json["code"]) == (409, "identifier_change_unconfirmed")
    done = repaired(idp, finding="identifier_is_email", confirm_identifier_change=True)
    assert done["effect"]["identifier_change"]["rekeyed"] == 2
    again = profile(idp, saml(idp, id="ann@acme.example", objectid=GUIDS[0]))
    assert (again["id"], again["idp_id"]) == (ann["id"], GUIDS[0])


def test_a_preview_of_another_identifier_names_whom_it_orphans(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann = profile(idp, saml(idp))
    shown = repaired(idp, attribute_maps={"standard_attributes": {"idp_id": "badge"}}, preview=True)
    assert shown["effect"]["identifier_change"]["examples"] == [
        {"id": ann["id"], "email": "ann@acme.example", "idp_id": "u1"}
    ]
    assert shown["effect"]["become_invalid"] == 1


def test_a_list_of_people_is_paged(rig: Rig) -> None:
    idp = saml_idp(rig)
    for number in range(3):
        rig.clock.forward(seconds=1)
        idp.sign_in(rig.browser(), name_id=f"u{number}", attributes={"id": (f"u{number}",)})
    first = rig.client("GET", path(idp, "reconciliations") + "?limit=2").json
    assert ([each["subject"] for each in first["data"]], first["count"]) == (["u2", "u1"], 3)
    second = rig.client("GET", path(idp, "reconciliations") + f"?after={first['list_metadata']['after']}").json
    assert [each["subject"] for each in second["data"]] == ["u0"]
    assert rig.client("GET", path(idp, "reconciliations") + "?limit=0").status == 422


def test_somebody_can_be_forgotten(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    (entry,) = waiting(idp)["data"]
    assert entry["received"][SURNAME] == ["ann@acme.example"]
    assert (entry["refusal"]["missing"], entry["tries"], entry["state"]) == (["email"], 1, "awaiting")
    assert rig.client("DELETE", path(idp, "reconciliations", entry["id"])).status == 204
    assert rig.client("DELETE", path(idp, "reconciliations", entry["id"])).status == 404
    assert waiting(idp)["count"] == 0
    (event,) = told(rig, "connection.reconciliation_deleted")
    assert event["reconciliation"] == {"id": entry["id"]}


def test_i5_no_environment_sees_or_mends_another_s(rig: Rig) -> None:
    idp = saml_idp(rig)
    misplaced(idp)
    (entry,) = waiting(idp)["data"]
    _, other = rig.another_environment()
    for client in (other, Client(rig.endpoint, "sk_test_none")):
        status = 404 if client is other else 401
        for method, *rest in (
            ("GET", "attribute_findings"),
            ("POST", "attribute_findings", "apply"),
            ("GET", "reconciliations"),
            ("POST", "reconciliations", "apply"),
            ("DELETE", "reconciliations", entry["id"]),
        ):
            body = {"finding": "email_missing"} if method == "POST" else None
            assert client(method, path(idp, *rest), body).status == status, rest
    assert len(awaiting(idp)) == 1
    neighbour = saml_idp(rig)  # in the same environment, and another connection all the same
    assert rig.client("DELETE", path(neighbour, "reconciliations", entry["id"])).status == 404
    assert waiting(neighbour)["count"] == 0


def test_openid_connect_is_looked_at_alike(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims |= {"email": None, "preferred_username": "ann@acme.example", "contact": "ann@acme.example"}
    assert refused(idp.sign_in(rig.browser())) == "attributes_missing"
    found = rig.client("GET", f"/connections/{idp.connection['id']}/attribute_findings").json
    assert found["findings"][0]["code"] == "email_missing"
    shown = {each["name"]: each for each in found["attributes"]}
    assert shown["given_name"]["feeds"] == ["first_name"]
    assert "nonce" not in shown or shown["nonce"]["feeds"] == []


def test_groups_in_one_text_are_taken_apart_by_one_call(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert profile(idp, saml(idp, groups="Staff;Admins"))["groups"] == ["Staff;Admins"]
    (finding,) = look(idp)["findings"]
    assert finding["recommended"]["attribute_maps"]["standard_attributes"] == {"groups": "groups[;]"}
    done = repaired(idp, finding="groups_joined")
    assert done["effect"]["changes"][0]["after"] == {"groups": ["Staff", "Admins"]}
    assert profile(idp, saml(idp, groups="Staff; Admins;Staff;"))["groups"] == ["Staff", "Admins"]
    assert profile(idp, saml(idp, groups="Staff"))["groups"] == ["Staff"]
    assert codes(idp) == []
