"""Runs the npm package oidc-provider in the shape of Google, of a GitLab and of a GitHub of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.real.child import NODE, Child, free_port
from tests.real.login import Person
from tests.real.node import HERE, beside_packages

CLIENT = {"client_id": "their-name-for-us", "client_secret": "a secret of 30% + more"}
PEOPLE: dict[str, dict[str, Any]] = {
    "ann-7": {
        "number": 583231,
        "name": "Ann Real",
        "given_name": "Ann",
        "family_name": "Real",
        "email": "ann@acme.example",
        "email_verified": True,
        "hd": "acme.example",
    },
    "eve-9": {"number": 666, "name": "Eve Real", "email": "ann@acme.example", "email_verified": False},
}
ANN = Person({"login": "ann-7", "password": "any will do"})
EVE = Person({"login": "eve-9", "password": "any will do"})


class OAuthProvider:
    """One provider that knows one client. Its address has to be known before that client's redirect URI is."""

    def __init__(self, shape: str) -> None:
        self.shape = shape
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self, redirect_uri: str) -> Iterator[Child]:
        """It serves, and takes people to this redirect URI."""
        options = {
            "as": self.shape,
            "port": self.port,
            "client": {**CLIENT, "redirect_uri": redirect_uri},
            "people": PEOPLE,
        }
        with (
            beside_packages(HERE / "oauth_provider.mjs") as program,
            Child([NODE, program, json.dumps(options)]) as child,
        ):
            while not child.line().startswith("{"):
                pass
            yield child
