"""Plays browser, application and identity provider in one login, with as little work of its own as it can."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import re
import secrets
import time
import urllib.request
import zlib
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from latchstring.effects.keys import rsa_pair
from latchstring.protocols.saml import issue

ENTITY_ID = "https://idp.example.test/metadata"
REDIRECT_URI = "http://localhost:3000/callback"
_REQUEST_ID = re.compile(rb'\bID="([^"]+)"')


@dataclass(frozen=True)
class IdentityProvider:
    """A key and its certificate."""

    certificate: str
    key: str

    @classmethod
    def make(cls) -> Self:
        return cls(*rsa_pair("benchmark identity provider", datetime.datetime.now(datetime.UTC)))


@dataclass(frozen=True)
class Application:
    """An application with one customer, whose people sign in through one connection."""

    base_url: str
    environment: dict[str, str]  # what `latchstring dev --json` says
    organization_id: str
    connection_id: str
    acs_url: str
    sp_entity_id: str
    sign: Any

    @classmethod
    def register(cls, base_url: str, environment: dict[str, str], provider: IdentityProvider, *, sign: str) -> Self:
        organization = _post(
            base_url,
            environment,
            "/organizations",
            {"name": "Acme", "domain_data": [{"domain": "acme.example", "state": "verified"}]},
        )
        connection = _post(
            base_url,
            environment,
            "/connections",
            {
                "organization_id": organization["id"],
                "connection_type": "OktaSAML",
                "saml_options": {
                    "idp_entity_id": ENTITY_ID,
                    "idp_sso_url": "https://idp.example.test/sso",
                    "idp_signing_certs": [provider.certificate],
                },
            },
        )
        return cls(
            base_url=base_url,
            environment=environment,
            organization_id=organization["id"],
            connection_id=connection["id"],
            acs_url=connection["saml_options"]["acs_url"],
            sp_entity_id=connection["saml_options"]["sp_entity_id"],
            sign=sign,
        )

    def connect_oidc(self, issuer: str, client_id: str) -> dict[str, Any]:
        """A connection of the same customer to an OpenID Connect provider."""
        body = {
            "organization_id": self.organization_id,
            "connection_type": "GenericOIDC",
            "oidc_options": {
                "discovery_endpoint": f"{issuer}/.well-known/openid-configuration",
                "client_id": client_id,
                "client_secret": "a secret that nobody checks",
            },
        }
        return _post(self.base_url, self.environment, "/connections", body)

    @property
    def client_id(self) -> str:
        return self.environment["client_id"]

    async def swap(self, client: Client, code: str, email: str) -> None:
        """The code for the profile of whom it must be."""
        form = urlencode(
            {
                "grant_type": "authorization_code",
                "client_id": self.client_id,
                "client_secret": self.environment["api_key"],
                "code": code,
            }
        ).encode()
        status, _, body = await client.ask("POST", "/sso/token", form)
        if status != 200 or json.loads(body)["profile"]["email"] != email:
            raise RuntimeError(f"token answered {status}: {body[:500]!r}")


def _post(base_url: str, environment: dict[str, str], path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own server on loopback
        base_url + path,
        json.dumps(body).encode(),
        {"authorization": f"Bearer {environment['api_key']}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


class Client:
    """One keep-alive connection."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname or "localhost", parts.port or 80

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(
        self, method: str, target: str, body: bytes = b"", cookie: str = ""
    ) -> tuple[int, dict[str, list[str]], bytes]:
        head = f"{method} {target} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAccept: text/html\r\n"
        if cookie:
            head += f"Cookie: {cookie}\r\n"
        if body:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + body)
        raw = await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        content = await self._reader.readexactly(int(headers.get("content-length", ["0"])[0]))
        return int(first.split()[1]), headers, content


async def login(client: Client, application: Application, provider: IdentityProvider, number: int) -> float:
    """One whole login; the seconds that the server and the way to it took. The identity provider's part is left out."""
    state = secrets.token_urlsafe(16)
    query = urlencode(
        {
            "client_id": application.client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "connection": application.connection_id,
            "state": state,
        }
    )
    started = time.perf_counter()
    status, headers, body = await client.ask("GET", f"/sso/authorize?{query}")
    spent = time.perf_counter() - started
    if status != 302:
        raise RuntimeError(f"authorize answered {status}: {body[:500]!r}")
    sent = parse_qs(urlsplit(headers["location"][0]).query)
    request = zlib.decompress(base64.b64decode(sent["SAMLRequest"][0]), -15)
    found = _REQUEST_ID.search(request)
    if found is None:
        raise RuntimeError("the AuthnRequest has no ID")
    cookie = "; ".join(line.partition(";")[0] for line in headers["set-cookie"])
    form = urlencode(
        {
            "SAMLResponse": base64.b64encode(
                _response(application, provider, in_response_to=found[1].decode(), number=number)
            ).decode(),
            "RelayState": sent["RelayState"][0],
        }
    ).encode()
    started = time.perf_counter()
    status, headers, body = await client.ask("POST", urlsplit(application.acs_url).path, form, cookie)
    answer = parse_qs(urlsplit(headers.get("location", [""])[0]).query)
    if status != 302 or "code" not in answer or answer["state"] != [state]:
        raise RuntimeError(f"the ACS answered {status}: {headers.get('location')} {body[:500]!r}")
    await application.swap(client, answer["code"][0], f"person{number}@acme.example")
    spent += time.perf_counter() - started
    return spent


def _response(application: Application, provider: IdentityProvider, *, in_response_to: str, number: int) -> bytes:
    person = f"person{number}"
    return issue.issue(
        key_pem=provider.key,
        certificate_pem=provider.certificate,
        entity_id=ENTITY_ID,
        acs_url=application.acs_url,
        audience=application.sp_entity_id,
        response_id="_" + secrets.token_hex(16),
        assertion_id="_" + secrets.token_hex(16),
        in_response_to=in_response_to,
        now=datetime.datetime.now(datetime.UTC),
        name_id=f"{quote(person)}@acme.example",
        attributes={
            "id": [f"00u{number}"],
            "email": [f"{person}@acme.example"],
            "firstName": ["Person"],
            "lastName": [str(number)],
            "groups": ["Engineering", "Everybody", "Building 7"],
        },
        sign=application.sign,
    )
