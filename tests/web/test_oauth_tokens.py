"""`oauth_tokens` in the token answer: where the environment asks for them, once, and kept by nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest

from latchstring.flows import environment_settings, upkeep
from latchstring.flows.environment_settings import SettingsWish
from tests.house_for_tests import Answer, Rig, call
from tests.idp_for_tests import oidc_idp
from tests.oauth_for_tests import Scene, scene


def asking(rig: Rig) -> None:
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(return_oauth_tokens=True))


def stored(rig: Rig) -> bytes:
    return b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))


def code_of(played: Scene) -> str:
    return played.sign_in().returned["code"]


def sealed(rig: Rig) -> int:
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        return int(connection.execute("SELECT count(oauth_tokens) FROM grants").fetchone()[0])


def test_without_being_asked_for_they_are_not_even_kept(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        code = code_of(played)
        assert sealed(rig) == 0
        assert "oauth_tokens" not in rig.swap(code).json


@pytest.mark.parametrize(
    ("type_", "answer", "expected"),
    [
        (
            "GoogleOAuth",
            {"refresh_token": "1//04g", "expires_in": 3599, "scope": "openid email"},
            {"refresh_token": "1//04g", "expires_in": 3599, "scopes": ["openid", "email"]},
        ),
        ("GoogleOAuth", {"scope": None}, {"expires_in": 3599, "scopes": ["openid", "profile", "email"]}),
        ("GoogleOAuth", {"expires_in": "3599", "scope": ""}, {"expires_in": 3599, "scopes": []}),
        ("GoogleOAuth", {"expires_in": -1, "scope": None}, {"scopes": ["openid", "profile", "email"]}),
        ("GoogleOAuth", {"expires_in": True, "scope": 7}, {"scopes": ["openid", "profile", "email"]}),
        ("GoogleOAuth", {"expires_in": 1e300, "scope": None}, {"scopes": ["openid", "profile", "email"]}),
        ("GitHubOAuth", {"scope": "repo,user:email"}, {"scopes": ["repo", "user:email"]}),
    ],
)
def test_all_five_keys_are_there_whatever_the_provider_left_out(
    rig: Rig, type_: str, answer: dict[str, Any], expected: dict[str, Any]
) -> None:
    asking(rig)
    with scene(rig, type_) as played:
        played.player.token_answer = answer
        tokens = rig.swap(code_of(played)).json["oauth_tokens"]
    seconds = expected.pop("expires_in", None)
    now = int(rig.clock.now().timestamp())
    assert tokens == {
        "provider": type_,
        "access_token": "token-0",
        "refresh_token": "",
        "expires_at": now + seconds if seconds else 0,
        **expected,
    }


def test_they_are_sealed_while_they_wait_and_gone_when_they_are_given(rig: Rig) -> None:
    asking(rig)
    with scene(rig, "GoogleOAuth") as played:
        played.player.token_answer = {"access_token": "ya29.marker-of-a-token"}
        played.player.tokens.add("ya29.marker-of-a-token")
        code = code_of(played)
        assert sealed(rig) == 1 and b"marker-of-a-token" not in stored(rig)
        assert rig.swap(code).json["oauth_tokens"]["access_token"] == "ya29.marker-of-a-token"
        assert sealed(rig) == 0 and b"marker-of-a-token" not in stored(rig)
        assert rig.swap(code).json["error"] == "invalid_grant"


def test_tokens_that_nobody_fetched_are_forgotten_when_the_code_has_expired(rig: Rig) -> None:
    asking(rig)
    with scene(rig, "GoogleOAuth") as played:
        code = code_of(played)
    upkeep.sweep(rig.house, rig.pass_, lambda: False)
    assert sealed(rig) == 1
    rig.clock.forward(minutes=11)
    upkeep.sweep(rig.house, rig.pass_, lambda: False)
    assert sealed(rig) == 0
    assert rig.swap(code).json["error"] == "invalid_grant"


def again(rig: Rig, code: str, key: str) -> Answer:
    fields = {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
        "code": code,
    }
    headers = {"content_type": "application/x-www-form-urlencoded", "idempotency_key": key}
    return call(rig.endpoint, "POST", "/sso/token", body=urlencode(fields).encode(), headers=headers)


def test_a_retry_within_a_minute_gets_the_same_tokens(rig: Rig) -> None:
    asking(rig)
    with scene(rig, "GoogleOAuth") as played:
        code = code_of(played)
        first = again(rig, code, "a retry")
        rig.clock.forward(seconds=59)
        second = again(rig, code, "a retry")
        assert first.json == second.json and second.json["oauth_tokens"]["access_token"] == "token-0"
        rig.clock.forward(seconds=2)
        assert again(rig, code, "a retry").json["error"] == "invalid_grant"


def test_openid_connect_connections_have_none(rig: Rig) -> None:
    asking(rig)
    code = oidc_idp(rig).sign_in(rig.browser()).returned["code"]
    assert "oauth_tokens" not in rig.swap(code).json
