"""An environment's credentials at OAuth providers: one connection of its own for each, set, listed, deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import story
from latchstring.flows.connection_wishes import check_url, invalid, text
from latchstring.flows.environments import external_key
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import (
    AttributeMaps,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    OAuthConfig,
)
from latchstring.model.environment import Pass
from latchstring.model.refusal import FieldError, InvalidFields, NotFound
from latchstring.model.secret import Secret
from latchstring.protocols.oauth import apple, providers
from latchstring.protocols.oauth.refusals import OAuthKeyUnusable
from latchstring.protocols.oauth.row import Provider
from latchstring.storage import connections, events
from latchstring.storage.database import WritingScope
from latchstring.storage.sqlite import AlreadyThere

_SETTINGS = ("client_id", "scopes", "trust_email", "tenant", "team_id", "key_id", "slug", "base_url")
_SECRETS = {"client_secret": "oauth_client_secret", "private_key": "apple_private_key"}  # wish -> where it is kept
_OPTIONAL = ("tenant", "team_id", "key_id", "slug", "base_url")  # of which each provider knows its own
MAX_SECRET = 8_192
_WORD = re.compile(r"[!-~]{1,512}")  # one word of ASCII: in a query it is encoded, in Basic as well


class ProviderMissing(NotFound):
    """The provider '{id}' is not set up in this environment."""

    code = "oauth_provider_not_found"
    fix = "Set it up: PUT /oauth_providers/{type}, or `latchstring provider set`."


class ProviderChanged(NotFound):
    """Somebody else set up the provider '{id}' at the same moment, so nothing was done."""

    code = "oauth_provider_changed"
    fix = "Read it again, and send the change again if it is still wanted."
    retryable = True


class OAuthWish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be set; what is UNSET is left alone, and null takes a setting away. The secrets are never shown."""

    client_id: str | UnsetType | None = UNSET
    client_secret: str | UnsetType | None = UNSET
    scopes: tuple[str, ...] | UnsetType | None = UNSET
    trust_email: bool | UnsetType | None = UNSET
    enabled: bool | UnsetType | None = UNSET
    tenant: str | UnsetType | None = UNSET
    team_id: str | UnsetType | None = UNSET
    key_id: str | UnsetType | None = UNSET
    private_key: str | UnsetType | None = UNSET
    slug: str | UnsetType | None = UNSET
    base_url: str | UnsetType | None = UNSET


def listed(house: House, pass_: Pass) -> list[Connection]:
    """Those that are set up, oldest first."""
    with house.database.read(pass_) as scope:
        found = connections.every_of_environment(scope, house.vault)
    return [connection for connection in found if connection.type in providers.PROVIDERS]


def get(house: House, pass_: Pass, type_: str) -> Connection:
    """Raises `ProviderMissing`."""
    row = _row(type_)
    with house.database.read(pass_) as scope:
        found = connections.of_environment(scope, house.vault, row.type)
    if found is None:
        raise ProviderMissing(kind="OAuth provider", id=row.type)
    return found


def put(house: House, pass_: Pass, type_: str, wish: OAuthWish) -> tuple[Connection, bool]:
    """The provider as it is set now, and whether it is new.

    Without a client id it is a draft: its redirect URI is known, so that it can be registered. Raises `InvalidFields`.
    """
    row = _row(type_)
    now = house.now()
    with house.database.write(pass_) as scope:
        before = connections.of_environment(scope, house.vault, row.type)
        config = before.config if before and isinstance(before.config, OAuthConfig) else None
        secrets = before.secrets.reveal() if before else ConnectionSecrets()
        settled, kept = _settle(house, row, config, secrets, wish)
        after = before or Connection(
            id=house.id(ids.CONNECTION, now),
            environment_id=pass_.environment_id,
            organization_id=None,
            external_key=external_key(house),
            external_id=None,
            type=row.type,
            name=row.name,
            state=ConnectionState.DRAFT,
            config=None,
            secrets=Secret(ConnectionSecrets()),
            attribute_maps=AttributeMaps(),
            created_at=now,
            updated_at=now,
        )
        after = msgspec.structs.replace(
            after, config=settled, secrets=Secret(kept), state=_state(after.state, settled, wish), updated_at=now
        )
        if before is None:
            try:
                connections.add(scope, house.vault, after)
            except AlreadyThere:
                raise ProviderChanged(kind="OAuth provider", id=row.type) from None
        else:
            connections.save(scope, house.vault, after)
        _tell_changes(house, scope, pass_, after, config, secrets)
        _tell_state(house, scope, before, after)
    return after, before is None


def delete(house: House, pass_: Pass, type_: str) -> Connection:
    """The credentials with the profiles and sign-ins of everybody who came through them. Raises `ProviderMissing`."""
    row = _row(type_)
    with house.database.write(pass_) as scope:
        found = connections.of_environment(scope, house.vault, row.type)
        if found is None:
            raise ProviderMissing(kind="OAuth provider", id=row.type)
        connections.remove(scope, found.id)
        _tell(house, scope, "connection.deleted", story.connection_core(found))
    return found


def settings_of(type_: str) -> tuple[str, ...]:
    """What can be set for a provider, besides what every one has."""
    row = providers.PROVIDERS[type_]
    return tuple(dict.fromkeys((*row.needs, *row.takes)))


def _row(type_: str) -> Provider:
    """By its type in any case: one list of the contract spells GithubOAuth."""
    for name, row in providers.PROVIDERS.items():
        if name.lower() == type_.lower():
            return row
    raise NotFound(kind="OAuth provider", id=type_[:100])


