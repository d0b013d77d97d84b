"""The objects of the API, as types for the OpenAPI document and for the tests, and as what is really sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from latchstring import guides
from latchstring.flows import story
from latchstring.flows.cautions import Caution
from latchstring.flows.connections import Seen
from latchstring.flows.custom_attributes import CustomAttribute
from latchstring.flows.house import House
from latchstring.flows.oidc_settings import OPTIONS as OIDC_OPTIONS
from latchstring.flows.saml_settings import OPTIONS
from latchstring.flows.story import instant
from latchstring.model.addresses import Addresses
from latchstring.model.connection import AttributeMaps, Certificate, Connection, OidcConfig, SamlConfig
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.protocols.saml import certificates
from latchstring.storage.paging import Page
from latchstring.storage.watches import Watch
from latchstring.web.api import oauth_options
from latchstring.web.api.oauth_options import OAuthOptions

T = TypeVar("T")


class Cursors(msgspec.Struct, kw_only=True):
    """Ids to go on from: `after` leads to the next page, `before` to the one before; null where there is none."""

    before: str | None
    after: str | None


class ListShape(msgspec.Struct, Generic[T], kw_only=True, rename={"object_": "object", "legacy": "listMetadata"}):
    """One page of a list. `listMetadata` is the older name of `list_metadata`."""

    object_: Literal["list"]
    data: list[T]
    list_metadata: Cursors
    legacy: Cursors


class PlainListShape(msgspec.Struct, Generic[T], kw_only=True, rename={"object_": "object"}):
    """A whole list, oldest first."""

    object_: Literal["list"]
    data: list[T]


class ConnectionDomain(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A domain of the connection's organization."""

    object_: Literal["connection_domain"]
    id: str
    domain: str


class WarningShape(msgspec.Struct, kw_only=True):
    """Something weak in what was given, and taken all the same."""

    code: str
    message: str
    fingerprint: str | None


class MetadataError(msgspec.Struct, kw_only=True):
    """Why the metadata URL could not be read last time."""

    code: str
    message: str


class PendingMetadata(msgspec.Struct, kw_only=True):
    """Another identity provider at the metadata URL: nothing of it is applied before somebody accepts it."""

    idp_entity_id: str
    idp_sso_url: str
    fingerprints: list[str]
    seen_at: str


class MetadataState(msgspec.Struct, kw_only=True):
    """How the watch over the metadata URL goes."""

    refreshed_at: str | None
    asked_at: str | None
    next_at: str
    failures: int
    error: MetadataError | None
    pending: PendingMetadata | None


class SamlOptions(msgspec.Struct, kw_only=True):
    """The SAML side of a connection. The `allow_...` settings weaken the verifier and are off."""

    acs_url: str
    sp_entity_id: str
    sp_metadata_url: str
    idp_entity_id: str
    idp_sso_url: str
    idp_metadata_url: str | None
    idp_metadata: MetadataState | None
    idp_signing_certs: list[str]
    sp_signing_cert: str | None
    sp_encryption_certs: list[str]
    sso_binding: Literal["redirect", "post"]
    idp_wants_signed_requests: bool
    idp_slo_url: str | None
    idp_slo_response_url: str | None
    slo_binding: Literal["redirect", "post"]
    sp_slo_url: str | None
    clock_skew_seconds: int
    want_response_signed: bool
    want_assertion_signed: bool
    encrypt_assertions: bool
    allow_sha1: bool
    allow_sha1_until: str | None
    allow_rsa1024: bool
    allow_rsa1024_until: str | None
    allow_inclusive_c14n: bool
    allow_cbc: bool
    sign_requests: bool
    idp_initiated: Literal["allow", "refuse"]


class OidcOptions(msgspec.Struct, kw_only=True):
    """The OpenID Connect side of a connection. The client secret is never shown."""

    redirect_uri: str
    post_logout_redirect_uri: str
    frontchannel_logout_uri: str
    jwks_uri: str
    discovery_endpoint: str
    issuer: str
    tenant_id: str | None
    client_id: str
    pkce: bool
    token_authentication_method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
    client_assertion_audience: Literal["issuer", "token_endpoint"]
    jwt_signing_certs: list[str]
    id_token_signature_algorithm: str
    id_token_encryption_algorithm: str | None
    id_token_content_encryption: str
    jwt_encryption_certs: list[str]
    fetch_user_info: bool
    userinfo_signature_algorithm: str | None
    scopes: list[str]
    trust_email: bool
    allow_email_verified_text: bool


