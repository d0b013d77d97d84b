"""Each route of the API that takes an id, asked with the ids of one environment and the key of another."""

from __future__ import annotations

import re
from typing import Any

import pytest

from latchstring.storage import events
from latchstring.web.api.routes import ROUTES
from latchstring.web.kit.route import Route
from tests.house_for_tests import Rig
from tests.idp_for_tests import ATTRIBUTES, oidc_idp, saml_idp

WITH_AN_ID = [route for route in ROUTES if "{" in route.path and not route.path.endswith("{type}")]
BODIES: dict[str, Any] = {
    "PUT /organizations/{id}": {"name": "Theirs"},
    "PATCH /connections/{id}": {"name": "Theirs"},
    "PUT /connections/{id}": {"options": {}},
    "POST /organizations/{id}/it_contacts": {"email": "theirs@theirs.example"},
    "POST /organizations/{id}/it_contacts/{contact_id}/invite": {"intents": ["sso"]},
    "POST /connections/{id}/attribute_findings/apply": {"finding": "email_missing"},
    "POST /connections/{id}/reconciliations/apply": {},
    "POST /connections/{id}/saml_metadata/accept": {"idp_entity_id": "https://theirs.example"},
}


@pytest.fixture
def ids(rig: Rig) -> dict[str, str]:
    """One of everything, in the rig's own environment."""
    saml, oidc = saml_idp(rig), oidc_idp(rig)
    saml.sign_in(rig.browser(), attributes={**ATTRIBUTES, "email": ("nonsense",)})
    kept = f"/connections/{saml.connection['id']}"
    link = rig.client("POST", "/passwordless/sessions", {"email": "a@acme.example", "type": "MagicLink"}).json
    name = rig.client("POST", "/custom_attributes", {"name": "shoe_size"}).json["name"]
    uri = rig.client("POST", "/user_management/redirect_uris", {"uri": "https://mine.example/cb"}).json
    external = rig.client("POST", "/organizations", {"name": "E", "external_id": "customer-1"}).json
    waits = rig.client("GET", f"{kept}/reconciliations").json["data"]
    domain = rig.client(
        "POST", "/organization_domains", {"organization_id": external["id"], "domain": "waits.example"}
    ).json
    contact = rig.client("POST", f"/organizations/{external['id']}/it_contacts", {"email": "it@mine.example"}).json
    certificate = rig.client("GET", f"{kept}/saml_idp_signing_certs").json["data"][0]
    return {
        "/organizations/external_id/": external["external_id"],
        "/organizations/": external["id"],
        "/organization_domains/": domain["id"],
        "/user_management/redirect_uris/": uri["id"],
        "/passwordless/sessions/": link["id"],
        "/custom_attributes/": name,
        "/connections/": saml.connection["id"],
        "{certificate_id}": certificate["id"],
        "{contact_id}": contact["id"],
        "pem": certificate["value"],
        "{reconciliation_id}": waits[0]["id"],
        "oidc": oidc.connection["id"],
    }


def filled(route: Route, ids: dict[str, str]) -> str:
    """The path with the ids of things that exist."""
    start = next(start for start in ids if route.path.startswith(start))
    kind = "oidc" if start == "/connections/" and "/oidc_" in route.path else start
    path = re.sub(r"\{(id|external_id|name)\}", ids[kind], route.path)
    return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[0], ids["{certificate_id}"]), path)


@pytest.mark.parametrize("route", WITH_AN_ID, ids=lambda route: f"{route.method} {route.path}")
def test_i5_what_is_one_environments_is_not_there_for_another(rig: Rig, ids: dict[str, str], route: Route) -> None:
    environment, theirs = rig.another_environment()
    path = filled(route, ids)
    body = BODIES.get(f"{route.method} {route.path}", {} if route.body is not None else None)
    if route.path.endswith("/saml_idp_signing_certs"):
        body = {"value": ids["pem"]}
    before = _trail(rig)
    refused = theirs(route.method, path, body)
    if route.path == "/passwordless/sessions/{id}/send":
        assert (refused.status, refused.json["code"]) == (422, "passwordless_session_invalid")
    else:
        assert refused.status == 404 and refused.json["code"].endswith("_not_found"), refused.body
    none = theirs(route.method, re.sub(r"_01[0-9A-Z]{24}", "_01NEVERWASNEVERWASNEVERWAS", path), body)
    assert (none.status, none.json["code"]) == (refused.status, refused.json["code"]), (
        "no sign that it exists elsewhere"
    )
    assert _trail(rig) == before
    assert environment.id != rig.environment.id
    if route.method == "GET" and not route.path.endswith("/saml_sp_signing_cert"):  # it has none
        assert rig.client("GET", path).status == 200, "it is there for its own"


def _trail(rig: Rig) -> list[str]:
    with rig.house.database.read(rig.pass_) as scope:
        return [event.event for event in events.after(scope, "", 10_000)]
