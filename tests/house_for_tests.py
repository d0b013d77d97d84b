"""A whole house in this process: SQLite in a temporary folder, a clock that can be set, a network that is a table."""

from __future__ import annotations

import asyncio
import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from latchstring import app
from latchstring.effects import keys, randomness
from latchstring.effects.passwords import Argon2, Cost
from latchstring.effects.settings import Settings
from latchstring.flows import api_keys, environments
from latchstring.flows.api_keys import NewKey
from latchstring.flows.house import House
from latchstring.model.attempt import SignInNews
from latchstring.model.dns import TxtRecords
from latchstring.model.environment import Environment, EnvironmentKind, Pass
from latchstring.model.fetch import Fetch, Fetched, Fetcher, Unreachable
from latchstring.model.secret import Secret
from latchstring.storage import front_door, migrate
from latchstring.storage.journal import Ledger
from latchstring.web.kit.endpoint import Endpoint, inline

START = datetime(2026, 11, 23, 9, 14, 7, 437000, tzinfo=UTC)
BASE = "http://localhost:4100"
CALLBACK = "http://localhost:3000/callback"


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class Network:
    """What stands where; everything else does not answer."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Fetch], Fetched] | Exception] = {}
        self.calls: list[Fetch] = []
        self.elsewhere: Fetcher | None = None  # for everything that is not in the table

    def __call__(self, fetch: Fetch) -> Fetched:
        self.calls.append(fetch)
        found = self.answers.get(fetch.url)
        if found is None and self.elsewhere is not None:
            return self.elsewhere(fetch)
        if found is None:
            raise Unreachable(url=fetch.url, reason="dns")
        if isinstance(found, Exception):
            raise found
        return found(fetch)

    def put(self, url: str, body: Any, *, status: int = 200, content_type: str = "application/json") -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Fetched(status=status, headers={"content-type": content_type}, body=raw)
        self.answers[url] = lambda _fetch: answer


class Names:
    """DNS: what stands at which name. A name that is not there does not exist."""

    def __init__(self) -> None:
        self.records: dict[str, TxtRecords | Exception] = {}
        self.asked: list[str] = []

    def __call__(self, name: str) -> TxtRecords:
        self.asked.append(name)
        found = self.records.get(name, TxtRecords(exists=False))
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class Answer:
    """An HTTP answer as a client sees it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> Any:
        assert (self.header("content-type") or "").startswith("application/json"), self.body[:300]
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        value = self.header("location")
        assert value is not None, (self.status, self.body[:500])
        return value

    @property
    def returned(self) -> dict[str, str]:
        """The parameters of the redirect."""
        return {
            name: values[0] for name, values in parse_qs(urlsplit(self.location).query, keep_blank_values=True).items()
        }


