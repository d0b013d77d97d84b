"""The settings of a SAML connection: from metadata or single values to a configuration, and its changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring import guides
from latchstring.flows import cautions, key_pairs, saml_metadata
from latchstring.flows.cautions import Caution
from latchstring.flows.connection_wishes import KeyPairWish, SamlWish, Settled, check_url, invalid, override, text
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, ConnectionSecrets, PreparedPair, SamlConfig, SigningPair
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.saml import metadata
from latchstring.storage.watches import Service

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


def configure(
    house: House,
    connection_id: str,
    wish: SamlWish,
    type_: str,
    now: datetime,
    *,
    prepared: PreparedPair | UnsetType = UNSET,
) -> Settled:
    """A first configuration. Asks the metadata URL. Makes the key pairs that signing and encryption need.

    The pair that was `prepared` stays published, whether requests are signed or not: the provider may know it already.
    """
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
        if url is not None:
            found = saml_metadata.fetch(house, url, now, meant=text(wish.idp_entity_id))
        else:
            found = saml_metadata.given(house, document or "", now, meant=text(wish.idp_entity_id))
        config = saml_metadata.taken(house, SamlConfig(idp_entity_id="", idp_sso_url=""), found, now)
        config = saml_metadata.with_binding(house, config, found, wish)
    else:
        config = _from_values(house, wish, now)
    config = msgspec.structs.replace(
        config,
        idp_metadata_url=url,
        acs_url=override(house, wish.acs_url, "acs_url"),
        sp_entity_id=text(wish.sp_entity_id),
        login_hint_parameter=_login_hint_parameter(type_),
    )
    config, secrets = _key_pairs(house, connection_id, config, wish, now, prepared)
    config = _options(config, wish, now)
    return Settled(
        config=config,
        secrets=secrets,
        cautions=_cautions(SamlConfig(idp_entity_id="", idp_sso_url=""), config, found, now),
        service=saml_metadata.service(found) if found and url else None,
    )


def reconfigure(
    house: House, connection_id: str, before: SamlConfig, secrets: ConnectionSecrets, wish: SamlWish, now: datetime
) -> Settled:
    """The configuration with the wish granted. Metadata that want signed requests get them, as at the beginning."""
    config = before
    for name in ("idp_signing_certs", "sp_signing_key_pair", "sp_encryption_key_pairs"):
        if getattr(wish, name) is not UNSET:
            raise invalid(
                f"saml_options.{name}", "use_certificate_collections", "Change certificates through their collections."
            )
    url, document = wish.idp_metadata_url, wish.idp_metadata_xml
    meant = text(wish.idp_entity_id) or before.idp_entity_id
    found: metadata.IdpMetadata | None = None
    watched: Service | None = None
    if isinstance(url, str):
        found = saml_metadata.fetch(house, url, now, meant=meant)
        watched = saml_metadata.service(found)
        config = msgspec.structs.replace(saml_metadata.taken(house, config, found, now), idp_metadata_url=url)
    elif url is None:
        config = msgspec.structs.replace(config, idp_metadata_url=None)
    if isinstance(document, str):
        found = saml_metadata.given(house, document, now, meant=meant)
        config = saml_metadata.taken(house, config, found, now)
    if found is not None:
        config = saml_metadata.with_binding(house, config, found, wish)
        if found.want_requests_signed and not isinstance(wish.sign_requests, bool):
            config, secrets = _signing_requests(house, connection_id, config, secrets, now)
    if isinstance(wish.idp_entity_id, str) and wish.idp_entity_id:
        config = msgspec.structs.replace(config, idp_entity_id=wish.idp_entity_id)
    if isinstance(wish.idp_sso_url, str):
        sso_url = check_url(house, wish.idp_sso_url, "saml_options.idp_sso_url")
        config = msgspec.structs.replace(config, idp_sso_url=sso_url)
    if isinstance(wish.sso_binding, str) and found is None:
        config = msgspec.structs.replace(config, sso_binding=wish.sso_binding)
    if wish.acs_url is not UNSET:
        config = msgspec.structs.replace(config, acs_url=override(house, wish.acs_url, "acs_url"))
    if wish.sp_entity_id is not UNSET:
        config = msgspec.structs.replace(config, sp_entity_id=text(wish.sp_entity_id))
    config = _options(config, wish, now)
    return Settled(config=config, secrets=secrets, cautions=_cautions(before, config, found, now), service=watched)


def _key_pairs(
    house: House,
    connection_id: str,
    config: SamlConfig,
    wish: SamlWish,
    now: datetime,
    prepared: PreparedPair | UnsetType,
) -> tuple[SamlConfig, ConnectionSecrets]:
    """Those that were given, and those that are needed.

    Whoever gives a pair for signing wants signatures, and so does a provider whose metadata say so, unless the wish
    says otherwise.
    """
    given = (wish.sp_signing_key_pair,) if isinstance(wish.sp_signing_key_pair, KeyPairWish) else ()
    signing, signing_keys = key_pairs.given(house, given, now, field="saml_options.sp_signing_key_pair")
    wanted = bool(signing) or config.idp_wants_signed_requests
    sign = wish.sign_requests if isinstance(wish.sign_requests, bool) else wanted
    if not signing and isinstance(prepared, PreparedPair):
        entry = prepared.certificate
        signing, signing_keys = (entry,), (SigningPair(entry.id, prepared.key),)
    if sign and not signing:
        entry, pair = key_pairs.make(house, connection_id, now)
        signing, signing_keys = (entry,), (pair,)
    several = wish.sp_encryption_key_pairs if isinstance(wish.sp_encryption_key_pairs, tuple) else ()
    if len(several) > key_pairs.MAX_CERTIFICATES:
        raise invalid(
            "saml_options.sp_encryption_key_pairs",
            "too_many_certificates",
            f"At most {key_pairs.MAX_CERTIFICATES} key pairs.",
        )
    encryption, encryption_keys = key_pairs.given(house, several, now, field="saml_options.sp_encryption_key_pairs")
    if wish.encrypt_assertions is True and not encryption:
        entry, pair = key_pairs.make(house, connection_id, now)
        encryption, encryption_keys = (entry,), (pair,)
    config = msgspec.structs.replace(
        config,
        sign_requests=sign,
        sp_signing_certificates=tuple(msgspec.structs.replace(entry, active_from=now) for entry in signing),
        sp_encryption_certificates=encryption,
    )
    return config, ConnectionSecrets(sp_signing_keys=signing_keys, sp_encryption_keys=encryption_keys)


def _signing_requests(
    house: House, connection_id: str, config: SamlConfig, secrets: ConnectionSecrets, now: datetime
) -> tuple[SamlConfig, ConnectionSecrets]:
    """With a key to sign with, made if there is none yet."""
    config = msgspec.structs.replace(config, sign_requests=True)
    if config.sp_signing_certificates:
        return config, secrets
    entry, pair = key_pairs.make(house, connection_id, now)
    entry = msgspec.structs.replace(entry, active_from=now)
    config = msgspec.structs.replace(config, sp_signing_certificates=(entry,))
    return config, msgspec.structs.replace(secrets, sp_signing_keys=(pair,))


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
    if len(pems) > key_pairs.MAX_CERTIFICATES:
        raise invalid(
            "saml_options.idp_signing_certs",
            "too_many_certificates",
            f"At most {key_pairs.MAX_CERTIFICATES} certificates.",
        )
    kept = tuple(key_pairs.certificate(house, pem, now, field="saml_options.idp_signing_certs") for pem in pems)
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
        *(cautions.of_signed_requests(before, after) if found else ()),
    )


def _distinct(entries: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple({entry.fingerprint: entry for entry in entries}.values())


def _login_hint_parameter(type_: str) -> str | None:
    guide = guides.guide(type_)
    return guide.login_hint if guide else None
