"""Runs the npm package oidc-provider as an OpenID Connect identity provider, and registers clients with it."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from tests.real.child import NODE, Child, free_port
from tests.real.login import Person
from tests.real.node import HERE, beside_packages

AuthMethod = Literal["client_secret_basic", "client_secret_post"]
Algorithm = Literal["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
AUTH_METHODS: tuple[AuthMethod, ...] = ("client_secret_basic", "client_secret_post")
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA")

PEOPLE: dict[str, dict[str, Any]] = {
    "ann-7": {
        "email": "ann@example.com",
        "email_verified": True,
        "given_name": "Ann",
        "family_name": "Łukaszewicz",
        "name": "Ann Łukaszewicz",
        "groups": ["Engineering", "Admins & Owners"],
    },
    "joe-8": {
        "email": "joe@elsewhere.test",
        "email_verified": True,
        "given_name": "Joe",
        "family_name": "Elsewhere",
        "name": "Joe Elsewhere",
        "groups": [],
    },
    "max-9": {
        "email": "max@example.com",
        "email_verified": True,
        "name": "Max Member",
        "groups": [f"Group number {number} of the many" for number in range(150)],  # an ID token of 8 kB
    },
}
ANN = Person({"login": "ann-7", "password": "any will do"})
JOE = Person({"login": "joe-8", "password": "any will do"})
MAX = Person({"login": "max-9", "password": "any will do"})


@dataclass(frozen=True)
class Client:
    """An application as the identity provider knows it."""

    client_id: str
    client_secret: str
    registration_uri: str
    registration_token: str
    metadata: dict[str, Any]


class OidcProvider:
    """The identity provider. `claims_in_id_token` false leaves everything but `sub` to userinfo.

    `client_signatures` are those that it takes from clients that sign (private_key_jwt). Without `offers_logout` it has
    neither an end_session_endpoint nor a revocation_endpoint. With `takes_forms` browsers may POST to it.
    """

    def __init__(
        self,
        *,
        claims_in_id_token: bool,
        host: str = "127.0.0.1",
        client_signatures: tuple[str, ...] = ("RS256", "PS256", "ES256"),
        offers_logout: bool = True,
        takes_forms: bool = False,
    ) -> None:
        self._conform = not claims_in_id_token
        self._host = host
        self._client_signatures = client_signatures
        self._offers_logout = offers_logout
        self._takes_forms = takes_forms
        self._stack = ExitStack()
        self.issuer = self.discovery = self._registration = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            program = stack.enter_context(beside_packages(HERE / "oidc_provider.mjs"))
            options = {
                "port": free_port(),
                "host": self._host,
                "conform": self._conform,
                "people": PEOPLE,
                "clientSignatures": self._client_signatures,
                "logout": self._offers_logout,
                "forms": self._takes_forms,
            }
            self._child = stack.enter_context(Child([NODE, program, json.dumps(options)]))
            while not (line := self._child.line()).startswith("{"):
                pass
            ready = json.loads(line)
            self.issuer, self.discovery = ready["issuer"], ready["discovery"]
            self._registration = ready["registration"]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def register(self, redirect_uri: str, method: AuthMethod, algorithm: Algorithm) -> Client:
        """Registers a client (RFC 7591)."""
        metadata = {
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": method,
            "id_token_signed_response_alg": algorithm,
        }
        answer = _send("POST", self._registration, metadata, None)
        return Client(
            client_id=answer["client_id"],
            client_secret=answer["client_secret"],
            registration_uri=answer["registration_client_uri"],
            registration_token=answer["registration_access_token"],
            metadata=metadata,
        )

    def redirect_to(self, client: Client, redirect_uri: str, **metadata: object) -> Client:
        """Gives a client another redirect URI, as an administrator does once the connection exists (RFC 7592).

        And whatever else `metadata` say: how it signs in, where its keys are, what is to be encrypted for it.
        """
        changed = {**client.metadata, **metadata, "redirect_uris": [redirect_uri]}
        own = {"client_id": client.client_id}
        if changed["token_endpoint_auth_method"] != "private_key_jwt":
            own["client_secret"] = client.client_secret
        _send("PUT", client.registration_uri, {**changed, **own}, client.registration_token)
        return replace(client, metadata=changed)

    def put_person(self, login: str, claims: dict[str, Any]) -> None:
        """Somebody of the directory, new or changed."""
        request = urllib.request.Request(f"{self.issuer}/people", json.dumps({login: claims}).encode())
        with urllib.request.urlopen(request) as answer:
            assert answer.read() == b"changed"

    def rotate(self) -> None:
        """From now on it signs with its second set of keys, under new names, and publishes these alone."""
        with urllib.request.urlopen(f"{self.issuer}/rotate") as answer:
            assert answer.read() == b"rotated"

    def heard(self, client_id: str) -> list[str]:
        """What was revoked and ended for this client, in order."""
        told = [json.loads(line) for line in self._child.said if line.startswith('{"event"')]
        return [each["event"] for each in told if each.get("client") == client_id]

    def story(self) -> str:
        """What it said, for a test that has to say why it failed."""
        return self._child.story()


def _send(method: str, url: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as answer:
        document: dict[str, Any] = json.loads(answer.read())
    return document
