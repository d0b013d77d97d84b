"""What can be asked for in a connection's settings, how single fields are checked, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows.cautions import Caution
from latchstring.flows.house import House
from latchstring.model.connection import Certificate, Config, ConnectionSecrets
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.storage.watches import Service

MAX_URL = 2048
Moment = Annotated[datetime, msgspec.Meta(tz=True)]  # ISO 8601 with an offset or Z


class KeyPairWish(msgspec.Struct, frozen=True):
    """A key pair of the caller's own, PEM."""

    key: str
    cert: str


class SigningPairWish(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of pair to make, or one of the caller's own; and when it shall begin to sign, if that is known."""

    algorithm: Literal["rsa", "ecdsa"] = "rsa"
    key_pair: KeyPairWish | None = None
    activate_at: Moment | None = None

    def begins(self, now: datetime) -> datetime | None:
        """In UTC, as every moment is kept and shown. Raises `InvalidFields` unless it is to come."""
        if self.activate_at is None:
            return None
        moment = self.activate_at.astimezone(UTC)
        if moment <= now:
            raise invalid("activate_at", "activate_at_past", "activate_at is a moment in the future.")
        return moment


class HeldPairs(msgspec.Struct, frozen=True):
    """Key pairs of ours, oldest first, and which of them signs; None among those for encryption."""

    entries: tuple[Certificate, ...]
    signing_id: str | None


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
    idp_slo_url: str | UnsetType | None = UNSET
    idp_slo_response_url: str | UnsetType | None = UNSET
    slo_binding: Literal["redirect", "post"] | UnsetType | None = UNSET
    clock_skew_seconds: int | UnsetType | None = UNSET
    want_response_signed: bool | UnsetType | None = UNSET
    want_assertion_signed: bool | UnsetType | None = UNSET
    encrypt_assertions: bool | UnsetType | None = UNSET
    allow_sha1: bool | UnsetType | None = UNSET
    allow_sha1_until: Moment | UnsetType | None = UNSET
    allow_rsa1024: bool | UnsetType | None = UNSET
    allow_rsa1024_until: Moment | UnsetType | None = UNSET
    allow_inclusive_c14n: bool | UnsetType | None = UNSET
    allow_cbc: bool | UnsetType | None = UNSET
    sign_requests: bool | UnsetType | None = UNSET
    idp_initiated: Literal["allow", "refuse"] | UnsetType | None = UNSET


class OidcWish(msgspec.Struct, frozen=True, kw_only=True):
    """`oidc_options` of contract 3.5, and what latchstring adds: tenant, encryption, signed userinfo, scopes, trust."""

    discovery_endpoint: str | UnsetType | None = UNSET
    client_id: str | UnsetType | None = UNSET
    client_secret: str | UnsetType | None = UNSET
    redirect_uri: str | UnsetType | None = UNSET
    pkce: bool | UnsetType | None = UNSET
    token_authentication_method: str | UnsetType | None = UNSET
    client_assertion_audience: Literal["issuer", "token_endpoint"] | UnsetType | None = UNSET
    jwt_signing_key_pair: KeyPairWish | UnsetType | None = UNSET
    tenant_id: str | UnsetType | None = UNSET
    id_token_signature_algorithm: str | UnsetType | None = UNSET
    id_token_encryption_algorithm: str | UnsetType | None = UNSET
    id_token_content_encryption: str | UnsetType | None = UNSET
    fetch_user_info: bool | UnsetType | None = UNSET
    userinfo_signature_algorithm: str | UnsetType | None = UNSET
    scopes: tuple[str, ...] | UnsetType | None = UNSET
    trust_email: bool | UnsetType | None = UNSET
    allow_email_verified_text: bool | UnsetType | None = UNSET


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a wish."""

    config: Config | None
    secrets: ConnectionSecrets
    cautions: tuple[Caution, ...] = ()
    service: Service | None = None  # as the metadata URL named it, if that was asked just now


def invalid(field: str, code: str, message: str) -> InvalidFields:
    """One field is wrong."""
    return InvalidFields(errors=(FieldError(field=field, code=code, message=message),))


def text(value: str | UnsetType | None) -> str | None:
    """None for what is not given, null or empty."""
    return value if isinstance(value, str) and value else None


def override(house: House, value: str | UnsetType | None, name: str) -> str | None:
    """An address of ours that is not the usual one. Raises `InvalidFields`."""
    given = text(value)
    return None if given is None else check_url(house, given, name)


def check_url(house: House, url: str, field: str) -> str:
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
