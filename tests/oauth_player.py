"""One server on loopback that plays every OAuth provider: its documented addresses, checks and answers.

What each provider wants and says is the table of `tests.oauth_acts`, written from its public documentation and not from
the product's own table. `https://api.github.com/user` stands at `/api.github.com/user` here; `Elsewhere` leads there.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Event
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from latchstring.effects.outbound import Limits, Outbound
from latchstring.model.fetch import Fetch, Fetched
from latchstring.protocols.oidc import published
from tests.idp_for_tests import jose_key
from tests.oauth_acts import ACTS, Act

CLIENT_ID, CLIENT_SECRET = "their-name-for-us", "a secret of 30% + more"


@dataclass
class Left:
    """How the provider sends the browser back."""

    method: str
    url: str
    fields: dict[str, str]


@dataclass
class Answered:
    """What the player says to a request."""

    status: int
    body: bytes
    content_type: str = "application/json"
    location: str | None = None


def say(value: Any, status: int = 200) -> Answered:
    return Answered(status, json.dumps(value).encode())


@dataclass
class Player:
    """The provider of the moment. `change` what it does; look at what it was `asked`."""

    act: Act
    now: Callable[[], datetime]
    redirect_uri: str = ""  # as somebody registered it
    port: int = 0
    client_keys: dict[str, ECKey] = field(default_factory=dict)  # Apple: by team and key id
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and address
    faults: list[str] = field(default_factory=list)
    scopes: tuple[str, ...] = ()
    request: dict[str, str] = field(default_factory=dict)  # the last authorization request
    # What a test changes.
    says: dict[str, Answered] = field(default_factory=dict)  # by address, instead of what is documented
    claims: dict[str, Any] = field(default_factory=dict)  # over those of the ID token; None takes one away
    user: dict[str, Any] = field(default_factory=dict)  # over those of userinfo
    emails: Any = None
    token_answer: dict[str, Any] = field(default_factory=dict)
    waits: Event | None = None  # for this, before anything but the authorization request is answered
    denies: dict[str, str] = field(default_factory=dict)  # the callback's fields, if the person says no
    first_time: bool = True

    def visit(self, url: str) -> Left:
        """A browser goes there, and the person agrees; where it is sent then."""
        status, location, text = _get(self.at(url))
        if status == 302 and location is not None:
            address, _, query = location.partition("?")
            return Left("GET", address, dict(parse_qsl(query, keep_blank_values=True)))
        assert status == 200, (status, text, self.faults)
        found = json.loads(text.partition("<!--")[2].partition("-->")[0])
        return Left("POST", found["action"], found["fields"])

    def at(self, url: str) -> str:
        """Where the address stands on loopback."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"http://127.0.0.1:{self.port}/{parts.netloc}{parts.path}{query}"

    def serve_under(self, documented: str, instead: str) -> None:
        """The addresses that begin so stand elsewhere: at a tenant's, or on a server of one's own."""

        def moved(address: str) -> str:
            return instead + address.removeprefix(documented) if address.startswith(documented) else address

        names = ("authorize", "token", "keys", "userinfo", "emails")
        texts: dict[str, Any] = {name: moved(getattr(self.act, name)) for name in names}
        resources = {moved(name): each for name, each in self.act.resources.items()}
        self.act = replace(self.act, **texts, resources=resources)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: str) -> Answered:
        address, _, query = target.lstrip("/").partition("?")
        self.asked.append((method, address))
        if self.waits is not None and address != self.act.authorize:
            self.waits.wait(60)
        if (changed := self.says.get(address)) is not None:
            return changed
        try:
            if (method, address) == ("GET", self.act.authorize):
                return self._authorize(dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)))
            if (method, address) == ("POST", self.act.token):
                return self._token(headers, dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True)))
            if (method, address) == ("GET", self.act.keys):
                return say({"keys": [jose_key("rsa").as_dict(private=False)]})
            if method == "GET" and address in self.act.resources:
                return self._resource(address, query, headers)
        except AssertionError as fault:
            self.faults.append(str(fault))
            return say({"error": "invalid_request", "error_description": str(fault)}, 400)
        self.faults.append(f"nothing is at {method} {address}")
        return Answered(404, b"not found", "text/plain")

    def _authorize(self, asked: dict[str, str]) -> Answered:
        act = self.act
        self.request = asked
        assert asked.get("response_type") == "code", "response_type"
        assert asked.get("client_id") == CLIENT_ID, "client_id"
        assert asked.get("redirect_uri") == self.redirect_uri, f"redirect_uri is not {self.redirect_uri}"
        self.scopes = tuple(asked.get("scope", "").split())
        assert set(act.scopes) <= set(self.scopes), f"scopes {asked.get('scope')}"
        for name, value in act.demands.items():
            assert asked.get(name) == value, f"{name} must be {value}"
        if act.pkce:
            assert asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43, "PKCE"
        assert len(asked.get("state", "")) >= 22, "state"
        code = f"code {len(self.codes)}/{act.type}"
        self.codes[code] = asked
        fields = {**(self.denies or {"code": code, **act.more_in_callback}), "state": asked["state"]}
        if not act.form_post:
            return Answered(302, b"", "text/plain", f"{asked['redirect_uri']}?{urlencode(fields)}")
        if not self.denies and self.first_time:
            fields["user"] = json.dumps(act.form_user)
        inside = json.dumps({"action": asked["redirect_uri"], "fields": fields})
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items()
        )
        form = f'<form method="post" action="{escape(asked["redirect_uri"])}">{inputs}</form><!--{inside}-->'
        return Answered(200, form.encode(), "text/html; charset=utf-8")

    def _token(self, headers: Mapping[str, str], form: dict[str, str]) -> Answered:
        act = self.act
        assert headers.get("content-type") == "application/x-www-form-urlencoded", "content-type"
        assert form.get("grant_type") == "authorization_code", "grant_type"
        if not self._knows_client(headers, form):
            return act.bad_client
        asked = self.codes.get(form.get("code", ""))
        if asked is None or form["code"] in self.spent:
            return act.bad_code
        self.spent.add(form["code"])
        assert form.get("redirect_uri") == asked["redirect_uri"], "redirect_uri"
        if act.pkce:
            digest = sha256(form.get("code_verifier", "").encode()).digest()
            assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"], "code_verifier"
        for name in act.repeats:
            assert form.get(name) == asked[name], name
        token = f"token-{len(self.tokens)}"
        self.tokens.add(token)
        answer = {**act.token_answer, "access_token": token, **self.token_answer}
        if act.id_claims is not None:
            answer["id_token"] = self.id_token(asked)
        answer = {name: value for name, value in answer.items() if value is not None}
        if act.form_unless_json and "json" not in headers.get("accept", ""):
            return Answered(200, urlencode(answer).encode(), "application/x-www-form-urlencoded")
        return say(answer)

    def _knows_client(self, headers: Mapping[str, str], form: dict[str, str]) -> bool:
        if self.act.client_authentication == "basic":
            word, _, pair = headers.get("authorization", "").partition(" ")
            name, _, secret = b64decode(pair).decode().partition(":")
            assert "client_secret" not in form, "one way of authentication at a time"
            known = (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
            return word == "Basic" and known
        assert "authorization" not in headers, "one way of authentication at a time"
        if form.get("client_id") != CLIENT_ID:
            return False
        if self.act.client_authentication == "post":
            return form.get("client_secret") == CLIENT_SECRET
        return self._knows_apple_client(form.get("client_secret", ""))

    def _knows_apple_client(self, secret: str) -> bool:
        """Developer documentation of Apple: "Creating a client secret"."""
        (key,) = self.client_keys.values()
        found = jwt.decode(secret, key, algorithms=["ES256"])
        now = self.now().timestamp()
        claims = found.claims
        return (
            f"{claims['iss']} {found.header['kid']}" in self.client_keys
            and claims["sub"] == CLIENT_ID
            and claims["aud"] == "https://appleid.apple.com"
            and now - 300 < claims["iat"] <= now < claims["exp"] <= now + 15_777_000
        )

    def id_token(self, asked: Mapping[str, str]) -> str:
        now = int(self.now().timestamp())
        own = {"iss": self.act.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 600}
        if self.act.nonce and "nonce" in asked:
            own["nonce"] = asked["nonce"]
        said = {**own, **(self.act.id_claims or {}), **self.claims}
        key = jose_key("rsa")
        assert isinstance(key, RSAKey)
        claims = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])

    def _resource(self, address: str, query: str, headers: Mapping[str, str]) -> Answered:
        assert not self.act.demands_user_agent or headers.get("user-agent"), "User-Agent"
        word, _, token = headers.get("authorization", "").partition(" ")
        if word != "Bearer" or token not in self.tokens:
            return say({"message": "Bad credentials"}, 401)
        resource = self.act.resources[address]
        assert resource.query == query, f"{address}?{query}"
        if resource.scope and resource.scope not in self.scopes:
            return say({"message": "Not Found"}, 404)
        value = resource.value
        if address == self.act.emails and self.emails is not None:
            return say(self.emails)
        if isinstance(value, dict) and address == self.act.userinfo:
            inner = value[resource.member] if resource.member else value
            changed = {name: item for name, item in {**inner, **self.user}.items() if item is not None}
            value = {**value, resource.member: changed} if resource.member else changed
        return say(value)


class Elsewhere:
    """The product's own client for the Internet, for which every host is the player."""

    def __init__(
        self, player: Player, would_block: Callable[[], bool] = lambda: False, limits: Limits | None = None
    ) -> None:
        self._player = player
        self._outbound = Outbound(
            allow_networks=[ip_network("127.0.0.0/8")],
            allow_http=True,
            would_block=would_block,
            scope_open=lambda: False,
            monotonic=monotonic,
            sound=published.is_sound,
            limits=limits,
        )

    def __call__(self, fetch: Fetch) -> Fetched:
        assert urlsplit(fetch.url).scheme == "https", fetch.url
        return self._outbound(msgspec.structs.replace(fetch, url=self._player.at(fetch.url)))


@contextmanager
def playing(type_: str, now: Callable[[], datetime]) -> Iterator[Player]:
    """The player as this provider."""
    player = Player(ACTS[type_], now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", "")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, method: str, body: str) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found = player.answer(method, self.path, headers, body)
            self.send_response(found.status)
            self.send_header("content-type", found.content_type)
            self.send_header("content-length", str(len(found.body)))
            if found.location is not None:
                self.send_header("location", found.location)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        player.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield player
        finally:
            server.shutdown()
            thread.join()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The browser itself goes on."""


def _get(url: str) -> tuple[int, str | None, str]:
    try:
        with build_opener(_Stay).open(Request(url, headers={"User-Agent": "Mozilla/5.0"})) as answer:
            return answer.status, None, answer.read().decode()
    except HTTPError as answered:
        with answered:
            return answered.code, answered.headers.get("location"), answered.read().decode()
