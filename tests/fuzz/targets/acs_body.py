"""The form that is posted to the ACS, on a whole house: RelayState sends nobody anywhere that is not registered.

`@RESPONSE@` in an input stands for a fresh response that nobody asked for, `@ANSWER@` for one to a fresh request.
"""

from __future__ import annotations

import atexit
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from urllib.parse import quote

from latchstring.flows import environment_settings
from latchstring.flows.environment_settings import SettingsWish
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation
from tests.house_for_tests import CALLBACK, Rig, call
from tests.house_for_tests import rig as build
from tests.idp_for_tests import SamlIdp, saml_idp

_RELAY = quote(f"redirect_uri={CALLBACK}", safe="")
_SEEDS = (
    b"SAMLResponse=@RESPONSE@",
    b"SAMLResponse=@RESPONSE@&RelayState=" + _RELAY.encode(),
    b"SAMLResponse=@RESPONSE@&RelayState=redirect_uri%3Dhttp%3A%2F%2Flocalhost%3A8080%2Fcallback",
    b"SAMLResponse=@RESPONSE@&RelayState=redirect_uri%3Dhttps%3A%2F%2Fevil.example%2Fcallback",
    b"SAMLResponse=@RESPONSE@&RelayState=https%3A%2F%2Fevil.example%2F",
    b"SAMLResponse=@ANSWER@&RelayState=0123456789abcdef",
)


@dataclass
class _House:
    rig: Rig
    idp: SamlIdp


@cache
def _house() -> _House:
    folder = tempfile.TemporaryDirectory(prefix="latchstring-fuzz-")
    atexit.register(folder.cleanup)
    rig = build(Path(folder.name))
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(relay_state="redirect_uri"))
    return _House(rig, saml_idp(rig, idp_initiated="allow"))


def run(data: bytes) -> str:
    house = _house()
    browser = house.rig.browser()
    body = data
    if b"@RESPONSE@" in data:
        body = body.replace(b"@RESPONSE@", _field(house.idp.response(None)))
    if b"@ANSWER@" in data:
        body = body.replace(b"@ANSWER@", _field(house.idp.response(house.idp.depart(browser))))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    path = house.idp.acs.removeprefix("http://localhost:4100")
    headers = {"content_type": "application/x-www-form-urlencoded", "accept": "text/html", "cookie": cookies}
    answer = call(house.rig.endpoint, "POST", path, body=body, headers=headers)
    if answer.status >= 500:
        raise Violation(f"answered {answer.status}")
    location = answer.header("location")
    if location is None:
        return f"a page, {answer.status}"
    there = location.partition("?")[0]
    if there.rpartition(":")[0] not in ("http://localhost", "http://127.0.0.1") or not there.endswith("/callback"):
        raise Violation("sent to a place that is not registered")
    return "accepted" if "code" in answer.returned else answer.returned.get("error", "sent back")


def _field(document: bytes) -> bytes:
    return quote(b64encode(document).decode(), safe="").encode()


def _mutate(data: bytes, chance: Random) -> bytes:
    if chance.random() < 0.2:
        relay = mutations.letters(f"redirect_uri={CALLBACK}".encode(), chance)
        return b"SAMLResponse=@RESPONSE@&RelayState=" + quote(relay, safe="").encode()
    return mutations.form(data, chance)


TARGET = Target(about="the form posted to the ACS", seeds=lambda: _SEEDS, mutate=_mutate, run=run)
