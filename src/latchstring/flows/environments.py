"""Environments and their redirect URIs: made, listed, ended."""

from __future__ import annotations

from datetime import timedelta

from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import (
    AttributeMaps,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    TestIdpConfig,
)
from latchstring.model.environment import Environment, EnvironmentKind, EnvironmentSettings, Pass, RedirectUri
from latchstring.model.organization import Domain, DomainState, Organization
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, InvalidRequest, NotFound
from latchstring.model.secret import Secret
from latchstring.protocols import redirect_uri
from latchstring.storage import connections, environments, front_door, house_keys, organizations
from latchstring.storage.database import WritingScope
from latchstring.storage.paging import Page, Window
from latchstring.storage.sqlite import AlreadyThere

MAX_REDIRECT_URIS = 100
TEMPORARY = timedelta(hours=1)  # the longest that a program may need an environment of its own


class EnvironmentNameTaken(Conflict):
    """An environment named '{name}' already exists."""

    code = "environment_name_taken"
    fix = "Choose another name."
    name: str


class RedirectUriTaken(InvalidRequest):
    """Redirect URI '{uri}' already exists."""

    code = "redirect_uri_already_exists"
    fix = "Nothing to do: it is registered."
    uri: str


class RedirectUrisFull(InvalidRequest):
    """This environment already has {limit} redirect URIs."""

    code = "redirect_uri_limit_reached"
    fix = "Delete one that is no longer used."
    limit: int


class RedirectUriUnknown(NotFound):
    """Redirect URI not found: '{id}'."""

    code = "redirect_uri_not_found"


class DefaultRedirectUri(Conflict):
    """Cannot delete the default redirect URI."""

    code = "redirect_uri_is_default"
    fix = "Make another one the default first: `latchstring redirect-uri default ID`."


class DefaultIsWildcard(InvalidRequest):
    """A redirect URI with a wildcard cannot be the default."""

    code = "redirect_uri_default_wildcard"
    fix = "Choose one without a wildcard: the default must be a single place."


def create(
    house: House, *, name: str, kind: EnvironmentKind, settings: EnvironmentSettings | None = None
) -> Environment:
    """A fresh environment; a staging one comes with the Test Organization and its connection (contract 13)."""
    name = name.strip()
    if not name or len(name) > 100:
        raise InvalidFields(
            errors=(FieldError(field="name", code="name_length", message="A name has 1 to 100 characters."),)
        )
    now = house.now()
    environment = Environment(
        id=house.id(ids.ENVIRONMENT, now),
        name=name,
        kind=kind,
        client_id=house.id(ids.CLIENT, now),
        created_at=now,
        updated_at=now,
        settings=settings or EnvironmentSettings(),
    )
    certificate, key = house.make_key_pair(f"latchstring {environment.client_id}", now)
    with house.database.write_house() as whole:
        try:
            environments.add(whole, environment)
        except AlreadyThere:
            raise EnvironmentNameTaken(name=name) from None
        house_keys.add(
            whole, house.vault, house_keys.jwks_key_id(environment.id), certificate=certificate, key=key, now=now
        )
        if kind is EnvironmentKind.STAGING:
            with house.database.within(front_door.by_operator(environment), whole) as scope:
                _furnish(house, scope, environment)
    return environment


def _furnish(house: House, scope: WritingScope, environment: Environment) -> None:
    now = environment.created_at
    organizations.add(
        scope,
        Organization(
            id=ids.TEST_ORGANIZATION,
            name="Test Organization",
            allow_profiles_outside_organization=False,
            external_id=None,
            stripe_customer_id=None,
            metadata={},
            domains=(
                Domain(
                    id=house.id(ids.DOMAIN, now),
                    organization_id=ids.TEST_ORGANIZATION,
                    domain="example.com",
                    state=DomainState.VERIFIED,
                    verification_strategy="manual",
                    verification_token=None,
                    verification_prefix=None,
                    created_at=now,
                    updated_at=now,
                    holds_policy=True,
                ),
            ),
            created_at=now,
            updated_at=now,
        ),
    )
    connections.add(
        scope,
        house.vault,
        Connection(
            id=ids.TEST_CONNECTION,
            environment_id=environment.id,
            organization_id=ids.TEST_ORGANIZATION,
            external_key=external_key(house),
            external_id=None,
            type="TestIdp",
            name="Test IdP",
            state=ConnectionState.ACTIVE,
            config=TestIdpConfig(),
            secrets=Secret(ConnectionSecrets()),
            attribute_maps=AttributeMaps(),
            created_at=now,
            updated_at=now,
        ),
    )


