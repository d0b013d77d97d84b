"""Sign-ins through OAuth providers, each played as it documents itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latchstring import guides
from latchstring.protocols.oauth.providers import PROVIDERS
from tests.house_for_tests import Rig
from tests.oauth_acts import ACTS
from tests.oauth_for_tests import scene
from tests.web import doors


def profile(rig: Rig, code: str) -> dict[str, Any]:
    answer = rig.swap(code)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json["profile"]
    return found


def asked(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, strict_parsing=True).items()}


@pytest.mark.parametrize("type_", sorted(ACTS))
def test_each_provider_signs_a_person_in(rig: Rig, type_: str) -> None:
    act = ACTS[type_]
    with scene(rig, type_, {} if act.verified else {"trust_email": True}) as played:
        returned = played.sign_in().returned
        assert played.player.faults == []
        assert returned["state"] == "s t/ä" and "error" not in returned, returned
        found = profile(rig, returned["code"])
        names = dict.fromkeys(("first_name", "last_name", "name"))
        expected = {**names, "groups": [], **act.expected}
        assert {name: found[name] for name in expected} == expected
        assert found["connection_type"] == type_
        assert found["connection_id"] == played.provider["connection_id"]
        assert found["organization_id"] is None
        assert found["raw_attributes"]["email"] == act.expected["email"]
        again = profile(rig, played.sign_in().returned["code"])
        assert again["id"] == found["id"]
        assert rig.client("GET", f"/oauth_providers/{type_}").json["state"] == "active"


def test_every_provider_is_played() -> None:
    assert sorted(ACTS) == sorted(PROVIDERS)


def test_the_table_of_providers_and_the_guides_name_the_same_types() -> None:
    assert sorted(PROVIDERS) == sorted(name for name, guide in guides.load().items() if guide.protocol == "oauth")


@pytest.mark.parametrize("type_", sorted(PROVIDERS))
def test_every_provider_is_either_set_up_or_says_that_it_is_not(rig: Rig, type_: str) -> None:
    doors.is_redirect(
        rig, rig.authorize(rig.browser(), provider=type_), "connection_strategy_invalid", "provider_not_set_up"
    )
    draft = rig.client("PUT", f"/oauth_providers/{type_}", {})
    assert (draft.status, draft.json["state"], draft.json["client_id"]) == (201, "draft", None)
    doors.is_redirect(
        rig, rig.authorize(rig.browser(), provider=type_), "connection_strategy_invalid", "provider_not_set_up"
    )


@pytest.mark.parametrize("provider", ["googleoauth", "Google", "OktaSAML", "authkit", "GoogleOAuth\x00"])
def test_a_provider_that_is_none(rig: Rig, provider: str) -> None:
    answer = rig.authorize(rig.browser(), provider=provider)
    doors.is_redirect(rig, answer, "invalid_connection_selector", "provider_unknown")


@pytest.mark.parametrize(
    ("type_", "hints"),
    [
        ("GoogleOAuth", {"login_hint": "ann@acme.example", "hd": "acme.example", "prompt": "select_account"}),
        ("MicrosoftOAuth", {"login_hint": "ann@acme.example", "domain_hint": "acme.example", "prompt": "login"}),
        ("GitHubOAuth", {"login": "ann@acme.example", "prompt": "select_account"}),
    ],
)
def test_hints_are_told_in_the_providers_own_words(rig: Rig, type_: str, hints: dict[str, str]) -> None:
    with scene(rig, type_):
        wishes = {"login_hint": "ann@acme.example", "domain_hint": "acme.example", "prompt": "login"}
        sent = asked(rig.authorize(rig.browser(), provider=type_, **wishes).location)
    assert {name: sent.get(name) for name in hints} == hints
    known = {*hints, "response_type", "client_id", "redirect_uri", "scope", "state", "nonce"}
    assert set(sent) <= {*known, "code_challenge", "code_challenge_method"}


def test_oauth_15_more_scopes_and_parameters_but_none_of_the_protocols_own(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth", {"scopes": ["https://www.googleapis.com/auth/calendar"]}) as played:
        location = rig.authorize(
            rig.browser(),
            provider="GoogleOAuth",
            provider_scopes="https://www.googleapis.com/auth/drive openid",
            provider_query_params='{"access_type": "offline", "redirect_uri": "https://evil.example", '
            '"state": "x", "NONCE": "y", "client_id": "z", "a&b=c": "1&2=3"}',
            login_hint="a&hd=evil.example",
        ).location
    sent = asked(location)
    google = "https://www.googleapis.com/auth"
    assert sent["scope"] == f"openid profile email {google}/calendar {google}/drive"
    assert (sent["access_type"], sent["a&b=c"]) == ("offline", "1&2=3")
    assert sent["redirect_uri"] == played.provider["redirect_uri"]
    assert (sent["client_id"], sent["login_hint"]) == ("their-name-for-us", "a&hd=evil.example")
    assert "NONCE" not in sent and "hd" not in sent and sent["state"] != "x"


def test_oidc_13_every_sign_in_has_a_verifier_state_and_nonce_of_its_own(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth"):
        first, second = (asked(rig.authorize(rig.browser(), provider="GoogleOAuth").location) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_the_chosen_address_is_the_primary_verified_one_whatever_the_profile_shows(rig: Rig) -> None:
    listed = [
        {"email": "first@acme.example", "primary": False, "verified": True},
        {"email": "main@acme.example", "primary": True, "verified": True},
    ]
    with scene(rig, "GitHubOAuth") as played:
        played.player.user, played.player.emails = {"email": "shown@elsewhere.example"}, listed
        found = profile(rig, played.sign_in().returned["code"])
        assert found["email"] == found["raw_attributes"]["email"] == "main@acme.example"
        played.player.emails = [listed[0], {**listed[1], "verified": False}]
        assert profile(rig, played.sign_in().returned["code"])["email"] == "first@acme.example"


@pytest.mark.parametrize("base_url", ["https://ghe.acme.example", "https://ghe.acme.example/"])
def test_a_github_of_ones_own(rig: Rig, base_url: str) -> None:
    with scene(rig, "GitHubOAuth", {"base_url": base_url}):
        location = rig.authorize(rig.browser(), provider="GitHubOAuth").location
    assert location.startswith("https://ghe.acme.example/login/oauth/authorize?")
    provider = rig.client("GET", "/oauth_providers/githuboauth").json
    assert (provider["type"], provider["base_url"]) == ("GitHubOAuth", "https://ghe.acme.example")
