"""The three certificate collections of a SAML connection: the provider's signatures, our signatures, our decryption."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import msgspec

from latchstring.flows import connections
from latchstring.flows import saml_settings as settings
from latchstring.flows.connection_wishes import KeyPairWish
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, Connection, ConnectionSecrets, SamlConfig, SigningPair
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, InvalidRequest, NotFound
from latchstring.model.secret import Secret


class Collection(Enum):
    """Which of the three, by the field of `SamlConfig` that holds it."""

    IDP_SIGNING = "idp_certificates"
    SP_SIGNING = "sp_signing_certificates"
    SP_ENCRYPTION = "sp_encryption_certificates"


class NotSaml(InvalidRequest):
    """Only SAML connections have certificates; this one is {connection_type}."""

    code = "connection_is_not_saml"
    fix = "Use a connection that was made with saml_options."
    connection_type: str


class LastCertificate(InvalidRequest):
    """This is the last certificate of the identity provider: without it nobody could sign in."""

    code = "last_certificate"
    fix = "Add the new certificate first, then delete this one."


class LogoutNeedsCertificate(InvalidRequest):
    """This is the key that signs the connection's logout messages, and there is no other one."""

    code = "logout_needs_certificate"
    fix = "Set sign_requests to false if sign-in requests are to go unsigned, or idp_slo_url to null to give up logout."


class CertificateAlreadyThere(Conflict):
    """The connection already has this certificate as '{id}'."""

    code = "certificate_already_exists"
    fix = "Nothing to do: it is trusted."
    id: str


class SigningCertificateAlreadyThere(Conflict):
    """The connection already has a certificate for signing requests, '{id}'."""

    code = "signing_certificate_already_exists"
    fix = "Delete it first; then requests go unsigned until a new one is made."
    id: str


class TooManyCertificates(InvalidRequest):
    """A connection keeps at most {limit} certificates of a kind."""

    code = "too_many_certificates"
    fix = "Delete one that is no longer used."
    limit: int


def listed(house: House, pass_: Pass, connection_id: str, collection: Collection) -> tuple[Certificate, ...]:
    """Oldest first, the expired ones included."""
    return _held(_saml(house, pass_, connection_id)[1], collection)


def add_idp_certificate(house: House, pass_: Pass, connection_id: str, *, pem: str) -> Certificate:
    """From now on answers signed with its key are accepted as well."""
    connection, config = _saml(house, pass_, connection_id)
    now = house.now()
    entry = settings.certificate(house, pem, now, field="value")
    for other in config.idp_certificates:
        if other.fingerprint == entry.fingerprint:
            raise CertificateAlreadyThere(id=other.id)
    _room(config, Collection.IDP_SIGNING)
    _keep(house, pass_, connection, _with(config, Collection.IDP_SIGNING, entry), None, now)
    return entry


def make_signing_certificate(house: House, pass_: Pass, connection_id: str) -> Certificate:
    """Makes a key pair; from now on requests are signed with it."""
    connection, config = _saml(house, pass_, connection_id)
    if config.sp_signing_certificates and not config.sign_requests:  # so far it signs logout messages alone
        signs = msgspec.structs.replace(config, sign_requests=True)
        _keep(house, pass_, connection, signs, None, house.now())
        return config.sp_signing_certificates[-1]
    if config.sp_signing_certificates:
        raise SigningCertificateAlreadyThere(id=config.sp_signing_certificates[-1].id)
    now = house.now()
    entry, pair = _pair(house, connection, now)
    secrets = connection.secrets.reveal()
    _keep(
        house,
        pass_,
        connection,
        msgspec.structs.replace(_with(config, Collection.SP_SIGNING, entry), sign_requests=True),
        msgspec.structs.replace(secrets, sp_signing_keys=(*secrets.sp_signing_keys, pair)),
        now,
    )
    return entry


