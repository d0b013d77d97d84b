"""The table of this door."""

from __future__ import annotations

from typing import Any

from latchstring.flows.certificates import Collection
from latchstring.flows.client_key_pairs import Use
from latchstring.flows.connection_wishes import SigningPairWish
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.environment_settings import SettingsWish
from latchstring.flows.magic_link import LinkWish
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.web.api import (
    attribute_mapper,
    certificates,
    client_keys,
    connections,
    custom_attributes,
    domains,
    environment,
    it_contacts,
    oauth_providers,
    organizations,
    passwordless,
    portal,
    queries,
    redirect_uris,
)
from latchstring.web.api.organization_shapes import OrganizationDomain, OrganizationShape
from latchstring.web.api.shapes import (
    CertificateShape,
    ClientKeyShape,
    ConnectionShape,
    CustomAttributeShape,
    EncryptionKeyShape,
    ListShape,
    PlainListShape,
    SigningCertificateShape,
)
from latchstring.web.kit.route import Handler, Parameter, Route, Who


def _route(method: str, path: str, handler: Handler, summary: str, tag: str, answers: Any, **rest: Any) -> Route:
    return Route(
        method=method, path=path, handler=handler, summary=summary, tag=tag, answers=answers, who=Who.API_KEY, **rest
    )


