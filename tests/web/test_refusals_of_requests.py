"""Refusals of the API and of the pages that no other test names: each is provoked, and has its code."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.flows import environments, logout, redeem
from latchstring.flows.logout import LogoutNotOffered
from latchstring.flows.redeem import TokenUnknown
from latchstring.model.environment import UnknownKey
from latchstring.model.refusal import Refusal
from latchstring.storage import front_door
from tests.house_for_tests import Answer, Rig, call
from tests.web.test_api_connections import values

URIS = "/user_management/redirect_uris"


def code_of(answer: Answer) -> Any:
    assert answer.status >= 400, answer.text
    return answer.json["code"]


def test_redirect_uris(rig: Rig) -> None:
    def refused(deed: Any) -> str:
        with pytest.raises(Refusal) as raised:
            deed()
        return raised.value.code

    house, pass_ = rig.house, rig.pass_
    first = environments.create_redirect_uri(house, pass_, uri="https://app.example.com/first")
    environments.make_default_redirect_uri(house, pass_, first.id)
    wild = environments.create_redirect_uri(house, pass_, uri="https://*.example.com/cb")
    create = environments.create_redirect_uri
    assert refused(lambda: create(house, pass_, uri=first.uri)) == "redirect_uri_already_exists"
    assert refused(lambda: environments.make_default_redirect_uri(house, pass_, wild.id)) == (
        "redirect_uri_default_wildcard"
    )
    assert refused(lambda: environments.delete_redirect_uri(house, pass_, first.id)) == "redirect_uri_is_default"
    assert refused(lambda: environments.delete_redirect_uri(house, pass_, "ruri_none")) == "redirect_uri_not_found"

    def without_end() -> None:
        for number in range(1001):
            create(house, pass_, uri=f"https://app.example.com/{number}")

    assert refused(without_end) == "redirect_uri_limit_reached"


def test_what_is_taken(rig: Rig) -> None:
    client = rig.client
    one = client("POST", "/organizations", {"name": "One", "stripe_customer_id": "cus_1"})
    assert one.status == 201
    two = client("POST", "/organizations", {"name": "Two", "stripe_customer_id": "cus_1"})
    assert code_of(two) == "stripe_customer_id_already_used"
    here = {"organization_id": one.json["id"], "external_id": "mine", "saml_options": values()}
    made = client("POST", "/connections", {**here, "name": "A"})
    assert made.status == 201, made.text
    other = client("POST", "/connections", {**here, "external_id": "other"})
    changed = client("PATCH", f"/connections/{other.json['id']}", {"external_id": "mine"})
    assert code_of(changed) == "connection_external_id_already_used"


def test_requests_that_lead_nowhere(rig: Rig) -> None:
    client = rig.client
    assert code_of(client("GET", "/no/such/path")) == "path_unknown"
    assert code_of(client("PATCH", "/connections")) == "method_not_allowed"
    long = client("POST", "/organizations", {"name": "One"}, idempotency_key="x" * 300)
    assert code_of(long) == "idempotency_key_too_long"
    assert code_of(client("GET", "/oauth_providers/GoogleOAuth")) == "oauth_provider_not_found"
    with pytest.raises(UnknownKey):
        front_door.by_api_key(rig.house.database, "sk_test_nobody", rig.house.now())


def test_sign_outs_that_lead_nowhere(rig: Rig) -> None:
    answer = call(rig.endpoint, "GET", "/sso/logout?token=none", headers={"accept": "text/html"})
    assert answer.status == 404 and "logout_token_invalid" in answer.text
    assert call(rig.endpoint, "GET", "/sso/saml/slo/none?SAMLRequest=x").status == 404
    with pytest.raises(LogoutNotOffered):
        logout.saml_door(rig.house, "none")


def test_an_access_token_that_nobody_gave_out(rig: Rig) -> None:
    with pytest.raises(TokenUnknown):
        redeem.profile_of(rig.house, "nobody's")
    answer = call(rig.endpoint, "GET", "/sso/profile", headers={"authorization": "Bearer nobody's"})
    assert answer.status == 401
