"""The settings of a SAML connection: from metadata or single values to a configuration, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from latchstring import guides
from latchstring.flows.connection_wishes import KeyPairWish, SamlWish, check_url, invalid, override, text
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Certificate, ConnectionSecrets, SamlConfig, SigningPair
from latchstring.model.fetch import BadAnswer, Fetch, Purpose
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.saml import certificates, metadata

MAX_CERTIFICATES = 10  # per collection (SAML-44)
# What can be set for each SAML connection; all off, but for the skew of a minute. Changes are told in the event log.
OPTIONS = (
    "clock_skew_seconds",
    "want_response_signed",
    "want_assertion_signed",
    "encrypt_assertions",
    "allow_sha1",
    "allow_rsa1024",
    "allow_inclusive_c14n",
    "allow_cbc",
    "sign_requests",
    "idp_initiated",
)


def configure(house: House, wish: SamlWish, type_: str, now: datetime) -> tuple[SamlConfig, ConnectionSecrets]:
    """A first configuration. Asks the metadata URL."""
    url, document = text(wish.idp_metadata_url), text(wish.idp_metadata_xml)
    sso_url = text(wish.idp_sso_url)
    if sum(value is not None for value in (url, document, sso_url)) != 1:
        raise invalid(
            "saml_options",
            "idp_source_required",
            "Give exactly one of idp_metadata_url, idp_metadata_xml and idp_sso_url "
            "(with idp_entity_id and idp_signing_certs).",
        )
    if url is not None or document is not None:
        found = (
            fetch_metadata(house, url, now)
            if url is not None
            else metadata.read_idp((document or "").encode("utf-8", "surrogatepass"), now)
        )
        check_url(house, found.sso_url, "saml_options.idp_metadata_xml")
        config = _from_metadata(house, SamlConfig(idp_entity_id="", idp_sso_url=""), found, now)
    else:
        config = _from_values(house, wish, now)
    config = msgspec.structs.replace(
        config,
        idp_metadata_url=url,
        acs_url=override(house, wish.acs_url, "acs_url"),
        sp_entity_id=text(wish.sp_entity_id),
        login_hint_parameter=_login_hint_parameter(type_),
        **_verifier_settings(wish),
    )
    signing = (wish.sp_signing_key_pair,) if isinstance(wish.sp_signing_key_pair, KeyPairWish) else ()
    encryption = wish.sp_encryption_key_pairs if isinstance(wish.sp_encryption_key_pairs, tuple) else ()
    signing_certificates, signing_keys = pairs(house, signing, now, field="saml_options.sp_signing_key_pair")
    encryption_certificates, encryption_keys = pairs(
        house, encryption, now, field="saml_options.sp_encryption_key_pairs"
    )
    config = msgspec.structs.replace(
        config,
        sign_requests=bool(signing_certificates),
        sp_signing_certificates=signing_certificates,
        sp_encryption_certificates=encryption_certificates,
    )
    return config, ConnectionSecrets(sp_signing_keys=signing_keys, sp_encryption_keys=encryption_keys)


def reconfigure(house: House, before: SamlConfig, wish: SamlWish, now: datetime) -> SamlConfig:
    """The configuration with the wish granted."""
    config = before
    for name in ("idp_signing_certs", "sp_signing_key_pair", "sp_encryption_key_pairs"):
        if getattr(wish, name) is not UNSET:
            raise invalid(
                f"saml_options.{name}", "use_certificate_collections", "Change certificates through their collections."
            )
    url, document = wish.idp_metadata_url, wish.idp_metadata_xml
    if isinstance(url, str):
        config = _from_metadata(house, config, fetch_metadata(house, url, now), now)
        config = msgspec.structs.replace(config, idp_metadata_url=url)
    elif url is None:
        config = msgspec.structs.replace(config, idp_metadata_url=None)
    if isinstance(document, str):
        found = metadata.read_idp(document.encode("utf-8", "surrogatepass"), now)
        check_url(house, found.sso_url, "saml_options.idp_metadata_xml")
        config = _from_metadata(house, config, found, now)
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
    if isinstance(wish.sign_requests, bool):
        if wish.sign_requests and not config.sp_signing_certificates:
            raise invalid(
                "saml_options.sign_requests",
                "signing_certificate_missing",
                "There is no key to sign with: POST to saml_sp_signing_cert first.",
            )
        config = msgspec.structs.replace(config, sign_requests=wish.sign_requests)
    return msgspec.structs.replace(config, **_verifier_settings(wish))


def fetch_metadata(house: House, url: str, now: datetime) -> metadata.IdpMetadata:
    """What stands at a metadata URL. Raises `Unreachable`, `BadAnswer` or what `metadata.read_idp` raises."""
    check_url(house, url, "saml_options.idp_metadata_url")
    answer = house.fetch(
        Fetch(url=url, purpose=Purpose.METADATA, headers={"accept": "application/samlmetadata+xml, */*"})
    )
    if answer.status != 200:
        raise BadAnswer(url=url, status=answer.status)
    return metadata.read_idp(answer.body, now)


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


def _from_metadata(house: House, before: SamlConfig, found: metadata.IdpMetadata, now: datetime) -> SamlConfig:
    return msgspec.structs.replace(
        before,
        idp_entity_id=found.entity_id,
        idp_sso_url=found.sso_url,
        sso_binding=found.sso_binding,
        idp_slo_url=found.slo_url,
        idp_slo_response_url=found.slo_response_url,
        slo_binding=found.slo_binding,
        idp_certificates=tuple(
            certificate(house, facts.pem, now, field="saml_options.idp_metadata_xml") for facts in found.certificates
        ),
    )


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


def _verifier_settings(wish: SamlWish) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: value
        for name in OPTIONS
        if name != "sign_requests" and (value := getattr(wish, name)) is not UNSET and value is not None
    }
    if not 0 <= settings.get("clock_skew_seconds", 60) <= 300:
        raise invalid("saml_options.clock_skew_seconds", "clock_skew_range", "clock_skew_seconds is from 0 to 300.")
    return settings


def _distinct(entries: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple({entry.fingerprint: entry for entry in entries}.values())


def _login_hint_parameter(type_: str) -> str | None:
    guide = guides.guide(type_)
    return guide.login_hint if guide else None
