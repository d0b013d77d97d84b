"""The scene of one SAML attack: the connections it may aim at, real sign-ins begun at them, and answers delivered."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from latchstring.attacks.browser import Answer, Browser, Line, landed, verdict
from latchstring.attacks.outcome import Verdict
from latchstring.effects import clock, randomness
from latchstring.model.refusal import Mender, Refusal
from latchstring.protocols.saml import request, xml

_FIELD = re.compile(r'name="(SAMLRequest|RelayState)"\s+value="([^"]*)"')


class SignInNotBegun(Refusal):
    """No sign-in could be begun at the connection {connection}: {reason}."""

    code = "attack_sign_in_not_begun"
    mender = Mender.OPERATOR
    fix = "Check that the connection is active and that the environment has a redirect URI."
    connection: str
    reason: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A private key and a certificate around its public half, PEM."""

    key: str
    certificate: str


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as its identity provider sees it, with a key that the provider signs with."""

    connection_id: str
    client_id: str
    api_key: str
    redirect_uri: str
    acs_url: str
    sp_entity_id: str
    idp_entity_id: str
    pair: Pair
    domain: str  # of the people who may sign in
    attributes: Mapping[str, str]  # profile field -> the attribute's name at this connection
    encryption_certificate: str | None = None  # ours, as published in the SP metadata

    @property
    def person(self) -> str:
        """Who attacks: somebody with an account of their own."""
        return f"mallory@{self.domain}"


class Arena(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run sets up once."""

    line: Line
    parties: Mapping[str, Party]  # "plain" is the one that is attacked; see cli/attack_range.py for the others
    keys: Mapping[str, Pair]  # of the attacker's own


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A real sign-in, begun at /sso/authorize in one browser and waiting for an answer."""

    browser: Browser
    request_id: str
    relay_state: str


class Scene:
    """For one attack."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena

    @property
    def now(self) -> datetime:
        return clock.now()

    def party(self, name: str = "plain") -> Party:
        return self.arena.parties[name]

    def key(self, name: str) -> Pair:
        return self.arena.keys[name]

    def browser(self) -> Browser:
        """A fresh one."""
        return Browser(self.arena.line)

    def begin(self, party: Party) -> SignIn:
        """Raises `SignInNotBegun`."""
        browser = self.browser()
        wanted = {
            "client_id": party.client_id,
            "redirect_uri": party.redirect_uri,
            "response_type": "code",
            "connection": party.connection_id,
        }
        answer = browser.get("/sso/authorize", wanted)
        fields = _fields(answer)
        if "SAMLRequest" not in fields:
            raise SignInNotBegun(connection=party.connection_id, reason=verdict(answer).words)
        redirected = answer.location is not None
        document = request.inflate(fields["SAMLRequest"]) if redirected else b64decode(fields["SAMLRequest"])
        request_id = xml.parse(document).get("ID", "")
        return SignIn(browser=browser, request_id=request_id, relay_state=fields.get("RelayState", ""))

    def deliver(self, party: Party, sign_in: SignIn, encoded: str) -> Verdict:
        """Posts a response, in Base64, as the browser of the sign-in would."""
        return self.post(party, sign_in.browser, [("SAMLResponse", encoded), ("RelayState", sign_in.relay_state)])

    def post(self, party: Party, browser: Browser, fields: Sequence[tuple[str, str]]) -> Verdict:
        """Posts fields to the ACS, and redeems what code it gives."""
        return self.seen(party, browser.post(path(party.acs_url), fields))

    def seen(self, party: Party, answer: Answer) -> Verdict:
        """The verdict; with the profile, if there is a code for the application."""
        return landed(answer, self.browser(), client_id=party.client_id, api_key=party.api_key)


def path(url: str) -> str:
    """Of an address of ours; --url may put another host in front of it."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def random_id() -> str:
    """An NCName with 160 bits of chance."""
    return "_" + randomness.bytes_(20).hex()


def _fields(answer: Answer) -> dict[str, Any]:
    """What goes to the identity provider, by redirect or in a form."""
    if answer.location is not None:
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    with suppress(UnicodeDecodeError):
        return {name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}
    return {}
