"""/environment, and the one setting that loosens the rules for redirect URIs: asked for, told, and taken back."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlencode

import pytest

from latchstring.model.environment import EnvironmentKind
from tests.events_for_tests import told
from tests.house_for_tests import Answer, Client, Rig
from tests.idp_for_tests import saml_idp
from tests.web.declared import matches
from tests.web.doors import is_page

LOOSE_ONES = (
    ("http://app.intranet.example/callback", "http://app.intranet.example/callback"),
    ("https://pr-*-app.example.com/callback", "https://pr-17-app.example.com/callback"),
)


def register(client: Client, uri: str) -> Answer:
    return client("POST", "/user_management/redirect_uris", {"uri": uri})


def rules(client: Client, wish: str) -> Answer:
    return client("PATCH", "/environment", {"redirect_uri_rules": wish})


def test_an_api_key_sees_and_changes_the_settings_of_its_own_environment(rig: Rig) -> None:
    other, others = rig.another_environment()
    shown = matches("GET /environment", rig.client("GET", "/environment"), 200)
    assert (shown["id"], shown["kind"], shown["redirect_uri_rules"]) == (rig.environment.id, "staging", "strict")
    wish = {"relay_state": "redirect_uri", "idp_initiated_consent": True, "logout_uri": "https://app.example.com/bye"}
    changed = matches("PATCH /environment", rig.client("PATCH", "/environment", wish), 200)
    assert {name: changed[name] for name in wish} == wish
    assert changed["redirect_uri_rules"] == "strict", "what is left out stays"
    cleared = matches("PATCH /environment", rig.client("PATCH", "/environment", {"logout_uri": None}), 200)
    assert (cleared["logout_uri"], cleared["relay_state"]) == (None, "redirect_uri")
    theirs = others("GET", "/environment").json
    assert (theirs["id"], theirs["relay_state"], theirs["idp_initiated_consent"]) == (other.id, "refuse", False)
    assert rig.client("PATCH", "/environment", {"redirect_uri_rules": "none"}).status == 422


@pytest.mark.parametrize(("entry", "_uri"), LOOSE_ONES)
def test_oauth_02_staging_is_strict_until_somebody_asks_for_loose_rules(rig: Rig, entry: str, _uri: str) -> None:
    refused = register(rig.client, entry)
    assert (refused.status, refused.json["code"]) == (422, "redirect_uri_needs_loose_rules")
    assert [error["field"] for error in refused.json["errors"]] == ["uri"]
    assert "--redirect-uri-rules loose" in refused.json["fix"]
    assert rules(rig.client, "loose").status == 200
    assert register(rig.client, entry).status == 201


def test_oauth_02_a_query_or_fragment_is_refused_whatever_the_rules(rig: Rig) -> None:
    for wish in ("strict", "loose"):
        rules(rig.client, wish)
        for uri in ("https://app.example.com/cb?a=b", "https://app.example.com/cb#a", "https://*.com/cb"):
            refused = register(rig.client, uri)
            assert (refused.status, refused.json["code"]) == (422, "invalid_request_parameters"), uri


def test_oauth_02_a_wildcard_never_becomes_the_default(rig: Rig) -> None:
    _, other = rig.another_environment()
    rules(other, "loose")
    for uri in ("https://*.example.com/cb", "https://pr-*.example.com/cb", "http://localhost:*/cb"):
        assert register(other, uri).json["default"] is False
    assert register(other, "https://app.example.com/cb").json["default"] is True


def test_oauth_02_production_takes_no_loose_rules(rig: Rig) -> None:
    _, live = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    refused = rules(live, "loose")
    assert (refused.status, refused.json["code"]) == (422, "redirect_uri_rules_production")
    assert live("GET", "/environment").json["redirect_uri_rules"] == "strict"
    for entry, _ in LOOSE_ONES:
        assert register(live, entry).json["code"] == "invalid_request_parameters", "and none are offered there"


def test_oauth_02_the_rules_in_force_are_production_s_even_if_a_row_says_otherwise(rig: Rig) -> None:
    live, client = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    with sqlite3.connect(rig.folder / "house.db") as database:
        said = ('{"redirect_uri_rules":"loose"}', live.id)
        assert database.execute("UPDATE environments SET settings = ? WHERE id = ?", said).rowcount == 1
    assert client("GET", "/environment").json["redirect_uri_rules"] == "loose", "as the row says"
    for entry, _ in LOOSE_ONES:
        assert register(client, entry).status == 422


def test_oauth_02_a_change_of_the_rules_is_in_the_event_log_with_who_did_it(rig: Rig) -> None:
    rules(rig.client, "loose")
    rules(rig.client, "loose")
    rules(rig.client, "strict")
    events = told(rig, "environment.settings_changed")
    assert [event["changes"] for event in events] == [
        {"redirect_uri_rules": {"from": "strict", "to": "loose"}},
        {"redirect_uri_rules": {"from": "loose", "to": "strict"}},
    ]
    assert {event["actor"] for event in events} == {f"key:{rig.key.key.id}"}
    assert events[0]["environment"]["id"] == rig.environment.id


@pytest.mark.parametrize(("entry", "uri"), LOOSE_ONES)
def test_oauth_02_what_was_registered_under_loose_rules_counts_only_while_they_hold(
    rig: Rig, entry: str, uri: str
) -> None:
    idp = saml_idp(rig)
    rules(rig.client, "loose")
    register(rig.client, entry)
    asked = {
        "client_id": rig.environment.client_id,
        "redirect_uri": uri,
        "response_type": "code",
        "connection": idp.connection["id"],
    }
    url = f"/sso/authorize?{urlencode(asked)}"
    assert rig.browser().get(url).status == 302
    rules(rig.client, "strict")
    page = rig.browser().get(url)
    is_page(page, "redirect_uri_matches_loosely")
    assert "--redirect-uri-rules loose" in page.text
    rules(rig.client, "loose")
    assert rig.browser().get(url).status == 302


def test_oauth_02_a_default_of_looser_times_receives_nobody(rig: Rig) -> None:
    environment, other = rig.another_environment()
    rules(other, "loose")
    assert register(other, "http://app.intranet.example/callback").json["default"] is True
    rules(other, "strict")
    url = f"/sso/authorize?{urlencode({'client_id': environment.client_id, 'connection': 'conn_test_idp'})}"
    is_page(rig.browser().get(url + "&response_type=code"), "redirect_uri_matches_loosely")


def test_oauth_02_a_sign_in_under_way_still_ends_where_it_was_promised(rig: Rig) -> None:
    """The redirect URI was trusted when the sign-in began, as with one that is deleted meanwhile."""
    idp = saml_idp(rig)
    browser = rig.browser()
    rules(rig.client, "loose")
    register(rig.client, LOOSE_ONES[0][0])
    asked = idp.depart(browser, redirect_uri=LOOSE_ONES[0][1])
    rules(rig.client, "strict")
    assert idp.arrive(browser, idp.response(asked)).location.startswith(LOOSE_ONES[0][1])


def test_oauth_02_a_logout_uri_that_needs_loose_rules_holds_them(rig: Rig) -> None:
    """Otherwise browsers would still be sent there after the rules were taken back."""
    wish = {"logout_uri": "http://app.intranet.example/bye", "redirect_uri_rules": "loose"}
    assert rig.client("PATCH", "/environment", {"logout_uri": wish["logout_uri"]}).status == 422
    assert rig.client("PATCH", "/environment", wish).status == 200
    refused = rules(rig.client, "strict")
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "logout_uri")
    assert rig.client("PATCH", "/environment", {"redirect_uri_rules": "strict", "logout_uri": None}).status == 200


def test_oauth_02_what_begins_at_the_identity_provider_obeys_the_rules_too(rig: Rig) -> None:
    idp = saml_idp(rig, idp_initiated="allow")
    rules(rig.client, "loose")
    rig.client("PATCH", "/environment", {"relay_state": "redirect_uri"})
    register(rig.client, LOOSE_ONES[1][0])
    relay_state = urlencode({"redirect_uri": LOOSE_ONES[1][1]})
    assert idp.arrive(rig.browser(), idp.response(None), relay_state).location.startswith(LOOSE_ONES[1][1])
    rules(rig.client, "strict")
    refused = idp.arrive(rig.browser(), idp.response(None), relay_state)
    assert refused.returned["error_uri"].endswith("/errors/relay_state_unregistered")
