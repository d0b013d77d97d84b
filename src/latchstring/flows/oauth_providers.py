"""An environment's credentials at OAuth providers: one connection of its own for each, set, listed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import connection_life, oauth_settings, story
from latchstring.flows.environments import external_key
from latchstring.flows.house import House
from latchstring.flows.oauth_settings import OAuthWish, is_asked, row_of
from latchstring.model import ids
from latchstring.model.connection import (
    AttributeMaps,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    OAuthConfig,
)
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, NotFound
from latchstring.model.secret import Secret
from latchstring.protocols.oauth import providers
from latchstring.storage import connections, events
from latchstring.storage.database import WritingScope
from latchstring.storage.sqlite import AlreadyThere


class ProviderMissing(NotFound):
    """The provider '{id}' is not set up in this environment."""

    code = "oauth_provider_not_found"
    fix = "Set it up: `PUT /oauth_providers/{type}`, or `latchstring provider set`."


class ProviderChanged(Conflict):
    """Somebody else set up the provider '{provider}' at the same moment, so nothing was done."""

    code = "oauth_provider_changed"
    fix = "Read it again, and send the change again if it is still wanted."
    retryable = True
    provider: str


class ProviderWish(OAuthWish, frozen=True, kw_only=True):
    """What shall be set; what is UNSET is left alone, and null takes a setting away. The secrets are never shown."""

    enabled: bool | UnsetType | None = UNSET


def listed(house: House, pass_: Pass) -> list[Connection]:
    """Those that are set up, oldest first."""
    with house.database.read(pass_) as scope:
        found = connections.every_of_environment(scope, house.vault)
    return [connection for connection in found if connection.type in providers.PROVIDERS]


def get(house: House, pass_: Pass, type_: str) -> Connection:
    """Raises `ProviderMissing`."""
    row = row_of(type_)
    with house.database.read(pass_) as scope:
        found = connections.of_environment(scope, house.vault, row.type)
    if found is None:
        raise ProviderMissing(kind="OAuth provider", id=row.type)
    return found


def put(house: House, pass_: Pass, type_: str, wish: ProviderWish) -> tuple[Connection, bool]:
    """The provider as it is set now, and whether it is new.

    Without a client id it is a draft: its redirect URI is known, so that it can be registered. Raises `InvalidFields`.
    """
    row = row_of(type_)
    now = house.now()
    with house.database.write(pass_) as scope:
        before = connections.of_environment(scope, house.vault, row.type)
        config = before.config if before and isinstance(before.config, OAuthConfig) else None
        secrets = before.secrets.reveal() if before else ConnectionSecrets()
        settled, kept = config, secrets
        if config is not None or is_asked(wish):
            settled, kept = oauth_settings.settle(house, row.type, config, secrets, wish)
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
                raise ProviderChanged(provider=row.type) from None
        else:
            connections.save(scope, house.vault, after)
        if settled is not None:
            changes = oauth_settings.changes(config, settled, secrets, kept)
            if changes:
                data = {"connection": story.connection_core(after), "changes": changes, "actor": pass_.actor}
                _tell(house, scope, "connection.options_changed", data)
        _tell_state(house, scope, before, after)
    return after, before is None


def delete(house: House, pass_: Pass, type_: str) -> Connection:
    """The credentials with the profiles and sign-ins of everybody who came through them. Raises `ProviderMissing`."""
    row = row_of(type_)
    with house.database.write(pass_) as scope:
        found = connections.of_environment(scope, house.vault, row.type)
        if found is None:
            raise ProviderMissing(kind="OAuth provider", id=row.type)
        connection_life.begin_deletion(house, scope, found)
    return found


def _state(state: ConnectionState, config: OAuthConfig | None, wish: ProviderWish) -> ConnectionState:
    """Where it stands after this wish, by the table of all connections."""
    if config is None:
        return state
    if state is ConnectionState.DRAFT:
        state = state.after("configured")
    if wish.enabled is False and state.admits_logins:
        return state.after("deactivated")
    if wish.enabled is True and not state.admits_logins:
        return state.after("activated")
    return state


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
