"""Our signing key pairs of a connection, several at once: published early, made the one that signs later, deleted last.

The rotation: make a second pair (our metadata list it at once, the first one still signs), wait until the identity
provider has read the metadata, activate it, and delete the old one.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.flows import certificates, connections, key_pairs, story
from latchstring.flows.certificates import CertificateAlreadyThere, Collection
from latchstring.flows.connection_wishes import HeldPairs, SigningPairWish
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import InvalidRequest, NotFound
from latchstring.storage import events


class SigningCertificateInUse(InvalidRequest):
    """This key signs now, and others wait to follow it."""

    code = "signing_certificate_in_use"
    fix = "Activate another one first, then delete this one."


def listed(house: House, pass_: Pass, connection_id: str) -> HeldPairs:
    _, config = certificates.saml(house, pass_, connection_id)
    return _held(config, house.now())


def add(house: House, pass_: Pass, connection_id: str, wish: SigningPairWish) -> tuple[Certificate, HeldPairs]:
    """One more pair, published at once. The first one of a connection is the one that signs, from the beginning.

    Whether sign-in requests are signed at all is for `sign_requests` to say.
    """
    connection, config = certificates.saml(house, pass_, connection_id)
    certificates.room(config, Collection.SP_SIGNING)
    now = house.now()
    activate_at = wish.begins(now)
    if wish.key_pair is None:
        entry, pair = key_pairs.make(house, connection.id, now, algorithm=wish.algorithm)
    else:
        (entry,), (pair,) = key_pairs.given(house, (wish.key_pair,), now, field="key_pair")
        for other in config.sp_signing_certificates:
            if other.fingerprint == entry.fingerprint:
                raise CertificateAlreadyThere(id=other.id)
    first = not config.sp_signing_certificates
    entry = msgspec.structs.replace(entry, active_from=activate_at or (now if first else None))
    after = certificates.with_(config, Collection.SP_SIGNING, entry)
    secrets = connection.secrets.reveal()
    secrets = msgspec.structs.replace(secrets, sp_signing_keys=(*secrets.sp_signing_keys, pair))
    renewed = None if first else (entry, "RequestSigning")
    certificates.keep(house, pass_, connection, after, secrets, now, renewed=renewed)
    return entry, _held(after, now)


def activate(house: House, pass_: Pass, connection_id: str, certificate_id: str) -> tuple[Certificate, HeldPairs]:
    """From now on this one signs; the others stay published."""
    connection, config = certificates.saml(house, pass_, connection_id)
    now = house.now()
    chosen = _one(config, certificate_id)
    signs = config.signing_certificate(now)
    if signs is not None and signs.id == chosen.id:
        return chosen, _held(config, now)
    chosen = msgspec.structs.replace(chosen, active_from=now)
    entries = tuple(chosen if entry.id == chosen.id else entry for entry in config.sp_signing_certificates)
    after = msgspec.structs.replace(config, sp_signing_certificates=entries)
    data = {
        "connection": story.connection_reference(connection),
        "certificate": {"id": chosen.id, "fingerprint": chosen.fingerprint},
        "actor": pass_.actor,
    }
    changed = msgspec.structs.replace(connection, config=after, updated_at=now)
    with house.database.write(pass_) as scope:
        connections.replace(house, scope, connection, changed)
        events.add(scope, house.id(ids.EVENT, now), "connection.saml_signing_certificate_activated", data, now=now)
    return chosen, _held(after, now)


def remove(house: House, pass_: Pass, connection_id: str, certificate_id: str) -> None:
    """Published no more, and its private key is gone."""
    _, config = certificates.saml(house, pass_, connection_id)
    signs = config.signing_certificate(house.now())
    chosen = _one(config, certificate_id)
    if signs is not None and chosen.id == signs.id and len(config.sp_signing_certificates) > 1:
        raise SigningCertificateInUse
    certificates.remove(house, pass_, connection_id, Collection.SP_SIGNING, certificate_id)


def _one(config: SamlConfig, certificate_id: str) -> Certificate:
    for entry in config.sp_signing_certificates:
        if entry.id == certificate_id:
            return entry
    raise NotFound(kind="Certificate", id=certificate_id)


def _held(config: SamlConfig, now: datetime) -> HeldPairs:
    signs = config.signing_certificate(now)
    return HeldPairs(config.sp_signing_certificates, signs.id if signs else None)
