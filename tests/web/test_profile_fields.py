"""What stands in a profile beyond what was sent: whether its domain is proven, and who it is at the next sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.model.environment import EnvironmentSettings
from latchstring.model.profile import Profile
from latchstring.storage import attempts, environments, profiles
from latchstring.storage.database import WritingScope
from latchstring.storage.statement import Statement
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import ATTRIBUTES, OidcIdp, SamlIdp, oidc_idp, saml_idp

Idp = SamlIdp | OidcIdp


def profile(idp: Idp, answer: Answer) -> Any:
    assert "code" in answer.returned, answer.returned
    return idp.rig.swap(answer.returned["code"]).json["profile"]


def refused(answer: Answer) -> str:
    return answer.returned["error_uri"].rpartition("/")[2]


def saml(idp: SamlIdp, **sent: str | tuple[str, ...] | None) -> Answer:
    """A sign-in with the usual attributes, and these changed; None takes one away."""
    said = {**ATTRIBUTES, **sent}
    attributes = {name: (value,) if isinstance(value, str) else value for name, value in said.items() if value}
    return idp.sign_in(idp.rig.browser(), attributes=attributes)


def outside_allowed(idp: Idp) -> None:
    changed = idp.rig.client(
        "PUT", f"/organizations/{idp.organization['id']}", {"allow_profiles_outside_organization": True}
    )
    assert changed.status == 200


@pytest.mark.parametrize(
    ("email", "verified"),
    [
        ("ann@acme.example", True),
        ("Ann@ACME.example", True),
        ("ann@globex.example", False),
        ("ann@sub.acme.example", False),
    ],
)
def test_saml_37_whether_the_domain_is_proven_stands_in_the_profile(rig: Rig, email: str, verified: bool) -> None:
    idp = saml_idp(rig)
    outside_allowed(idp)
    answer = saml(idp, email=email)
    token = rig.swap(answer.returned["code"]).json
    assert token["profile"]["email_domain_verified"] is verified
    again = rig.browser().get("/sso/profile", authorization=f"Bearer {token['access_token']}", accept="*/*")
    assert again.json == token["profile"]


def test_saml_37_a_domain_that_waits_for_its_proof_is_not_proven(rig: Rig) -> None:
    idp = saml_idp(rig)
    outside_allowed(idp)
    path = f"/organizations/{idp.organization['id']}"
    rig.client("PUT", path, {"domain_data": [{"domain": "new.example", "state": "pending"}]})
    assert profile(idp, saml(idp, email="ann@new.example"))["email_domain_verified"] is False
    rig.client("PUT", path, {"domain_data": [{"domain": "new.example", "state": "verified"}]})
    assert (
        profile(idp, saml(idp, email="ann@new.example"))["email_domain_verified"] is True
    )  # as it is at the time of the sign-in


@pytest.mark.parametrize(("vouched", "verified"), [(True, True), (False, False)])
def test_oidc_16_an_address_that_the_provider_does_not_vouch_for_is_not_proven(
    rig: Rig, vouched: bool, verified: bool
) -> None:
    idp = oidc_idp(rig)
    outside_allowed(idp)
    idp.claims["email_verified"] = vouched
    assert profile(idp, idp.sign_in(rig.browser()))["email_domain_verified"] is verified


def test_saml_38_the_first_profile_settles_what_identifies_people(rig: Rig) -> None:
    """A directory that begins to send `id` would otherwise make everybody a new person on that day."""
    idp = saml_idp(rig)
    first = profile(idp, saml(idp, id=None, uid="ann7"))
    assert first["idp_id"] == "u1"  # the NameID: before it, GenericSAML looks for `id` alone
    for sent in ({"id": "somebody else"}, {"uid": "ann8"}, {"employeeNumber": "7"}):
        again = profile(idp, saml(idp, **sent))
        assert (again["id"], again["idp_id"]) == (first["id"], "u1")


def test_saml_38_without_the_settled_source_nobody_becomes_somebody_else(rig: Rig) -> None:
    idp = saml_idp(rig)
    first = profile(idp, saml(idp))
    assert first["idp_id"] == "u1"
    assert refused(saml(idp, id=None, uid="u1")) == "identifier_source_missing"
    assert profile(idp, saml(idp))["id"] == first["id"]


def test_saml_38_each_connection_settles_for_itself_and_a_refused_sign_in_settles_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert refused(saml(idp, id=None, uid="u", email="eve@evil.example")) == "email_outside_organization"
    assert profile(idp, saml(idp))["idp_id"] == "u1"
    other = oidc_idp(rig)
    assert profile(other, other.sign_in(rig.browser()))["idp_id"] == "u1"


def test_saml_39_a_transient_name_id_never_becomes_an_identifier(rig: Rig) -> None:
    idp = saml_idp(rig)
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    without = {name: values for name, values in ATTRIBUTES.items() if name != "id"}
    answer = idp.sign_in(rig.browser(), name_id="_once", name_id_format=transient, attributes=without)
    assert refused(answer) == "identifier_unstable"
    beside = idp.sign_in(rig.browser(), name_id="_once", name_id_format=transient)
    assert profile(idp, beside)["idp_id"] == "u1"  # an attribute beside it does


def test_groups_overage_is_a_caution_in_the_trace(rig: Rig) -> None:
    idp = oidc_idp(rig, fetch_user_info=False)
    idp.claims |= {
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.example"}},
    }
    calls = len(rig.network.calls)
    browser = rig.browser()
    asked = idp.depart(browser)
    answer = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    assert profile(idp, answer)["groups"] == []
    assert not [call for call in rig.network.calls[calls:] if "graph" in call.url]
    with rig.house.database.read(rig.pass_) as scope:
        attempt = attempts.by_handle(scope, asked["state"])
    assert attempt is not None
    arrived = next(step for step in attempt.steps if step.name == "arrived")
    assert [caution["code"] for caution in arrived.facts["cautions"]] == ["groups_overage"]
    assert arrived.facts["sources"]["idp_id"] == "sub"


def kept(rig: Rig, profile_id: str) -> Profile:
    with rig.house.database.read(rig.pass_) as scope:
        found = profiles.get(scope, profile_id)
    assert found is not None
    return found


def test_raw_attributes_can_be_emptied_in_answers_and_in_storage(rig: Rig) -> None:
    idp = saml_idp(rig)
    token = rig.swap(saml(idp, title="Head").returned["code"]).json
    first = token["profile"]
    assert first["raw_attributes"]["title"] == "Head"
    under_way = saml(idp)  # has its code already
    changed = rig.client("PATCH", "/environment", {"raw_attributes": "empty"})
    assert (changed.status, changed.json["raw_attributes"]) == (200, "empty")
    assert (kept(rig, first["id"]).raw_attributes, kept(rig, first["id"]).subject) == ({}, None)
    again = rig.browser().get("/sso/profile", authorization=f"Bearer {token['access_token']}", accept="*/*").json
    assert again == {**profile(idp, under_way), "raw_attributes": {}}
    assert again["groups"] == ["Staff", "Admins"]
    later = profile(idp, saml(idp, title="Chief"))
    assert (later["id"], later["raw_attributes"]) == (first["id"], {})
    assert later["custom_attributes"] == {"job_title": "Chief"}  # what a field was made of stays in the field
    assert kept(rig, first["id"]).raw_attributes == {}
    (event,) = told(rig, "environment.settings_changed")
    assert event["changes"] == {"raw_attributes": {"from": "keep", "to": "empty"}}
    rig.client("PATCH", "/environment", {"raw_attributes": "keep"})
    assert profile(idp, saml(idp, title="Chief"))["raw_attributes"]["title"] == "Chief"


def test_an_answer_is_empty_from_the_moment_of_the_wish_also_if_storage_is_not(rig: Rig) -> None:
    """Whoever signs in at that very moment may have been read before it, and kept behind it."""
    idp = saml_idp(rig)
    code = saml(idp).returned["code"]
    with rig.house.database.write_house() as whole:
        environments.set_settings(
            whole, rig.environment.id, EnvironmentSettings(raw_attributes="empty"), rig.clock.now()
        )
    answer = rig.swap(code).json
    assert answer["profile"]["raw_attributes"] == {}
    assert kept(rig, answer["profile"]["id"]).raw_attributes != {}
    shown = rig.browser().get("/sso/profile", authorization=f"Bearer {answer['access_token']}", accept="*/*").json
    assert shown == answer["profile"]


def test_raw_attributes_of_another_environment_stay(rig: Rig) -> None:
    idp = saml_idp(rig)
    first = profile(idp, saml(idp))
    _, other = rig.another_environment()
    assert other("PATCH", "/environment", {"raw_attributes": "empty"}).status == 200
    assert kept(rig, first["id"]).raw_attributes == first["raw_attributes"]
    assert profile(idp, saml(idp))["raw_attributes"] == first["raw_attributes"]


def test_what_identifies_people_is_written_once_and_costs_later_sign_ins_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []
    change = WritingScope.change

    def listened(scope: WritingScope, statement: Statement, **values: Any) -> int:
        run.append(statement.text)
        return change(scope, statement, **values)

    monkeypatch.setattr(WritingScope, "change", listened)
    idp = saml_idp(rig)
    saml(idp)
    assert len([text for text in run if "SET identifier_source" in text]) == 1
    run.clear()
    saml(idp)
    assert run != []
    assert not [text for text in run if "UPDATE connections" in text]