_ORGANIZATIONS = (
    ("POST", "/organizations", organizations.create, "Create an organization", {201: OrganizationShape}),
    ("GET", "/organizations", organizations.listed, "List organizations", {200: ListShape[OrganizationShape]}),
    (
        "GET",
        "/organizations/external_id/{external_id}",
        organizations.by_external_id,
        "Get an organization by your own id",
        {200: OrganizationShape},
    ),
    ("GET", "/organizations/{id}", organizations.get, "Get an organization", {200: OrganizationShape}),
    ("PUT", "/organizations/{id}", organizations.update, "Change an organization", {200: OrganizationShape}),
    ("DELETE", "/organizations/{id}", organizations.delete, "Delete an organization and all it has", {202: None}),
)
_DOMAINS = (
    ("POST", "/organization_domains", domains.add, "Add a domain", {201: OrganizationDomain}),
    ("GET", "/organization_domains/{id}", domains.get, "Get a domain", {200: OrganizationDomain}),
    ("DELETE", "/organization_domains/{id}", domains.delete, "Delete a domain", {204: None}),
    (
        "POST",
        "/organization_domains/{id}/verify",
        domains.verify,
        "Look for the record of a domain in DNS, and for thirty days from now",
        {201: OrganizationDomain},
    ),
    (
        "POST",
        "/organization_domains/{id}/verify_manually",
        domains.verify_by_hand,
        "Declare a domain verified, because you know that it is the organization's",
        {200: OrganizationDomain},
    ),
    (
        "POST",
        "/organization_domains/{id}/take_policy",
        domains.prefer,
        "Let a domain that several organizations have proven stand for this one",
        {200: OrganizationDomain},
    ),
)
_CONNECTIONS = (
    ("POST", "/connections", connections.create, "Create a connection", {201: ConnectionShape, 200: ConnectionShape}),
    ("GET", "/connections", connections.listed, "List connections", {200: ListShape[ConnectionShape]}),
    ("GET", "/connections/{id}", connections.get, "Get a connection", {200: ConnectionShape}),
    ("PATCH", "/connections/{id}", connections.update, "Change a connection", {200: ConnectionShape}),
    (
        "PUT",
        "/connections/{id}",
        connections.set_signing_pair,
        "Set the key pair that signs requests (older way)",
        {200: ConnectionShape},
    ),
    ("DELETE", "/connections/{id}", connections.delete, "Delete a connection", {204: None}),
    ("POST", "/connections/{id}/activate", connections.activate, "Let people sign in", {200: ConnectionShape}),
    ("POST", "/connections/{id}/deactivate", connections.deactivate, "Let nobody sign in", {200: ConnectionShape}),
    (
        "POST",
        "/connections/{id}/saml_metadata/refresh",
        connections.refresh_metadata,
        "Ask the metadata URL now",
        {200: ConnectionShape},
    ),
    (
        "POST",
        "/connections/{id}/saml_metadata/accept",
        connections.accept_metadata,
        "Accept another identity provider at the metadata URL",
        {200: ConnectionShape},
    ),
)
_CERTIFICATES = (
    (
        "GET",
        "/connections/{id}/saml_idp_signing_certs",
        certificates.listing(Collection.IDP_SIGNING),
        "List the identity provider's certificates",
        {200: PlainListShape[CertificateShape]},
    ),
    (
        "POST",
        "/connections/{id}/saml_idp_signing_certs",
        certificates.add_idp_signing,
        "Trust one more certificate of the identity provider",
        {201: CertificateShape},
    ),
    (
        "DELETE",
        "/connections/{id}/saml_idp_signing_certs/{certificate_id}",
        certificates.removal(Collection.IDP_SIGNING),
        "Trust a certificate no longer",
        {204: None},
    ),
    (
        "GET",
        "/connections/{id}/saml_sp_encryption_certs",
        certificates.listing(Collection.SP_ENCRYPTION),
        "List our certificates for encryption",
        {200: PlainListShape[CertificateShape]},
    ),
    (
        "POST",
        "/connections/{id}/saml_sp_encryption_certs",
        certificates.make_sp_encryption,
        "Make a key pair for encryption",
        {201: CertificateShape},
    ),
    (
        "DELETE",
        "/connections/{id}/saml_sp_encryption_certs/{certificate_id}",
        certificates.removal(Collection.SP_ENCRYPTION),
        "Delete a key pair for encryption",
        {204: None},
    ),
    (
        "GET",
        "/connections/{id}/saml_sp_signing_cert",
        certificates.get_sp_signing,
        "Get our certificate for signed requests",
        {200: CertificateShape},
    ),
    (
        "POST",
        "/connections/{id}/saml_sp_signing_cert",
        certificates.make_sp_signing,
        "Make a key pair and sign requests with it",
        {201: CertificateShape},
    ),
    (
        "DELETE",
        "/connections/{id}/saml_sp_signing_cert",
        certificates.removal(Collection.SP_SIGNING),
        "Delete the key pair; requests go unsigned",
        {204: None},
    ),
    (
        "GET",
        "/connections/{id}/saml_sp_signing_certs",
        certificates.list_signing_pairs,
        "List our key pairs for signatures",
        {200: PlainListShape[SigningCertificateShape]},
    ),
    (
        "POST",
        "/connections/{id}/saml_sp_signing_certs",
        certificates.add_signing_pair,
        "Make or give one more key pair for signatures",
        {201: SigningCertificateShape},
    ),
    (
        "POST",
        "/connections/{id}/saml_sp_signing_certs/{certificate_id}/activate",
        certificates.activate_signing_pair,
        "Sign with this key pair from now on",
        {200: SigningCertificateShape},
    ),
    (
        "DELETE",
        "/connections/{id}/saml_sp_signing_certs/{certificate_id}",
        certificates.remove_signing_pair,
        "Delete a key pair for signatures",
        {204: None},
    ),
)
_CLIENT_KEYS = (
    (
        "GET",
        "/connections/{id}/oidc_jwt_signing_certs",
        client_keys.list_signing,
        "List our key pairs for private_key_jwt",
        {200: PlainListShape[ClientKeyShape]},
    ),
    (
        "POST",
        "/connections/{id}/oidc_jwt_signing_certs",
        client_keys.add_signing,
        "Make or give one more key pair for private_key_jwt",
        {201: ClientKeyShape},
    ),
    (
        "POST",
        "/connections/{id}/oidc_jwt_signing_certs/{certificate_id}/activate",
        client_keys.activate_signing,
        "Sign with this key pair from now on",
        {200: ClientKeyShape},
    ),
    (
        "DELETE",
        "/connections/{id}/oidc_jwt_signing_certs/{certificate_id}",
        client_keys.removal(Use.SIGNING),
        "Delete a key pair for private_key_jwt",
        {204: None},
    ),
    (
        "GET",
        "/connections/{id}/oidc_encryption_certs",
        client_keys.list_encryption,
        "List our key pairs for encrypted ID tokens",
        {200: PlainListShape[EncryptionKeyShape]},
    ),
    (
        "POST",
        "/connections/{id}/oidc_encryption_certs",
        client_keys.add_encryption,
        "Make one more key pair for encrypted ID tokens",
        {201: EncryptionKeyShape},
    ),
    (
        "DELETE",
        "/connections/{id}/oidc_encryption_certs/{certificate_id}",
        client_keys.removal(Use.ENCRYPTION),
        "Delete a key pair for encrypted ID tokens",
        {204: None},
    ),
)
_CUSTOM_ATTRIBUTES = (
    (
        "GET",
        "/custom_attributes",
        custom_attributes.listed,
        "List custom attributes",
        {200: PlainListShape[CustomAttributeShape]},
    ),
    (
        "POST",
        "/custom_attributes",
        custom_attributes.create,
        "Define a custom attribute",
        {201: CustomAttributeShape},
    ),
    (
        "DELETE",
        "/custom_attributes/{name}",
        custom_attributes.delete,
        "Delete a custom attribute, and its place in every mapping",
        {204: None},
    ),
)
_REDIRECT_URIS = (
    (
        "POST",
        "/user_management/redirect_uris",
        redirect_uris.create,
        "Register a redirect URI",
        {201: redirect_uris.RedirectUriShape},
    ),
    (
        "GET",
        "/user_management/redirect_uris",
        redirect_uris.listed,
        "List redirect URIs",
        {200: ListShape[redirect_uris.RedirectUriShape]},
    ),
    ("DELETE", "/user_management/redirect_uris/{id}", redirect_uris.delete, "Delete a redirect URI", {204: None}),
)
_ENVIRONMENT = (
    (
        "GET",
        "/environment",
        environment.get,
        "Get the environment of this API key",
        {200: environment.EnvironmentShape},
    ),
    ("PATCH", "/environment", environment.update, "Change its settings", {200: environment.EnvironmentShape}),
)
_PASSWORDLESS = (
    (
        "POST",
        "/passwordless/sessions",
        passwordless.create,
        "Create a magic link",
        {201: passwordless.PasswordlessSessionShape},
    ),
    (
        "POST",
        "/passwordless/sessions/{id}/send",
        passwordless.send,
        "Mail a magic link",
        {201: passwordless.SentShape},
    ),
)
_OAUTH_PROVIDERS = (
    (
        "GET",
        "/oauth_providers",
        oauth_providers.listed,
        "List the OAuth providers of the environment",
        {200: PlainListShape[oauth_providers.OAuthProviderShape]},
    ),
    (
        "GET",
        "/oauth_providers/{type}",
        oauth_providers.get,
        "Get an OAuth provider",
        {200: oauth_providers.OAuthProviderShape},
    ),
    (
        "PUT",
        "/oauth_providers/{type}",
        oauth_providers.put,
        "Set the credentials at an OAuth provider",
        {200: oauth_providers.OAuthProviderShape, 201: oauth_providers.OAuthProviderShape},
    ),
    (
        "DELETE",
        "/oauth_providers/{type}",
        oauth_providers.delete,
        "Delete the credentials and the profiles of their people",
        {204: None},
    ),
)
_BODIES: dict[Handler, Any] = {
    organizations.create: organizations.OrganizationBody,
    organizations.update: organizations.OrganizationBody,
    domains.add: domains.DomainBody,
    connections.create: ConnectionWish,
    connections.update: ConnectionWish,
    connections.set_signing_pair: connections.LegacyBody,
    connections.accept_metadata: connections.AcceptBody,
    certificates.add_idp_signing: certificates.CertificateBody,
    client_keys.add_signing: SigningPairWish,
    certificates.add_signing_pair: SigningPairWish,
    passwordless.create: LinkWish,
    custom_attributes.create: custom_attributes.CustomAttributeBody,
    redirect_uris.create: redirect_uris.RedirectUriBody,
    environment.update: SettingsWish,
    oauth_providers.put: ProviderWish,
    **attribute_mapper.BODIES,
    **portal.BODIES,
    **it_contacts.BODIES,
}
_QUERIES: dict[Handler, tuple[Parameter, ...]] = {
    organizations.listed: queries.ORGANIZATIONS,
    connections.listed: queries.CONNECTIONS,
    redirect_uris.listed: queries.PAGING,
    attribute_mapper.reconciliations: queries.PAGING,
}

# Those that read a thousand people or all profiles of a connection, or let them go.
_ASIDE = attribute_mapper.READS_MUCH | {
    connections.update,
    connections.delete,
    organizations.delete,
    environment.update,
    oauth_providers.delete,
    custom_attributes.delete,
}

ROUTES = tuple(
    _route(*line[:4], tag, line[4], body=_BODIES.get(line[2]), query=_QUERIES.get(line[2], ()), aside=line[2] in _ASIDE)
    for tag, lines in (
        ("Organizations", _ORGANIZATIONS),
        ("IT contacts", it_contacts.LINES),
        ("Organization domains", _DOMAINS),
        ("Connections", _CONNECTIONS),
        ("Certificates", _CERTIFICATES),
        ("Client keys", _CLIENT_KEYS),
        ("Attribute mapper", attribute_mapper.LINES),
        ("Custom attributes", _CUSTOM_ATTRIBUTES),
        ("Redirect URIs", _REDIRECT_URIS),
        ("Environment", _ENVIRONMENT),
        ("Magic links", _PASSWORDLESS),
        ("OAuth providers", _OAUTH_PROVIDERS),
        ("Admin Portal", portal.LINES),
    )
    for line in lines
)
