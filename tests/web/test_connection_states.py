"""The life of a connection: every transition of the table and no other, told once, and gone piece by piece."""

from __future__ import annotations

import re
from itertools import product
from typing import Any, get_args

import pytest

from latchstring.flows import connection_life, upkeep
from latchstring.model.connection import TRANSITIONS, ConnectionAct, ConnectionState, StateUnreachable
from latchstring.storage import front_door
from latchstring.storage.statement import OpenStatement
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Rig
from tests.idp_for_tests import SamlIdp, saml_idp
from tests.web.declared import matches
from tests.web.doors import is_page, is_redirect
from tests.web.test_attribute_samples import TRANSIENT

CONNECTION_KEYS = {"object", "id", "organization_id", "connection_type", "name", "state", "created_at", "updated_at"}


def draft(rig: Rig, **body: Any) -> Any:
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    made = rig.client("POST", "/connections", {"organization_id": organization["id"], "draft": True, **body})
    assert made.status == 201, made.body
    return made.json


def state(rig: Rig, connection: Any) -> str:
    return str(rig.client("GET", f"/connections/{connection['id']}").json["state"])


def patch(rig: Rig, connection: Any, **body: Any) -> Answer:
    return rig.client("PATCH", f"/connections/{connection['id']}", body)


def options(rig: Rig) -> dict[str, Any]:
    """What an identity provider's administrator brings."""
    held = saml_idp(rig).connection["saml_options"]
    return {name: held[name] for name in ("idp_entity_id", "idp_sso_url", "idp_signing_certs")}


@pytest.mark.parametrize(("before", "act"), [*product(ConnectionState, get_args(ConnectionAct))])
def test_the_table_is_all_there_is(before: ConnectionState, act: ConnectionAct) -> None:
    if (before, act) in TRANSITIONS:
        assert before.after(act) is TRANSITIONS[before, act]
    else:
        with pytest.raises(StateUnreachable) as refused:
            before.after(act)
        assert before.value in refused.value.message


def test_step_by_step_from_nothing_to_the_first_sign_in(rig: Rig) -> None:
    given = options(rig)
    made = draft(rig)
    assert (made["state"], made["connection_type"], made["status"]) == ("requires_type", "Pending", "unlinked")
    typed = patch(rig, made, connection_type="AzureSAML").json
    assert (typed["state"], typed["connection_type"], typed["saml_options"]) == ("draft", "AzureSAML", None)
    other = patch(rig, made, connection_type="oktasaml", name="Okta").json
    assert (other["state"], other["connection_type"], other["name"]) == ("draft", "OktaSAML", "Okta")
    mismatch = patch(rig, made, oidc_options={"discovery_endpoint": "https://x.example", "client_id": "c"})
    assert mismatch.status == 422
    configured = patch(rig, made, saml_options=given).json
    assert (configured["state"], configured["status"]) == ("validating", "linked")
    assert configured["saml_options"]["idp_entity_id"] == given["idp_entity_id"]
    immutable = patch(rig, made, connection_type="AzureSAML")
    assert (immutable.status, immutable.json["code"]) == (400, "connection_type_immutable")
    assert told(rig, "connection.activated") == []
    idp = saml_idp(rig)
    for _ in range(2):
        assert "code" in idp.sign_in(rig.browser()).returned
    assert state(rig, idp.connection) == "active"
    (event,) = told(rig, "connection.activated")
    assert set(event) == CONNECTION_KEYS | {"external_key", "status", "domains"}
    assert (event["id"], event["state"], event["status"]) == (idp.connection["id"], "active", "linked")


@pytest.mark.parametrize(
    ("type_", "address"),
    [("OktaSAML", "/sso/saml/acs/"), ("OktaOIDC", "/sso/oidc/"), (None, "/sso/saml/acs/")],
)
def test_a_draft_has_its_addresses_already(rig: Rig, type_: str | None, address: str) -> None:
    made = draft(rig, connection_type=type_)
    assert made["callback_endpoint"].startswith(f"http://localhost:4100{address}")
    assert (made["saml_options"], made["oidc_options"]) == (None, None)


def test_a_draft_takes_its_type_from_its_options_where_none_is_named(rig: Rig) -> None:
    made = draft(rig)
    configured = patch(rig, made, saml_options=options(rig)).json
    assert (configured["state"], configured["connection_type"]) == ("validating", "GenericSAML")


