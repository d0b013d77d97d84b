"""The two collections of an OpenID Connect connection's own key pairs: listed, made, put to use, deleted."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import msgspec

from latchstring.flows import client_keys, connections, key_pairs
from latchstring.flows.certificates import CertificateAlreadyThere, TooManyCertificates
from latchstring.flows.connection_wishes import HeldPairs, KeyPairWish, SigningPairWish
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, Connection, ConnectionSecrets, OidcConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import InvalidRequest, NotFound
from latchstring.model.secret import Secret
from latchstring.protocols.saml import certificates


class Use(Enum):
    """Which of the two, by the field of `OidcConfig` that holds it."""

    SIGNING = "jwt_signing_certificates"
    ENCRYPTION = "jwt_encryption_certificates"


class NotOidc(InvalidRequest):
    """Only OpenID Connect connections have these key pairs; this one is {connection_type}."""

    code = "connection_is_not_oidc"
    fix = "Use a connection that was made with `oidc_options`."
    connection_type: str


class EncryptionOff(InvalidRequest):
    """The connection does not have its ID tokens encrypted, so there is no algorithm to make a key pair for."""

    code = "id_token_encryption_off"
    fix = "Set `oidc_options.id_token_encryption_algorithm` first; that makes a key pair as well."


class ClientKeyInUse(InvalidRequest):
    """This key pair is in use, and nothing could take its place at once."""

    code = "client_key_in_use"
    fix = "Add another one first and wait until it signs (or activate it), or switch off what needs it."


def listed(house: House, pass_: Pass, connection_id: str, use: Use) -> HeldPairs:
    """Raises `NotFound`, `NotOidc`."""
    _, config = _oidc(house, pass_, connection_id)
    return _shown(config, use, house.now())


def add_signing_pair(
    house: House, pass_: Pass, connection_id: str, wish: SigningPairWish
) -> tuple[Certificate, HeldPairs]:
    """Published at once. The first one signs at once, a further one in an hour or from `activate_at` on."""
    connection, config = _oidc(house, pass_, connection_id)
    _room(config.jwt_signing_certificates)
    now = house.now()
    activate_at = wish.begins(now)
    secrets = connection.secrets.reveal()
    if wish.key_pair is None:
        made = key_pairs.make(house, connection.id, now, algorithm=wish.algorithm)
        after, secrets = client_keys.with_signing_pair(config, secrets, made, now, activate_at=activate_at)
    else:
        after, secrets = client_keys.take(house, config, secrets, wish.key_pair, now, activate_at=activate_at)
        if after is config:
            raise CertificateAlreadyThere(id=_same(config, wish.key_pair))
    _keep(house, pass_, connection, after, secrets, now)
    return after.jwt_signing_certificates[-1], _shown(after, Use.SIGNING, now)


def activate(house: House, pass_: Pass, connection_id: str, certificate_id: str) -> tuple[Certificate, HeldPairs]:
    """From now on this one signs; the others stay published."""
    connection, config = _oidc(house, pass_, connection_id)
    now = house.now()
    chosen = _one(config, Use.SIGNING, certificate_id)
    signs = config.signing_certificate(now)
    if signs is None or signs.id != chosen.id:
        chosen = msgspec.structs.replace(chosen, active_from=now)
        entries = tuple(chosen if entry.id == chosen.id else entry for entry in config.jwt_signing_certificates)
        config = msgspec.structs.replace(config, jwt_signing_certificates=entries)
        _keep(house, pass_, connection, config, connection.secrets.reveal(), now)
    return chosen, _shown(config, Use.SIGNING, now)


def make_encryption_pair(house: House, pass_: Pass, connection_id: str) -> Certificate:
    """Of the kind that the algorithm is for. Every pair is tried; the JWKS names the newest one first."""
    connection, config = _oidc(house, pass_, connection_id)
    if config.id_token_encryption_algorithm is None:
        raise EncryptionOff
    _room(config.jwt_encryption_certificates)
    now = house.now()
    made = client_keys.make_for_encryption(house, connection.id, config, now)
    after, secrets = client_keys.with_encryption_pair(config, connection.secrets.reveal(), made)
    _keep(house, pass_, connection, after, secrets, now)
    return made[0]


def remove(house: House, pass_: Pass, connection_id: str, use: Use, certificate_id: str) -> None:
    """Published no more, and its private key is gone. Raises `ClientKeyInUse`."""
    connection, config = _oidc(house, pass_, connection_id)
    now = house.now()
    chosen = _one(config, use, certificate_id)
    left = tuple(entry for entry in _held(config, use) if entry.id != chosen.id)
    after = msgspec.structs.replace(config, **{use.value: left})
    if use is Use.SIGNING and config.token_authentication_method == "private_key_jwt":
        signs = config.signing_certificate(now)
        if signs is not None and signs.id == chosen.id:
            raise ClientKeyInUse
    needs_one = use is Use.ENCRYPTION and config.id_token_encryption_algorithm is not None
    if needs_one and client_keys.encryption_certificates(config) and not client_keys.encryption_certificates(after):
        raise ClientKeyInUse
    secrets = connection.secrets.reveal()
    secrets = msgspec.structs.replace(
        secrets,
        jwt_signing_keys=tuple(pair for pair in secrets.jwt_signing_keys if pair.certificate_id != chosen.id),
        jwt_encryption_keys=tuple(pair for pair in secrets.jwt_encryption_keys if pair.certificate_id != chosen.id),
    )
    _keep(house, pass_, connection, after, secrets, now)


def _oidc(house: House, pass_: Pass, connection_id: str) -> tuple[Connection, OidcConfig]:
    connection = connections.get(house, pass_, connection_id).connection
    if not isinstance(connection.config, OidcConfig):
        raise NotOidc(connection_type=connection.type)
    return connection, connection.config


def _held(config: OidcConfig, use: Use) -> tuple[Certificate, ...]:
    held: tuple[Certificate, ...] = getattr(config, use.value)
    return held


def _one(config: OidcConfig, use: Use, certificate_id: str) -> Certificate:
    for entry in _held(config, use):
        if entry.id == certificate_id:
            return entry
    raise NotFound(kind="Certificate", id=certificate_id)


def _same(config: OidcConfig, wish: KeyPairWish) -> str:
    fingerprint = certificates.load(wish.cert).fingerprint
    return next(entry.id for entry in config.jwt_signing_certificates if entry.fingerprint == fingerprint)


def _room(held: tuple[Certificate, ...]) -> None:
    if len(held) >= client_keys.MAX_PAIRS:
        raise TooManyCertificates(limit=client_keys.MAX_PAIRS)


def _shown(config: OidcConfig, use: Use, now: datetime) -> HeldPairs:
    signs = config.signing_certificate(now) if use is Use.SIGNING else None
    return HeldPairs(_held(config, use), signs.id if signs else None)


def _keep(
    house: House,
    pass_: Pass,
    before: Connection,
    config: OidcConfig,
    secrets: ConnectionSecrets,
    now: datetime,
) -> None:
    """Raises `ConnectionChanged`."""
    after = msgspec.structs.replace(before, config=config, secrets=Secret(secrets), updated_at=now)
    with house.database.write(pass_) as scope:
        after = connections.replace(house, scope, before, after)
        connections.tell_options(house, scope, pass_, before, after)
