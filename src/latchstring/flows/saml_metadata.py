"""An identity provider's metadata: fetched or given, checked, and made the settings of a connection."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.flows import key_pairs
from latchstring.flows.connection_wishes import SamlWish, check_url, invalid
from latchstring.flows.house import House
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.fetch import BadAnswer, Fetch, Purpose
from latchstring.protocols.saml import metadata
from latchstring.storage.watches import Service


def watched_url(connection: Connection) -> str | None:
    """The metadata URL that is asked again and again."""
    return connection.config.idp_metadata_url if isinstance(connection.config, SamlConfig) else None


def service(found: metadata.IdpMetadata) -> Service:
    """Where the document sends browsers."""
    return Service(
        idp_sso_url=found.sso_url,
        sso_binding=found.sso_binding,
        idp_slo_url=found.slo_url,
        idp_slo_response_url=found.slo_response_url,
        slo_binding=found.slo_binding,
    )


def fetch(house: House, url: str, now: datetime, *, meant: str | None = None) -> metadata.IdpMetadata:
    """What stands at a metadata URL; `meant` is the entity ID of the one that is, where there are several.

    Raises `Unreachable`, `BadAnswer`, `InvalidFields` or what `metadata.read_idp` raises.
    """
    check_url(house, url, "saml_options.idp_metadata_url")
    answer = house.fetch(
        Fetch(url=url, purpose=Purpose.METADATA, headers={"accept": "application/samlmetadata+xml, */*"})
    )
    if answer.status != 200:
        raise BadAnswer(url=url, status=answer.status)
    return _usable(house, metadata.read_idp(answer.body, now, meant=meant), "saml_options.idp_metadata_url")


def taken(house: House, before: SamlConfig, found: metadata.IdpMetadata, now: datetime) -> SamlConfig:
    """All that the document says takes the place of what was there; a certificate that was there keeps its id."""
    known = {entry.fingerprint: entry for entry in before.idp_certificates}
    entries = (
        known.get(facts.fingerprint)
        or key_pairs.certificate(house, facts.pem, now, field="saml_options.idp_metadata_xml")
        for facts in found.certificates
    )
    return msgspec.structs.replace(
        before,
        idp_entity_id=found.entity_id,
        idp_wants_signed_requests=found.want_requests_signed,
        **msgspec.structs.asdict(service(found)),
        idp_certificates=tuple(msgspec.structs.replace(entry, source="metadata", retire_at=None) for entry in entries),
        idp_distrusted=(),
    )


def with_binding(house: House, config: SamlConfig, found: metadata.IdpMetadata, wish: SamlWish) -> SamlConfig:
    """The binding for sign-in requests that was asked for, with the address the document has for it.

    Raises `InvalidFields` if it has none, or none that will do.
    """
    if not isinstance(wish.sso_binding, str):
        return config
    if wish.sso_binding not in found.sso_urls:
        raise invalid(
            "saml_options.sso_binding",
            "sso_binding_not_offered",
            f"The metadata have no sign-in address for {wish.sso_binding}, only for {', '.join(found.sso_urls)}.",
        )
    url = check_url(house, found.sso_urls[wish.sso_binding], "saml_options.sso_binding")
    return msgspec.structs.replace(config, sso_binding=wish.sso_binding, idp_sso_url=url)


def given(house: House, document: str, now: datetime, *, meant: str | None = None) -> metadata.IdpMetadata:
    """The same for a document that somebody sent."""
    found = metadata.read_idp(document.encode("utf-8", "surrogatepass"), now, meant=meant)
    return _usable(house, found, "saml_options.idp_metadata_xml")


def _usable(house: House, found: metadata.IdpMetadata, field: str) -> metadata.IdpMetadata:
    for address in (found.sso_url, found.slo_url, found.slo_response_url):
        if address is not None:
            check_url(house, address, field)
    return found
