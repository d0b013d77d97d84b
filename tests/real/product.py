"""Runs the product itself, as `latchstring dev` in a process of its own, and speaks its API."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
import tempfile
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from tests.cli.program import here
from tests.real.child import BIN, Child, free_port


class Product:
    """A development server with a fresh database, unless `data` names one. Its first line tells what it has."""

    base_url: str
    api_key: str
    client_id: str
    environment_id: str
    try_url: str
    test_organization_id: str
    test_connection_id: str
    dashboard_url: str

    def __init__(self, *, data: Path | None = None, port: int | None = None) -> None:
        self.data = data or Path(tempfile.mkdtemp(prefix="latchstring-"))
        self._own = data is None
        self._port = port
        self._child: Child | None = None

    def __enter__(self) -> Self:
        port = self._port or free_port()
        self._child = Child(
            [BIN / "latchstring", "dev", "--port", str(port), "--data", self.data, "--json"], cwd=self.data
        )
        try:
            ready: dict[str, str] = json.loads(self._child.line())
        except BaseException:
            self.__exit__()
            raise
        vars(self).update({name: ready[name] for name in Product.__annotations__})
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.stop()
        if self._own:
            shutil.rmtree(self.data, ignore_errors=True)

    def story(self) -> str:
        """Everything it said so far, for a test that has to say why it failed."""
        return "" if self._child is None else self._child.story()

    def environment(self, name: str, *redirect_uris: str) -> Product:
        """Another environment of the same server; the first of its redirect URIs is the default one."""
        made = self.terminal("environment", "create", "--name", name, "--kind", "staging")
        other = copy.copy(self)
        other.environment_id, other.client_id = made["id"], made["client_id"]
        other.api_key = self.terminal("key", "create", "--environment", made["id"])["value"]
        for uri in redirect_uris:
            other.create("/user_management/redirect_uris", {"uri": uri})
        return other

    def set(self, *options: str) -> None:
        """Changes the environment's settings, as its operator does while the server runs."""
        self.terminal("environment", "set", self.environment_id, *options)

    def terminal(self, *words: str) -> dict[str, Any]:
        """What a command prints, as JSON."""
        done = here(*words, "--json", "--data", str(self.data))
        assert done.code == 0, done.err
        said: dict[str, Any] = json.loads(done.out)
        return said

    @property
    def variables(self) -> dict[str, str]:
        """What an application with an official SDK is told."""
        return {
            "WORKOS_API_KEY": self.api_key,
            "WORKOS_CLIENT_ID": self.client_id,
            "WORKOS_BASE_URL": self.base_url,
        }

    def told(self, name: str) -> list[dict[str, Any]]:
        """The data of every event of this name in the environment, oldest first. There is no page for it yet."""
        chosen = "SELECT data FROM events WHERE environment_id = ? AND event = ? ORDER BY id"
        with closing(sqlite3.connect(self.data / "dev.db")) as connection:
            rows = connection.execute(chosen, (self.environment_id, name)).fetchall()
        return [json.loads(data) for (data,) in rows]

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> tuple[int, Any]:
        """One API call: the status, and the JSON that came with it."""
        request = urllib.request.Request(
            self.base_url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {key or self.api_key}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, _json(refused.read())

    def create(self, path: str, body: object) -> dict[str, Any]:
        """A POST that must succeed."""
        status, document = self.call("POST", path, body)
        assert status in (200, 201), f"{path}: {status} {document}\n{self.story()}"
        assert isinstance(document, dict)
        return document

    def organization(self, name: str, *domains: str) -> str:
        """A new organization with verified domains; its id."""
        data = [{"domain": domain, "state": "verified"} for domain in domains]
        identifier: str = self.create("/organizations", {"name": name, "domain_data": data})["id"]
        return identifier

    def authorize_url(self, redirect_uri: str, *, state: str | None = None, **selector: str) -> str:
        """Where an application sends the browser."""
        fields = {"client_id": self.client_id, "redirect_uri": redirect_uri, "response_type": "code", **selector}
        if state is not None:
            fields["state"] = state
        return f"{self.base_url}/sso/authorize?{urlencode(fields)}"

    def redeem(self, code: str) -> dict[str, Any]:
        """The profile for a code, as the oldest SDKs ask for it."""
        profile: dict[str, Any] = self.swap(code)["profile"]
        return profile

    def swap(self, code: str) -> dict[str, Any]:
        """The whole answer for a code, with an access token."""
        secret = {"client_id": self.client_id, "client_secret": self.api_key}
        return self.create("/sso/token", {"grant_type": "authorization_code", "code": code, **secret})

    def lives(self, token: dict[str, Any]) -> bool:
        """Whether the access token of such an answer is still good."""
        return self.call("GET", "/sso/profile", key=token["access_token"])[0] == 200


def _json(body: bytes) -> Any:
    return json.loads(body) if body else None
