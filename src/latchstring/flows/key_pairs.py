"""Certificates as connections keep them, and key pairs of ours: made, or given and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET

from latchstring import guides
from latchstring.flows.connection_wishes import KeyPairWish, invalid
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, ConnectionSecrets, PreparedPair, SigningPair
from latchstring.protocols.saml import certificates

MAX_CERTIFICATES = 10  # per collection (SAML-44)


def make(
    house: House, connection_id: str, now: datetime, *, algorithm: Literal["rsa", "ecdsa"] = "rsa"
) -> tuple[Certificate, SigningPair]:
    """A fresh key pair of ours with a certificate around it."""
    make = house.make_key_pair if algorithm == "rsa" else house.make_ec_key_pair
    pem, key = make(f"latchstring {connection_id}", now)
    entry = certificate(house, pem, now, field="value")
    return entry, SigningPair(entry.id, key)


def prepared(
    house: House, connection_id: str, type_: str, secrets: ConnectionSecrets, now: datetime
) -> ConnectionSecrets:
    """Those of a draft: if it is going to speak SAML, with a pair that our metadata publish from the first day."""
    guide = guides.guide(type_)
    if guide is None or guide.protocol != "saml" or secrets.prepared is not UNSET:
        return secrets
    entry, pair = make(house, connection_id, now)
    return msgspec.structs.replace(secrets, prepared=PreparedPair(certificate=entry, key=pair.key))


def certificate(house: House, pem: str, now: datetime, *, field: str) -> Certificate:
    """A certificate as the collections keep it. Raises `InvalidFields`."""
    try:
        facts = certificates.load(pem)
    except certificates.CertificateInvalid as refusal:
        raise invalid(field, "certificate_invalid", refusal.message) from None
    return Certificate(
        id=house.id(ids.CERTIFICATE, now),
        pem=facts.pem,
        fingerprint=facts.fingerprint,
        not_before=facts.not_before,
        not_after=facts.not_after,
        created_at=now,
    )


def given(
    house: House, wishes: Sequence[KeyPairWish], now: datetime, *, field: str
) -> tuple[tuple[Certificate, ...], tuple[SigningPair, ...]]:
    """Certificates and their private keys, after a look that they belong together. Raises `InvalidFields`."""
    kept: list[Certificate] = []
    keys: list[SigningPair] = []
    for wish in wishes:
        entry = certificate(house, wish.cert, now, field=field)
        try:
            certificates.check_pair(key_pem=wish.key, certificate_pem=entry.pem)
        except certificates.CertificateInvalid as refusal:
            raise invalid(field, "key_pair_invalid", refusal.message) from None
        kept.append(entry)
        keys.append(SigningPair(entry.id, wish.key))
    return tuple(kept), tuple(keys)
