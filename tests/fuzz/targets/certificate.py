"""Certificates and keys as people paste them."""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import cache
from random import Random

from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import certificates
from tests.fuzz import mutations, saml_seeds
from tests.fuzz.target import Target, Violation
from tests.protocols.saml.answers import pair


def run(data: bytes) -> str:
    outcome = ""
    for said in (data, data.decode("utf-8", "replace")):
        try:
            facts = certificates.load(said)
            if certificates.load(facts.pem) != facts:
                raise Violation("its own PEM is another certificate")
            certificates.trusted(facts.pem)
            outcome = "accepted"
        except Refusal as refusal:
            outcome = outcome or refusal.code
    with suppress(Refusal):
        certificates.private_key(data.decode("utf-8", "replace"))
    return outcome


@cache
def _seeds() -> tuple[bytes, ...]:
    saml_seeds.use_lasting_keys()
    made = [pair(kind).certificate.encode() for kind in saml_seeds.TRUSTED]
    return (
        *made,
        pair("rsa").der,
        pair("ec256").der,
        certificates.bare(made[0].decode()).encode(),
        pair("rsa").pem.encode(),
    )


def _mutate(data: bytes, chance: Random) -> bytes:
    """Mostly inside the DER, where a blind change of Base64 seldom gets to."""
    if chance.random() < 0.3 or data[:1] == b"\x30":
        return mutations.letters(data, chance)
    der = mutations.letters(chance.choice((pair("rsa").der, pair("ec256").der)), chance)
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


TARGET = Target(about="certificates and keys", seeds=_seeds, mutate=_mutate, run=run)
