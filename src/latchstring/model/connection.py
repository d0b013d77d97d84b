"""`Connection`: how one customer's people sign in, with the protocol's own settings as a tagged union."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Literal

import msgspec

from latchstring.model.refusal import Conflict
from latchstring.model.secret import Secret

TENANT_PLACE = "{tenantid}"


class ConnectionState(Enum):
    """Life of a connection (contract 3.2)."""

    REQUIRES_TYPE = "requires_type"
    DRAFT = "draft"
    VALIDATING = "validating"
    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETING = "deleting"

    @property
    def admits_logins(self) -> bool:
        return self in (ConnectionState.VALIDATING, ConnectionState.ACTIVE)

    def after(self, act: ConnectionAct) -> ConnectionState:
        """Raises `StateUnreachable` where `TRANSITIONS` has no way."""
        try:
            return TRANSITIONS[self, act]
        except KeyError:
            raise StateUnreachable(state=self.value, act=act.replace("_", " ")) from None


ConnectionAct = Literal["given_a_type", "configured", "signed_in_through", "activated", "deactivated", "deleted"]

TRANSITIONS: Mapping[tuple[ConnectionState, ConnectionAct], ConnectionState] = {
    (ConnectionState.REQUIRES_TYPE, "given_a_type"): ConnectionState.DRAFT,
    (ConnectionState.DRAFT, "configured"): ConnectionState.VALIDATING,
    (ConnectionState.VALIDATING, "signed_in_through"): ConnectionState.ACTIVE,
    (ConnectionState.VALIDATING, "activated"): ConnectionState.ACTIVE,  # by somebody who does not wait for a sign-in
    (ConnectionState.INACTIVE, "activated"): ConnectionState.ACTIVE,
    (ConnectionState.VALIDATING, "deactivated"): ConnectionState.INACTIVE,
    (ConnectionState.ACTIVE, "deactivated"): ConnectionState.INACTIVE,
    **{(state, "deleted"): ConnectionState.DELETING for state in ConnectionState if state.value != "deleting"},
}


class StateUnreachable(Conflict):
    """A connection that is {state} cannot be {act}."""

    code = "connection_state_unreachable"
    fix = "Finish the set-up of the connection first: give it a type and the identity provider's details."
    state: str
    act: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of one of the three collections of contract 3.5, with its validity read once at import."""

    id: str
    pem: str
    fingerprint: str  # SHA-256 of the DER, lower-case hex
    not_before: datetime  # the dates are for people: they never make a pinned key fail (SAML-45)
    not_after: datetime
    created_at: datetime
    source: Literal["person", "metadata"] = "person"  # of an identity provider's: only what metadata brought, it takes
    retire_at: datetime | None = None  # of an identity provider's: gone from the metadata, accepted until then
    active_from: datetime | None = None  # of our signing pairs: signs from then on; None: published, and waits


def _signing(entries: tuple[Certificate, ...], now: datetime) -> Certificate | None:
    active = [entry for entry in entries if entry.active_from and entry.active_from <= now]
    if active:
        return max(reversed(active), key=lambda entry: entry.active_from or now)
    return entries[0] if entries else None


class SamlConfig(msgspec.Struct, frozen=True, kw_only=True, tag="saml"):
    """A SAML 2.0 identity provider as one connection sees it. Each `allow_...` weakens the verifier and is off."""

    idp_entity_id: str
    idp_sso_url: str
    sso_binding: Literal["redirect", "post"] = "redirect"
    idp_slo_url: str | None = None  # SingleLogoutService; None: this provider offers none
    idp_slo_response_url: str | None = None  # its ResponseLocation; None: the same address
    slo_binding: Literal["redirect", "post"] = "redirect"  # of both
    idp_metadata_url: str | None = None
    idp_wants_signed_requests: bool = False  # as its metadata said last; `sign_requests` is what we do
    idp_certificates: tuple[Certificate, ...] = ()
    idp_distrusted: tuple[str, ...] = ()  # fingerprints that a person took away; metadata does not bring them back
    acs_url: str | None = None  # override; None: ours
    sp_entity_id: str | None = None  # override; None: ours
    sp_signing_certificates: tuple[Certificate, ...] = ()  # all are published, `signing_certificate` signs
    sp_encryption_certificates: tuple[Certificate, ...] = ()  # each is tried
    sign_requests: bool = False
    encrypt_assertions: bool = False
    want_response_signed: bool = False
    want_assertion_signed: bool = False
    clock_skew_seconds: int = 60
    allow_sha1: bool = False
    allow_rsa1024: bool = False
    allow_inclusive_c14n: bool = False
    allow_cbc: bool = False
    idp_initiated: Literal["allow", "refuse"] = "refuse"
    login_hint_parameter: str | None = None  # e.g. "login_hint" (Entra), "LoginHint"; None: not sent
    allow_sha1_until: datetime | None = None  # from then on `allow_sha1` counts for nothing (SAML-20); None: for ever
    allow_rsa1024_until: datetime | None = None

    def signing_certificate(self, now: datetime) -> Certificate | None:
        """The certificate whose key signs: of those that are active the latest one, or else the oldest of all."""
        return _signing(self.sp_signing_certificates, now)

    def trusted_certificates(self, now: datetime) -> tuple[Certificate, ...]:
        """The identity provider's certificates without those whose overlap is over."""
        return tuple(entry for entry in self.idp_certificates if entry.retire_at is None or now < entry.retire_at)

    def allows_sha1(self, now: datetime) -> bool:
        return self.allow_sha1 and (self.allow_sha1_until is None or now < self.allow_sha1_until)

    def allows_rsa1024(self, now: datetime) -> bool:
        return self.allow_rsa1024 and (self.allow_rsa1024_until is None or now < self.allow_rsa1024_until)

    @property
    def offers_logout(self) -> bool:
        """Logout messages are signed always (profiles 4.4.4), so it takes a key of ours as well as their address."""
        return self.idp_slo_url is not None and bool(self.sp_signing_certificates)


