"""API keys and redirect URIs in the Dashboard, and keys that end by themselves."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from latchstring.flows import api_keys, environments
from latchstring.model.environment import EnvironmentKind, KeyExpired
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.storage import front_door
from tests.house_for_tests import Browser, Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in
from tests.web.codes import PKCE, code_of, token


def developer(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.DEVELOPER))


def keys_of(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/developers/keys"


def redirects_of(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}/developers/redirects"


# --- API keys ---


def test_oauth_07_a_key_is_seen_once_and_in_no_log_and_works(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    browser, path = developer(rig), keys_of(rig)
    answer = send(browser, browser.get(f"{path}/new"), path, name="backend", days="30")
    assert answer.status == 200 and answer.header("cache-control") == "no-store"
    secret = page(answer).by_id("secret").text
    assert rig.client("GET", "/organizations", authorization=f"Bearer {secret}").status == 200
    shown = browser.get(path)
    assert secret not in shown.text and f"sk_\u2026{secret[-4:]}" in shown.text and "backend" in shown.text
    with closing(sqlite3.connect(rig.folder / "house.db")) as database:
        assert secret not in "\n".join(database.iterdump())
    heard = capsys.readouterr()
    assert secret not in heard.out + heard.err


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"name": " "}, "name"), ({"name": "a", "days": "soon"}, "days"), ({"name": "a", "days": "0"}, "days")],
)
def test_a_key_that_cannot_be_says_why(rig: Rig, sent: dict[str, str], field: str) -> None:
    browser, path = developer(rig), keys_of(rig)
    before = api_keys.every(rig.house, rig.pass_)
    answer = send(browser, browser.get(f"{path}/new"), path, **sent)
    assert answer.status == 422 and page(answer).by_id(f"{field}-error").text
    assert page(answer).by_id("days").attributes["value"] == sent.get("days", "")
    assert api_keys.every(rig.house, rig.pass_) == before


def test_a_key_is_revoked_by_its_last_characters(rig: Rig) -> None:
    browser, key = developer(rig), rig.key.key
    path = f"{keys_of(rig)}/{key.id}"
    unsure = send(browser, browser.get(path), f"{path}/revoke", typed="nope")
    assert unsure.status == 422 and key.hint in page(unsure).by_id("typed-error").text
    assert rig.client("GET", "/organizations").status == 200
    assert send(browser, unsure, f"{path}/revoke", typed=key.hint).location == keys_of(rig)
    assert rig.client("GET", "/organizations").status == 401
    assert "revoked" in page(browser.get(keys_of(rig))).text
    assert send(browser, unsure, f"{path}/revoke", typed=key.hint).location == keys_of(rig)  # an old page does no harm


def test_oauth_07_a_key_ends_by_itself_for_the_api_and_for_the_token_endpoint(rig: Rig) -> None:
    made = api_keys.create(rig.house, rig.pass_, name="short", expires_in_days=1)
    secret, idp = made.secret.reveal(), saml_idp(rig)
    bearer = {"authorization": f"Bearer {secret}"}
    rig.clock.forward(hours=24, seconds=-1)
    first = code_of(rig, idp)
    assert rig.client("GET", "/organizations", **bearer).status == 200
    assert token(rig, first, client_secret=secret).status == 200
    second = code_of(rig, idp)
    rig.clock.forward(seconds=1)
    over = rig.client("GET", "/organizations", **bearer)
    assert (over.status, over.json) == (401, {"message": "Unauthorized"})
    assert token(rig, second, client_secret=secret).json["error"] == "invalid_client"
    with pytest.raises(KeyExpired) as refused:
        front_door.by_api_key(rig.house.database, secret, rig.house.now())
    assert refused.value.code == "api_key_expired" and refused.value.key_id == made.key.id


def test_oauth_08_a_key_that_is_over_counts_as_none_where_a_sign_in_begins(rig: Rig) -> None:
    api_keys.create(rig.house, rig.pass_, name="short", expires_in_days=1)
    api_keys.revoke(rig.house, rig.pass_, rig.key.key.id)
    assert rig.authorize(rig.browser(), connection="conn_test_idp").status == 302
    rig.clock.forward(days=1)
    assert "code_challenge_missing" in rig.authorize(rig.browser(), connection="conn_test_idp").text
    assert rig.authorize(rig.browser(), connection="conn_test_idp", **PKCE).status == 302


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_key_has_an_end_within_ten_years_or_none(rig: Rig, days: int) -> None:
    with pytest.raises(InvalidFields):
        api_keys.create(rig.house, rig.pass_, name="x", expires_in_days=days)


def test_a_key_that_ends_soon_or_was_long_unused_is_marked(rig: Rig) -> None:
    api_keys.create(rig.house, rig.pass_, name="short", expires_in_days=13)
    browser, path = developer(rig), keys_of(rig)
    assert "ends soon" in page(browser.get(path)).text
    rig.clock.forward(days=91)
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    shown = page(browser.get(path)).text
    assert "not used for 90 days" in shown and "over since" in shown


def test_web_11_keys_and_redirects_are_changed_with_a_fresh_password_alone(rig: Rig) -> None:
    browser = developer(rig)
    rig.clock.forward(minutes=10)
    for path in (f"{keys_of(rig)}/new", f"{keys_of(rig)}/{rig.key.key.id}", f"{redirects_of(rig)}/new"):
        assert browser.get(path).location == f"/dashboard/confirm?next={path}"
    assert browser.get(keys_of(rig)).status == browser.get(redirects_of(rig)).status == 200
    asked = browser.get(f"/dashboard/confirm?next={keys_of(rig)}/new")
    assert send(browser, asked, "/dashboard/confirm", password=PASSWORD).location == f"{keys_of(rig)}/new"


def test_web_11_support_looks_at_keys_and_redirects_and_changes_none(rig: Rig) -> None:
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    csrf = page(browser.get(keys_of(rig))).every("input", name="csrf")[0].attributes["value"]
    before = environments.redirect_uris(rig.house, rig.pass_)
    for path in (keys_of(rig), f"{keys_of(rig)}/{rig.key.key.id}/revoke", redirects_of(rig)):
        assert post(browser, path, {"csrf": csrf, "uri": "https://a.example", "name": "a"}).status == 403
    assert not [
        one for one in page(browser.get(redirects_of(rig))).every("form") if "developers" in str(one.attributes)
    ]
    assert environments.redirect_uris(rig.house, rig.pass_) == before
    assert rig.client("GET", "/organizations").status == 200


# --- redirect URIs ---


def test_a_redirect_uri_is_added_made_the_default_and_deleted(rig: Rig) -> None:
    browser, path = developer(rig), redirects_of(rig)
    answer = send(browser, browser.get(f"{path}/new"), path, uri=" https://app.example.com/callback ")
    assert answer.location == path
    added = environments.redirect_uris(rig.house, rig.pass_)[-1]
    assert added.uri == "https://app.example.com/callback" and not added.default
    assert send(browser, browser.get(path), f"{path}/{added.id}/default").location == path
    (default,) = [one for one in environments.redirect_uris(rig.house, rig.pass_) if one.default]
    assert default.id == added.id
    assert not page(browser.get(f"{path}/{added.id}/delete")).every("button", **{"class": "button danger"})
    other = environments.redirect_uris(rig.house, rig.pass_)[0]
    assert send(browser, browser.get(f"{path}/{other.id}/delete"), f"{path}/{other.id}/delete").location == path
    assert other.id not in [one.id for one in environments.redirect_uris(rig.house, rig.pass_)]


@pytest.mark.parametrize(
    ("uri", "rule", "way"),
    [
        ("http://app.example.com/cb", "http is for localhost", "over TLS"),
        ("https://app.example.com/cb?next=1", "no query", "send it as state"),
        ("https://app.example.com/cb#x", "no fragment", "Take away the #"),
        ("https://*.com/cb", "strangers", "https://*.preview.example.com"),
        ("app.example.com", "not an absolute URI", "As in https://"),
    ],
)
def test_oauth_02_a_rule_that_is_broken_is_named_with_the_way_to_keep_it(
    rig: Rig, uri: str, rule: str, way: str
) -> None:
    browser, path = developer(rig), redirects_of(rig)
    answer = send(browser, browser.get(f"{path}/new"), path, uri=uri)
    assert answer.status == 422
    said = page(answer).by_id("uri-error").text
    assert rule in said and way in said
    assert page(answer).by_id("uri").attributes["value"] == uri
    assert uri not in [one.uri for one in environments.redirect_uris(rig.house, rig.pass_)]


def test_production_has_its_own_rules_and_staging_begins_with_localhost(rig: Rig) -> None:
    production, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    staging, _ = rig.another_environment()
    browser = developer(rig)

    def new(environment: str) -> tuple[set[str], str, str]:
        shown = page(browser.get(f"/dashboard/{environment}/developers/redirects/new"))
        rules = {one.attributes["data-rule"] for one in shown.every("li") if "data-rule" in one.attributes}
        return rules, shown.by_id("uri").attributes["value"], shown.one("main").text

    rules, typed, words = new(production.id)
    assert {"https", "elsewhere", "no-wildcard"} <= rules and not typed and "http://localhost" not in words
    rules, typed, words = new(staging.id)
    assert {"https-or-local", "wildcard"} <= rules and typed == "http://localhost:3000/callback"
    path = f"/dashboard/{production.id}/developers/redirects"
    answer = send(browser, browser.get(f"{path}/new"), path, uri="https://localhost/cb")
    assert "Try localhost in a staging environment" in page(answer).by_id("uri-error").text