@dataclass
class Browser:
    """Calls the product in this process and keeps its cookies."""

    endpoint: Endpoint
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, *, query: Mapping[str, str] | None = None, **headers: str) -> Answer:
        return self.call("GET", url if query is None else f"{url}?{urlencode(query)}", headers=headers)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> Answer:
        headers.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.call("POST", url, body=urlencode(form).encode(), headers=headers)

    def call(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
        headers = {"accept": "text/html,application/xhtml+xml", **headers}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = call(self.endpoint, method, url.removeprefix(BASE), body=body, headers=headers)
        for name, value in answer.headers:
            if name == "set-cookie":
                pair = value.partition(";")[0]
                key, _, content = pair.partition("=")
                if content:
                    self.cookies[key] = content
                else:
                    self.cookies.pop(key, None)
        return answer


@dataclass
class Client:
    """An application's back end with its API key."""

    endpoint: Endpoint
    key: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {self.key}", "accept": "application/json", **headers}
        if raw:
            sent.setdefault("content_type", "application/json")
        return call(self.endpoint, method, path, body=raw, headers=sent)


@dataclass
class Rig:
    """The house and everything a test wants to turn."""

    house: House
    endpoint: Endpoint
    clock: Clock
    network: Network
    names: Names
    environment: Environment
    pass_: Pass
    key: NewKey
    news: list[SignInNews]
    folder: Path

    @property
    def client(self) -> Client:
        return Client(self.endpoint, self.key.secret.reveal())

    def browser(self) -> Browser:
        return Browser(self.endpoint)

    def another_environment(self, *, kind: EnvironmentKind = EnvironmentKind.STAGING) -> tuple[Environment, Client]:
        environment = environments.create(self.house, name=f"Other {kind.value}", kind=kind)
        made = api_keys.create(self.house, front_door.by_operator(environment), name="other")
        return environment, Client(self.endpoint, made.secret.reveal())

    def authorize(self, browser: Browser, **query: str) -> Answer:
        wanted = {
            "client_id": self.environment.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": "s t/ä",
            **query,
        }
        return browser.get("/sso/authorize", query={name: value for name, value in wanted.items() if value})

    def swap(self, code: str, **changed: str) -> Answer:
        fields = {
            "grant_type": "authorization_code",
            "client_id": self.environment.client_id,
            "client_secret": self.key.secret.reveal(),
            "code": code,
            **changed,
        }
        body = urlencode({name: value for name, value in fields.items() if value}).encode()
        return call(
            self.endpoint,
            "POST",
            "/sso/token",
            body=body,
            headers={"content_type": "application/x-www-form-urlencoded", "accept": "application/json"},
        )


def rig(folder: Path) -> Rig:
    """A development house as `latchstring dev` sets one up, at START."""
    path = folder / "house.db"
    shutil.copy(_furnished(), path)
    settings = _settings(path)
    clock, network, names, news = Clock(), Network(), Names(), list[SignInNews]()
    house = app.house(settings, told=news.append)
    house = replace(house, now=clock.now, fetch=network, txt=names, make_key_pair=lambda _name, _now: _pair())
    house = replace(house, database=house.database.telling(Ledger(clock.now, house.vault)))
    quick = Argon2(would_block=lambda: inline.active, chance=randomness.bytes_, cost=Cost(memory_kib=64, passes=1))
    house = replace(house, passwords=quick)
    environment = environments.create(house, name="Staging", kind=EnvironmentKind.STAGING)
    pass_ = front_door.by_operator(environment)
    for uri in ("http://localhost:*/callback", CALLBACK, "http://127.0.0.1:*/callback"):
        environments.create_redirect_uri(house, pass_, uri=uri)
    key = api_keys.create(house, pass_, name="test")
    endpoint = app.application(settings, house)
    return Rig(house, endpoint, clock, network, names, environment, pass_, key, news, folder)


def _settings(path: Path) -> Settings:
    secret = Secret("0123456789abcdefghijklmnopqrstuvwxyz")
    return Settings(base_url=BASE, database=path, secret_key=secret, development=True)


@functools.cache
def _furnished() -> Path:
    """The same with the key pair of a Test IdP in it, which takes longer than the rest of a house."""
    path = migrated().with_name("furnished.db")
    shutil.copy(migrated(), path)
    app.house(_settings(path)).database.close()
    return path


@functools.cache
def migrated() -> Path:
    """One empty database for all tests, to be copied: migrating takes longer than most of them."""
    path = Path(tempfile.mkdtemp(prefix="latchstring-tests-")) / "empty.db"
    migrate.upgrade(path)
    return path


@functools.cache
def _pair() -> tuple[str, str]:
    """One key pair for everybody: making one takes a tenth of a second."""
    return keys.rsa_pair("test", START)


def call(endpoint: Endpoint, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
    """One request through the ASGI door. Header names are written with underscores."""
    return asyncio.run(called(endpoint, method, url, body=body, headers=headers))


async def called(
    endpoint: Endpoint, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}
) -> Answer:
    """The same, for a test that asks for several things at one time."""
    path, _, query = url.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (name.replace("_", "-").lower().encode(), value.encode("latin-1", "replace"))
            for name, value in headers.items()
        ],
        "client": ("203.0.113.7", 50000),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await endpoint(scope, receive, send)
    start = sent[0]
    return Answer(
        status=start["status"],
        headers=[(name.decode(), value.decode("latin-1")) for name, value in start["headers"]],
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )
