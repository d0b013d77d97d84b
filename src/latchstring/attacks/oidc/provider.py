"""An OpenID provider on this machine, with an issuer for each attack, whose every answer an attack can bend.

Where an attack leaves it alone, it is a careful one: PKCE, client authentication, redirect URI and single use of codes
are checked, so that the controls prove something.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec

from latchstring.attacks.oidc import jose
from latchstring.attacks.oidc.values import Answer, Behaviour, Facts, changed
from latchstring.effects import clock, randomness

PUBLISHED = ("rsa", "ec", "ed")
WELL_KNOWN = "/.well-known/openid-configuration"
_LIFETIME = 300  # seconds
_MIN_NONCE = 22  # characters of base64url: 128 bits (OIDC-07)
_DRIP = 0.2  # seconds between two bytes
_MAX_BODY = 65_536


class Asked(msgspec.Struct, frozen=True):
    """An authorization request as it came."""

    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class Tenant:
    """One attack's issuer: how it behaves, and what happened to it so far."""

    issuer: str
    client_id: str
    client_secret: str
    domain: str
    behaviour: Behaviour
    asked: list[str] = field(default_factory=list)  # endpoints, in order
    codes: dict[str, Asked] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # access token -> nonce

    def facts(self, *, nonce: str = "", access_token: str = "") -> Facts:
        return Facts(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret,
            domain=self.domain,
            now=int(clock.now().timestamp()),
            nonce=nonce,
            access_token=access_token,
        )


class Provider:
    """The server, while its block lasts. `public_url` is how the product reaches it; None: directly."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, public_url: str | None = None) -> None:
        self._server = _Server((host, port), _Handler)
        self._server.tenants = {}
        self._server.closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.port: int = self._server.server_address[1]
        self.local_url = f"http://{host}:{self.port}"
        self.url = (public_url or self.local_url).rstrip("/")

    def tenant(self, behaviour: Behaviour, *, client_id: str, client_secret: str, domain: str) -> Tenant:
        """A new issuer: discovery documents and keys are kept by whoever asked, so no two attacks share one."""
        name = randomness.bytes_(9).hex()
        made = Tenant(f"{self.url}/{name}", client_id, client_secret, domain, behaviour)
        self._server.tenants[name] = made
        return made

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tenants: dict[str, Tenant]
    closing: threading.Event

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on a hostile answer is right."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "0")
        self._serve(self.rfile.read(min(int(length), _MAX_BODY)) if length.isdigit() else b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Nobody reads it."""

    def _serve(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        name, _, rest = path.lstrip("/").partition("/")
        tenant = self.server.tenants.get(name)
        if tenant is None:
            self._send(Answer(status=404))
            return
        endpoint = f"/{rest}"
        tenant.asked.append(endpoint)
        bent = tenant.behaviour.answers.get(endpoint)
        if bent is not None:
            self._send(bent(tenant.facts()))
            return
        answer = _ENDPOINTS.get(endpoint)
        query = dict(parse_qsl(urlsplit(self.path).query))
        form = dict(parse_qsl(body.decode("latin-1")))
        self._send(answer(tenant, query | form, self.headers) if answer else Answer(status=404))

    def _send(self, answer: Answer) -> None:
        if answer.raw is not None:
            self.wfile.write(answer.raw)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.drip:
            self._drip()
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _drip(self) -> None:
        self.end_headers()
        while not self.server.closing.wait(_DRIP):
            self.wfile.write(b" ")


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode())


def _discovery(tenant: Tenant, _fields: Mapping[str, str], _headers: Any) -> Answer:
    issuer = tenant.issuer
    good = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "code_challenge_methods_supported": ["S256"],
    }
    return as_json(changed(good, tenant.behaviour.discovery, tenant.facts()))