class OidcConfig(msgspec.Struct, frozen=True, kw_only=True, tag="oidc"):
    """An OpenID Connect provider as one connection sees it."""

    discovery_endpoint: str  # ends with /.well-known/openid-configuration
    issuer: str  # as discovery gave it when the connection was made; never changes by itself
    tenant_id: str | None = None  # for Entra ID's shared endpoints alone, whose issuer holds "{tenantid}" (OIDC-01)
    client_id: str
    redirect_uri: str | None = None  # override; None: ours
    pkce: bool = True
    token_authentication_method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = (
        "client_secret_basic"
    )
    client_assertion_audience: Literal["issuer", "token_endpoint"] = "issuer"  # of private_key_jwt
    jwt_signing_certificates: tuple[Certificate, ...] = ()  # our key pairs for private_key_jwt, oldest first
    id_token_signature_algorithm: str = "RS256"
    id_token_encryption_algorithm: str | None = None  # "alg" of the encryption; None: ID tokens come unencrypted
    id_token_content_encryption: str = "A128CBC-HS256"  # its "enc"; what OpenID Connect has as the usual one
    jwt_encryption_certificates: tuple[Certificate, ...] = ()  # our key pairs for it, oldest first; each is tried
    fetch_user_info: bool = True
    userinfo_signature_algorithm: str | None = None  # None: userinfo may be unsigned
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    trust_email: bool = False  # count an e-mail without email_verified=true for the domain rule
    allow_email_verified_text: bool = False  # count the string "true", which some providers send, as true (OIDC-16)
    clock_skew_seconds: int = 60

    @property
    def token_issuer(self) -> str:
        """What `iss` has to be: the issuer, with the one tenant of this connection where a place is left for it."""
        return self.issuer if self.tenant_id is None else self.issuer.replace(TENANT_PLACE, self.tenant_id)

    def signing_certificate(self, now: datetime) -> Certificate | None:
        """The certificate whose key signs: of those that are active the latest one, or else the oldest of all."""
        return _signing(self.jwt_signing_certificates, now)


class OAuthConfig(msgspec.Struct, frozen=True, kw_only=True, tag="oauth"):
    """Credentials at an OAuth provider. Its endpoints and its ways are a row of `protocols.oauth.providers`."""

    client_id: str
    scopes: tuple[str, ...] = ()  # beyond those that a sign-in takes
    trust_email: bool = False  # count an e-mail that the provider does not vouch for
    tenant: str | None = None  # Microsoft: a tenant's GUID, "organizations" or "consumers"; None: anybody ("common")
    team_id: str | None = None  # Apple: whose key it is
    key_id: str | None = None  # Apple: which one
    slug: str | None = None  # Vercel Marketplace: the integration's name in its URLs
    base_url: str | None = None  # a self-managed edition, or a customer's own domain; None: the public service


class TestIdpConfig(msgspec.Struct, frozen=True, kw_only=True, tag="test_idp"):
    """The built-in Test IdP: plain SAML, whose entity id, URL and certificate the house itself knows."""

    __test__ = False  # not a test case, whatever pytest thinks of the name


class MagicLinkConfig(msgspec.Struct, frozen=True, kw_only=True, tag="magic_link"):
    """Links by mail: there is no identity provider, and nothing to set."""


Config = SamlConfig | OidcConfig | OAuthConfig | TestIdpConfig | MagicLinkConfig


class SigningPair(msgspec.Struct, frozen=True):
    """A private key of ours, under the id of the certificate that carries its public half."""

    certificate_id: str
    key: str  # PEM, PKCS 8


class PreparedPair(msgspec.Struct, frozen=True, kw_only=True):
    """A key pair of a draft: our metadata publish it before there is a configuration that signs with it.

    A provider that reads them once, when we are entered there, then knows the key, whatever it comes to want.
    """

    certificate: Certificate
    key: str  # PEM, PKCS 8


class ConnectionSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What must not be read in a database dump; kept sealed by the vault beside the configuration."""

    oidc_client_secret: str | None = None
    oauth_client_secret: str | None = None
    apple_private_key: str | None = None  # PEM, PKCS 8, P-256
    sp_signing_keys: tuple[SigningPair, ...] = ()
    sp_encryption_keys: tuple[SigningPair, ...] = ()
    jwt_signing_keys: tuple[SigningPair, ...] = ()
    jwt_encryption_keys: tuple[SigningPair, ...] = ()
    prepared: PreparedPair | msgspec.UnsetType = msgspec.UNSET  # of a SAML draft alone, which becomes the first pair


class AttributeMaps(msgspec.Struct, frozen=True, kw_only=True):
    """A connection's own mapping, before the defaults of its type: profile field -> sources in order of trust."""

    standard: dict[str, tuple[str, ...]] = {}
    custom: dict[str, tuple[str, ...]] = {}
    required: tuple[str, ...] = ()  # fields, beyond idp_id and email, without which nobody signs in


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A way in. `external_key` names it in the URLs that identity providers know."""

    id: str
    environment_id: str
    organization_id: str | None
    external_key: str
    external_id: str | None
    type: str  # "OktaSAML": the name of a guide
    name: str
    state: ConnectionState
    config: Config | None  # None while requires_type or draft
    secrets: Secret[ConnectionSecrets]
    attribute_maps: AttributeMaps
    identifier_source: str | None = None  # what alone feeds idp_id since the first profile, as a candidate
    created_at: datetime
    updated_at: datetime
