"""What anybody may read of us: a connection's SAML metadata, an environment's public key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from latchstring.flows import select
from latchstring.flows.house import House
from latchstring.flows.select import AddressUnknown
from latchstring.model.connection import Connection, MagicLinkConfig, OidcConfig, PreparedPair, SamlConfig
from latchstring.model.refusal import NotFound
from latchstring.protocols.oidc import client_keys
from latchstring.protocols.saml import metadata
from latchstring.storage import front_door, house_keys


def sp_metadata(house: House, external_key: str) -> bytes:
    """Our side of a SAML connection as a metadata document. Raises `AddressUnknown`."""
    entered = select.at_address(house, external_key)
    if entered is None or isinstance(entered[1].config, OidcConfig | MagicLinkConfig):
        raise AddressUnknown
    connection = entered[1]
    config = connection.config if isinstance(connection.config, SamlConfig) else None
    ours = house.addresses(connection)
    return metadata.write_sp(
        entity_id=ours.sp_entity_id,
        acs_url=ours.acs_url,
        signing_certificates=_signing(config, house.now()) if config else _prepared(connection),
        # Many identity providers read the first one alone: that is the newest, while the older ones still decrypt.
        encryption_certificates=tuple(entry.pem for entry in reversed(config.sp_encryption_certificates))
        if config
        else (),
        requests_signed=config.sign_requests if config else False,
        slo_url=ours.slo_url if config and config.offers_logout else None,
    )


def _signing(config: SamlConfig, now: datetime) -> tuple[str, ...]:
    """PEM: the one that signs, and behind it those that did and those that will."""
    signs = config.signing_certificate(now)
    rest = (entry for entry in config.sp_signing_certificates if entry is not signs)
    return tuple(entry.pem for entry in (signs, *rest) if entry is not None)


def _prepared(connection: Connection) -> tuple[str, ...]:
    """PEM: the one that will sign once the provider's details are here."""
    prepared = connection.secrets.reveal().prepared
    return (prepared.certificate.pem,) if isinstance(prepared, PreparedPair) else ()


def client_jwks(house: House, external_key: str) -> dict[str, Any]:
    """Our public keys of an OpenID Connect connection, as its provider reads them. Raises `AddressUnknown`."""
    entered = select.at_address(house, external_key)
    config = entered[1].config if entered is not None else None
    if not isinstance(config, OidcConfig):
        raise AddressUnknown
    return client_keys.jwks(config)


def jwks_certificate(house: House, client_id: str) -> str:
    """PEM. Raises `NotFound`."""
    pass_ = front_door.by_client_id(house.database, client_id)
    if pass_ is None:
        raise NotFound(kind="Client", id=client_id)
    with house.database.house() as whole:
        found = house_keys.get(whole, house.vault, house_keys.jwks_key_id(pass_.environment_id))
    if found is None:
        raise NotFound(kind="Client", id=client_id)
    return found[0]
