"""/oauth_providers: who sets credentials, who sees them, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.storage import events
from tests.house_for_tests import CALLBACK, Rig
from tests.oauth_for_tests import credentials, scene
from tests.oauth_player import CLIENT_ID, CLIENT_SECRET


def told(rig: Rig) -> list[tuple[str, dict[str, Any]]]:
    with rig.house.database.read(rig.pass_) as scope:
        found = events.after(scope, "", 100)
    return [(event.event, dict(event.data)) for event in found if event.event.startswith("connection.")]


def test_what_is_shown_of_a_provider_and_that_no_secret_is(rig: Rig) -> None:
    body = {**credentials("MicrosoftOAuth"), "scopes": ["User.Read"], "tenant": "organizations"}
    made = rig.client("PUT", "/oauth_providers/MicrosoftOAuth", body)
    assert made.status == 201
    assert made.json == {
        "object": "oauth_provider",
        "type": "MicrosoftOAuth",
        "connection_id": made.json["connection_id"],
        "state": "validating",
        "redirect_uri": made.json["redirect_uri"],
        "client_id": CLIENT_ID,
        "has_secret": True,
        "scopes": ["User.Read"],
        "default_scopes": ["openid", "profile", "email"],
        "trust_email": False,
        "tenant": "organizations",
        "team_id": None,
        "key_id": None,
        "slug": None,
        "base_url": None,
        "created_at": made.json["created_at"],
        "updated_at": made.json["updated_at"],
    }
    assert rig.client("GET", "/oauth_providers/MicrosoftOAuth").json == made.json
    assert rig.client("GET", "/oauth_providers").json == {"object": "list", "data": [made.json]}
    connection = rig.client("GET", f"/connections/{made.json['connection_id']}")
    assert connection.json["connection_type"] == "MicrosoftOAuth"
    assert "organization_id" not in connection.json
    for answer in (made, connection, rig.client("GET", "/connections")):
        assert CLIENT_SECRET not in answer.text
    rig.house.database.close()
    stored = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    assert CLIENT_ID.encode() in stored and CLIENT_SECRET.encode() not in stored


def test_a_draft_knows_its_redirect_uri_so_that_it_can_be_registered_first(rig: Rig) -> None:
    draft = rig.client("PUT", "/oauth_providers/GitHubOAuth", {})
    assert (draft.status, draft.json["state"], draft.json["has_secret"]) == (201, "draft", False)
    done = rig.client("PUT", "/oauth_providers/GitHubOAuth", credentials("GitHubOAuth"))
    assert (done.status, done.json["state"]) == (200, "validating")
    assert done.json["redirect_uri"] == draft.json["redirect_uri"]
    assert done.json["connection_id"] == draft.json["connection_id"]


def test_what_is_not_named_stays_and_null_takes_away(rig: Rig) -> None:
    path = "/oauth_providers/GitHubOAuth"
    rig.client("PUT", path, {**credentials("GitHubOAuth"), "base_url": "https://ghe.example", "scopes": ["repo"]})
    assert rig.client("PUT", path, {"trust_email": True}).json["base_url"] == "https://ghe.example"
    changed = rig.client("PUT", path, {"base_url": None, "scopes": None}).json
    assert (changed["base_url"], changed["scopes"], changed["trust_email"]) == (None, [], True)
    assert changed["has_secret"] is True


@pytest.mark.parametrize(
    ("type_", "body", "fields"),
    [
        ("GoogleOAuth", {"client_id": "x"}, {"client_secret"}),
        ("GoogleOAuth", {"client_secret": "x"}, {"client_id"}),
        ("GoogleOAuth", {"enabled": True}, {"client_id", "client_secret"}),
        ("GoogleOAuth", {"client_id": "x y", "client_secret": "s"}, {"client_id"}),
        ("GoogleOAuth", {"client_id": "x", "client_secret": "s", "tenant": "common"}, {"tenant"}),
        ("GoogleOAuth", {"client_id": "x", "client_secret": "s", "base_url": "https://a.example"}, {"base_url"}),
        ("GoogleOAuth", {"client_id": "x", "client_secret": "s", "scopes": ["a b"]}, {"scopes"}),
        ("GoogleOAuth", {"client_id": "x", "client_secret": "s" * 9000}, {"client_secret"}),
        ("MicrosoftOAuth", {"client_id": "x", "client_secret": "s", "tenant": "acme.example"}, {"tenant"}),
        ("MicrosoftOAuth", {"client_id": "x", "client_secret": "s", "tenant": "../x"}, {"tenant"}),
        ("GitHubOAuth", {"client_id": "x", "client_secret": "s", "base_url": "javascript:alert(1)"}, {"base_url"}),
        ("GitHubOAuth", {"client_id": "x", "client_secret": "s", "base_url": "https://a.example?x"}, {"base_url"}),
        ("GitHubOAuth", {"client_id": "x", "client_secret": "s", "base_url": "https://u@a.example"}, {"base_url"}),
        ("AppleOAuth", {"client_id": "x"}, {"team_id", "key_id", "private_key"}),
        ("AppleOAuth", {"client_id": "x", "client_secret": "s"}, {"client_secret", "team_id", "key_id", "private_key"}),
        ("AppleOAuth", {"client_id": "x", "team_id": "t", "key_id": "k", "private_key": "PEM"}, {"private_key"}),
    ],
)
def test_fields_that_are_wrong_or_lacking_are_named(
    rig: Rig, type_: str, body: dict[str, Any], fields: set[str]
) -> None:
    answer = rig.client("PUT", f"/oauth_providers/{type_}", body)
    assert answer.status == 422, answer.text
    assert {error["field"] for error in answer.json["errors"]} == fields
    assert rig.client("GET", f"/oauth_providers/{type_}").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("type_", ["OktaSAML", "nothing", "Google%20OAuth"])
def test_what_is_no_oauth_provider_is_not_found(rig: Rig, method: str, type_: str) -> None:
    assert rig.client(method, f"/oauth_providers/{type_}", {} if method == "PUT" else None).status == 404


def test_deleting_takes_the_people_along(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        code = played.sign_in().returned["code"]
        assert rig.client("DELETE", "/oauth_providers/GoogleOAuth").status == 204
        assert rig.client("DELETE", "/oauth_providers/GoogleOAuth").status == 404
        assert rig.swap(code).json["error"] == "invalid_grant"


def test_the_event_log_tells_who_changed_what_and_no_secret(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        assert played.outcome() == "ok"
    path = "/oauth_providers/GoogleOAuth"
    rig.client("PUT", path, {"client_secret": "another", "trust_email": True})
    rig.client("PUT", path, {"trust_email": True})
    rig.client("PUT", path, {"enabled": False})
    rig.client("PUT", path, {"enabled": True})
    rig.client("DELETE", path)
    found = told(rig)
    assert [name.partition(".")[2] for name, _ in found] == [
        "options_changed", "activated", "options_changed", "deactivated", "activated", "deleted",
    ]  # fmt: skip
    first, second = found[0][1], found[2][1]
    assert first["changes"] == {
        "client_id": {"from": None, "to": CLIENT_ID},
        "client_secret": {"from": None, "to": "replaced"},
    }
    assert second["changes"] == {
        "trust_email": {"from": False, "to": True},
        "client_secret": {"from": "kept", "to": "replaced"},
    }
    assert all(data["actor"] == f"key:{rig.key.key.id}" for data in (first, second))
    assert "another" not in str(found) and CLIENT_SECRET not in str(found)


def test_i5_twin_environments_never_use_each_others_credentials(rig: Rig) -> None:
    """Both have the provider; each redirect URI, client id and answer belongs to one of them."""
    other_environment, other = rig.another_environment()
    with scene(rig, "GitHubOAuth", {"client_id": "ours"}) as played:
        twin = other("PUT", "/oauth_providers/GitHubOAuth", {**credentials("GitHubOAuth"), "client_id": "theirs"}).json
        assert twin["connection_id"] != played.provider["connection_id"]
        assert twin["redirect_uri"] != played.provider["redirect_uri"]
        assert "client_id=ours&" in rig.authorize(rig.browser(), provider="GitHubOAuth").location
        other("POST", "/user_management/redirect_uris", {"uri": CALLBACK})
        elsewhere = rig.authorize(rig.browser(), provider="GitHubOAuth", client_id=other_environment.client_id)
        assert "client_id=theirs&" in elsewhere.location
        assert other("GET", f"/connections/{played.provider['connection_id']}").status == 404
        assert other("DELETE", "/oauth_providers/GitHubOAuth").status == 204
        assert rig.client("GET", "/oauth_providers/GitHubOAuth").json["client_id"] == "ours"
        assert other("GET", "/oauth_providers").json["data"] == []


def test_an_answer_for_one_environment_is_none_for_its_twin(rig: Rig) -> None:
    _, other = rig.another_environment()
    with scene(rig, "GitHubOAuth") as played:
        twin = other("PUT", "/oauth_providers/GitHubOAuth", credentials("GitHubOAuth")).json
        browser = rig.browser()
        left = played.depart(browser)
        left.url = twin["redirect_uri"]
        answer = played.arrive(browser, left)
        assert answer.status == 400 and "answer_unknown" in answer.text
        assert not any(method == "POST" for method, _ in played.player.asked)


def test_a_keyless_caller_sees_nothing(rig: Rig) -> None:
    rig.client("PUT", "/oauth_providers/GoogleOAuth", credentials("GoogleOAuth"))
    for method in ("GET", "PUT", "DELETE"):
        assert rig.browser().call(method, "/oauth_providers/GoogleOAuth").status == 401
