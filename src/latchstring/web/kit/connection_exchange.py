"""What goes to an identity provider and what came from it, as rows for the pages: in that provider's own words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec

from latchstring import guides
from latchstring.flows import cautions, environments, expiry, story
from latchstring.flows.house import House
from latchstring.guides.exchange import OURS, Term
from latchstring.model.connection import Certificate, Connection, OidcConfig, SamlConfig
from latchstring.model.environment import Pass
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.protocols.saml import certificates
from latchstring.web.kit.language import _

_SOON = timedelta(days=30)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A value to be copied into the identity provider."""

    name: str
    label: str  # in the provider's own words
    ours: str  # in ours
    where: str  # it stands there
    value: str
    long: bool = False  # of several lines


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: ok or warn, and a sentence."""

    kind: str
    text: str


class CertificateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as people compare it."""

    id: str
    fingerprint: str  # in pairs, upper case, as most consoles show it
    subject: str
    key: str  # "RSA 2048"
    not_before: datetime
    not_after: datetime
    days_left: int  # below zero: it has ended
    from_metadata: bool
    retire_at: datetime | None
    active_from: datetime | None
    pem: str


def given(house: House, pass_: Pass, connection: Connection) -> list[Given]:
    """What the provider of this type asks for, in the order of its guide; what is not there yet is left out."""
    guide = guides.guide(connection.type)
    values = _values(house, pass_, connection)
    rows: list[Given] = []
    for name in guide.give if guide else ():
        value = values.get(name)
        if guide is not None and value:
            term = guide.fields.get(name, Term(name=_(OURS[name])))
            rows.append(
                Given(name=name, label=term.name, ours=_(OURS[name]), where=term.where, value=value, long="\n" in value)
            )
    return rows


def certificate(connection: Connection, now: datetime) -> Given | None:
    """That with which the provider checks our requests, whether its guide asks for it or not."""
    config = connection.config
    signs = config.signing_certificate(now) if isinstance(config, SamlConfig) else None
    if signs is None:
        return None
    ours = OURS["sp_signing_cert"]
    label = _(ours)
    return Given(name="sp_signing_cert", label=label, ours=label, where="", value=signs.pem, long=True)


def findings(connection: Connection, now: datetime) -> list[Finding]:
    """What came from the identity provider, looked at; what will make trouble is among it."""
    config = connection.config
    if isinstance(config, OidcConfig):
        return [
            Finding("ok", _("Issuer: %(issuer)s") % {"issuer": config.token_issuer}),
            Finding("ok", _("The discovery document could be read.")),
        ]
    if not isinstance(config, SamlConfig):
        return []
    found = [
        Finding("ok", _("Issuer: %(issuer)s") % {"issuer": config.idp_entity_id}),
        Finding("ok", _("Sign-in URL: %(url)s") % {"url": config.idp_sso_url}),
    ]
    for entry in config.trusted_certificates(now):
        doubts = cautions.of_certificates((entry,), now)
        until = _("Certificate %(start)s…, until %(end)s") % {
            "start": entry.fingerprint[:8].upper(),
            "end": f"{entry.not_after:%d %b %Y}",
        }
        found.append(Finding("warn" if doubts else "ok", until))
        found += [Finding("warn", _(doubt.message)) for doubt in doubts]
    if config.idp_wants_signed_requests and config.sign_requests:
        found.append(
            Finding(
                "ok",
                _(
                    "It wants signed sign-in requests, and they are signed. "
                    "If it has not read our metadata, give it our certificate, too."
                ),
            )
        )
    elif config.idp_wants_signed_requests:
        found.append(
            Finding("warn", _("It wants signed sign-in requests, and they are not signed: it may turn everybody away."))
        )
    return found


def ending(connection: Connection, whose: str, now: datetime) -> list[Finding]:
    """Certificates that end within 30 days or have ended, with whose each is. `whose` is the customer's name."""
    if not isinstance(connection.config, SamlConfig):
        return []
    found: list[Finding] = []
    for kind, entry in expiry.that_matter(connection.config, now):
        if entry.not_after - now > _SOON:
            continue
        words = {"name": whose, "date": f"{entry.not_after:%d %b %Y}"}
        text = {
            "ResponseSigning": _("%(name)s's identity provider signs with a certificate that ends on %(date)s."),
            "RequestSigning": _("We sign requests with a certificate that ends on %(date)s; %(name)s trusts it."),
            "ResponseEncryption": _("%(name)s encrypts for a certificate of ours that ends on %(date)s."),
        }[kind]
        found.append(Finding("err" if now >= entry.not_after else "warn", text % words))
    return found


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
        days_left=story.days_until(entry.not_after, now) if now < entry.not_after else -1,
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
        values["app_redirect_uri"] = default
    signs = config.signing_certificate(now) if isinstance(config, SamlConfig | OidcConfig) else None
    if isinstance(config, SamlConfig) and not (config.sign_requests or config.offers_logout):
        signs = None  # it waits: who checks signatures that are not there turns everybody away
    if signs is not None:
        values["sp_signing_cert" if isinstance(config, SamlConfig) else "public_cert"] = signs.pem
    return values