def external_key(house: House) -> str:
    """25 random letters and digits (contract 1.4): about 128 bits."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = int.from_bytes(house.chance(24), "big")
    characters = []
    for _ in range(25):
        number, digit = divmod(number, 62)
        characters.append(alphabet[digit])
    return "".join(characters)


def every(house: House) -> list[Environment]:
    with house.database.house() as whole:
        return environments.every(whole)


def get(house: House, name: str) -> Environment:
    """By id or name. Raises `NotFound`."""
    with house.database.house() as whole:
        environment = environments.named(whole, name)
    if environment is None:
        raise NotFound(kind="Environment", id=name)
    return environment


def delete(house: House, name: str) -> Environment:
    """The environment with everything in it."""
    environment = get(house, name)
    with house.database.write_house() as whole:
        environments.remove(whole, environment.id)
        house_keys.remove(whole, house_keys.jwks_key_id(environment.id))
    return environment


def drop_forgotten(house: House) -> int:
    """Takes away the temporary environments whose maker was struck down before it could; the number of them."""
    now, dropped = house.now(), 0
    for environment in every(house):
        forgotten = environment.settings.temporary and environment.created_at <= now - TEMPORARY
        if not forgotten or environment.kind is EnvironmentKind.PRODUCTION:
            continue
        with house.database.write_house() as whole:
            dropped += environments.remove(whole, environment.id)
            house_keys.remove(whole, house_keys.jwks_key_id(environment.id))
    return dropped


def redirect_uris(house: House, pass_: Pass) -> list[RedirectUri]:
    with house.database.read(pass_) as scope:
        return environments.redirect_uris(scope)


def redirect_uri_page(house: House, pass_: Pass, window: Window) -> Page[RedirectUri]:
    with house.database.read(pass_) as scope:
        return environments.redirect_uri_page(scope, window)


def create_redirect_uri(house: House, pass_: Pass, *, uri: str) -> RedirectUri:
    """The first one without a wildcard becomes the default. Raises `InvalidFields`, `RedirectUriTaken`."""
    redirect_uri.check(uri, pass_.redirects)
    redirect_uri.check_not_own(uri, house.base_url)
    now = house.now()
    with house.database.write(pass_) as scope:
        existing = environments.redirect_uris(scope)
        if any(entry.uri == uri for entry in existing):
            raise RedirectUriTaken(uri=uri)
        if len(existing) >= MAX_REDIRECT_URIS:
            raise RedirectUrisFull(limit=MAX_REDIRECT_URIS)
        entry = RedirectUri(
            id=house.id(ids.REDIRECT_URI, now),
            uri=uri,
            default="*" not in uri and not any(other.default for other in existing),
            created_at=now,
            updated_at=now,
        )
        environments.add_redirect_uri(scope, entry)
    return entry


def make_default_redirect_uri(house: House, pass_: Pass, uri_id: str) -> RedirectUri:
    """Raises `RedirectUriUnknown`, `DefaultIsWildcard`, and `RedirectUriNeedsLooseRules` for one of looser times."""
    with house.database.write(pass_) as scope:
        entry = _redirect_uri(scope, uri_id)
        if "*" in entry.uri:
            raise DefaultIsWildcard
        redirect_uri.check(entry.uri, pass_.redirects)
        environments.set_default_redirect_uri(scope, uri_id, house.now())
        return _redirect_uri(scope, uri_id)


def delete_redirect_uri(house: House, pass_: Pass, uri_id: str) -> None:
    with house.database.write(pass_) as scope:
        entry = _redirect_uri(scope, uri_id)
        if entry.default:
            raise DefaultRedirectUri
        environments.remove_redirect_uri(scope, uri_id)


def _redirect_uri(scope: WritingScope, uri_id: str) -> RedirectUri:
    for entry in environments.redirect_uris(scope):
        if entry.id == uri_id:
            return entry
    raise RedirectUriUnknown(kind="Redirect URI", id=uri_id)
