"""POST /sso/token on a whole house: nobody gets a profile but who shows the code and the secret, and nothing breaks.

`@CODE@`, `@CLIENT@` and `@SECRET@` in an input stand for those of the house that runs it.
"""

from __future__ import annotations

import atexit
import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation
from tests.house_for_tests import CALLBACK, Rig, call
from tests.house_for_tests import rig as build
from tests.idp_for_tests import SamlIdp, saml_idp

_FORM = "application/x-www-form-urlencoded"
_SEEDS = (
    b"grant_type=authorization_code&client_id=@CLIENT@&client_secret=@SECRET@&code=@CODE@",
    f"client_id=@CLIENT@&client_secret=@SECRET@&grant_type=authorization_code&code=@CODE@&redirect_uri={CALLBACK}".encode(),
    b"grant_type=authorization_code&client_id=@CLIENT@&client_secret=wrong&code=@CODE@",
    b"grant_type=authorization_code&client_id=@CLIENT@&client_secret=@SECRET@&code=01ABC&code_verifier=abc",
    b'{"grant_type":"authorization_code","client_id":"@CLIENT@","client_secret":"@SECRET@","code":"@CODE@"}',
)


@dataclass
class _House:
    rig: Rig
    idp: SamlIdp
    code: str = ""
    left: int = 0

    def fresh(self) -> str:
        """A code that was not given to the endpoint often enough to be burnt."""
        if self.left < 1:
            answer = self.idp.sign_in(self.rig.browser())
            self.code, self.left = answer.returned["code"], 3
        self.left -= 1
        return self.code


@cache
def _house() -> _House:
    folder = tempfile.TemporaryDirectory(prefix="latchstring-fuzz-")
    atexit.register(folder.cleanup)
    rig = build(Path(folder.name))
    return _House(rig, saml_idp(rig))


def run(data: bytes) -> str:
    house = _house()
    secret, client = house.rig.key.secret.reveal(), house.rig.environment.client_id
    code = house.fresh() if b"@CODE@" in data else "none"
    body = data.replace(b"@CODE@", code.encode()).replace(b"@CLIENT@", client.encode())
    body = body.replace(b"@SECRET@", secret.encode())
    outcome = ""
    for content_type in (_FORM, "application/json"):
        headers = {"content_type": content_type, "accept": "application/json"}
        answer = call(house.rig.endpoint, "POST", "/sso/token", body=body, headers=headers)
        if answer.status >= 500:
            raise Violation(f"answered {answer.status}")
        said = json.loads(answer.body)
        if answer.status == 200:
            house.left = 0
            if not {secret, client, code, "authorization_code"} <= _values(body):
                raise Violation("a profile for whoever did not show all it takes")
            if said["profile"]["idp_id"] != "u1":
                raise Violation("the profile of somebody else")
            outcome = "accepted"
        elif "profile" in said or "access_token" in said or not answer.header("cache-control"):
            raise Violation("a refusal that says too much")
        elif secret in answer.text and secret not in _code(body):  # the code is repeated as it was sent
            raise Violation("a refusal that tells the secret")
        outcome = outcome or str(said.get("error") or said.get("code"))
    return outcome


def _values(body: bytes) -> set[Any]:
    """All values, by readings of our own."""
    return {value for _, value in _pairs(body)}


def _code(body: bytes) -> str:
    return " ".join(value for name, value in _pairs(body) if name == "code")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return parse_qsl(body.decode("latin-1"), keep_blank_values=True)
    return [(name, value) for name, value in found.items() if isinstance(value, str)] if isinstance(found, dict) else []


def _mutate(data: bytes, chance: Random) -> bytes:
    return (mutations.document if data[:1] == b"{" else mutations.form)(data, chance)


TARGET = Target(about="the body of POST /sso/token", seeds=lambda: _SEEDS, mutate=_mutate, run=run)
