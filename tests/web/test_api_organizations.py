"""/organizations and /organization_domains as back ends use them (contract 4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.events_for_tests import told
from tests.house_for_tests import Rig
from tests.web.declared import matches

CREATE = "POST /organizations"


def test_create_get_update_delete(rig: Rig) -> None:
    client = rig.client
    made = matches(CREATE, client("POST", "/organizations", {"name": " Acme ", "external_id": "c-1"}), 201)
    assert made == {
        "object": "organization",
        "id": made["id"],
        "name": "Acme",
        "allow_profiles_outside_organization": False,
        "domains": [],
        "metadata": {},
        "external_id": "c-1",
        "created_at": "2026-11-23T09:14:07.437Z",
        "updated_at": "2026-11-23T09:14:07.437Z",
    }
    rig.clock.forward(seconds=1)
    path = f"/organizations/{made['id']}"
    changed = matches(
        "PUT /organizations/{id}",
        client("PUT", path, {"name": "Acme Ltd", "metadata": {"tier": "gold"}, "stripe_customer_id": "cus_1"}),
        200,
    )
    assert (changed["name"], changed["metadata"]["tier"], changed["stripe_customer_id"]) == (
        "Acme Ltd",
        "gold",
        "cus_1",
    )
    assert changed["updated_at"] == "2026-11-23T09:14:08.437Z"
    assert matches("GET /organizations/{id}", client("GET", path), 200) == changed
    by_external = client("GET", "/organizations/external_id/c-1")
    assert matches("GET /organizations/external_id/{external_id}", by_external, 200) == changed
    gone = client("DELETE", path)
    assert (gone.status, gone.json) == (202, {})
    missing = client("GET", path)
    assert missing.status == 404
    assert missing.json == {
        "message": f"Organization not found: '{made['id']}'.",
        "code": "entity_not_found",
        "entity_id": made["id"],
    }


def test_nulls_mean_the_same_as_leaving_a_field_out(rig: Rig) -> None:
    nulls = dict.fromkeys(("domain_data", "domains", "metadata", "external_id", "stripe_customer_id"))
    made = rig.client("POST", "/organizations", {"name": "Acme", "allow_profiles_outside_organization": None, **nulls})
    assert made.status == 201
    path = f"/organizations/{made.json['id']}"
    rig.client("PUT", path, {"external_id": "x", "metadata": {"a": "1", "b": "2"}})
    kept = rig.client("PUT", path, {"name": None, **nulls}).json
    assert (kept["name"], kept["external_id"], kept["metadata"]) == ("Acme", "x", {"a": "1", "b": "2"})
    cleared = rig.client("PUT", path, {"external_id": "", "metadata": {"a": None}}).json
    assert (cleared["external_id"], cleared["metadata"]) == (None, {"b": "2"})


def test_domains_of_both_kinds(rig: Rig) -> None:
    body = {
        "name": "A",
        "domain_data": [{"domain": "Acme.Example", "state": "verified"}, {"domain": "münchen.example"}],
    }
    made = rig.client("POST", "/organizations", body).json
    first, second = made["domains"]
    assert (first["domain"], first["state"], first["verification_strategy"]) == ("acme.example", "verified", "manual")
    assert "verification_token" not in first
    assert (second["domain"], second["state"]) == ("xn--mnchen-3ya.example", "pending")
    assert len(second["verification_token"]) == 25
    assert second["verification_prefix"].startswith("latchstring-domain-verification-")
    older = rig.client("POST", "/organizations", {"name": "B", "domains": ["b.example"]}).json
    assert older["domains"][0]["state"] == "verified"
    replaced = rig.client("PUT", f"/organizations/{made['id']}", {"domain_data": [{"domain": "new.example"}]}).json
    assert [domain["domain"] for domain in replaced["domains"]] == ["new.example"]


def test_organizations_are_found_by_a_domain_in_either_spelling(rig: Rig) -> None:
    made = rig.client("POST", "/organizations", {"name": "M", "domains": ["m\u00fcnchen.example"]}).json
    rig.client("POST", "/organizations", {"name": "N", "domains": ["n.example"]})
    for spelling in ("m\u00fcnchen.example", "M\u00dcNCHEN.example", "xn--mnchen-3ya.example", "münchen.example,x"):
        found = rig.client("GET", f"/organizations?{urlencode({'domains': spelling})}")
        assert [each["id"] for each in found.json["data"]] == [made["id"]], spelling


def test_a_domain_that_waits_is_the_same_one_when_its_organization_is_updated_to_have_it_verified(rig: Rig) -> None:
    made = rig.client("POST", "/organizations", {"name": "A", "domain_data": [{"domain": "a.example"}]}).json
    verified = {"domain_data": [{"domain": "A.example", "state": "verified"}]}
    for _ in range(2):
        after = rig.client("PUT", f"/organizations/{made['id']}", verified).json
        (domain,) = after["domains"]
        assert (domain["id"], domain["state"]) == (made["domains"][0]["id"], "verified")
        assert (domain["verification_strategy"], domain["domain_policy"]) == ("manual", True)
    (event,) = told(rig, "organization_domain.verified")
    assert event == domain
    assert told(rig, "organization_domain.deleted") == []
    waits = rig.client("PUT", f"/organizations/{made['id']}", {"domain_data": [{"domain": "a.example"}]}).json
    assert waits["domains"] == [domain], "what is proven stays so"


def test_a_domain_by_itself(rig: Rig) -> None:
    client = rig.client
    organization = client("POST", "/organizations", {"name": "A"}).json["id"]
    body = {"organization_id": organization, "domain": "a.example"}
    made = matches("POST /organization_domains", client("POST", "/organization_domains", body), 201)
    assert made["state"] == "pending"
    taken = client("POST", "/organization_domains", body)
    assert (taken.status, taken.json["code"]) == (409, "domain_already_exists")
    path = f"/organization_domains/{made['id']}"
    assert matches("GET /organization_domains/{id}", client("GET", path), 200) == made
    again = matches("POST /organization_domains/{id}/verify", client("POST", f"{path}/verify"), 201)
    assert again["state"] == "pending"
    verified = client("POST", "/organization_domains", {**body, "domain": "b.example", "state": "verified"}).json
    refused = client("POST", f"/organization_domains/{verified['id']}/verify")
    assert (refused.status, refused.json["code"]) == (400, "domain_already_verified")
    assert client("DELETE", path).status == 204
    assert client("GET", path).status == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 422, "name_required", "name"),
        ({"name": "   "}, 422, "name_required", "name"),
        ({"name": "x" * 256}, 422, "name_too_long", "name"),
        ({"name": 5}, 422, "name_invalid", "name"),
        ({"name": "A", "external_id": "x" * 129}, 422, "external_id_invalid", "external_id"),
        ({"name": "A", "external_id": "ä"}, 422, "external_id_invalid", "external_id"),
        ({"name": "A", "domain_data": [{"domain": "no domain"}]}, 422, "domain_invalid", "domain"),
        ({"name": "A", "domain_data": [{"domain": "gmail.com"}]}, 422, "domain_is_consumer", "domain"),
        ({"name": "A", "domain_data": [{}]}, 422, "domain_data_0_domain_required", "domain_data[0].domain"),
        (
            {"name": "A", "domain_data": [{"domain": "a.example", "state": "mine"}]},
            422,
            "domain_data_0_state_invalid",
            "domain_data[0].state",
        ),
        ({"name": "A", "metadata": {"k": "x" * 601}}, 400, "invalid_metadata", None),
        ({"name": "A", "metadata": {"k" * 41: "x"}}, 400, "invalid_metadata", None),
        ({"name": "A", "metadata": {f"k{i}": "x" for i in range(51)}}, 400, "invalid_metadata", None),
        (b"[]", 422, "body_invalid", ""),
        (b"{", 400, "body_malformed", None),
        (b'{"name": "\xff"}', 400, "body_malformed", None),
        (b'{"x": ' + b"[" * 100_000, 400, "body_malformed", None),
    ],
)
def test_bad_bodies(rig: Rig, body: Any, status: int, code: str, field: str | None) -> None:
    answer = rig.client("POST", "/organizations", body)
    assert answer.status == status, answer.body
    if field is None:
        assert answer.json["code"] == code
        assert answer.json["message"] and answer.json["fix"]
    else:
        assert answer.json["code"] == "invalid_request_parameters"
        assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [(field, code)]
        assert answer.json["errors"][0]["message"]


def test_external_ids_are_unique(rig: Rig) -> None:
    rig.client("POST", "/organizations", {"name": "A", "external_id": "x"})
    taken = rig.client("POST", "/organizations", {"name": "B", "external_id": "x"})
    assert (taken.status, taken.json["code"]) == (400, "external_id_already_used")


def test_a_list_is_walked_both_ways(rig: Rig) -> None:
    client = rig.client
    made = []
    for number in range(5):
        rig.clock.forward(seconds=1)
        made.append(client("POST", "/organizations", {"name": f"Customer {number}"}).json["id"])
    newest_first = [*reversed(made), "org_test_idp"]
    route = "GET /organizations"
    first = matches(route, client("GET", "/organizations?limit=2"), 200)
    assert [item["id"] for item in first["data"]] == newest_first[:2]
    assert first["list_metadata"] == first["listMetadata"] == {"before": None, "after": newest_first[1]}
    second = matches(route, client("GET", f"/organizations?limit=2&after={newest_first[1]}"), 200)
    assert [item["id"] for item in second["data"]] == newest_first[2:4]
    assert second["list_metadata"] == {"before": newest_first[2], "after": newest_first[3]}
    back = matches(route, client("GET", f"/organizations?limit=2&before={newest_first[2]}"), 200)
    assert [item["id"] for item in back["data"]] == newest_first[:2]
    oldest = matches(route, client("GET", "/organizations?limit=100&order=asc"), 200)
    assert [item["id"] for item in oldest["data"]] == newest_first[::-1]
    assert oldest["list_metadata"] == {"before": None, "after": None}
    found = matches(route, client("GET", "/organizations?search=customer%203"), 200)
    assert [item["id"] for item in found["data"]] == [made[3]]


@pytest.mark.parametrize(
    "query", ["domains=a.example,x.example", "domains=a.example", "domains[]=a.example", "domains[0]=A.Example"]
)
def test_lists_in_a_query_come_in_four_ways(rig: Rig, query: str) -> None:
    made = rig.client("POST", "/organizations", {"name": "A", "domains": ["a.example"]}).json["id"]
    found = rig.client("GET", f"/organizations?{query}").json
    assert [item["id"] for item in found["data"]] == [made]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "limit_invalid"),
        ("limit=101", "limit_invalid"),
        ("limit=ten", "limit_invalid"),
        ("limit=%D9%A1", "limit_invalid"),
        ("order=up", "order_invalid"),
        ("before=org_1&after=org_2", "cursors_exclusive"),
        ("after=org_unknown", "cursor_unknown"),
    ],
)
def test_bad_pages(rig: Rig, query: str, code: str) -> None:
    answer = rig.client("GET", f"/organizations?{query}")
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, code)


def test_the_same_idempotency_key_makes_one_organization(rig: Rig) -> None:
    client = rig.client
    first = client("POST", "/organizations", {"name": "A", "metadata": {"k": "v"}}, idempotency_key="k1")
    rig.clock.forward(hours=23)
    again = client("POST", "/organizations", b'{"metadata":{"k":"v"}, "name":"A"}', idempotency_key="k1")
    assert (again.status, again.json) == (201, first.json)
    other = client("POST", "/organizations", {"name": "B"}, idempotency_key="k1")
    assert other.status == 400
    assert other.json["message"] == (
        "Another idempotency key (k1) with different request parameters was found. "
        "Please use a different idempotency key."
    )
    rig.clock.forward(hours=2)
    later = client("POST", "/organizations", {"name": "A", "metadata": {"k": "v"}}, idempotency_key="k1")
    assert later.json["id"] != first.json["id"]
    assert client("POST", "/organizations", {"name": "A"}, idempotency_key="k" * 256).status == 400


def test_a_refused_request_does_not_use_its_key_up(rig: Rig) -> None:
    assert rig.client("POST", "/organizations", {"name": ""}, idempotency_key="k").status == 422
    assert rig.client("POST", "/organizations", {"name": "A"}, idempotency_key="k").status == 201
