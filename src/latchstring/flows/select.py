"""Finds the one connection that an authorization request means (contract 2.1)."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.model.connection import Connection, ConnectionState, MagicLinkConfig
from latchstring.model.environment import Pass
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest
from latchstring.protocols import email_address
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.storage import connections, front_door, organizations
from latchstring.storage.database import Scope


class AddressUnknown(UntrustedRequest):
    """No connection has this address."""

    code = "connection_address_unknown"
    mender = Mender.IT_ADMIN
    fix = "Copy the ACS URL or redirect URI of the connection into the identity provider again."


def at_address(house: House, external_key: str) -> tuple[Pass, Connection] | None:
    """The connection whose addresses hold this key, in whatever state it is, and the way into its environment."""
    return front_door.by_external_key(house.database, house.vault, external_key)


class SelectorMissing(UntrustedRequest):
    """The sign-in request does not say which connection, organization or provider it is for."""

    code = "selector_missing"
    fix = "Pass exactly one of `connection`, `organization` or `provider` to the authorization URL."
    public = "invalid_connection_selector"


class SelectorAmbiguous(LoginRefused):
    """The sign-in request names several of connection, organization and provider."""

    code = "selector_ambiguous"
    mender = Mender.DEVELOPER
    fix = "Pass exactly one of `connection`, `organization` or `provider` to the authorization URL."
    public = "invalid_connection_selector"


class DomainSelector(LoginRefused):
    """The `domain` parameter no longer selects a connection."""

    code = "domain_selector_not_allowed"
    mender = Mender.DEVELOPER
    fix = (
        "Look the organization up by its domain and pass `organization`, or let the environment resolve domains: "
        "`latchstring environment set --domain-selector resolve`."
    )
    public = "domain_connection_selector_not_allowed"


class DomainUnclaimed(LoginRefused):
    """No organization with a connection has proven that the domain '{domain}' is its own."""

    code = "domain_unclaimed"
    mender = Mender.DEVELOPER
    fix = "Verify the domain for the organization that is meant, or pass `organization`."
    public = "connection_domain_invalid"
    domain: str


class ProviderUnknown(LoginRefused):
    """'{provider}' is not a provider."""

    code = "provider_unknown"
    mender = Mender.DEVELOPER
    fix = "Use one of the provider names of the API reference, spelled exactly so."
    public = "invalid_connection_selector"
    provider: str


class ProviderNotSetUp(LoginRefused):
    """The provider '{provider}' is not set up in this environment."""

    code = "provider_not_set_up"
    mender = Mender.DEVELOPER
    fix = "Give this environment credentials for the provider, or use `connection` or `organization`."
    public = "connection_strategy_invalid"
    provider: str


class ConnectionUnknown(LoginRefused):
    """No Connection found with ID '{connection_id}'"""

    code = "connection_unknown"
    mender = Mender.DEVELOPER
    fix = "Check the connection id, and that `client_id` belongs to the same environment."
    public = "connection_invalid"
    connection_id: str


class ConnectionUnlinked(LoginRefused):
    """The connection '{connection_id}' cannot be used: its state is {state}."""

    code = "connection_unlinked"
    mender = Mender.DEVELOPER
    fix = "Finish the set-up of the connection, or switch it on again: POST to its `activate`."
    public = "connection_unlinked"
    connection_id: str
    state: str


class OrganizationUnknown(LoginRefused):
    """No Connection associated with Organization '{organization_id}'"""

    code = "organization_unknown"
    mender = Mender.DEVELOPER
    fix = "Check the organization id, that `client_id` belongs to the same environment, and that it has a connection."
    public = "organization_invalid"
    organization_id: str


class OrganizationAmbiguous(LoginRefused):
    """The organization '{organization_id}' has more than one usable connection."""

    code = "organization_ambiguous"
    mender = Mender.DEVELOPER
    fix = "Pass `connection` with the id of the one that is meant."
    public = "ambiguous_connection_selector"
    organization_id: str
    connections: tuple[str, ...]


def connection(
    house: House,
    scope: Scope,
    *,
    connection_id: str | None,
    organization_id: str | None,
    provider: str | None,
    domain: str | None,
    domain_resolves: bool = False,
) -> Connection:
    """The one usable connection. Raises a `LoginRefused`; an id of another environment is simply unknown.

    `domain_resolves`: a `domain` alone means the organization that it stands for.
    """
    given = [selector for selector in (connection_id, organization_id, provider) if selector is not None]
    if not given:
        if domain is None:
            raise SelectorMissing
        return _of_domain(house, scope, domain, resolves=domain_resolves)
    if len(given) > 1:
        raise SelectorAmbiguous
    if provider is not None:
        return _of_provider(house, scope, provider)
    if connection_id is not None:
        found = connections.get(scope, house.vault, connection_id)
        if found is None:
            raise ConnectionUnknown(connection_id=connection_id)
        return usable(found)
    return _of_organization(house, scope, organization_id or "")


def _of_domain(house: House, scope: Scope, domain: str, *, resolves: bool) -> Connection:
    if not resolves:
        raise DomainSelector
    try:
        holder = organizations.policy_holder(scope, email_address.domain_name(domain))
    except ValueError:
        holder = None
    if holder is None:
        raise DomainUnclaimed(domain=domain[:253])
    try:
        return _of_organization(house, scope, holder.organization_id)
    except OrganizationUnknown:
        raise DomainUnclaimed(domain=holder.domain) from None


def _of_provider(house: House, scope: Scope, provider: str) -> Connection:
    """The environment's own connection to the provider; a customer's connection to it is not meant."""
    if provider not in PROVIDERS:
        raise ProviderUnknown(provider=provider)
    found = connections.of_environment(scope, house.vault, provider)
    if found is None or found.config is None:
        raise ProviderNotSetUp(provider=provider)
    return usable(found)


def _of_organization(house: House, scope: Scope, organization_id: str) -> Connection:
    every = [
        entry
        for entry in connections.of_organization(scope, house.vault, organization_id)
        if not isinstance(entry.config, MagicLinkConfig)  # such a sign-in begins with a mail, never here
        and entry.state is not ConnectionState.DELETING  # gone, but for the broom
    ]
    if not every:
        raise OrganizationUnknown(organization_id=organization_id)
    live = [candidate for candidate in every if candidate.state.admits_logins]
    if not live:
        return usable(every[0])
    if len(live) > 1:
        raise OrganizationAmbiguous(organization_id=organization_id, connections=tuple(each.id for each in live))
    return usable(live[0])


def usable(candidate: Connection) -> Connection:
    """The connection itself, if people may sign in through it now (SAML-35)."""
    if not candidate.state.admits_logins or candidate.config is None:
        raise unlinked(candidate)
    return candidate


def unlinked(candidate: Connection) -> ConnectionUnlinked:
    return ConnectionUnlinked(connection_id=candidate.id, state=candidate.state.value)
