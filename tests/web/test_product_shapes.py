"""What products send, whole and as they send it, logs in with no mapping set and gives the profile that it should."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from latchstring.app import doors
from latchstring.cli import explain_case
from latchstring.storage import attempts
from latchstring.web.kit.endpoint import Endpoint
from tests.house_for_tests import Answer, Browser, Rig
from tests.idp_for_tests import oidc_idp
from tests.protocols.saml import vectors
from tests.protocols.saml.vectors import Vector, make

named = pytest.mark.parametrize("vector", vectors.EVERY, ids=lambda vector: vector.name)


def connection(rig: Rig, vector: Vector) -> Any:
    """As the customer's administrator sets it up, at the address that the responses name."""
    expected = vector.expected
    organization = rig.client("POST", "/organizations", {"name": "Acme", "domains": ["acme.example"]}).json
    options = {
        "idp_entity_id": expected["idp_entity_id"],
        "idp_sso_url": "https://idp.acme.example/sso",
        "idp_signing_certs": [vectors.certificate()],
        "acs_url": vectors.ACS,
        "sp_entity_id": vectors.SP,
    }
    body = {"organization_id": organization["id"], "connection_type": expected["connection_type"]}
    made = rig.client("POST", "/connections", {**body, "saml_options": options})
    assert made.status == 201, made.body
    return made.json


def departed(rig: Rig, made: Any) -> Browser:
    """A browser whose sign-in is the one that the responses answer."""
    fixed = replace(rig.house, chance=lambda count: vectors.HANDLE[:1] * count)
    browser = Browser(Endpoint(fixed, doors(development=True), secure=False))
    assert rig.authorize(browser, connection=made["id"]).status == 302
    return browser


def arrive(browser: Browser, made: Any, response: bytes) -> Answer:
    path = f"/sso/saml/acs/{made['external_key']}"
    return browser.post(path, {"SAMLResponse": b64encode(response).decode(), "RelayState": vectors.HANDLE.hex()})


@named
def test_a_product_logs_in_with_no_mapping_set(rig: Rig, vector: Vector) -> None:
    made, expected = connection(rig, vector), vector.expected
    browser = departed(rig, made)
    answer = arrive(browser, made, vector.response)
    assert "code" in answer.returned, answer.returned
    profile = rig.swap(answer.returned["code"]).json["profile"]
    assert {field: profile[field] for field in expected["profile"]} == expected["profile"]
    assert profile["connection_type"] == expected["connection_type"]
    assert rig.client("GET", f"/connections/{made['id']}").json["identifier_source"] == expected["identifier_source"]
    with rig.house.database.read(rig.pass_) as scope:
        attempt = attempts.by_handle(scope, vectors.HANDLE.hex())
    assert attempt is not None
    arrived = next(step for step in attempt.steps if step.name == "arrived")
    assert [caution["code"] for caution in arrived.facts.get("cautions", ())] == expected["cautions"]


@named
def test_explain_accepts_what_a_product_sends(vector: Vector) -> None:
    case = explain_case.Case(
        idp_certs=vectors.certificate(),
        idp_entity_id=vector.expected["idp_entity_id"],
        sp_entity_id=vectors.SP,
        acs_url=vectors.ACS,
        in_response_to=vectors.REQUEST,
        now=vectors.NOW.isoformat(),
    )
    found = explain_case.judge(vector.response, case)
    assert found.refusal is None
    assert list(found.signed) == vector.expected["signed"]


@named
def test_a_response_is_its_template_signed(vector: Vector) -> None:
    """`python -m tests.protocols.saml.vectors` makes them anew."""
    assert vectors.certificate() == make.own_certificate()
    assert vector.response == make.signed(vector.template)


def test_saml_40_raw_attributes_are_everything_as_sent(rig: Rig) -> None:
    """In their order, several values as a list, the same Name twice as one, and what nobody mapped."""
    vector = Vector("keycloak")
    made = connection(rig, vector)
    browser = departed(rig, made)
    answer = arrive(browser, made, vector.response)
    profile = rig.swap(answer.returned["code"]).json["profile"]
    assert list(profile["raw_attributes"].items()) == [
        ("urn:oid:1.2.840.113549.1.9.1", "ann@acme.example"),
        ("urn:oid:2.5.4.42", "Ann"),
        ("urn:oid:2.5.4.4", "Example"),
        ("groups", ["/Staff", "/Maps"]),
        ("Role", ["offline_access", "uma_authorization", "manage-account"]),
    ]


TENANT = "3f0c7a52-93d1-4f7e-9d57-0a6f3b1f2c11"
ANN = {"email": "ann@acme.example", "first_name": "Ann", "last_name": "Example", "name": "Ann Example"}
NAMES = {"given_name": "Ann", "family_name": "Example", "name": "Ann Example"}