def test_saml_42_the_key_that_will_sign_is_published_before_anything_is_known(rig: Rig) -> None:
    """Providers read our metadata once, when the application is entered there: they know the key from then on."""

    def published(connection: dict[str, Any]) -> list[str]:
        key = connection["callback_endpoint"].rpartition("/")[2]
        return re.findall("<ds:X509Certificate>([^<]+)<", rig.browser().get(f"/sso/saml/metadata/{key}").text)

    assert published(draft(rig)) == []
    made = draft(rig, connection_type="OktaSAML")
    (early,) = published(made)
    assert published(patch(rig, made, connection_type="GenericSAML", name="Other").json) == [early]
    signing = published(patch(rig, made, saml_options=options(rig)).json)
    assert signing == [early]
    signs = patch(rig, made, saml_options={"sign_requests": True}).json
    assert "".join(signs["options"]["signing_cert"].split("-----")[2].split()) == early


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"connection_type": "TestIdp"}, "connection_type_invalid"),
        ({"connection_type": "Nonsense"}, "connection_type_invalid"),
        ({"saml_options": {"idp_metadata_url": "https://x.example"}}, "draft_with_options"),
    ],
)
def test_drafts_that_are_refused(rig: Rig, body: dict[str, Any], code: str) -> None:
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json
    refused = rig.client("POST", "/connections", {"organization_id": organization["id"], "draft": True, **body})
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, code)


@pytest.mark.parametrize("body", [{}, {"connection_type": "OktaSAML"}])
def test_nobody_signs_in_through_a_draft(rig: Rig, body: dict[str, Any]) -> None:
    made = draft(rig, **body)
    for selector in ({"connection": made["id"]}, {"organization": made["organization_id"]}):
        answer = rig.authorize(rig.browser(), **selector)
        is_redirect(rig, answer, "connection_unlinked", "connection_unlinked")
    for act in ("activate", "deactivate"):
        refused = rig.client("POST", f"/connections/{made['id']}/{act}")
        assert (refused.status, refused.json["code"]) == (409, "connection_state_unreachable")
    assert state(rig, made) == made["state"]
    key = made["callback_endpoint"].removeprefix("http://localhost:4100")
    is_page(rig.browser().post(key, {"SAMLResponse": "PHg+"}), "connection_unlinked")
    assert told(rig, "connection.activated") == told(rig, "connection.deactivated") == []


