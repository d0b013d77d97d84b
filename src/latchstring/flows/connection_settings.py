"""A connection's protocol settings: from metadata, discovery or single values to a configuration, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from latchstring import guides
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import (
    Certificate,
    Config,
    Connection,
    ConnectionSecrets,
    OidcConfig,
    SamlConfig,
    SigningPair,
)
from latchstring.model.fetch import BadAnswer, Fetch, Purpose
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.oidc import discovery
from latchstring.protocols.saml import certificates, metadata

MAX_CERTIFICATES = 10  # per collection (SAML-44)
MAX_URL = 2048
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
TokenAuthentication = Literal["client_secret_basic", "client_secret_post"]
ID_TOKEN_ALGORITHMS = tuple("ES256 ES384 ES512 EdDSA HS256 HS384 HS512 PS256 PS384 PS512 RS256 RS384 RS512".split())


class KeyPairWish(msgspec.Struct, frozen=True):
    """A key pair of the caller's own, PEM."""

    key: str
    cert: str


class SamlWish(msgspec.Struct, frozen=True, kw_only=True):
    """`saml_options` of contract 3.5, and what latchstring adds: `idp_metadata_xml` and the verifier's settings."""

    idp_metadata_url: str | UnsetType | None = UNSET
    idp_metadata_xml: str | UnsetType | None = UNSET
    idp_entity_id: str | UnsetType | None = UNSET
    idp_sso_url: str | UnsetType | None = UNSET
    idp_signing_certs: tuple[str, ...] | UnsetType | None = UNSET
    acs_url: str | UnsetType | None = UNSET
    sp_entity_id: str | UnsetType | None = UNSET
    sp_signing_key_pair: KeyPairWish | UnsetType | None = UNSET
    sp_encryption_key_pairs: tuple[KeyPairWish, ...] | UnsetType | None = UNSET
    sso_binding: Literal["redirect", "post"] | UnsetType | None = UNSET
    clock_skew_seconds: int | UnsetType | None = UNSET
    want_response_signed: bool | UnsetType | None = UNSET
    want_assertion_signed: bool | UnsetType | None = UNSET
    encrypt_assertions: bool | UnsetType | None = UNSET
    allow_sha1: bool | UnsetType | None = UNSET
    allow_rsa1024: bool | UnsetType | None = UNSET
    allow_inclusive_c14n: bool | UnsetType | None = UNSET
    allow_cbc: bool | UnsetType | None = UNSET
    sign_requests: bool | UnsetType | None = UNSET
    idp_initiated: Literal["allow", "refuse"] | UnsetType | None = UNSET


class OidcWish(msgspec.Struct, frozen=True, kw_only=True):
    """`oidc_options` of contract 3.5, and what latchstring adds: `scopes` and `trust_email`."""

    discovery_endpoint: str | UnsetType | None = UNSET
    client_id: str | UnsetType | None = UNSET
    client_secret: str | UnsetType | None = UNSET
    redirect_uri: str | UnsetType | None = UNSET
    pkce: bool | UnsetType | None = UNSET
    token_authentication_method: str | UnsetType | None = UNSET
    id_token_signature_algorithm: str | UnsetType | None = UNSET
    fetch_user_info: bool | UnsetType | None = UNSET
    scopes: tuple[str, ...] | UnsetType | None = UNSET
    trust_email: bool | UnsetType | None = UNSET


def invalid(field: str, code: str, message: str) -> InvalidFields:
    """One field is wrong."""
    return InvalidFields(errors=(FieldError(field=field, code=code, message=message),))


def configure(
    house: House, *, saml: SamlWish | None, oidc: OidcWish | None, type_: str, now: datetime
) -> tuple[Config, ConnectionSecrets]:
    """A first configuration. Exactly one of `saml` and `oidc` is given."""
    if saml is not None:
        return _saml(house, saml, type_, now)
    assert oidc is not None  # noqa: S101 - the caller chose the type by it
    return _oidc(house, oidc)


