"""Our key pairs of an OpenID Connect connection: to sign for `private_key_jwt`, and to have ID tokens encrypted for us.

Several at once, all of them in the connection's JWKS. A further pair for signing is published at once and signs from an
hour later, so that the provider has read it by then; the old one stays until somebody deletes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from latchstring.flows import key_pairs
from latchstring.flows.connection_wishes import KeyPairWish, invalid
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, ConnectionSecrets, OidcConfig, SigningPair
from latchstring.protocols.oidc import client_keys

OVERLAP = timedelta(hours=1)
MAX_PAIRS = 10
Pair = tuple[Certificate, SigningPair]


def take(
    house: House,
    config: OidcConfig,
    secrets: ConnectionSecrets,
    wish: KeyPairWish,
    now: datetime,
    *,
    activate_at: datetime | None = None,
) -> tuple[OidcConfig, ConnectionSecrets]:
    """With a pair of the caller's own for signing, unless it is there already. Raises `InvalidFields`."""
    field = "oidc_options.jwt_signing_key_pair"
    (entry,), (pair,) = key_pairs.given(house, (wish,), now, field=field)
    if client_keys.usable(entry.pem) is None:
        raise invalid(
            field, "key_pair_weak", "The key must be RSA of at least 2,048 bits, or on the curve P-256, P-384 or P-521."
        )
    if any(each.fingerprint == entry.fingerprint for each in config.jwt_signing_certificates):
        return config, secrets
    if len(config.jwt_signing_certificates) >= MAX_PAIRS:
        raise invalid(field, "too_many_certificates", f"A connection keeps at most {MAX_PAIRS} key pairs of a kind.")
    return with_signing_pair(config, secrets, (entry, pair), now, activate_at=activate_at)


def with_signing_pair(
    config: OidcConfig, secrets: ConnectionSecrets, made: Pair, now: datetime, *, activate_at: datetime | None = None
) -> tuple[OidcConfig, ConnectionSecrets]:
    """The first one signs at once."""
    held = config.jwt_signing_certificates
    entry = msgspec.structs.replace(made[0], active_from=activate_at or (now + OVERLAP if held else now))
    return (
        msgspec.structs.replace(config, jwt_signing_certificates=(*held, entry)),
        msgspec.structs.replace(secrets, jwt_signing_keys=(*secrets.jwt_signing_keys, made[1])),
    )


def with_encryption_pair(
    config: OidcConfig, secrets: ConnectionSecrets, made: Pair
) -> tuple[OidcConfig, ConnectionSecrets]:
    return (
        msgspec.structs.replace(config, jwt_encryption_certificates=(*config.jwt_encryption_certificates, made[0])),
        msgspec.structs.replace(secrets, jwt_encryption_keys=(*secrets.jwt_encryption_keys, made[1])),
    )


def complete(
    house: House, connection_id: str, config: OidcConfig, secrets: ConnectionSecrets, now: datetime
) -> tuple[OidcConfig, ConnectionSecrets]:
    """With the pairs that the settings need and that are not there yet."""
    if config.token_authentication_method == "private_key_jwt" and not config.jwt_signing_certificates:
        made = key_pairs.make(house, connection_id, now)
        config, secrets = with_signing_pair(config, secrets, made, now)
    if config.id_token_encryption_algorithm is not None and not encryption_certificates(config):
        made = make_for_encryption(house, connection_id, config, now)
        config, secrets = with_encryption_pair(config, secrets, made)
    return config, secrets


def encryption_certificates(config: OidcConfig) -> tuple[Certificate, ...]:
    """Those of the kind that the algorithm is for."""
    algorithm = config.id_token_encryption_algorithm
    if algorithm is None:
        return ()
    wanted = client_keys.kind_for(algorithm)
    return tuple(entry for entry in config.jwt_encryption_certificates if client_keys.usable(entry.pem) == wanted)


def make_for_encryption(house: House, connection_id: str, config: OidcConfig, now: datetime) -> Pair:
    kind: Literal["rsa", "ecdsa"] = "rsa"
    if client_keys.kind_for(config.id_token_encryption_algorithm or "RSA-OAEP-256") == "ec":
        kind = "ecdsa"
    return key_pairs.make(house, connection_id, now, algorithm=kind)
