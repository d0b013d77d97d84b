"""An OpenID Connect provider with as little work of its own as it can, and one whole login through it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.client import REDIRECT_URI, Application, Client

CLIENT_ID = "latchstring"


@dataclass
class OidcProvider:
    """Answers discovery, keys, token and userinfo; a code is the nonce and the person's number."""

    issuer: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    asked: dict[str, int] = field(default_factory=dict)  # path -> requests

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[OidcProvider]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = raw.split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                answer = json.dumps(self._answer(first.split()[1], headers, body)).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        self.asked[path] = self.asked.get(path, 0) + 1
        if path == "/token":
            nonce, _, number = parse_qs(body.decode())["code"][0].partition(".")
            now = int(time.time())
            claims = {"iss": self.issuer, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce}
            return {
                "token_type": "Bearer",
                "access_token": number,
                "id_token": self._signed({**claims, **person(number)}),
            }
        if path == "/userinfo":
            return person(headers["authorization"].removeprefix("Bearer "))
        if path == "/jwks":
            numbers = self.key.public_key().public_numbers()
            n, e = (_base64(value.to_bytes((value.bit_length() + 7) // 8)) for value in (numbers.n, numbers.e))
            return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": n, "e": e}]}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _signed(self, claims: dict[str, Any]) -> str:
        parts = ({"alg": "RS256", "kid": "1"}, claims)
        text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_base64(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def person(number: str) -> dict[str, Any]:
    email = f"person{number}@acme.example"
    return {
        "sub": f"00u{number}",
        "email": email,
        "email_verified": True,
        "given_name": "Person",
        "family_name": number,
        "name": f"Person {number}",
        "groups": ["Engineering", "Everybody", "Building 7"],
    }


async def login(client: Client, application: Application, connection: dict[str, Any], number: int) -> float:
    """One whole login; the seconds that the server took, its own questions to the provider among them."""
    state = secrets.token_urlsafe(16)
    query = urlencode(
        {
            "client_id": application.client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "connection": connection["id"],
            "state": state,
        }
    )
    started = time.perf_counter()
    status, headers, body = await client.ask("GET", f"/sso/authorize?{query}")
    if status != 302:
        raise RuntimeError(f"authorize answered {status}: {body[:500]!r}")
    sent = parse_qs(urlsplit(headers["location"][0]).query)
    cookie = "; ".join(line.partition(";")[0] for line in headers["set-cookie"])
    query = urlencode({"code": f"{sent['nonce'][0]}.{number}", "state": sent["state"][0]})
    callback = urlsplit(connection["callback_endpoint"]).path
    status, headers, body = await client.ask("GET", f"{callback}?{query}", cookie=cookie)
    answer = parse_qs(urlsplit(headers.get("location", [""])[0]).query)
    if status != 302 or "code" not in answer or answer["state"] != [state]:
        raise RuntimeError(f"the callback answered {status}: {headers.get('location')} {body[:500]!r}")
    await application.swap(client, answer["code"][0], f"person{number}@acme.example")
    return time.perf_counter() - started


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