def reconfigure(
    house: House, before: Connection, *, saml: SamlWish | None, oidc: OidcWish | None, now: datetime
) -> tuple[Config | None, ConnectionSecrets]:
    """The configuration with the wish granted; null brings back what would be there without it."""
    config, secrets = before.config, before.secrets.reveal()
    if saml is not None:
        if not isinstance(config, SamlConfig):
            raise invalid("saml_options", "options_mismatch", "This is not a SAML connection.")
        return _change_saml(house, config, saml, now), secrets
    if oidc is not None:
        if not isinstance(config, OidcConfig):
            raise invalid("oidc_options", "options_mismatch", "This is not an OpenID Connect connection.")
        return _change_oidc(house, config, secrets, oidc)
    return config, secrets


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


def fetch_metadata(house: House, url: str, now: datetime) -> metadata.IdpMetadata:
    """What stands at a metadata URL. Raises `Unreachable`, `BadAnswer` or what `metadata.read_idp` raises."""
    _check_url(house, url, "saml_options.idp_metadata_url")
    answer = house.fetch(
        Fetch(url=url, purpose=Purpose.METADATA, headers={"accept": "application/samlmetadata+xml, */*"})
    )
    if answer.status != 200:
        raise BadAnswer(url=url, status=answer.status)
    return metadata.read_idp(answer.body, now)


