"""The SAML catalogue played against a house in this process, and what was delivered to its ACS, word for word."""

from __future__ import annotations

import http.client
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from latchstring.attacks.browser import Browser, Line
from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml.catalogue import ATTACKS
from latchstring.attacks.saml.scene import Arena, Party, Scene, SignIn
from latchstring.cli import attack_saml
from latchstring.cli.attack_range import Range
from latchstring.cli.explain_case import RELAXATIONS, WISHES
from latchstring.effects import clock, keys
from latchstring.flows import connections
from latchstring.model.connection import Connection, SamlConfig
from tests.house_for_tests import BASE, Rig, call, rig


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One POST to the ACS."""

    party: Party
    asked: str | None  # the request that this browser began; None: nobody asked
    fields: tuple[tuple[str, str], ...]
    verdict: Verdict

    @property
    def posted(self) -> str | None:
        """The response in Base64, if there is one and no second one."""
        found = [value for name, value in self.fields if name == "SAMLResponse"]
        return found[0] if len(found) == 1 else None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the catalogue, and what came of it."""

    attack: Attack[Scene]
    verdict: Verdict
    deliveries: tuple[Delivery, ...]  # none where the attack is no POST of a form to the ACS

    @property
    def last(self) -> Delivery | None:
        """The one that the verdict is about."""
        return self.deliveries[-1] if self.deliveries else None


class InProcess(Line):
    """A connection to a server that runs in this very process."""

    def __init__(self, house: Rig) -> None:
        super().__init__(BASE)
        self._house = house

    def another(self) -> Line:
        return InProcess(self._house)

    def ask(
        self, method: str, target: str, *, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any, bytes]:
        answer = call(self._house.endpoint, method, target, body=body or b"", headers=headers)
        received = http.client.HTTPMessage()
        for name, value in answer.headers:
            received[name] = value
        return answer.status, received, answer.body


class RecordingScene(Scene):
    """Keeps what is delivered."""

    def __init__(self, arena: Arena, now: datetime) -> None:
        super().__init__(arena)
        self._now = now
        self._asked: dict[int, str] = {}  # by browser, which may wait for several
        self.deliveries: list[Delivery] = []

    @property
    def now(self) -> datetime:
        return self._now

    def begin(self, party: Party) -> SignIn:
        begun = super().begin(party)
        self._asked[id(begun.browser)] = begun.request_id
        return begun

    def deliver(self, party: Party, sign_in: SignIn, encoded: str) -> Verdict:
        if id(sign_in.browser) in self._asked:
            self._asked[id(sign_in.browser)] = sign_in.request_id
        return super().deliver(party, sign_in, encoded)

    def post(self, party: Party, browser: Browser, fields: Sequence[tuple[str, str]]) -> Verdict:
        verdict = super().post(party, browser, fields)
        asked = self._asked.get(id(browser))
        self.deliveries.append(Delivery(party=party, asked=asked, fields=tuple(fields), verdict=verdict))
        return verdict


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """The whole catalogue, played once."""

    arena: Arena
    now: datetime
    connections: Mapping[str, Connection]  # by id, as they were before the first attack
    recorded: tuple[Recorded, ...]


def case(play: Play, delivery: Delivery) -> dict[str, Any]:
    """What arrived as a line of `latchstring explain --batch`: with the settings of the connection, as they are."""
    party = delivery.party
    connection = play.connections[party.connection_id]
    config = connection.config
    saml = config if isinstance(config, SamlConfig) else None  # else the Test IdP: its own certificate, no options
    named = {**RELAXATIONS, **WISHES, "assertion_encrypted": "encrypt_assertions"}
    options = {name for name, setting in named.items() if saml is not None and getattr(saml, setting)}
    return {
        "document": delivery.posted,
        "idp_certs": [party.pair.certificate] if saml is None else [each.pem for each in saml.idp_certificates],
        "idp_entity_id": party.idp_entity_id,
        "sp_entity_id": party.sp_entity_id,
        "acs_url": party.acs_url,
        "in_response_to": delivery.asked,
        "now": play.now.isoformat(),
        "sp_keys": [pair.key for pair in connection.secrets.reveal().sp_encryption_keys],
        "allow": sorted(options & RELAXATIONS.keys()),
        "want": sorted(options & WISHES.keys()),
        "skew": 60 if saml is None else saml.clock_skew_seconds,
    }


@cache
def played() -> Play:
    """Once in a test run."""
    with tempfile.TemporaryDirectory(prefix="latchstring-attacked-") as folder:
        return _play(rig(Path(folder)))


def _play(at: Rig) -> Play:
    at.clock.at = clock.now()  # the certificate of the Test IdP is of now
    house = replace(at.house, make_key_pair=keys.rsa_pair)  # everybody has a key of their own
    range_ = Range(house=house, pass_=at.pass_, environment=at.environment, line=InProcess(at))
    found: list[Recorded] = []
    with attack_saml.set_up(range_, Namespace(connection=None)) as scenes:
        arena = scenes().arena
        before = dict(_connections(range_, arena))
        for attack in ATTACKS:
            scene = RecordingScene(arena, at.clock.at)
            verdict = attack.play(scene)
            found.append(Recorded(attack=attack, verdict=verdict, deliveries=tuple(scene.deliveries)))
    return Play(arena=arena, now=at.clock.at, connections=before, recorded=tuple(found))


def _connections(range_: Range, arena: Arena) -> Iterator[tuple[str, Connection]]:
    by_client = {field.environment.client_id: field.pass_ for field in range_.made}
    for party in arena.parties.values():
        found = connections.get(range_.house, by_client[party.client_id], party.connection_id)
        yield party.connection_id, found.connection
