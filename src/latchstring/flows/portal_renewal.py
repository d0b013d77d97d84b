"""A connection takes its certificates from a metadata URL from now on: of the same identity provider, or not at all."""

from __future__ import annotations

import msgspec

from latchstring.flows import certificates, refresh, saml_metadata
from latchstring.flows import connections as flow
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.storage import connections


class PortalOtherProvider(InvalidRequest):
    """This address is of another identity provider: it names {received}, and people sign in through {expected}."""

    code = "portal_other_provider"
    mender = Mender.IT_ADMIN
    fix = "Copy the metadata address of the application that people sign in through. Nothing was changed."
    expected: str
    received: str


def watch_url(house: House, pass_: Pass, connection_id: str, url: str) -> None:
    """What it says of certificates comes beside what is there; old and new are accepted (SAML-45).

    Nothing is kept of an address that cannot be read. Raises `NotFound`, `NotSaml`, `PortalOtherProvider`, and what
    `refresh.ask` raises.
    """
    connection, config = certificates.saml(house, pass_, connection_id)
    now = house.now()
    found = saml_metadata.fetch(house, url, now, meant=config.idp_entity_id)
    if found.entity_id != config.idp_entity_id:
        raise PortalOtherProvider(expected=config.idp_entity_id, received=found.entity_id)
    watched = msgspec.structs.replace(config, idp_metadata_url=url)
    certificates.keep(house, pass_, connection, watched, None, now)
    with house.database.write(pass_) as scope:
        current = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        refresh.watch(house, scope, current, None, now, by=pass_.actor)
    refresh.ask(house, pass_, connection_id)
