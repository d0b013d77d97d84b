"""The three certificate collections of a SAML connection: the provider's signatures, our signatures, our decryption."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import msgspec

from latchstring.flows import cautions, connections, key_pairs, story
from latchstring.flows.cautions import Caution
from latchstring.flows.connection_wishes import KeyPairWish
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, Connection, ConnectionSecrets, SamlConfig, SigningPair
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, InvalidRequest, NotFound
from latchstring.model.secret import Secret
from latchstring.storage import events


class Collection(Enum):
    """Which of the three, by the field of `SamlConfig` that holds it."""

    IDP_SIGNING = "idp_certificates"
    SP_SIGNING = "sp_signing_certificates"
    SP_ENCRYPTION = "sp_encryption_certificates"


class NotSaml(InvalidRequest):
    """Only SAML connections have certificates; this one is {connection_type}."""

    code = "connection_is_not_saml"
    fix = "Use a connection that was made with `saml_options`."
    connection_type: str


class LastCertificate(InvalidRequest):
    """This is the last certificate of the identity provider: without it nobody could sign in."""

    code = "last_certificate"
    fix = "Add the new certificate first, then delete this one."


class LogoutNeedsCertificate(InvalidRequest):
    """This is the key that signs the connection's logout messages, and there is no other one."""

    code = "logout_needs_certificate"
    fix = (
        "Set `sign_requests` to false if sign-in requests are to go unsigned, `idp_slo_url` to null to give up logout."
    )


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


class EncryptionNeedsCertificate(InvalidRequest):
    """This is the last key pair for encryption, and the connection accepts encrypted assertions alone."""

    code = "encryption_needs_certificate"
    fix = "Make another one first, or set `encrypt_assertions` to false."


class TooManyCertificates(InvalidRequest):
    """A connection keeps at most {limit} certificates of a kind."""

    code = "too_many_certificates"
    fix = "Delete one that is no longer used."
    limit: int


class Added(msgspec.Struct, frozen=True):
    """A certificate of the identity provider that was added, and what there is to be said about it."""

    entry: Certificate
    cautions: tuple[Caution, ...]


def listed(house: House, pass_: Pass, connection_id: str, collection: Collection) -> tuple[Certificate, ...]:
    """Oldest first, the expired ones included."""
    return _held(saml(house, pass_, connection_id)[1], collection)


def add_idp_certificate(house: House, pass_: Pass, connection_id: str, *, pem: str) -> Added:
    """From now on answers signed with its key are accepted as well."""
    connection, config = saml(house, pass_, connection_id)
    now = house.now()
    entry = key_pairs.certificate(house, pem, now, field="value")
    for other in config.idp_certificates:
        if other.fingerprint == entry.fingerprint:
            raise CertificateAlreadyThere(id=other.id)
    room(config, Collection.IDP_SIGNING)
    trusted = tuple(each for each in config.idp_distrusted if each != entry.fingerprint)
    after = msgspec.structs.replace(with_(config, Collection.IDP_SIGNING, entry), idp_distrusted=trusted)
    keep(house, pass_, connection, after, None, now, renewed=(entry, "ResponseSigning"))
    return Added(entry, cautions.of_certificates((entry,), now))


def make_signing_certificate(house: House, pass_: Pass, connection_id: str) -> Certificate:
    """Makes a key pair; from now on requests are signed with it."""
    connection, config = saml(house, pass_, connection_id)
    now = house.now()
    signs = config.signing_certificate(now)
    if signs is not None and not config.sign_requests:  # so far it signs logout messages alone, or waits
        keep(house, pass_, connection, msgspec.structs.replace(config, sign_requests=True), None, now)
        return signs
    if signs is not None:
        raise SigningCertificateAlreadyThere(id=signs.id)
    entry, pair = key_pairs.make(house, connection.id, now)
    entry = msgspec.structs.replace(entry, active_from=now)
    secrets = connection.secrets.reveal()
    keep(
        house,
        pass_,
        connection,
        msgspec.structs.replace(with_(config, Collection.SP_SIGNING, entry), sign_requests=True),
        msgspec.structs.replace(secrets, sp_signing_keys=(*secrets.sp_signing_keys, pair)),
        now,
    )
    return entry


