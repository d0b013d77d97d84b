"""Single Logout of a SAML connection: from the provider's metadata or set by hand, with a key of ours to sign."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import UNSET

from latchstring.flows import key_pairs
from latchstring.flows.connection_wishes import SamlWish, check_url
from latchstring.flows.house import House
from latchstring.model.connection import Config, ConnectionSecrets, SamlConfig, SigningPair

C = TypeVar("C", Config, Config | None)


def arrange(
    house: House, config: C, secrets: ConnectionSecrets, wish: SamlWish | None, now: datetime
) -> tuple[C, ConnectionSecrets]:
    """The configuration with the wish granted: null takes Single Logout away, whatever the metadata say."""
    if not isinstance(config, SamlConfig):
        return config, secrets
    if wish is not None:
        config = _granted(config, wish)
    for name in ("idp_slo_url", "idp_slo_response_url"):
        url = getattr(config, name)
        if url is not None:
            check_url(house, url, f"saml_options.{name}")
    return with_signing_key(house, config, secrets, now)


def with_signing_key(
    house: House, config: SamlConfig, secrets: ConnectionSecrets, now: datetime
) -> tuple[SamlConfig, ConnectionSecrets]:
    """Logout messages are signed, also where sign-in requests are not: a connection that needs a key gets one."""
    if config.idp_slo_url is None or config.sp_signing_certificates:
        return config, secrets
    pem, key = house.make_key_pair("latchstring Single Logout", now)
    entry = key_pairs.certificate(house, pem, now, field="saml_options.idp_slo_url")
    entry = msgspec.structs.replace(entry, active_from=now)
    config = msgspec.structs.replace(config, sp_signing_certificates=(entry,))
    return config, msgspec.structs.replace(secrets, sp_signing_keys=(SigningPair(entry.id, key),))


def _granted(config: SamlConfig, wish: SamlWish) -> SamlConfig:
    if wish.idp_slo_url is not UNSET:
        config = msgspec.structs.replace(config, idp_slo_url=wish.idp_slo_url or None)
    if wish.idp_slo_response_url is not UNSET:
        config = msgspec.structs.replace(config, idp_slo_response_url=wish.idp_slo_response_url or None)
    if isinstance(wish.slo_binding, str):
        config = msgspec.structs.replace(config, slo_binding=wish.slo_binding)
    return config