def _saml(house: House, wish: SamlWish, type_: str, now: datetime) -> tuple[SamlConfig, ConnectionSecrets]:
    url, document = _text(wish.idp_metadata_url), _text(wish.idp_metadata_xml)
    sso_url = _text(wish.idp_sso_url)
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
        _check_url(house, found.sso_url, "saml_options.idp_metadata_xml")
        config = _from_metadata(house, SamlConfig(idp_entity_id="", idp_sso_url=""), found, now)
    else:
        config = _from_values(house, wish, now)
    config = msgspec.structs.replace(
        config,
        idp_metadata_url=url,
        acs_url=_override(house, wish.acs_url, "acs_url"),
        sp_entity_id=_text(wish.sp_entity_id),
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


def _from_metadata(house: House, before: SamlConfig, found: metadata.IdpMetadata, now: datetime) -> SamlConfig:
    return msgspec.structs.replace(
        before,
        idp_entity_id=found.entity_id,
        idp_sso_url=found.sso_url,
        sso_binding=found.sso_binding,
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
    sso_url = _check_url(house, str(wish.idp_sso_url), "saml_options.idp_sso_url")
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


def _change_saml(house: House, before: SamlConfig, wish: SamlWish, now: datetime) -> SamlConfig:
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
        _check_url(house, found.sso_url, "saml_options.idp_metadata_xml")
        config = _from_metadata(house, config, found, now)
    if isinstance(wish.idp_entity_id, str) and wish.idp_entity_id:
        config = msgspec.structs.replace(config, idp_entity_id=wish.idp_entity_id)
    if isinstance(wish.idp_sso_url, str):
        sso_url = _check_url(house, wish.idp_sso_url, "saml_options.idp_sso_url")
        config = msgspec.structs.replace(config, idp_sso_url=sso_url)
    if isinstance(wish.sso_binding, str):
        config = msgspec.structs.replace(config, sso_binding=wish.sso_binding)
    if wish.acs_url is not UNSET:
        config = msgspec.structs.replace(config, acs_url=_override(house, wish.acs_url, "acs_url"))
    if wish.sp_entity_id is not UNSET:
        config = msgspec.structs.replace(config, sp_entity_id=_text(wish.sp_entity_id))
    if isinstance(wish.sign_requests, bool):
        if wish.sign_requests and not config.sp_signing_certificates:
            raise invalid(
                "saml_options.sign_requests",
                "signing_certificate_missing",
                "There is no key to sign with: POST to saml_sp_signing_cert first.",
            )
        config = msgspec.structs.replace(config, sign_requests=wish.sign_requests)
    return msgspec.structs.replace(config, **_verifier_settings(wish))


def _verifier_settings(wish: SamlWish) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: value
        for name in OPTIONS
        if name != "sign_requests" and (value := getattr(wish, name)) is not UNSET and value is not None
    }
    if not 0 <= settings.get("clock_skew_seconds", 60) <= 300:
        raise invalid("saml_options.clock_skew_seconds", "clock_skew_range", "clock_skew_seconds is from 0 to 300.")
    return settings


def _oidc(house: House, wish: OidcWish) -> tuple[OidcConfig, ConnectionSecrets]:
    faults = [
        FieldError(field=f"oidc_options.{name}", code=f"{name}_required", message=f"{name} is required.")
        for name in ("discovery_endpoint", "client_id", "client_secret")
        if not _text(getattr(wish, name))
    ]
    if faults:
        raise InvalidFields(errors=tuple(faults))
    endpoint = str(wish.discovery_endpoint)
    config = OidcConfig(
        discovery_endpoint=endpoint,
        issuer=_discover(house, endpoint),
        client_id=str(wish.client_id),
    )
    return _with_oidc_settings(house, config, wish), ConnectionSecrets(oidc_client_secret=str(wish.client_secret))


def _change_oidc(
    house: House, before: OidcConfig, secrets: ConnectionSecrets, wish: OidcWish
) -> tuple[OidcConfig, ConnectionSecrets]:
    config = before
    if isinstance(wish.discovery_endpoint, str):
        issuer = _discover(house, wish.discovery_endpoint)
        config = msgspec.structs.replace(config, discovery_endpoint=wish.discovery_endpoint, issuer=issuer)
    if isinstance(wish.client_id, str) and wish.client_id:
        config = msgspec.structs.replace(config, client_id=wish.client_id)
    if isinstance(wish.client_secret, str) and wish.client_secret:
        secrets = msgspec.structs.replace(secrets, oidc_client_secret=wish.client_secret)
    return _with_oidc_settings(house, config, wish), secrets


def _with_oidc_settings(house: House, config: OidcConfig, wish: OidcWish) -> OidcConfig:
    method = wish.token_authentication_method
    if isinstance(method, str):
        if method not in get_args(TokenAuthentication):
            raise invalid(
                "oidc_options.token_authentication_method",
                "token_authentication_method_unsupported",
                f"token_authentication_method is one of {', '.join(get_args(TokenAuthentication))}.",
            )
        config = msgspec.structs.replace(config, token_authentication_method=method)
    algorithm = wish.id_token_signature_algorithm
    if isinstance(algorithm, str):
        if algorithm not in ID_TOKEN_ALGORITHMS:
            raise invalid(
                "oidc_options.id_token_signature_algorithm",
                "id_token_signature_algorithm_unsupported",
                f"id_token_signature_algorithm is one of {', '.join(ID_TOKEN_ALGORITHMS)}.",
            )
        config = msgspec.structs.replace(config, id_token_signature_algorithm=algorithm)
    if wish.redirect_uri is not UNSET:
        config = msgspec.structs.replace(config, redirect_uri=_override(house, wish.redirect_uri, "redirect_uri"))
    if isinstance(wish.scopes, tuple):
        if not all(scope and scope.isascii() and not scope.isspace() and " " not in scope for scope in wish.scopes):
            raise invalid("oidc_options.scopes", "scope_invalid", "A scope is one word of ASCII characters.")
        config = msgspec.structs.replace(config, scopes=tuple(dict.fromkeys(("openid", *wish.scopes))))
    for name in ("pkce", "fetch_user_info", "trust_email"):
        value = getattr(wish, name)
        if isinstance(value, bool):
            config = msgspec.structs.replace(config, **{name: value})
    return config


def _discover(house: House, endpoint: str) -> str:
    """The issuer that the discovery document names, checked against the URL it came from (OIDC-14)."""
    _check_url(house, endpoint, "oidc_options.discovery_endpoint")
    provider = discovery.read(
        house.fetch(discovery.request(endpoint)),
        discovery_endpoint=endpoint,
        expected_issuer=None,
        allow_http=house.development,
    )
    return provider.issuer


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


def _distinct(entries: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple({entry.fingerprint: entry for entry in entries}.values())


def _text(value: str | UnsetType | None) -> str | None:
    return value if isinstance(value, str) and value else None


def _override(house: House, value: str | UnsetType | None, name: str) -> str | None:
    text = _text(value)
    return None if text is None else _check_url(house, text, name)


def _check_url(house: House, url: str, field: str) -> str:
    """https, or http in development; never anything a browser would run (WEB-09, SAML-44)."""
    schemes = ("https", "http") if house.development else ("https",)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or len(url) > MAX_URL or not url.isprintable() or " " in url or "\\" in url:
        raise invalid(field, "url_invalid", f"This must be an absolute {schemes[0]} URL.")
    return url


def _login_hint_parameter(type_: str) -> str | None:
    guide = guides.guide(type_)
    return guide.login_hint if guide else None