def replace_signing_pair(house: House, pass_: Pass, connection_id: str, *, key: str, pem: str) -> Certificate:
    """From now on requests are signed with this pair of the caller's own. Raises `InvalidFields`."""
    connection, config = saml(house, pass_, connection_id)
    now = house.now()
    certificates, keys = key_pairs.given(house, (KeyPairWish(key, pem),), now, field="options")
    entry = msgspec.structs.replace(certificates[0], active_from=now)
    keep(
        house,
        pass_,
        connection,
        msgspec.structs.replace(config, sp_signing_certificates=(entry,), sign_requests=True),
        msgspec.structs.replace(connection.secrets.reveal(), sp_signing_keys=keys),
        now,
        renewed=(entry, "RequestSigning") if config.sp_signing_certificates else None,
    )
    return entry


def make_encryption_certificate(house: House, pass_: Pass, connection_id: str) -> Certificate:
    """Makes a key pair for which the identity provider may encrypt; every key of the collection is tried.

    Our metadata name the newest one first.
    """
    connection, config = saml(house, pass_, connection_id)
    room(config, Collection.SP_ENCRYPTION)
    now = house.now()
    entry, pair = key_pairs.make(house, connection.id, now)
    secrets = connection.secrets.reveal()
    keep(
        house,
        pass_,
        connection,
        with_(config, Collection.SP_ENCRYPTION, entry),
        msgspec.structs.replace(secrets, sp_encryption_keys=(*secrets.sp_encryption_keys, pair)),
        now,
        renewed=(entry, "ResponseEncryption") if config.sp_encryption_certificates else None,
    )
    return entry


def remove(house: House, pass_: Pass, connection_id: str, collection: Collection, certificate_id: str | None) -> None:
    """None: the one that signs, for the collection that is one certificate. The private key goes with it."""
    connection, config = saml(house, pass_, connection_id)
    now = house.now()
    held = _held(config, collection)
    wanted = certificate_id
    if wanted is None and (signs := config.signing_certificate(now)) is not None:
        wanted = signs.id
    entry = next((each for each in held if each.id == wanted), None)
    if entry is None:
        raise NotFound(kind="Certificate", id=certificate_id or connection_id)
    left = tuple(each for each in held if each.id != entry.id)
    if collection is Collection.IDP_SIGNING:
        if not any(each.retire_at is None for each in left):
            raise LastCertificate
        if entry.source == "metadata" and config.idp_metadata_url is not None:
            config = msgspec.structs.replace(config, idp_distrusted=(*config.idp_distrusted, entry.fingerprint))
    if collection is Collection.SP_ENCRYPTION and not left and config.encrypt_assertions:
        raise EncryptionNeedsCertificate
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
    keep(house, pass_, connection, config, secrets, now)


def saml(house: House, pass_: Pass, connection_id: str) -> tuple[Connection, SamlConfig]:
    """Raises `NotFound`, `NotSaml`."""
    connection = connections.get(house, pass_, connection_id).connection
    if not isinstance(connection.config, SamlConfig):
        raise NotSaml(connection_type=connection.type)
    return connection, connection.config


def with_(config: SamlConfig, collection: Collection, entry: Certificate) -> SamlConfig:
    return msgspec.structs.replace(config, **{collection.value: (*_held(config, collection), entry)})


def room(config: SamlConfig, collection: Collection) -> None:
    """Raises `TooManyCertificates`. Those that are about to go take no room."""
    if sum(entry.retire_at is None for entry in _held(config, collection)) >= key_pairs.MAX_CERTIFICATES:
        raise TooManyCertificates(limit=key_pairs.MAX_CERTIFICATES)


def keep(
    house: House,
    pass_: Pass,
    before: Connection,
    config: SamlConfig,
    secrets: ConnectionSecrets | None,
    now: datetime,
    *,
    renewed: tuple[Certificate, str] | None = None,
) -> None:
    """The connection with this configuration, and with these secrets if there are any.

    `renewed` is a certificate that came to others of its kind, and its kind (contract 3.6).
    Raises `ConnectionChanged`.
    """
    after = msgspec.structs.replace(before, config=config, updated_at=now)
    if secrets is not None:
        after = msgspec.structs.replace(after, secrets=Secret(secrets))
    with house.database.write(pass_) as scope:
        after = connections.replace(house, scope, before, after)
        connections.tell_options(house, scope, pass_, before, after)
        if renewed is not None:
            data = story.certificate_renewed(after, *renewed, now)
            events.add(scope, house.id(ids.EVENT, now), "connection.saml_certificate_renewed", data, now=now)


def _held(config: SamlConfig, collection: Collection) -> tuple[Certificate, ...]:
    held: tuple[Certificate, ...] = getattr(config, collection.value)
    return held


def _without(pairs: tuple[SigningPair, ...], entry: Certificate) -> tuple[SigningPair, ...]:
    return tuple(pair for pair in pairs if pair.certificate_id != entry.id)
