"""The official SDKs with `provider=`: a login through Google as Google documents itself, and its tokens handed on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from latchstring.effects import clock
from tests.oauth_for_tests import credentials
from tests.oauth_player import Elsewhere, Player, playing
from tests.real.child import BIN, NODE, TOOLS
from tests.real.login import Browser, query
from tests.real.node import HERE, beside_packages
from tests.real.served_house import ServedHouse

_CALLBACK = "http://localhost:5999/callback"
_DRIVE = "https://www.googleapis.com/auth/drive"


@dataclass(frozen=True)
class Sdk:
    """One release of one SDK. Python 5 has no words for scopes, parameters and `oauth_tokens`; Node keeps `provider`
    to itself."""

    name: str
    run: Callable[[dict[str, Any], dict[str, str]], dict[str, Any]]
    knows_tokens: bool = True


def _node(package: str) -> Callable[[dict[str, Any], dict[str, str]], dict[str, Any]]:
    def run(asked: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
        with beside_packages(HERE / "oauth_sdk_node.mjs") as program:
            return _report([NODE, program, package, json.dumps(asked)], variables)

    return run


def _python(directory: str | None) -> Callable[[dict[str, Any], dict[str, str]], dict[str, Any]]:
    def run(asked: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
        more = {} if directory is None else {"PYTHONPATH": str(TOOLS / directory)}
        return _report([BIN / "python", "-P", HERE / "oauth_sdk_python.py", json.dumps(asked)], {**variables, **more})

    return run


def _report(command: list[str | Path], variables: dict[str, str]) -> dict[str, Any]:
    answer = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return report


SDKS = [
    Sdk("node-11", _node("workos-node-11")),
    Sdk("node-7", _node("workos-node-7")),
    Sdk("python-10", _python(None)),
    Sdk("python-5", _python("python-old"), knows_tokens=False),
]


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedHouse, Player]]:
    """An environment with Google set up, which hands Google's tokens on."""
    with ExitStack() as stack:
        player = stack.enter_context(playing("GoogleOAuth", clock.now))
        player.token_answer = {"refresh_token": "1//04g"}
        house = ServedHouse(tmp_path_factory.mktemp("house"), lambda would_block: Elsewhere(player, would_block))
        stack.enter_context(house)
        status, made = house.call("PUT", "/oauth_providers/GoogleOAuth", credentials("GoogleOAuth"))
        assert status == 201
        player.redirect_uri = made["redirect_uri"]
        assert house.call("PATCH", "/environment", {"return_oauth_tokens": True})[1]["return_oauth_tokens"] is True
        yield house, player


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
def test_an_sdk_signs_a_person_in_through_google(google: tuple[ServedHouse, Player], sdk: Sdk) -> None:
    house, player = google
    asked = {
        "provider": "GoogleOAuth",
        "redirect_uri": _CALLBACK,
        "state": "a state",
        "login_hint": "ann@acme.example",
        "domain_hint": "acme.example",
        "scopes": [_DRIVE],
        "params": {"access_type": "offline"},
    }
    url = sdk.run(asked, house.variables)["authorization_url"]
    browser = Browser("https://", _CALLBACK)
    left = player.visit(browser.open(url).url)
    assert player.faults == []
    assert (player.request["login_hint"], player.request["hd"]) == ("ann@acme.example", "acme.example")
    if sdk.knows_tokens:
        assert player.request["scope"].split()[-1] == _DRIVE and player.request["access_type"] == "offline"
    told = query(browser.open(f"{left.url}?{urlencode(left.fields)}").url)
    assert told["state"] == "a state"
    report = sdk.run({"code": told["code"]}, house.variables)
    profile = report["profile"]
    assert (profile["email"], profile["connection_type"]) == ("ann@acme.example", "GoogleOAuth")
    assert profile["organization_id"] is None and report["again"] == profile["id"]
    if sdk.knows_tokens:
        tokens = report["oauth_tokens"]
        assert tokens.get("provider") == (None if sdk.name.startswith("node") else "GoogleOAuth")
        assert tokens["refresh_token"] == "1//04g"
        assert tokens["access_token"] in player.tokens and tokens["expires_at"] > clock.now().timestamp()
        assert tokens["scopes"][0] == "openid"
