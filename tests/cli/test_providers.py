"""latchstring provider: credentials at OAuth providers from the terminal, secrets from files and stdin."""

from __future__ import annotations

import io

import pytest

from tests.cli.program import Terminal
from tests.oauth_for_tests import APPLE_KEY


def test_a_provider_from_its_draft_to_its_end(terminal: Terminal) -> None:
    draft = terminal("provider", "set", "GoogleOAuth")
    assert draft.code == 0 and "/sso/oauth/google/" in draft.out
    assert "client_id, client_secret" in draft.err
    secret = terminal.folder / "secret.txt"
    secret.write_text("a secret\n")
    flags = ("--client-id", "abc", "--client-secret-file", str(secret), "--scope", "a", "--scope", "b")
    made = terminal("provider", "set", "GoogleOAuth", *flags, "--json")
    assert (made.json["client_id"], made.json["state"], made.json["scopes"]) == ("abc", "validating", ["a", "b"])
    assert made.json["redirect_uri"] in draft.out
    assert "a secret" not in made.out + made.err
    changed = terminal("provider", "set", "GoogleOAuth", "--scope", "none", "--enabled", "off", "--json").json
    assert (changed["scopes"], changed["state"], changed["has_secret"]) == ([], "inactive", True)
    listed = terminal("provider", "list", "--json").json["data"]
    assert listed == [terminal("provider", "show", "GoogleOAuth", "--json").json] == [changed]
    assert "GoogleOAuth" in terminal("provider", "list").out
    assert terminal("provider", "delete", "GoogleOAuth", "--yes").code == 0
    assert terminal("provider", "list", "--json").json["data"] == []
    assert terminal("provider", "show", "GoogleOAuth").code == 1


def test_a_secret_from_stdin(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n"))
    words = ("provider", "set", "GitHubOAuth", "--client-id", "abc", "--client-secret-file", "-", "--json")
    assert terminal(*words).json["has_secret"] is True


def test_apples_key_and_a_server_of_ones_own(terminal: Terminal) -> None:
    key = terminal.folder / "AuthKey.p8"
    key.write_bytes(APPLE_KEY.as_pem(private=True))
    flags = ("--client-id", "com.acme.web", "--team-id", "T", "--key-id", "K", "--private-key-file", str(key))
    made = terminal("provider", "set", "AppleOAuth", *flags, "--json").json
    assert (made["team_id"], made["key_id"], made["has_secret"]) == ("T", "K", True)
    refused = terminal("provider", "set", "AppleOAuth", "--base-url", "https://apple.example")
    assert refused.code == 1 and "Apple does without base_url" in refused.err
    unknown = terminal("provider", "set", "AcmeOAuth")
    assert unknown.code == 1 and "AcmeOAuth" in unknown.err


def test_handing_tokens_on_is_a_setting_of_the_environment(terminal: Terminal) -> None:
    name = terminal("environment", "list", "--json").json["data"][0]["id"]
    assert terminal("environment", "show", name, "--json").json["return_oauth_tokens"] is False
    changed = terminal("environment", "set", name, "--return-oauth-tokens", "on", "--json").json
    assert changed["return_oauth_tokens"] is True