CLAIMS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "Entra ID, version 2 of its ID token": (
        "EntraIdOIDC",
        {
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "oid": "b5a1f4de-6c0e-4c39-8a7d-51f0e3d2c4b6",
            "tid": TENANT,
            "ver": "2.0",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "rh": "0.AVYA",
            "preferred_username": "ann@acme.onmicrosoft.example",
            "email": "ann@acme.example",
            "email_verified": None,
            "name": "Ann Example",
            "given_name": "Ann",
            "family_name": "Example",
            "groups": ["1c3e5a70-0000-4000-8000-00000000000a"],
            "roles": ["Editor"],
        },
        {
            "idp_id": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "groups": ["1c3e5a70-0000-4000-8000-00000000000a"],
            "custom_attributes": {"username": "ann@acme.onmicrosoft.example"},
        },
    ),
    "Entra ID without the optional claims, and too many groups": (
        "EntraIdOIDC",
        {
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "oid": "b5a1f4de-6c0e-4c39-8a7d-51f0e3d2c4b6",
            "preferred_username": "ann@acme.example",
            "email": None,
            "email_verified": None,
            "given_name": None,
            "family_name": None,
            "name": "Ann Example",
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": f"https://graph.windows.net/{TENANT}/users/b5a1/getMemberObjects"}},
            "roles": ["Editor"],
        },
        {"first_name": None, "last_name": None, "groups": []},
    ),
    "Google Workspace": (
        "GoogleOIDC",
        {
            "sub": "10769150350006150715113082367",
            "hd": "acme.example",
            "email": "ann@acme.example",
            "email_verified": True,
            **NAMES,
            "picture": "https://lh3.googleusercontent.example/a-/AOh14",
            "locale": "en-GB",
        },
        {"idp_id": "10769150350006150715113082367", "groups": []},
    ),
    "Okta": (
        "OktaOIDC",
        {
            "sub": "00u1a0ufowBJlzPlk357",
            "ver": 1,
            "idp": "00o1a0ufowBJlzPlk001",
            **NAMES,
            "locale": "en-US",
            "zoneinfo": "America/Los_Angeles",
            "preferred_username": "ann@acme.example",
            "updated_at": 1_790_000_000,
            "groups": ["Everyone", "Maps"],
        },
        {"idp_id": "00u1a0ufowBJlzPlk357", "groups": ["Everyone", "Maps"]},
    ),
    "Keycloak": (
        "GenericOIDC",
        {
            "sub": "f0b6f1c2-5d39-4c15-9a3b-2f3a7e0d8c11",
            "typ": "ID",
            "sid": "6d2f1c1e-95c6-4d0e-8d52-7b3f0b1f2a33",
            "acr": "1",
            "preferred_username": "ann",
            **NAMES,
            "groups": ["/Staff", "/Maps"],
            "realm_access": {"roles": ["offline_access", "uma_authorization"]},
            "resource_access": {"account": {"roles": ["manage-account"]}},
        },
        {"groups": ["/Staff", "/Maps"], "custom_attributes": {"username": "ann"}},
    ),
    "Auth0": (
        "GenericOIDC",
        {
            "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
            "nickname": "ann",
            **NAMES,
            "picture": "https://s.gravatar.example/avatar/1",
            "updated_at": "2026-10-06T15:33:27.000Z",
            "https://acme.example/groups": ["Maps"],
        },
        {"idp_id": "auth0|5f7c8ec7c33c6c004bbafe82", "groups": [], "custom_attributes": {}},
    ),
    "Login.gov, which knows no names unless they were proven": (
        "LoginGovOidc",
        {
            "sub": "b2d2d115-1d7e-4579-b9d6-f8e84f4f56ca",
            "email": "ann@acme.example",
            "email_verified": True,
            "given_name": None,
            "family_name": None,
            "all_emails": ["ann@acme.example", "ann@home.example"],
            "ial": "http://idmanagement.gov/ns/assurance/ial/1",
            "x509_presented": False,
        },
        {"idp_id": "b2d2d115-1d7e-4579-b9d6-f8e84f4f56ca", "first_name": None, "last_name": None, "name": None},
    ),
}


@pytest.mark.parametrize(("connection_type", "claims", "profile"), CLAIMS.values(), ids=CLAIMS.keys())
def test_the_claims_of_a_product_log_in_with_no_mapping_set(
    rig: Rig, connection_type: str, claims: dict[str, Any], profile: dict[str, Any]
) -> None:
    idp = oidc_idp(rig, type_=connection_type, fetch_user_info=False)
    idp.claims |= claims
    answer = idp.sign_in(rig.browser())
    assert "code" in answer.returned, answer.returned
    found = rig.swap(answer.returned["code"]).json["profile"]
    expected = {**ANN, "idp_id": claims["sub"], "email_domain_verified": True, **profile}
    assert {field: found[field] for field in expected} == expected
    assert json.dumps(found["raw_attributes"]["sub"]) == json.dumps(claims["sub"])