class AttributeMapsShape(msgspec.Struct, kw_only=True):
    """Profile field -> claim, or claims in order of trust."""

    standard_attributes: dict[str, str | list[str]]
    custom_attributes: dict[str, str | list[str]]


class ConnectionShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """How one customer's people sign in."""

    object_: Literal["connection"]
    id: str
    organization_id: str | msgspec.UnsetType = msgspec.UNSET  # none: of the whole environment
    connection_type: str
    name: str
    state: Literal["requires_type", "draft", "validating", "active", "inactive", "deleting"]
    status: Literal["linked", "unlinked"]
    domains: list[ConnectionDomain]
    external_id: str | None
    external_key: str
    callback_endpoint: str
    options: dict[str, str | None]
    saml_options: SamlOptions | None
    oidc_options: OidcOptions | None
    oauth_options: OAuthOptions | None
    attribute_maps: AttributeMapsShape
    required_attributes: list[str]
    identifier_source: str | None
    created_at: str
    updated_at: str
    warnings: list[WarningShape] | msgspec.UnsetType = msgspec.UNSET


class CertificateShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A certificate of a SAML connection, as PEM. Of the provider's: who brought it, and when it goes if it does."""

    object_: Literal["saml_idp_signing_certificate", "saml_sp_encryption_certificate", "saml_sp_signing_certificate"]
    id: str
    value: str
    not_before: str | None
    not_after: str | None
    created_at: str
    source: Literal["person", "metadata"] | msgspec.UnsetType = msgspec.UNSET
    retire_at: str | msgspec.UnsetType = msgspec.UNSET
    warnings: list[WarningShape] | msgspec.UnsetType = msgspec.UNSET


class SigningCertificateShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """One of several key pairs of ours for signatures; exactly one of them signs."""

    object_: Literal["saml_sp_signing_certificate"]
    id: str
    value: str
    not_before: str | None
    not_after: str | None
    created_at: str
    status: Literal["signing", "published"]
    active_from: str | None


class ClientKeyShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """One of our key pairs for private_key_jwt; exactly one of them signs."""

    object_: Literal["oidc_jwt_signing_certificate"]
    id: str
    value: str
    not_before: str | None
    not_after: str | None
    created_at: str
    status: Literal["signing", "published"]
    active_from: str | None


class EncryptionKeyShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """One of our key pairs for which ID tokens are encrypted."""

    object_: Literal["oidc_encryption_certificate"]
    id: str
    value: str
    not_before: str | None
    not_after: str | None
    created_at: str


class CustomAttributeShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A field of `custom_attributes` in profiles, and where it is looked for without a mapping."""

    object_: Literal["custom_attribute"]
    name: str
    predefined: bool
    sources: list[str]
    created_at: str | None


def page(found: Page[T], shown: Callable[[T], Mapping[str, Any]]) -> dict[str, Any]:
    cursors = {"before": found.before, "after": found.after}
    return {
        "object": "list",
        "data": [shown(item) for item in found.items],
        "list_metadata": cursors,
        "listMetadata": cursors,  # one SDK's connection list reads only this (contract 1.6)
    }


def connection(house: House, seen: Seen) -> dict[str, Any]:
    entry = seen.connection
    config = entry.config
    ours = house.addresses(entry)
    return {
        **story.connection_core(entry),
        "status": "linked" if entry.state.admits_logins else "unlinked",
        "domains": [
            {"object": "connection_domain", "id": domain.id, "domain": domain.domain} for domain in seen.domains
        ],
        "external_id": entry.external_id,
        "external_key": entry.external_key,
        "callback_endpoint": _callback(entry, ours),
        "options": {
            "signing_cert": _pem(config.signing_certificate(house.now())) if isinstance(config, SamlConfig) else None
        },
        "saml_options": _saml(house, entry, config, seen.watch) if isinstance(config, SamlConfig) else None,
        "oidc_options": _oidc(house, entry, config) if isinstance(config, OidcConfig) else None,
        "oauth_options": oauth_options.shown(house, entry) if entry.type in PROVIDERS else None,
        "attribute_maps": attribute_maps(entry.attribute_maps),
        "required_attributes": list(entry.attribute_maps.required),
        "identifier_source": entry.identifier_source,
    }


def _callback(entry: Connection, ours: Addresses) -> str:
    """A draft says by its type what it will speak, so that its addresses can be set up at the provider first."""
    if entry.type in PROVIDERS:
        return ours.oauth_redirect_uri
    guide = guides.guide(entry.type)
    speaks_oidc = guide is not None and guide.protocol == "oidc"
    if entry.config is not None:
        speaks_oidc = isinstance(entry.config, OidcConfig)
    return ours.oidc_redirect_uri if speaks_oidc else ours.acs_url


def certificate(entry: Certificate, kind: str) -> dict[str, Any]:
    return {
        "object": kind,
        "id": entry.id,
        "value": entry.pem,
        "not_before": instant(entry.not_before),
        "not_after": instant(entry.not_after),
        "created_at": instant(entry.created_at),
        **({"source": entry.source} if kind == "saml_idp_signing_certificate" else {}),
        **({"retire_at": instant(entry.retire_at)} if entry.retire_at else {}),
    }


def signing_pair(entry: Certificate, kind: str, signing_id: str | None) -> dict[str, Any]:
    return {
        **certificate(entry, kind),
        "status": "signing" if entry.id == signing_id else "published",
        "active_from": instant(entry.active_from) if entry.active_from else None,
    }


def with_warnings(shown: dict[str, Any], cautions: Iterable[Caution]) -> dict[str, Any]:
    """An answer to the act that brought the cautions; where there are none, no such key."""
    found = [msgspec.to_builtins(caution) for caution in cautions]
    return {**shown, "warnings": found} if found else shown


def custom_attribute(entry: CustomAttribute) -> dict[str, Any]:
    return {
        "object": "custom_attribute",
        "name": entry.name,
        "predefined": entry.predefined,
        "sources": list(entry.sources),
        "created_at": instant(entry.created_at) if entry.created_at else None,
    }


def _saml(house: House, entry: Connection, config: SamlConfig, watch: Watch | None) -> dict[str, Any]:
    ours = house.addresses(entry)
    return {
        "acs_url": ours.acs_url,
        "sp_entity_id": ours.sp_entity_id,
        "sp_metadata_url": ours.sp_metadata_url,
        "idp_entity_id": config.idp_entity_id,
        "idp_sso_url": config.idp_sso_url,
        "idp_metadata_url": config.idp_metadata_url,
        "idp_metadata": _metadata(watch) if watch else None,
        "idp_signing_certs": [each.pem for each in config.idp_certificates],
        "sp_signing_cert": _pem(config.signing_certificate(house.now())),
        "sp_encryption_certs": [each.pem for each in config.sp_encryption_certificates],
        "sso_binding": config.sso_binding,
        "idp_wants_signed_requests": config.idp_wants_signed_requests,
        "idp_slo_url": config.idp_slo_url,
        "idp_slo_response_url": config.idp_slo_response_url,
        "slo_binding": config.slo_binding,
        "sp_slo_url": ours.slo_url if config.offers_logout else None,
        **{name: _option(getattr(config, name)) for name in OPTIONS},
    }


def _option(value: object) -> object:
    return instant(value) if isinstance(value, datetime) else value


def _metadata(watch: Watch) -> dict[str, Any]:
    pending = watch.pending
    return {
        "refreshed_at": instant(watch.refreshed_at) if watch.refreshed_at else None,
        "asked_at": instant(watch.asked_at) if watch.asked_at else None,
        "next_at": instant(watch.next_at),
        "failures": watch.failures,
        "error": msgspec.to_builtins(watch.error) if watch.error else None,
        "pending": {
            "idp_entity_id": pending.entity_id,
            "idp_sso_url": pending.service.idp_sso_url,
            "fingerprints": [certificates.load(pem).fingerprint for pem in pending.certificates],
            "seen_at": instant(pending.seen_at),
        }
        if pending
        else None,
    }


def _oidc(house: House, entry: Connection, config: OidcConfig) -> dict[str, Any]:
    ours = house.addresses(entry)
    return {
        "redirect_uri": ours.oidc_redirect_uri,
        "post_logout_redirect_uri": ours.post_logout_redirect_uri,
        "frontchannel_logout_uri": ours.frontchannel_logout_uri,
        "jwks_uri": ours.oidc_jwks_uri,
        "jwt_signing_certs": [each.pem for each in config.jwt_signing_certificates],
        "jwt_encryption_certs": [each.pem for each in config.jwt_encryption_certificates],
        **{name: getattr(config, name) for name in OIDC_OPTIONS},
    }


def attribute_maps(maps: AttributeMaps) -> dict[str, Any]:
    """As requests may have it: one claim as text, several as a list."""
    return {"standard_attributes": _sources(maps.standard), "custom_attributes": _sources(maps.custom)}


def _sources(maps: Mapping[str, tuple[str, ...]]) -> dict[str, str | list[str]]:
    return {field: claims[0] if len(claims) == 1 else list(claims) for field, claims in maps.items()}


def _pem(entry: Certificate | None) -> str | None:
    return entry.pem if entry else None
