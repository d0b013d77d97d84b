"""What holds for every call of the API: keys, headers, environments, and the document about it (contract 1)."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from latchstring.flows import api_keys
from latchstring.flows.house import House
from latchstring.model.environment import EnvironmentKind
from latchstring.web import api
from latchstring.web.api.refusals import answer
from latchstring.web.kit.endpoint import Endpoint
from latchstring.web.kit.message import Reply, as_json
from latchstring.web.kit.route import Ask, Door, Route, Who
from tests.house_for_tests import CALLBACK, Client, Rig, call

REAL = Path(__file__).parents[3] / "shared" / "contract" / "workos-sso.openapi.json"
ROUTES = api.door().routes


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_wants_a_key(rig: Rig, route: Any) -> None:
    assert route.who is Who.API_KEY
    path = re.sub(r"{\w+}", "x", route.path)
    for key in ("", "Bearer ", "Bearer sk_test_wrong", "Basic c2tfdGVzdA==", rig.key.secret.reveal()):
        headers = {"accept": "application/json", **({"authorization": key} if key else {})}
        answer = call(rig.endpoint, route.method, path, headers=headers)
        assert (answer.status, answer.json) == (401, {"message": "Unauthorized"})
    api_keys.revoke(rig.house, rig.pass_, rig.key.key.id)
    assert rig.client(route.method, path).status == 401


def test_the_scheme_of_the_header_may_be_in_any_case(rig: Rig) -> None:
    for scheme in ("bearer", "BEARER", "Bearer "):
        answer = call(
            rig.endpoint, "GET", "/connections", headers={"authorization": f"{scheme} {rig.key.secret.reveal()}"}
        )
        assert answer.status == 200


def test_headers(rig: Rig) -> None:
    answer = rig.client("GET", "/organizations", accept_encoding="utf-8", content_type="application/json")
    assert answer.status == 200
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", answer.header("x-request-id") or ""
    )
    assert answer.header("content-type") == "application/json; charset=utf-8"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-content-type-options") == "nosniff"


def test_unknown_paths_and_methods(rig: Rig) -> None:
    unknown = rig.client("GET", "/v1/organizations")
    assert (unknown.status, unknown.json["message"]) == (404, "Not Found")
    wrong = rig.client("PATCH", "/organizations")
    assert (wrong.status, wrong.header("allow")) == (405, "GET, POST")
    large = rig.client("POST", "/organizations", b" " * 300_000)
    assert (large.status, large.json["code"]) == (413, "body_too_large")
    long = rig.client("GET", "/organizations?search=" + "x" * 9000)
    assert (long.status, long.json["code"]) == (400, "query_too_long")


def test_a_broken_handler_tells_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr("latchstring.flows.organizations.organizations.page", broken)
    answer = rig.client("GET", "/organizations")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text and "Traceback" not in answer.text
    assert answer.json["request_id"] == answer.header("x-request-id")


def test_environments_never_see_each_other(rig: Rig) -> None:
    """Every object of one environment, asked for by id with the key of another: as if it did not exist."""
    mine = rig.client
    organization = mine("POST", "/organizations", {"name": "Mine", "domains": ["mine.example"]}).json
    uri = mine("POST", "/user_management/redirect_uris", {"uri": "https://mine.example/cb"}).json
    connection = mine("GET", "/connections").json["data"][0]
    _, theirs = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    domain = organization["domains"][0]["id"]
    for method, path, body in (
        ("GET", f"/organizations/{organization['id']}", None),
        ("PUT", f"/organizations/{organization['id']}", {"name": "Theirs"}),
        ("DELETE", f"/organizations/{organization['id']}", None),
        ("GET", f"/organization_domains/{domain}", None),
        ("POST", f"/organization_domains/{domain}/verify", None),
        ("DELETE", f"/organization_domains/{domain}", None),
        ("POST", "/organization_domains", {"organization_id": organization["id"], "domain": "theirs.example"}),
        ("GET", f"/connections/{connection['id']}", None),
        ("PATCH", f"/connections/{connection['id']}", {"name": "Theirs"}),
        ("POST", f"/connections/{connection['id']}/deactivate", None),
        ("DELETE", f"/connections/{connection['id']}", None),
        ("GET", f"/connections/{connection['id']}/saml_idp_signing_certs", None),
        ("DELETE", f"/user_management/redirect_uris/{uri['id']}", None),
    ):
        answer = theirs(method, path, body)
        assert answer.status == 404, (method, path, answer.body)
    for path in ("/organizations", "/connections", "/user_management/redirect_uris"):
        assert theirs("GET", path).json["data"] == []
        cursor = mine("GET", path).json["data"][0]["id"]
        assert theirs("GET", f"{path}?after={cursor}").status == 422
    assert mine("GET", f"/organizations/{organization['id']}").json == organization


def test_a_client_of_one_environment_cannot_use_a_key_of_another(rig: Rig) -> None:
    environment, _ = rig.another_environment()
    answer = rig.swap("x", client_id=environment.client_id)
    assert (answer.status, answer.json["error"]) == (400, "invalid_client")


class TestRedirectUris:
    """/user_management/redirect_uris."""

    path = "/user_management/redirect_uris"

    def test_life(self, rig: Rig) -> None:
        client = rig.client
        made = client("POST", self.path, {"uri": "https://app.example.com/cb"})
        assert made.status == 201
        assert made.json == {
            "object": "redirect_uri",
            "id": made.json["id"],
            "uri": "https://app.example.com/cb",
            "default": False,
            "created_at": "2026-11-23T09:14:07.437Z",
            "updated_at": "2026-11-23T09:14:07.437Z",
        }
        again = client("POST", self.path, {"uri": "https://app.example.com/cb"})
        assert again.status == 422
        assert again.json["message"] == "Redirect URI 'https://app.example.com/cb' already exists."
        assert client("DELETE", f"{self.path}/{made.json['id']}").status == 204
        gone = client("DELETE", f"{self.path}/{made.json['id']}")
        assert (gone.status, gone.json["message"]) == (404, f"Redirect URI not found: '{made.json['id']}'.")

    def test_the_default_stays(self, rig: Rig) -> None:
        listed = rig.client("GET", self.path).json["data"]
        default = next(entry for entry in listed if entry["default"])
        assert default["uri"] == CALLBACK  # the first one without a wildcard
        answer = rig.client("DELETE", f"{self.path}/{default['id']}")
        assert (answer.status, answer.json["message"]) == (409, "Cannot delete the default redirect URI.")

    @pytest.mark.parametrize(
        "uri",
        [
            "",
            "callback",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.example.com/cb?x=1",
            "https://app.example.com/cb#x",
            "https://user@app.example.com/cb",
            "https://*.com/cb",
            "https://*.*.example.com/cb",
            "https://app.*.example.com/cb",
            "https://app.example.com:*/cb",
            "https://app.example.com/*",
            "https://app.example.com\\@evil.example/",
            "https://app.example.com/\x00",
        ],
    )
    def test_refused_in_staging_too(self, rig: Rig, uri: str) -> None:
        answer = rig.client("POST", self.path, {"uri": uri})
        assert answer.status == 422, (uri, answer.body)
        assert answer.json["errors"][0]["field"] == "uri"

    @pytest.mark.parametrize(
        "uri",
        [
            "http://localhost:3000/cb",
            "https://localhost/cb",
            "http://localhost:*/callback",
            "https://*.example.com/cb",
        ],
    )
    def test_refused_in_production_alone(self, rig: Rig, uri: str) -> None:
        _, production = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
        assert production("POST", self.path, {"uri": uri}).status == 422
        assert rig.client("POST", self.path, {"uri": uri}).status in (201, 422)  # 422: it is there already
        assert any(entry["uri"] == uri for entry in rig.client("GET", f"{self.path}?limit=100").json["data"])


def test_the_document_lists_every_route(rig: Rig) -> None:
    document = call(rig.endpoint, "GET", "/openapi.json").json
    assert document["openapi"] == "3.1.0"
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["security"] == [{"api_key": []}]
        assert operation["summary"] and operation["tags"]
    refs = re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', str(document).replace("'", '"').replace(": ", ":"))
    assert refs and set(refs) <= set(document["components"]["schemas"])


def test_answers_hold_what_the_published_document_requires(rig: Rig) -> None:
    """The required members of the official document, read from it where it is at hand, else from the list below."""
    required = {
        "Organization": "object id name domains created_at updated_at metadata external_id".split(),
        "Connection": "object id connection_type name state status domains created_at updated_at".split(),
        "Profile": (
            "object id connection_id connection_type organization_id idp_id email first_name last_name raw_attributes"
        ).split(),
    }
    if REAL.exists():
        import json

        schemas = json.loads(REAL.read_text())["components"]["schemas"]
        required = {name: schemas[name]["required"] for name in required}
    client: Client = rig.client
    shown = {
        "Organization": client("GET", "/organizations/org_test_idp").json,
        "Connection": client("GET", "/connections/conn_test_idp").json,
    }
    for name, value in shown.items():
        assert set(required[name]) <= set(value), (name, set(required[name]) - set(value))
    from latchstring.web.sso.token import ProfileShape

    names = {field if field != "object_" else "object" for field in ProfileShape.__struct_fields__}
    assert set(required["Profile"]) <= names


def test_who_looks_through_a_thousand_people_keeps_nobody_waiting(rig: Rig) -> None:
    """Such a request is a thread's work, and the event loop serves the others meanwhile."""
    threads: dict[str, int] = {}

    def listed(house: House, ask: Ask) -> Reply:
        threads[ask.inbound.path] = threading.get_ident()
        return as_json({})

    marked = [route for route in ROUTES if route.aside]
    assert {route.path for route in marked} >= {
        "/connections/{id}",
        "/connections/{id}/attribute_findings",
        "/connections/{id}/reconciliations/apply",
        "/environment",
        "/organizations/{id}",
    }
    for aside in (True, False):
        route = Route(method="GET", path=f"/probe/{aside}", handler=listed, summary="", aside=aside)
        endpoint = Endpoint(rig.house, [Door(routes=[route], refuse=answer)], secure=False)
        assert call(endpoint, "GET", route.path).status == 200
    here = threading.get_ident()
    assert (threads["/probe/True"] == here, threads["/probe/False"] == here) == (False, True)
