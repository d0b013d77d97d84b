"""The settings of a SAML connection: from metadata or single values to a configuration, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from latchstring import guides
from latchstring.flows import cautions
from latchstring.flows.cautions import Caution
from latchstring.flows.connection_wishes import KeyPairWish, SamlWish, Settled, check_url, invalid, override, text
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, Connection, ConnectionSecrets, SamlConfig, SigningPair
from latchstring.model.fetch import BadAnswer, Fetch, Purpose
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.saml import certificates, metadata
from latchstring.storage.watches import Service

MAX_CERTIFICATES = 10  # per collection (SAML-44)
# What can be set for each SAML connection; all off, but for the skew of a minute. Changes are told in the event log.
OPTIONS = (
    "clock_skew_seconds",
    "want_response_signed",
    "want_assertion_signed",
    "encrypt_assertions",
    "allow_sha1",
    "allow_sha1_until",
    "allow_rsa1024",
    "allow_rsa1024_until",
    "allow_inclusive_c14n",
    "allow_cbc",
    "sign_requests",
    "idp_initiated",
)
_RELAXATIONS = ("allow_sha1", "allow_rsa1024")  # that may have an end (SAML-20)


def configure(house: House, connection_id: str, wish: SamlWish, type_: str, now: datetime) -> Settled:
    """A first configuration. Asks the metadata URL. Makes the key pairs that signing and encryption need."""
    url, document = text(wish.idp_metadata_url), text(wish.idp_metadata_xml)
    sso_url = text(wish.idp_sso_url)
    if sum(value is not None for value in (url, document, sso_url)) != 1:
        raise invalid(
            "saml_options",
            "idp_source_required",
            "Give exactly one of idp_metadata_url, idp_metadata_xml and idp_sso_url "
            "(with idp_entity_id and idp_signing_certs).",
        )
    found: metadata.IdpMetadata | None = None
    if url is not None or document is not None:
        found = fetch_metadata(house, url, now) if url is not None else _read(house, document or "", now)
        config = from_metadata(house, SamlConfig(idp_entity_id="", idp_sso_url=""), found, now)
    else:
        config = _from_values(house, wish, now)
    config = msgspec.structs.replace(
        config,
        idp_metadata_url=url,
        acs_url=override(house, wish.acs_url, "acs_url"),
        sp_entity_id=text(wish.sp_entity_id),
        login_hint_parameter=_login_hint_parameter(type_),
    )
    config, secrets = _key_pairs(house, connection_id, config, wish, now)
    config = _options(config, wish, now)
    return Settled(
        config=config,
        secrets=secrets,
        cautions=_cautions(SamlConfig(idp_entity_id="", idp_sso_url=""), config, found, now),
        service=service(found) if found and url else None,
    )


def reconfigure(house: House, before: SamlConfig, secrets: ConnectionSecrets, wish: SamlWish, now: datetime) -> Settled:
    """The configuration with the wish granted."""
    config = before
    for name in ("idp_signing_certs", "sp_signing_key_pair", "sp_encryption_key_pairs"):
        if getattr(wish, name) is not UNSET:
            raise invalid(
                f"saml_options.{name}", "use_certificate_collections", "Change certificates through their collections."
            )
    url, document = wish.idp_metadata_url, wish.idp_metadata_xml
    found: metadata.IdpMetadata | None = None
    watched: Service | None = None
    if isinstance(url, str):
        found = fetch_metadata(house, url, now)
        watched = service(found)
        config = msgspec.structs.replace(from_metadata(house, config, found, now), idp_metadata_url=url)
    elif url is None:
        config = msgspec.structs.replace(config, idp_metadata_url=None)
    if isinstance(document, str):
        found = _read(house, document, now)
        config = from_metadata(house, config, found, now)
    if isinstance(wish.idp_entity_id, str) and wish.idp_entity_id:
        config = msgspec.structs.replace(config, idp_entity_id=wish.idp_entity_id)
    if isinstance(wish.idp_sso_url, str):
        sso_url = check_url(house, wish.idp_sso_url, "saml_options.idp_sso_url")
        config = msgspec.structs.replace(config, idp_sso_url=sso_url)
    if isinstance(wish.sso_binding, str):
        config = msgspec.structs.replace(config, sso_binding=wish.sso_binding)
    if wish.acs_url is not UNSET:
        config = msgspec.structs.replace(config, acs_url=override(house, wish.acs_url, "acs_url"))
    if wish.sp_entity_id is not UNSET:
        config = msgspec.structs.replace(config, sp_entity_id=text(wish.sp_entity_id))
    config = _options(config, wish, now)
    return Settled(config=config, secrets=secrets, cautions=_cautions(before, config, found, now), service=watched)


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


def fetch_metadata(house: House, url: str, now: datetime) -> metadata.IdpMetadata:
    """What stands at a metadata URL. Raises `Unreachable`, `BadAnswer` or what `metadata.read_idp` raises."""
    check_url(house, url, "saml_options.idp_metadata_url")
    answer = house.fetch(
        Fetch(url=url, purpose=Purpose.METADATA, headers={"accept": "application/samlmetadata+xml, */*"})
    )
    if answer.status != 200:
        raise BadAnswer(url=url, status=answer.status)
    found = metadata.read_idp(answer.body, now)
    for address in (found.sso_url, found.slo_url, found.slo_response_url):
        if address is not None:
            check_url(house, address, "saml_options.idp_metadata_url")
    return found


def make_pair(
    house: House, connection_id: str, now: datetime, *, algorithm: Literal["rsa", "ecdsa"] = "rsa"
) -> tuple[Certificate, SigningPair]:
    """A fresh key pair of ours with a certificate around it."""
    make = house.make_key_pair if algorithm == "rsa" else house.make_ec_key_pair
    pem, key = make(f"latchstring {connection_id}", now)
    entry = certificate(house, pem, now, field="value")
    return entry, SigningPair(entry.id, key)


def certificate(house: House, pem: str, now: datetime, *, field: str) -> Certificate:
    """A certificate as the collections keep it. Raises `InvalidFields`."""
    try:
        facts = certificates.load(pem)
    except certificates.CertificateInvalid as refusal:
        raise invalid(field, "certificate_invalid", refusal.message) from None
    return Certificate(
        id=house.id(ids.CERTIFICATE, now),
        pem=facts.pem,
        fingerprint=facts.fingerprint,
        not_before=facts.not_before,
        not_after=facts.not_after,
        created_at=now,
    )


def pairs(
    house: House, wishes: Sequence[KeyPairWish], now: datetime, *, field: str
) -> tuple[tuple[Certificate, ...], tuple[SigningPair, ...]]:
    """Certificates and their private keys, after a look that they belong together. Raises `InvalidFields`."""
    kept: list[Certificate] = []
    keys: list[SigningPair] = []
    for wish in wishes:
        entry = certificate(house, wish.cert, now, field=field)
        try:
            certificates.check_pair(key_pem=wish.key, certificate_pem=entry.pem)
        except certificates.CertificateInvalid as refusal:
            raise invalid(field, "key_pair_invalid", refusal.message) from None
        kept.append(entry)
        keys.append(SigningPair(entry.id, wish.key))
    return tuple(kept), tuple(keys)


def from_metadata(house: House, before: SamlConfig, found: metadata.IdpMetadata, now: datetime) -> SamlConfig:
    """All that the document says takes the place of what was there; a certificate that was there keeps its id."""
    known = {entry.fingerprint: entry for entry in before.idp_certificates}
    entries = (
        known.get(facts.fingerprint) or certificate(house, facts.pem, now, field="saml_options.idp_metadata_xml")
        for facts in found.certificates
    )
    return msgspec.structs.replace(
        before,
        idp_entity_id=found.entity_id,
        **msgspec.structs.asdict(service(found)),
        idp_certificates=tuple(msgspec.structs.replace(entry, source="metadata", retire_at=None) for entry in entries),
        idp_distrusted=(),
    )


def _read(house: House, document: str, now: datetime) -> metadata.IdpMetadata:
    found = metadata.read_idp(document.encode("utf-8", "surrogatepass"), now)
    check_url(house, found.sso_url, "saml_options.idp_metadata_xml")
    return found


def _key_pairs(
    house: House, connection_id: str, config: SamlConfig, wish: SamlWish, now: datetime
) -> tuple[SamlConfig, ConnectionSecrets]:
    """Those that were given, and those that are needed. Whoever gives a pair for signing wants signatures."""
    given = (wish.sp_signing_key_pair,) if isinstance(wish.sp_signing_key_pair, KeyPairWish) else ()
    signing, signing_keys = pairs(house, given, now, field="saml_options.sp_signing_key_pair")
    sign = wish.sign_requests if isinstance(wish.sign_requests, bool) else bool(signing)
    if sign and not signing:
        entry, pair = make_pair(house, connection_id, now)
        signing, signing_keys = (entry,), (pair,)
    several = wish.sp_encryption_key_pairs if isinstance(wish.sp_encryption_key_pairs, tuple) else ()
    if len(several) > MAX_CERTIFICATES:
        raise invalid(
            "saml_options.sp_encryption_key_pairs", "too_many_certificates", f"At most {MAX_CERTIFICATES} key pairs."
        )
    encryption, encryption_keys = pairs(house, several, now, field="saml_options.sp_encryption_key_pairs")
    if wish.encrypt_assertions is True and not encryption:
        entry, pair = make_pair(house, connection_id, now)
        encryption, encryption_keys = (entry,), (pair,)
    config = msgspec.structs.replace(
        config,
        sign_requests=sign,
        sp_signing_certificates=tuple(msgspec.structs.replace(entry, active_from=now) for entry in signing),
        sp_encryption_certificates=encryption,
    )
    return config, ConnectionSecrets(sp_signing_keys=signing_keys, sp_encryption_keys=encryption_keys)


def _from_values(house: House, wish: SamlWish, now: datetime) -> SamlConfig:
    faults = [
        FieldError(field=f"saml_options.{name}", code=f"{name}_required", message=f"{name} is required.")
        for name, value in (("idp_entity_id", wish.idp_entity_id), ("idp_signing_certs", wish.idp_signing_certs))
        if value is None or value is UNSET or not value
    ]
    if faults:
        raise InvalidFields(errors=tuple(faults))
    sso_url = check_url(house, str(wish.idp_sso_url), "saml_options.idp_sso_url")
    pems = wish.idp_signing_certs if isinstance(wish.idp_signing_certs, tuple) else ()
    if len(pems) > MAX_CERTIFICATES:
        raise invalid(
            "saml_options.idp_signing_certs", "too_many_certificates", f"At most {MAX_CERTIFICATES} certificates."
        )
    kept = tuple(certificate(house, pem, now, field="saml_options.idp_signing_certs") for pem in pems)
    return SamlConfig(
        idp_entity_id=str(wish.idp_entity_id),
        idp_sso_url=sso_url,
        sso_binding=wish.sso_binding if isinstance(wish.sso_binding, str) else "redirect",
        idp_certificates=_distinct(kept),
    )


def _options(before: SamlConfig, wish: SamlWish, now: datetime) -> SamlConfig:
    """The settings of `OPTIONS` that were given. Raises `InvalidFields`, also where somebody would be locked out."""
    given = {name: getattr(wish, name) for name in OPTIONS}
    changes: dict[str, Any] = {
        name: value for name, value in given.items() if value is not UNSET and (value is not None or _ends(name))
    }
    for name in _RELAXATIONS:
        if changes.get(f"{name}_until") is not None:
            changes[f"{name}_until"] = changes[f"{name}_until"].astimezone(UTC)
        if name in changes:
            changes.setdefault(f"{name}_until", None)  # switched anew, and no end is named: the old one is past
    config: SamlConfig = msgspec.structs.replace(before, **changes)
    if not 0 <= config.clock_skew_seconds <= 300:
        raise invalid("saml_options.clock_skew_seconds", "clock_skew_range", "clock_skew_seconds is from 0 to 300.")
    for name in _RELAXATIONS:
        until = changes.get(f"{name}_until")
        if until is not None and (until <= now or not getattr(config, name)):
            raise invalid(
                f"saml_options.{name}_until", "until_invalid", f"{name}_until is in the future and needs {name}."
            )
    if changes.get("sign_requests") and not config.sp_signing_certificates:
        raise invalid(
            "saml_options.sign_requests",
            "signing_certificate_missing",
            "There is no key to sign with: POST to saml_sp_signing_cert first.",
        )
    if changes.get("encrypt_assertions") and not config.sp_encryption_certificates:
        raise invalid(
            "saml_options.encrypt_assertions",
            "encryption_certificate_missing",
            "There is no key to encrypt for: POST to saml_sp_encryption_certs first, and give the certificate to the "
            "identity provider.",
        )
    return config


def _ends(name: str) -> bool:
    return name.endswith("_until")


def _cautions(
    before: SamlConfig, after: SamlConfig, found: metadata.IdpMetadata | None, now: datetime
) -> tuple[Caution, ...]:
    known = {entry.fingerprint for entry in before.idp_certificates}
    fresh = (entry for entry in after.idp_certificates if entry.fingerprint not in known)
    return (
        *cautions.of_certificates(fresh, now),
        *cautions.of_metadata(found.signature_algorithm if found else None),
    )


def _distinct(entries: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple({entry.fingerprint: entry for entry in entries}.values())


def _login_hint_parameter(type_: str) -> str | None:
    guide = guides.guide(type_)
    return guide.login_hint if guide else None
