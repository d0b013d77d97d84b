"""Queries of the Redirect binding (SAMLRequest, RelayState), inflated and read."""

from __future__ import annotations

import base64
import zlib
from functools import cache
from random import Random
from urllib.parse import quote

from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import request
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation
from tests.fuzz.xml_mutations import Spoiler
from tests.protocols.saml.answers import ACS, NOW, REQUEST, SP, pair


def run(data: bytes) -> str:
    try:
        document, _ = request.from_query(data.decode("latin-1"))
        found = request.read(document)
    except Refusal as refusal:
        return refusal.code
    if not found.id or not found.issuer:
        raise Violation("a request without an ID or an Issuer")
    return "accepted"


@cache
def _documents() -> tuple[bytes, ...]:
    plain = request.build(
        request_id=REQUEST, issue_instant=NOW, sp_entity_id=SP, acs_url=ACS, destination="https://idp.example/sso"
    )
    asked = request.build(
        request_id="_a",
        issue_instant=NOW,
        sp_entity_id="urn:sp",
        acs_url=ACS,
        destination="https://idp.example/sso?a=1",
        force_authn=True,
        subject_hint="ann@example.com",
    )
    return plain, asked, b"<a>" + b" " * 300_000 + b"</a>"


def _query(document: bytes, *, level: int = 6) -> bytes:
    engine = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = base64.b64encode(engine.compress(document) + engine.flush()).decode()
    return f"SAMLRequest={quote(packed, safe='')}&RelayState=0123456789abcdef".encode()


@cache
def _seeds() -> tuple[bytes, ...]:
    signed = request.redirect_url("https://idp.example/sso", _documents()[0], "state", signing_key_pem=pair("rsa").pem)
    return (*(_query(document) for document in _documents()), signed.partition("?")[2].encode())


@cache
def _spoiler() -> Spoiler:
    return Spoiler(_documents()[:2])


_QUERY = mutations.some(mutations.form)


def _mutate(data: bytes, chance: Random) -> bytes:
    match chance.randrange(4):
        case 0:
            return _QUERY(data, chance)
        case 1:  # what is inflated is sound, how it is packed is not
            bomb = chance.choice((b" ", b"<a>", b"x")) * chance.choice((1_000, 70_000, 1_100_000, 10_000_000))
            return _query(chance.choice((bomb, _documents()[0] + bomb)), level=chance.choice((1, 9)))
    return _query(_spoiler()(chance.choice(_documents()[:2]), chance))


TARGET = Target(about="SAMLRequest and RelayState in a query", seeds=_seeds, mutate=_mutate, run=run)
