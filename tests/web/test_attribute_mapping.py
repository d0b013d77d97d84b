"""Attributes of a connection and of its environment through the API: mapped, required, defined, deleted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from latchstring.flows import connections
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.web.declared import matches
from tests.web.test_profile_fields import profile, refused, saml


def patch(idp: SamlIdp, **body: Any) -> Answer:
    return idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", body)


def custom(idp: SamlIdp, **sources: Any) -> Answer:
    return patch(idp, attribute_maps={"custom_attributes": sources})


def test_custom_attributes_are_defined_by_the_environment(rig: Rig) -> None:
    listed = matches("GET /custom_attributes", rig.client("GET", "/custom_attributes"), 200)["data"]
    assert [each["name"] for each in listed] == [
        "addresses",
        "cost_center_name",
        "department_name",
        "division_name",
        "emails",
        "employee_type",
        "employment_start_date",
        "job_title",
        "manager_email",
        "username",
    ]
    made = matches("POST /custom_attributes", rig.client("POST", "/custom_attributes", {"name": "badge"}), 201)
    assert (made["name"], made["predefined"], made["sources"]) == ("badge", False, [])
    assert rig.client("GET", "/custom_attributes").json["data"][-1] == made
    for name in ("badge", "job_title"):
        again = rig.client("POST", "/custom_attributes", {"name": name})
        assert (again.status, again.json["code"]) == (409, "custom_attribute_already_exists")
    assert rig.client("DELETE", "/custom_attributes/badge").status == 204
    assert rig.client("DELETE", "/custom_attributes/badge").status == 404
    kept = rig.client("DELETE", "/custom_attributes/job_title")
    assert (kept.status, kept.json["code"]) == (409, "custom_attribute_predefined")


@pytest.mark.parametrize("name", ["", "Badge", "7th", "a-b", "a b", "email", "idp_id", "x" * 65, "b\u00fc"])
def test_a_name_is_plain_and_no_standard_attribute(rig: Rig, name: str) -> None:
    answer = rig.client("POST", "/custom_attributes", {"name": name})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "custom_attribute_name_invalid")


def test_an_environment_has_a_bounded_number_of_its_own(rig: Rig) -> None:
    for number in range(100):
        assert rig.client("POST", "/custom_attributes", {"name": f"a{number}"}).status == 201
    answer = rig.client("POST", "/custom_attributes", {"name": "one_more"})
    assert (answer.status, answer.json["code"]) == (400, "custom_attribute_limit_reached")


def test_another_environments_attribute_is_not_found(rig: Rig) -> None:
    _, other = rig.another_environment()
    assert other("POST", "/custom_attributes", {"name": "badge"}).status == 201
    answer = custom(saml_idp(rig), badge="badgeNumber")
    assert (answer.status, answer.json["code"]) == (400, "custom_attribute_not_found")
    assert rig.client("DELETE", "/custom_attributes/badge").status == 404


def test_only_what_is_defined_can_be_mapped(rig: Rig) -> None:
    idp = saml_idp(rig)
    for body in (
        {"attribute_maps": {"custom_attributes": {"badge": "badgeNumber"}}},
        {"required_attributes": ["badge"]},
    ):
        answer = patch(idp, **body)
        assert (answer.status, answer.json["code"]) == (400, "custom_attribute_not_found")
        assert answer.json["message"] == "Custom attribute not found: 'badge'."
    new = {"organization_id": idp.organization["id"], "attribute_maps": {"custom_attributes": {"badge": "x"}}}
    options = {"idp_entity_id": "https://i", "idp_sso_url": "https://i.example", "idp_signing_certs": []}
    certificates = idp.connection["saml_options"]["idp_signing_certs"]
    answer = rig.client("POST", "/connections", {**new, "saml_options": {**options, "idp_signing_certs": certificates}})
    assert (answer.status, answer.json["code"]) == (400, "custom_attribute_not_found")
    rig.client("POST", "/custom_attributes", {"name": "badge"})
    assert custom(idp, badge=["badge", "badgeNumber"]).status == 200
    signed_in = profile(idp, saml(idp, badgeNumber=("7", "8"), title="Head"))
    assert signed_in["custom_attributes"] == {"badge": ["7", "8"], "job_title": "Head"}
    assert profile(idp, saml(idp))["custom_attributes"] == {"badge": None}


def test_what_is_deleted_lingers_until_the_next_sign_in(rig: Rig) -> None:
    idp = saml_idp(rig)
    rig.client("POST", "/custom_attributes", {"name": "badge"})
    patch(idp, attribute_maps={"custom_attributes": {"badge": "nr", "job_title": "nr"}}, required_attributes=["badge"])
    token = rig.swap(saml(idp, nr="7").returned["code"]).json["access_token"]
    assert rig.client("DELETE", "/custom_attributes/badge").status == 204
    kept = rig.browser().get("/sso/profile", authorization=f"Bearer {token}", accept="*/*").json
    assert kept["custom_attributes"] == {"badge": "7", "job_title": "7"}
    shown = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert shown["attribute_maps"]["custom_attributes"] == {"job_title": "nr"}
    assert shown["required_attributes"] == []
    assert profile(idp, saml(idp, nr="7"))["custom_attributes"] == {"job_title": "7"}
    event = told(rig, "connection.options_changed")[-1]
    assert event["changes"]["required_attributes"] == {"from": ["badge"], "to": []}


def test_openid_connect_has_custom_attributes_too(rig: Rig) -> None:
    idp = oidc_idp(rig)
    body = {"attribute_maps": {"custom_attributes": {"department_name": "org.unit"}}}
    assert rig.client("PATCH", f"/connections/{idp.connection['id']}", body).status == 200
    idp.claims["org"] = {"unit": "Maps"}
    assert profile(idp, idp.sign_in(rig.browser()))["custom_attributes"] == {"department_name": "Maps"}


def test_what_is_required_must_be_there(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = matches(
        "PATCH /connections/{id}", patch(idp, required_attributes=["last_name", "groups", "last_name"]), 200
    )
    assert answer["required_attributes"] == ["last_name", "groups"]
    assert "code" in saml(idp).returned
    made = rig.client(
        "POST",
        "/connections",
        {
            "organization_id": idp.organization["id"],
            "required_attributes": ["name"],
            "saml_options": {
                "idp_entity_id": "https://idp.acme.example",
                "idp_sso_url": "https://idp.acme.example/sso",
                "idp_signing_certs": idp.connection["saml_options"]["idp_signing_certs"],
            },
        },
    )
    assert (made.status, made.json["required_attributes"], made.json["identifier_source"]) == (201, ["name"], None)
    assert refused(saml(idp, lastName=None, groups=None)) == "attributes_missing"
    assert patch(idp, required_attributes=None).json["required_attributes"] == []
    assert "code" in saml(idp, lastName=None, groups=None).returned
    changes = [event["changes"]["required_attributes"] for event in told(rig, "connection.options_changed")]
    assert changes == [
        {"from": [], "to": ["last_name", "groups"]},
        {"from": [], "to": ["name"]},
        {"from": ["last_name", "groups"], "to": []},
    ]


def test_a_refusal_names_what_is_missing_and_what_arrived(rig: Rig) -> None:
    idp = saml_idp(rig)
    patch(idp, required_attributes=["last_name", "job_title"])
    saml(idp, lastName=None, surName=" ")
    facts = rig.news[-1].refusal
    assert facts is not None
    assert facts.facts == {
        "missing": ("last_name", "job_title"),
        "received": ("id", "email", "firstName", "groups", "surName"),
    }


def test_a_change_of_the_mapping_is_told_field_by_field(rig: Rig) -> None:
    idp = saml_idp(rig)
    patch(idp, attribute_maps={"standard_attributes": {"email": ["mail", "mail"], "groups": "memberOf"}})
    patch(idp, attribute_maps={"standard_attributes": {"groups": None}, "custom_attributes": {"job_title": "t"}})
    assert [event["changes"] for event in told(rig, "connection.options_changed")] == [
        {
            "attribute_maps.standard_attributes.email": {"from": [], "to": ["mail"]},
            "attribute_maps.standard_attributes.groups": {"from": [], "to": ["memberOf"]},
        },
        {
            "attribute_maps.standard_attributes.groups": {"from": ["memberOf"], "to": []},
            "attribute_maps.custom_attributes.job_title": {"from": [], "to": ["t"]},
        },
    ]


def test_a_change_of_something_else_takes_no_mapping_back_that_came_meanwhile(rig: Rig) -> None:
    """A metadata URL is asked for seconds: whoever maps in between has done so."""
    idp = saml_idp(rig)
    before = connections.get(rig.house, rig.pass_, idp.connection["id"]).connection
    assert patch(idp, attribute_maps={"standard_attributes": {"email": "mail"}}).status == 200
    with rig.house.database.write(rig.pass_) as scope:
        connections.replace(rig.house, scope, before, msgspec.structs.replace(before, name="Renamed"))
    shown = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert (shown["name"], shown["attribute_maps"]["standard_attributes"]) == ("Renamed", {"email": "mail"})