def test_off_and_on_again_are_told_once_each(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = f"/connections/{idp.connection['id']}"
    for act, reached in (("deactivate", "inactive"), ("deactivate", "inactive"), ("activate", "active")):
        assert rig.client("POST", f"{path}/{act}").json["state"] == reached
    assert [event["state"] for event in told(rig, "connection.deactivated")] == ["inactive"]
    assert [event["state"] for event in told(rig, "connection.activated")] == ["active"]
    assert told(rig, "connection.deactivated")[0]["status"] == "unlinked"
    assert rig.client("DELETE", path).status == 204
    (event,) = told(rig, "connection.deleted")
    assert set(event) == CONNECTION_KEYS
    assert event["state"] == "active", "as it was before"
    assert rig.client("GET", path).status == 404


def gather(rig: Rig, idp: SamlIdp, count: int) -> None:
    """Sign-ins of so many people."""
    with rig.house.database.write_house() as whole:
        for number in range(count):
            whole.change(
                OpenStatement(
                    "INSERT INTO profiles (environment_id, id, connection_id, idp_id, email, data, created_at, "
                    "updated_at) VALUES (:environment, :id, :connection, :id, 'a@acme.example', '{}', 0, 0)"
                ),
                environment=rig.environment.id,
                id=f"prof_{number:06d}",
                connection=idp.connection["id"],
            )


def left(rig: Rig) -> int:
    with rig.house.database.house() as whole:
        row = whole.one(OpenStatement("SELECT count(*) FROM profiles"))
    assert row is not None
    return int(row[0])


def test_one_that_has_much_goes_by_and_by_and_admits_nobody_meanwhile(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    gather(rig, idp, 1_300)
    path = f"/connections/{idp.connection['id']}"
    assert rig.client("DELETE", path).status == 204
    assert rig.client("GET", path).json["state"] == "deleting"
    assert left(rig) == 1_300 - connection_life.AT_ONCE
    is_redirect(
        rig,
        rig.authorize(rig.browser(), connection=idp.connection["id"]),
        "connection_unlinked",
        "connection_unlinked",
    )
    assert idp.arrive(browser, idp.response(asked)).status in (302, 400)
    assert left(rig) == 1_300 - connection_life.AT_ONCE, "an answer on its way makes no profile"
    for refused in (patch(rig, idp.connection, name="New"), rig.client("POST", f"{path}/activate")):
        assert (refused.status, refused.json["code"]) == (409, "connection_state_unreachable")
    pass_ = front_door.by_worker(rig.environment)
    assert connection_life.finish_deletions(rig.house, pass_, lambda: True) == 0
    assert upkeep.round_(rig.house, pass_, lambda: False).deleted == 1
    assert left(rig) == 0
    assert rig.client("GET", path).status == 404
    assert len(told(rig, "connection.deleted")) == 1


def test_deleted_twice_while_it_goes_is_told_once(rig: Rig) -> None:
    idp = saml_idp(rig)
    gather(rig, idp, 1_300)
    path = f"/connections/{idp.connection['id']}"
    assert [rig.client("DELETE", path).status for _ in range(2)] == [204, 204]
    assert len(told(rig, "connection.deleted")) == 1


def test_a_connection_goes_with_its_organization_and_is_told(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert rig.client("DELETE", f"/organizations/{idp.organization['id']}").status == 202
    assert [event["id"] for event in told(rig, "connection.deleted")] == [idp.connection["id"]]


def test_an_organization_goes_at_once_and_what_its_connections_have_by_and_by(rig: Rig) -> None:
    idp = saml_idp(rig)
    organization = idp.organization["id"]
    other = draft(rig, connection_type=idp.connection["connection_type"])
    second = {"organization_id": organization, "draft": True, "connection_type": idp.connection["connection_type"]}
    assert rig.client("POST", "/connections", second).status == 201
    gather(rig, idp, 1_300)
    rig.client("DELETE", f"/connections/{idp.connection['id']}")
    is_redirect(
        rig, rig.authorize(rig.browser(), organization=organization), "connection_unlinked", "connection_unlinked"
    )
    assert rig.client("DELETE", f"/organizations/{organization}").status == 202
    assert rig.client("GET", f"/organizations/{organization}").status == 404
    assert left(rig) > 0
    shown = rig.client("GET", f"/connections/{idp.connection['id']}").json
    assert "organization_id" not in shown and (shown["state"], shown["domains"]) == ("deleting", [])
    is_redirect(
        rig,
        rig.authorize(rig.browser(), connection=idp.connection["id"]),
        "connection_unlinked",
        "connection_unlinked",
    )
    assert upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False).deleted == 1
    assert left(rig) == 0
    assert [event["state"] for event in told(rig, "connection.deleted")] == ["validating", "draft"]
    assert state(rig, other) == "draft"


def test_who_switches_on_what_nobody_can_sign_in_through_is_told(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = f"/connections/{idp.connection['id']}/activate"
    assert "warnings" not in matches("POST /connections/{id}/activate", rig.client("POST", path), 200)
    said = {"email": ("ann@acme.example",)}
    for number in range(2):
        answer = idp.sign_in(rig.browser(), name_id=f"_{number}", name_id_format=TRANSIENT, attributes=said)
        assert "error" in answer.returned
    (warning,) = matches("POST /connections/{id}/activate", rig.client("POST", path), 200)["warnings"]
    assert (warning["code"], warning["fingerprint"]) == ("identifier_transient", None)
    assert "So far nobody can sign in." in warning["message"]
    idp.sign_in(rig.browser(), attributes={**said, "id": ("u1",)})
    assert "warnings" not in rig.client("POST", path).json


def test_an_organization_whose_one_connection_is_going_has_none(rig: Rig) -> None:
    idp = saml_idp(rig)
    gather(rig, idp, 1_300)
    rig.client("DELETE", f"/connections/{idp.connection['id']}")
    answer = rig.authorize(rig.browser(), organization=idp.organization["id"])
    is_redirect(rig, answer, "organization_invalid", "organization_unknown")


def test_the_deletions_of_one_environment_are_nobody_elses(rig: Rig) -> None:
    idp = saml_idp(rig)
    gather(rig, idp, 1_300)
    rig.client("DELETE", f"/connections/{idp.connection['id']}")
    other, _ = rig.another_environment()
    assert connection_life.finish_deletions(rig.house, front_door.by_worker(other), lambda: False) == 0
    assert left(rig) == 800
