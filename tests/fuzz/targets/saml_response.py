"""The ACS: a response through the adapter, at connections that ask for much and at one that lets everything pass."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from latchstring.adapters.base import Door
from latchstring.adapters.saml import SamlAdapter
from latchstring.model import addresses
from latchstring.model.attempt import AttemptState, LoginAttempt
from latchstring.model.connection import (
    AttributeMaps,
    Certificate,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    SamlConfig,
    SigningPair,
)
from latchstring.model.environment import TrustedRedirect
from latchstring.model.fetch import Fetch, Fetched
from latchstring.model.profile import Assertion
from latchstring.model.refusal import Refusal
from latchstring.model.secret import Secret
from latchstring.protocols.saml import certificates, xml
from tests.fuzz import saml_seeds
from tests.fuzz.target import Target, Violation
from tests.fuzz.xml_mutations import Spoiler
from tests.protocols.saml.answers import ACS, IDP, NOW, REQUEST, SP, Key, pair

# What the connections of this target differ in. The lenient ones go first: whoever passes nowhere there passes nowhere.
LENIENT: dict[str, Any] = {
    "allow_sha1": True,
    "allow_rsa1024": True,
    "allow_inclusive_c14n": True,
    "allow_cbc": True,
}
WISHES: dict[str, dict[str, Any]] = {
    "strict": {},
    "response signed": {"want_response_signed": True, **LENIENT},
    "assertion signed": {"want_assertion_signed": True, **LENIENT},
    "encrypted": {"encrypt_assertions": True, **LENIENT},
}
ADAPTER = SamlAdapter(max_bytes=xml.MAX_BYTES)
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def connection(wishes: dict[str, Any]) -> Door[SamlConfig]:
    """A connection of the imaginary identity provider, whose logout is offered so that the session counts too."""
    config = SamlConfig(
        idp_entity_id=IDP,
        idp_sso_url="https://idp.example.com/sso",
        idp_slo_url="https://idp.example.com/slo",
        idp_certificates=tuple(_certificate(kind) for kind in saml_seeds.TRUSTED),
        sp_signing_certificates=(_certificate("rsa"),),
        acs_url=ACS,
        sp_entity_id=SP,
        **wishes,
    )
    made = Connection(
        id="conn_1",
        environment_id="environment_1",
        organization_id=None,
        external_key="conn-key",
        external_id=None,
        type="GenericSAML",
        name="Fuzz",
        state=ConnectionState.ACTIVE,
        config=config,
        secrets=Secret(ConnectionSecrets(sp_encryption_keys=(SigningPair("key_1", pair(saml_seeds.OUR_KEY).pem),))),
        attribute_maps=AttributeMaps(),
        created_at=_LONG_AGO,
        updated_at=_LONG_AGO,
    )
    ours = addresses.of(made, "https://sso.example.net")
    return Door(connection=made, config=config, ours=ours, test_idp=None)


def _certificate(kind: Key) -> Certificate:
    facts = certificates.load(pair(kind).certificate)
    return Certificate(
        id=f"cert_{kind}",
        pem=facts.pem,
        fingerprint=facts.fingerprint,
        not_before=facts.not_before,
        not_after=facts.not_after,
        created_at=_LONG_AGO,
    )


def attempt(*, asked: bool) -> LoginAttempt:
    return LoginAttempt(
        id="attempt_1",
        handle=REQUEST.removeprefix("_"),
        connection_id="conn_1",
        organization_id=None,
        state=AttemptState.AWAY,
        redirect_uri=TrustedRedirect("https://app.example/callback"),
        app_state=None,
        code_challenge=None,
        browser_hash=b"x" if asked else b"",
        nonce=None,
        code_verifier=None,
        steps=(),
        created_at=NOW,
        expires_at=NOW,
    )


def sign_in(document: bytes, door: Door[SamlConfig], *, asked: bool) -> Assertion:
    """What the ACS does with a posted response."""
    arrival = ADAPTER.receive({"SAMLResponse": base64.b64encode(document).decode()})
    return ADAPTER.finish(door, arrival, attempt(asked=asked), _no_fetch, NOW)


def _no_fetch(fetch: Fetch) -> Fetched:
    raise Violation("SAML called out")


def who(found: Assertion) -> str:
    """Everything that is said about a person, and what keeps the assertion from being used again."""
    session = found.session and found.session.reveal()
    return repr((msgspec.structs.replace(found, passed=(), session=None), session))


@cache
def _doors() -> tuple[Door[SamlConfig], dict[str, Door[SamlConfig]]]:
    return connection(LENIENT), {name: connection(wishes) for name, wishes in WISHES.items()}


@cache
def _honest() -> frozenset[str]:
    found = set()
    for document in saml_seeds.good():
        for asked in (True, False):
            try:
                found.add(who(sign_in(document, _doors()[0], asked=asked)))
            except Refusal:
                continue
    if len(found) != len(saml_seeds.GOOD):
        raise LookupError("not every good response is accepted, so nothing is worth the trouble")
    return frozenset(found)


def run(document: bytes) -> str:
    lenient, others = _doors()
    honest, outcome = _honest(), ""
    for asked in (True, False):
        try:
            found = sign_in(document, lenient, asked=asked)
        except Refusal as refusal:
            outcome = outcome or refusal.code
            if not refusal.message:
                raise Violation("a refusal without words") from None
            continue
        said = who(found)
        if said not in honest:
            raise Violation("somebody is accepted who was never signed")
        outcome = "accepted"
        for name, door in others.items():
            try:
                again = sign_in(document, door, asked=asked)
            except Refusal:
                continue
            if who(again) != said:
                raise Violation(f"somebody else where it is {name}")
    return outcome


def seeds() -> list[bytes]:
    saml_seeds.use_lasting_keys()
    return [*saml_seeds.good(), *saml_seeds.stolen()]


@cache
def _spoiler() -> Spoiler:
    return Spoiler([*saml_seeds.good(), *saml_seeds.stolen()])


TARGET = Target(
    about="SAML responses at the ACS",
    seeds=seeds,
    mutate=lambda document, chance: _spoiler()(document, chance),
    run=run,
)