def replace_signing_pair(house: House, pass_: Pass, connection_id: str, *, key: str, pem: str) -> Certificate:
    """From now on requests are signed with this pair of the caller's own. Raises `InvalidFields`."""
    connection, config = _saml(house, pass_, connection_id)
    now = house.now()
    certificates, keys = settings.pairs(house, (KeyPairWish(key, pem),), now, field="options")
    _keep(
        house,
        pass_,
        connection,
        msgspec.structs.replace(config, sp_signing_certificates=certificates, sign_requests=True),
        msgspec.structs.replace(connection.secrets.reveal(), sp_signing_keys=keys),
        now,
    )
    return certificates[0]


def make_encryption_certificate(house: House, pass_: Pass, connection_id: str) -> Certificate:
    """Makes a key pair for which the identity provider may encrypt; every key of the collection is tried."""
    connection, config = _saml(house, pass_, connection_id)
    _room(config, Collection.SP_ENCRYPTION)
    now = house.now()
    entry, pair = _pair(house, connection, now)
    secrets = connection.secrets.reveal()
    _keep(
        house,
        pass_,
        connection,
        _with(config, Collection.SP_ENCRYPTION, entry),
        msgspec.structs.replace(secrets, sp_encryption_keys=(*secrets.sp_encryption_keys, pair)),
        now,
    )
    return entry


def remove(house: House, pass_: Pass, connection_id: str, collection: Collection, certificate_id: str | None) -> None:
    """None: the newest, for the collection that is one certificate. The private key goes with it."""
    connection, config = _saml(house, pass_, connection_id)
    held = _held(config, collection)
    entry = next((each for each in reversed(held) if certificate_id in (None, each.id)), None)
    if entry is None:
        raise NotFound(kind="Certificate", id=certificate_id or connection_id)
    if collection is Collection.IDP_SIGNING and len(held) == 1:
        raise LastCertificate
    left = tuple(each for each in held if each.id != entry.id)
    config = msgspec.structs.replace(config, **{collection.value: left})
    if collection is Collection.SP_SIGNING and not left and config.idp_slo_url is not None:
        raise LogoutNeedsCertificate
    if collection is Collection.SP_SIGNING and not left:
        config = msgspec.structs.replace(config, sign_requests=False)
    secrets = connection.secrets.reveal()
    secrets = msgspec.structs.replace(
        secrets,
        sp_signing_keys=_without(secrets.sp_signing_keys, entry),
        sp_encryption_keys=_without(secrets.sp_encryption_keys, entry),
    )
    _keep(house, pass_, connection, config, secrets, house.now())


def _saml(house: House, pass_: Pass, connection_id: str) -> tuple[Connection, SamlConfig]:
    connection = connections.get(house, pass_, connection_id).connection
    if not isinstance(connection.config, SamlConfig):
        raise NotSaml(connection_type=connection.type)
    return connection, connection.config


def _held(config: SamlConfig, collection: Collection) -> tuple[Certificate, ...]:
    held: tuple[Certificate, ...] = getattr(config, collection.value)
    return held


def _with(config: SamlConfig, collection: Collection, entry: Certificate) -> SamlConfig:
    return msgspec.structs.replace(config, **{collection.value: (*_held(config, collection), entry)})


def _room(config: SamlConfig, collection: Collection) -> None:
    if len(_held(config, collection)) >= settings.MAX_CERTIFICATES:
        raise TooManyCertificates(limit=settings.MAX_CERTIFICATES)


def _pair(house: House, connection: Connection, now: datetime) -> tuple[Certificate, SigningPair]:
    pem, key = house.make_key_pair(f"latchstring {connection.id}", now)
    entry = settings.certificate(house, pem, now, field="value")
    return entry, SigningPair(entry.id, key)


def _without(pairs: tuple[SigningPair, ...], entry: Certificate) -> tuple[SigningPair, ...]:
    return tuple(pair for pair in pairs if pair.certificate_id != entry.id)


def _keep(
    house: House,
    pass_: Pass,
    connection: Connection,
    config: SamlConfig,
    secrets: ConnectionSecrets | None,
    now: datetime,
) -> None:
    changed = msgspec.structs.replace(connection, config=config, updated_at=now)
    if secrets is not None:
        changed = msgspec.structs.replace(changed, secrets=Secret(secrets))
    connections.save(house, pass_, changed)