def _authorize(tenant: Tenant, fields: Mapping[str, str], _headers: Any) -> Answer:
    """Nobody is asked who they are: everybody is the same person here."""
    wanted = {
        "response_type": fields.get("response_type") == "code",
        "client_id": fields.get("client_id") == tenant.client_id,
        "scope": "openid" in fields.get("scope", "").split(),
        "state": len(fields.get("state", "")) >= _MIN_NONCE,
        "nonce": len(fields.get("nonce", "")) >= _MIN_NONCE,
        "code_challenge": len(fields.get("code_challenge", "")) == 43,
        "code_challenge_method": fields.get("code_challenge_method") == "S256",
        "redirect_uri": bool(fields.get("redirect_uri")),
    }
    if not all(wanted.values()):
        missing = ", ".join(name for name, there in wanted.items() if not there)
        return Answer(status=400, body=f"wanted: {missing}".encode(), content_type="text/plain")
    code = randomness.bytes_(16).hex()
    tenant.codes[code] = Asked(fields["nonce"], fields["code_challenge"], fields["redirect_uri"])
    good = {"code": code, "state": fields["state"]}
    if tenant.behaviour.discovery.get("authorization_response_iss_parameter_supported") is True:
        good["iss"] = tenant.issuer
    back = changed(good, tenant.behaviour.callback, tenant.facts(nonce=fields["nonce"]))
    return Answer(status=302, headers={"Location": f"{fields['redirect_uri']}?{urlencode(back, doseq=True)}"})


def _token(tenant: Tenant, fields: Mapping[str, str], headers: Any) -> Answer:
    lenient = tenant.behaviour.lenient
    if not lenient and not _is_client(tenant, fields, headers):
        return as_json({"error": "invalid_client"}, 401)
    code = fields.get("code", "")
    asked = tenant.codes.get(code) if lenient else tenant.codes.pop(code, None)
    if asked is None or not (lenient or _is_same_attempt(asked, fields)):
        return as_json({"error": "invalid_grant"}, 400)
    access_token = randomness.bytes_(16).hex()
    tenant.tokens[access_token] = asked.nonce
    facts = tenant.facts(nonce=asked.nonce, access_token=access_token)
    good = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": _LIFETIME,
        "id_token": id_token(tenant.behaviour, facts),
    }
    return as_json(changed(good, tenant.behaviour.token_answer, facts))


def _is_client(tenant: Tenant, fields: Mapping[str, str], headers: Any) -> bool:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        name, _, secret = b64decode(credentials).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (tenant.client_id, tenant.client_secret)
    return (fields.get("client_id"), fields.get("client_secret")) == (tenant.client_id, tenant.client_secret)


def _is_same_attempt(asked: Asked, fields: Mapping[str, str]) -> bool:
    verifier = fields.get("code_verifier", "")
    return (
        fields.get("grant_type") == "authorization_code"
        and fields.get("redirect_uri") == asked.redirect_uri
        and len(verifier) >= 43
        and jose.encoded(sha256(verifier.encode()).digest()) == asked.challenge
    )


def id_token(behaviour: Behaviour, facts: Facts) -> str:
    """The ID token, as good or as bad as the attack wants it."""
    made = behaviour.token
    good_claims = {
        "iss": facts.issuer,
        "aud": facts.client_id,
        "sub": "subject",
        "iat": facts.now,
        "exp": facts.now + _LIFETIME,
        "nonce": facts.nonce,
        "email": f"ann@{facts.domain}",
        "email_verified": True,
        "given_name": "Ann",
        "family_name": "Example",
    }
    header = json.dumps(changed({"alg": "RS256", "kid": "rsa", "typ": "JWT"}, made.header, facts)).encode()
    claims = json.dumps(changed(good_claims, made.claims, facts)).encode()
    if made.header_bytes is not None:
        header = made.header_bytes(header)
    if made.claims_bytes is not None:
        claims = made.claims_bytes(claims)
    signed = f"{jose.encoded(header)}.{jose.encoded(claims)}"
    sign = made.sign or jose.by("rsa", "RS256")
    token = f"{signed}.{jose.encoded(sign(signed.encode(), facts))}"
    return token if made.rewrite is None else made.rewrite(token, facts)


def _jwks(tenant: Tenant, _fields: Mapping[str, str], _headers: Any) -> Answer:
    keys = tenant.behaviour.keys
    return as_json({"keys": [jose.jwk(name) for name in PUBLISHED]} if keys is None else keys())


def _userinfo(tenant: Tenant, _fields: Mapping[str, str], headers: Any) -> Answer:
    access_token = headers.get("authorization", "").partition(" ")[2]
    if access_token not in tenant.tokens:
        return as_json({"error": "invalid_token"}, 401)
    good = {"sub": "subject", "locale": "en"}
    facts = tenant.facts(nonce=tenant.tokens[access_token], access_token=access_token)
    return as_json(changed(good, tenant.behaviour.userinfo, facts))


_ENDPOINTS: Mapping[str, Callable[[Tenant, Mapping[str, str], Any], Answer]] = {
    WELL_KNOWN: _discovery,
    "/authorize": _authorize,
    "/token": _token,
    "/jwks": _jwks,
    "/userinfo": _userinfo,
}
