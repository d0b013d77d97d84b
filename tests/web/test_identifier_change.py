"""Another attribute is to identify people: refused with a list of whom it would cost, and done only if confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.cli.main import main
from latchstring.flows import land, select
from latchstring.storage import profiles
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.protocols.test_attributes import assertion
from tests.web.test_profile_fields import profile, refused, saml


def mapped(idp: SamlIdp, source: str | list[str] | None, *, confirmed: bool = False) -> Answer:
    body: dict[str, Any] = {"attribute_maps": {"standard_attributes": {"idp_id": source}}}
    if confirmed:
        body["confirm_identifier_change"] = True
    return idp.rig.client("PATCH", f"/connections/{idp.connection['id']}", body)


def person(idp: SamlIdp, id_: str, **more: str | None) -> Any:
    return profile(idp, saml(idp, id=id_, email=f"{id_}@acme.example", **more))


def test_saml_38_a_change_shows_whom_it_orphans_and_does_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann, bea = person(idp, "ann", number="1"), person(idp, "bea")
    answer = mapped(idp, "number")
    assert (answer.status, answer.json["code"]) == (409, "identifier_change_unconfirmed")
    assert answer.json["identifier_change"] == {
        "before": "id",
        "after": "number",
        "profiles": 2,
        "kept": 0,
        "rekeyed": 1,
        "orphaned": 1,
        "examples": [{"id": bea["id"], "email": "bea@acme.example", "idp_id": "bea"}],
    }
    shown = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert (shown["identifier_source"], shown["attribute_maps"]["standard_attributes"]) == ("id", {})
    assert person(idp, "ann", number="1")["id"] == ann["id"]
    assert told(rig, "connection.options_changed") == []


def test_saml_38_confirmed_it_carries_over_whom_it_knows(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann, bea = person(idp, "ann", number="1"), person(idp, "bea")
    token = rig.swap(saml(idp, id="bea", email="bea@acme.example").returned["code"]).json["access_token"]
    answer = mapped(idp, "number", confirmed=True)
    assert (answer.status, answer.json["identifier_source"]) == (200, "number")
    again = person(idp, "ann", number="1")
    assert (again["id"], again["idp_id"]) == (ann["id"], "1")
    assert refused(saml(idp, id="bea", email="bea@acme.example")) == "identifier_source_missing"
    stranger = person(idp, "bea", number="bea")  # what she was known by, now as a number: not hers any more
    assert stranger["id"] not in (ann["id"], bea["id"])
    left = rig.browser().get("/sso/profile", authorization=f"Bearer {token}", accept="*/*").json
    assert (left["id"], left["idp_id"]) == (bea["id"], "bea")
    (event,) = told(rig, "connection.options_changed")
    assert event["changes"]["identifier_source"] == {
        "from": "id",
        "to": "number",
        "kept": 0,
        "rekeyed": 1,
        "orphaned": 1,
    }
    assert event["changes"]["attribute_maps.standard_attributes.idp_id"] == {"from": [], "to": ["number"]}
    assert event["actor"].startswith("key:")


def test_saml_38_two_people_with_one_value_are_never_merged(rig: Rig) -> None:
    idp = saml_idp(rig)
    ids = {person(idp, name, number="1")["id"] for name in ("ann", "bea")}
    assert mapped(idp, "number", confirmed=True).status == 200
    assert person(idp, "ann", number="1")["id"] not in ids


def test_saml_38_the_way_back_brings_back_who_was_left_behind(rig: Rig) -> None:
    idp = saml_idp(rig)
    ann, bea = person(idp, "ann", number="1"), person(idp, "bea")
    mapped(idp, "number", confirmed=True)
    assert mapped(idp, "id", confirmed=True).status == 200
    assert [person(idp, "ann")["id"], person(idp, "bea")["id"]] == [ann["id"], bea["id"]]


def test_saml_38_what_changes_nothing_needs_no_confirmation(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert mapped(idp, ["employeeNumber", "id"]).status == 200  # nobody is there yet
    ann = person(idp, "ann")
    assert mapped(idp, "id").status == 200  # which it is
    assert mapped(idp, ["badge", "ID"]).status == 200  # nobody holds a badge
    assert mapped(idp, None).status == 200
    assert person(idp, "ann", badge="7")["id"] == ann["id"]
    other = rig.client("PATCH", f"/connections/{idp.connection['id']}", {"name": "Other"})
    assert (other.status, other.json["identifier_source"]) == (200, "id")


def test_saml_38_a_mapping_may_be_confirmed_that_stood_there_before(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert mapped(idp, "number").status == 200
    ann = person(idp, "ann")  # without a number: so `id` was settled
    person(idp, "ann", number="1")
    assert mapped(idp, "number").status == 200  # as it is; nothing is asked
    assert person(idp, "ann", number="1")["idp_id"] == "ann"
    assert mapped(idp, "number", confirmed=True).json["identifier_source"] == "number"
    again = person(idp, "ann", number="1")
    assert (again["id"], again["idp_id"]) == (ann["id"], "1")


def test_saml_38_a_sign_in_that_was_on_its_way_during_the_change_is_refused(rig: Rig) -> None:
    """It was read by the old source; its profile would be one that nobody finds again."""
    idp = saml_idp(rig)
    ann = person(idp, "ann", number="1")
    entered = select.at_address(rig.house, idp.connection["external_key"])
    assert entered is not None
    said = assertion({"id": "ann", "email": "ann@acme.example", "number": "1"})
    read = land.person(rig.house, *entered, None, said, rig.clock.now())
    assert mapped(idp, "number", confirmed=True).status == 200
    with pytest.raises(land.IdentifierSourceChanged), rig.house.database.write(rig.pass_) as scope:
        land.enter(rig.house, scope, entered[1], said, read)
    assert person(idp, "ann", number="1")["id"] == ann["id"]


def test_saml_38_nobody_signs_in_as_somebody_who_was_set_aside(rig: Rig) -> None:
    idp = oidc_idp(rig, fetch_user_info=False)
    path = f"/connections/{idp.connection['id']}"
    bea = profile(idp, idp.sign_in(rig.browser()))
    body = {"attribute_maps": {"standard_attributes": {"idp_id": "number"}}, "confirm_identifier_change": True}
    assert rig.client("PATCH", path, body).status == 200
    with rig.house.database.read(rig.pass_) as scope:
        (aside,) = [each.idp_id for each in profiles.of_connection(scope, idp.connection["id"])]
    assert aside.startswith("u1") and aside != "u1"
    idp.claims["number"] = aside
    assert refused(idp.sign_in(rig.browser())) == "identifier_malformed"
    idp.claims["number"] = "u1"
    assert profile(idp, idp.sign_in(rig.browser()))["id"] != bea["id"]


def test_the_terminal_names_whom_a_change_orphans(
    rig: Rig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    idp = saml_idp(rig)
    bea = person(idp, "bea")
    monkeypatch.setenv("LATCHSTRING_DATABASE_URL", f"sqlite:///{rig.folder / 'house.db'}")
    monkeypatch.setenv("LATCHSTRING_SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz")
    monkeypatch.setenv("LATCHSTRING_BASE_URL", "https://sso.example.com")
    words = ["connection", "map", idp.connection["id"], "idp_id=number"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert f"bea@acme.example ({bea['id']}, bea)" in said
    assert "1 of 1 would be strangers" in said
    assert "--confirm-identifier-change" in said
    assert main([*words, "--confirm-identifier-change"]) == 0
    assert "number" in capsys.readouterr().out
