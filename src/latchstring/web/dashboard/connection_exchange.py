"""What goes to an identity provider and what came from it, as rows for the pages: in that provider's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from latchstring import guides
from latchstring.flows import environments
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, Connection, OidcConfig, SamlConfig
from latchstring.model.environment import Pass
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.protocols.saml import certificates
from latchstring.web.kit.language import _

_GIVE: Mapping[str, str] = {  # in English; how the value is called where the guide has no word of that provider
    "acs_url": "ACS URL",
    "acs_url_regex": "ACS URL as a pattern",
    "logout_redirect_uri": "Post-logout redirect URI",
    "public_cert": "Public key (certificate)",
    "redirect_uri": "Redirect URI",
    "relay_state": "RelayState",
    "sp_entity_id": "SP Entity ID",
    "sp_metadata_url": "SP metadata URL",
    "sp_signing_cert": "Certificate that signs our requests",
}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A value to be copied into the identity provider."""

    name: str
    label: str
    value: str
    long: bool = False  # of several lines


class CertificateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as people compare it."""

    id: str
    fingerprint: str  # in pairs, upper case, as most consoles show it
    subject: str
    key: str  # "RSA 2048"
    not_before: datetime
    not_after: datetime
    ended: bool
    ends_soon: bool
    from_metadata: bool
    retire_at: datetime | None
    active_from: datetime | None
    pem: str


_SOON = 30  # days


def given(house: House, pass_: Pass, connection: Connection) -> list[Given]:
    """What the provider of this type asks for, in the order of its guide; what is not there yet is left out."""
    guide = guides.guide(connection.type)
    values = _values(house, pass_, connection)
    rows: list[Given] = []
    for name in guide.give if guide else ():
        value = values.get(name)
        if value:
            rows.append(Given(name=name, label=_(_GIVE[name]), value=value, long="\n" in value))
    return rows


def row(entry: Certificate, now: datetime) -> CertificateRow:
    facts = certificates.load(entry.pem)
    fingerprint = entry.fingerprint.upper()
    return CertificateRow(
        id=entry.id,
        fingerprint=":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)),
        subject=facts.subject[:200],
        key=f"{facts.key_kind.upper()} {facts.key_bits}",
        not_before=entry.not_before,
        not_after=entry.not_after,
        ended=now >= entry.not_after,
        ends_soon=(entry.not_after - now).days < _SOON,
        from_metadata=entry.source == "metadata",
        retire_at=entry.retire_at,
        active_from=entry.active_from,
        pem=entry.pem,
    )


def _values(house: House, pass_: Pass, connection: Connection) -> dict[str, str]:
    ours, config, now = house.addresses(connection), connection.config, house.now()
    values = {
        "acs_url": ours.acs_url,
        "acs_url_regex": f"^{re.escape(ours.acs_url).replace('/', chr(92) + '/')}$",
        "logout_redirect_uri": ours.post_logout_redirect_uri,
        "redirect_uri": ours.oauth_redirect_uri if connection.type in PROVIDERS else ours.oidc_redirect_uri,
        "sp_entity_id": ours.sp_entity_id,
        "sp_metadata_url": ours.sp_metadata_url,
    }
    default = next(
        (uri.uri for uri in environments.redirect_uris(house, pass_) if uri.default and "*" not in uri.uri), None
    )
    if default is not None:
        values["relay_state"] = f"redirect_uri={default}"
    signs = config.signing_certificate(now) if isinstance(config, SamlConfig | OidcConfig) else None
    if signs is not None:
        values["sp_signing_cert" if isinstance(config, SamlConfig) else "public_cert"] = signs.pem
    return values
