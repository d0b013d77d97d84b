"""Lines of `latchstring explain --batch`: the case is spoilt, or the document in it."""

from __future__ import annotations

import base64
import json
from functools import cache
from random import Random
from typing import Any

from latchstring.cli.explain_batch import answer
from tests.fuzz import mutations, saml_seeds
from tests.fuzz.target import Target, Violation
from tests.fuzz.xml_mutations import Spoiler
from tests.protocols.saml.answers import ACS, IDP, NOW, REQUEST, SP, pair


def case(document: bytes) -> dict[str, Any]:
    """One line, at the connection that lets everything pass."""
    text = document.decode("utf-8", "replace")
    return {
        "document": text if document[:1] == b"<" else base64.b64encode(document).decode(),
        "idp_certs": [pair(kind).certificate for kind in saml_seeds.TRUSTED],
        "idp_entity_id": IDP,
        "sp_entity_id": SP,
        "acs_url": ACS,
        "in_response_to": REQUEST,
        "now": NOW.isoformat(),
        "sp_keys": [pair(saml_seeds.OUR_KEY).pem],
        "allow": ["sha1", "rsa1024", "inclusive_c14n", "cbc"],
        "skew": 60,
    }


def person(found: dict[str, Any]) -> str:
    return json.dumps([found[name] for name in ("issuer", "name_id", "name_id_format", "session_index", "attributes")])


@cache
def honest() -> frozenset[str]:
    """Everybody who may come in."""
    found = [
        json.loads(answer(json.dumps({**case(document), "in_response_to": asked}).encode()))
        for document in saml_seeds.good()
        for asked in (REQUEST, None)
    ]
    return frozenset(person(each) for each in found if each["verdict"] == "accept")


def run(line: bytes) -> str:
    raw = answer(line)
    if b"\n" in raw:
        raise Violation("an answer of several lines")
    found = json.loads(raw)
    if found["verdict"] == "error":
        raise Violation(f"verdict error: {found['error'].partition(':')[0]}")
    if found["verdict"] == "accept":
        if person(found) not in honest():
            raise Violation("somebody is accepted who was never signed")
        return "accepted"
    if any(found[name] is not None for name in ("issuer", "name_id", "name_id_format", "session_index", "attributes")):
        raise Violation("somebody is named by a document that was refused")
    return str(found["code"])


@cache
def _seeds() -> tuple[bytes, ...]:
    saml_seeds.use_lasting_keys()
    return tuple(json.dumps(case(document)).encode() for document in (*saml_seeds.good(), *saml_seeds.stolen()))


@cache
def spoiler() -> Spoiler:
    return Spoiler([*saml_seeds.good(), *saml_seeds.stolen()])


def mutate(line: bytes, chance: Random) -> bytes:
    if chance.random() < 0.4:
        return mutations.document(line, chance)
    try:
        found = json.loads(line)
        document = found["document"].encode("utf-8", "replace")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return mutations.letters(line, chance)
    spoilt = spoiler()(document, chance) if document[:1] == b"<" else mutations.letters(document, chance)
    text = spoilt.decode("utf-8", "replace") if chance.random() < 0.5 else base64.b64encode(spoilt).decode()
    return json.dumps({**found, "document": text}).encode()


TARGET = Target(about="lines of explain --batch", seeds=_seeds, mutate=mutate, run=run)