def _settle(
    house: House, row: Provider, config: OAuthConfig | None, secrets: ConnectionSecrets, wish: OAuthWish
) -> tuple[OAuthConfig | None, ConnectionSecrets]:
    """The whole configuration, or none yet. Raises `InvalidFields` with every field that is wrong or lacking."""
    faults = _not_its_own(row, wish)
    values = {name: getattr(config, name) for name in _SETTINGS} if config else {}
    for name in ("client_id", *_OPTIONAL):
        given = getattr(wish, name)
        if given is not UNSET:
            values[name] = _checked(house, name, given) if given else None
    if isinstance(wish.scopes, tuple):
        values["scopes"] = _scopes(wish.scopes)
    if wish.scopes is None:
        values["scopes"] = ()
    if isinstance(wish.trust_email, bool):
        values["trust_email"] = wish.trust_email
    kept = {place: _secret(name, getattr(wish, name)) for name, place in _SECRETS.items() if text(getattr(wish, name))}
    secrets = msgspec.structs.replace(secrets, **kept)
    asked_for = any(getattr(wish, name) not in (UNSET, None) for name in wish.__struct_fields__)
    if config is None and not asked_for and not faults:
        return None, secrets
    faults += _lacking(row, values, secrets)
    if faults:
        raise InvalidFields(errors=tuple(faults))
    return OAuthConfig(**{name: value for name, value in values.items() if value is not None}), secrets


def _lacking(row: Provider, values: Mapping[str, Any], secrets: ConnectionSecrets) -> list[FieldError]:
    have = {name for name, value in values.items() if value}
    have |= {name for name, place in _SECRETS.items() if getattr(secrets, place)}
    return [
        FieldError(field=name, code=f"{name}_required", message=f"{row.name} takes {name}.")
        for name in ("client_id", *row.needs)
        if name not in have
    ]


def _not_its_own(row: Provider, wish: OAuthWish) -> list[FieldError]:
    own = {*row.needs, *row.takes}
    return [
        FieldError(field=name, code=f"{name}_unused", message=f"{row.name} does without {name}.")
        for name in (*_OPTIONAL, *_SECRETS)
        if name not in own and getattr(wish, name) not in (UNSET, None)
    ]


def _checked(house: House, name: str, value: str) -> str:
    if name == "base_url":
        url = check_url(house, value, name).rstrip("/")
        if "?" in url or "#" in url:
            raise invalid(name, "base_url_invalid", "A base URL has no query and no fragment.")
        return url
    if name == "tenant" and value not in providers.TENANTS and not providers.GUID.fullmatch(value):
        raise invalid(name, "tenant_invalid", "A tenant is a GUID in lower case, organizations, consumers, or common.")
    if not _WORD.fullmatch(value) or (name == "slug" and not re.fullmatch(r"[A-Za-z0-9-]+", value)):
        raise invalid(name, f"{name}_invalid", f"{name} is one word of ASCII characters.")
    return value


def _scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_WORD.fullmatch(scope) for scope in scopes):
        raise invalid("scopes", "scope_invalid", "A scope is one word of ASCII characters.")
    return tuple(dict.fromkeys(scopes))


def _secret(name: str, value: str) -> str:
    value = value.strip()
    if name == "private_key":
        try:
            apple.load_key(value)
        except OAuthKeyUnusable:
            raise invalid(name, "private_key_invalid", "This is no private key of Apple's: P-256 in PEM.") from None
    if len(value) > MAX_SECRET:
        raise invalid(name, f"{name}_invalid", f"{name} has at most {MAX_SECRET:,} characters.")
    return value


def _state(before: ConnectionState, config: OAuthConfig | None, wish: OAuthWish) -> ConnectionState:
    if config is None:
        return ConnectionState.DRAFT
    if wish.enabled is False:
        return ConnectionState.INACTIVE
    if wish.enabled is True and before is ConnectionState.INACTIVE:
        return ConnectionState.ACTIVE
    return ConnectionState.VALIDATING if before is ConnectionState.DRAFT else before


def _tell_changes(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    after: Connection,
    old: OAuthConfig | None,
    secrets: ConnectionSecrets,
) -> None:
    """What was set and by whom; of a secret only that it is another one now."""
    if not isinstance(after.config, OAuthConfig):
        return
    changes: dict[str, Any] = {}
    for name in _SETTINGS:
        was, now = (getattr(config, name) if config else None for config in (old, after.config))
        if was != now and (was or now):
            changes[name] = {"from": was, "to": now}
    for name, place in _SECRETS.items():
        if getattr(secrets, place) != getattr(after.secrets.reveal(), place):
            changes[name] = {"from": "kept" if getattr(secrets, place) else None, "to": "replaced"}
    if changes:
        data = {"connection": story.connection_core(after), "changes": changes, "actor": pass_.actor}
        _tell(house, scope, "connection.options_changed", data)


def _tell_state(house: House, scope: WritingScope, before: Connection | None, after: Connection) -> None:
    was = before.state if before else ConnectionState.DRAFT
    if was is after.state:
        return
    if after.state is ConnectionState.INACTIVE:
        _tell(house, scope, "connection.deactivated", story.connection(after, ()))
    elif after.state is ConnectionState.ACTIVE:
        _tell(house, scope, "connection.activated", story.connection(after, ()))


def _tell(house: House, scope: WritingScope, name: str, data: Mapping[str, Any]) -> None:
    now = house.now()
    events.add(scope, house.id(ids.EVENT, now), name, data, now=now)
