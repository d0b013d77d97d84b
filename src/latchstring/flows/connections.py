"""Connections: created from metadata, discovery or single values; changed, switched off, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring import guides
from latchstring.flows import (
    attribute_mapping,
    identifier_change,
    logout_settings,
    magic_link,
    oauth_settings,
    oidc_settings,
    refresh,
    saml_metadata,
    saml_settings,
    story,
)
from latchstring.flows import connection_settings as settings
from latchstring.flows.attribute_mapping import AttributeMapsWish
from latchstring.flows.cautions import Caution
from latchstring.flows.connection_wishes import OidcWish, SamlWish, Settled, invalid
from latchstring.flows.domains import searched
from latchstring.flows.environments import external_key
from latchstring.flows.house import House
from latchstring.flows.oauth_settings import OAuthWish
from latchstring.model import ids
from latchstring.model.connection import (
    AttributeMaps,
    Certificate,
    Config,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    OAuthConfig,
    OidcConfig,
    SamlConfig,
    StateUnreachable,
)
from latchstring.model.environment import Pass
from latchstring.model.organization import Domain
from latchstring.model.refusal import Conflict, InvalidRequest, NotFound
from latchstring.model.secret import Secret
from latchstring.protocols.identifier_change import IdentifierChange
from latchstring.storage import connections, events, organizations, watches
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.paging import Page, Window
from latchstring.storage.sqlite import AlreadyThere, OwnerGone
from latchstring.storage.watches import Watch

MAX_NAME = 255
PENDING = "Pending"  # the type of a connection that has none yet (contract 3.3)


class TypeImmutable(InvalidRequest):
    """The type of a connection cannot be changed: it is {current}."""

    code = "connection_type_immutable"
    fix = "Create a new connection of the other type and delete this one."
    current: str


class ExternalIdTaken(Conflict):
    """Another connection of the organization has the external id '{external_id}'."""

    code = "connection_external_id_already_used"
    fix = "External ids are unique within an organization: choose another one."
    external_id: str


class ConnectionChanged(Conflict):
    """Somebody else changed the connection '{id}' at the same moment, so nothing was done."""

    code = "connection_changed"
    fix = "Read the connection again, and send the change again if it is still wanted."
    retryable = True
    id: str


class ConnectionWish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be set (contract 3.5); UNSET is left alone."""

    organization_id: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    external_id: str | UnsetType | None = UNSET
    connection_type: str | UnsetType | None = UNSET
    attribute_maps: AttributeMapsWish | UnsetType | None = UNSET
    required_attributes: tuple[str, ...] | UnsetType | None = UNSET
    confirm_identifier_change: bool | UnsetType | None = UNSET
    saml_options: SamlWish | UnsetType | None = UNSET
    oidc_options: OidcWish | UnsetType | None = UNSET
    oauth_options: OAuthWish | UnsetType | None = UNSET
    draft: bool | UnsetType | None = UNSET  # make one without options, to be set up step by step (an addition of ours)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A connection with the domains of its organization, which the API shows beside it."""

    connection: Connection
    domains: tuple[Domain, ...]
    watch: Watch | None = None  # of its metadata URL
    cautions: tuple[Caution, ...] = ()  # about what was just given
    event_id: str | None = None  # of the event that tells what was just changed


def create(house: House, pass_: Pass, wish: ConnectionWish) -> tuple[Seen, bool]:
    """The connection, and whether it is new: an `external_id` that the organization has is answered with what is there.

    Asks the metadata or discovery URL before anything is written. A draft has no configuration yet, and no type either
    if none is named.
    """
    organization_id = wish.organization_id if isinstance(wish.organization_id, str) else ""
    if not organization_id:
        raise invalid("organization_id", "organization_id_required", "organization_id is required.")
    external_id = _external_id(wish.external_id)
    with house.database.read(pass_) as scope:
        organization = organizations.get(scope, organization_id)
        known = external_id and connections.by_external_id(scope, house.vault, organization_id, external_id)
    if organization is None:
        raise NotFound(kind="Organization", id=organization_id)
    if known:
        return Seen(connection=known, domains=organization.domains), False
    type_ = _type(wish)
    now = house.now()
    connection_id = house.id(ids.CONNECTION, now)
    state = ConnectionState.REQUIRES_TYPE
    if type_ != PENDING:
        state = state.after("given_a_type")
    if _given(wish.draft):
        settled = settings.draft(house, connection_id, ConnectionSecrets(), type_=type_, now=now)
    else:
        state = state.after("configured")
        settled = settings.configure(house, pass_.environment_id, connection_id, **_options(wish), type_=type_, now=now)
    config, secrets = logout_settings.arrange(house, settled.config, settled.secrets, _given(wish.saml_options), now)
    connection = Connection(
        id=connection_id,
        environment_id=pass_.environment_id,
        organization_id=organization_id,
        external_key=external_key(house),
        external_id=external_id,
        type=type_,
        name=_name(wish.name) or organization.name[:MAX_NAME],
        state=state,
        config=config,
        secrets=Secret(secrets),
        attribute_maps=AttributeMaps(),
        created_at=now,
        updated_at=now,
    )
    with house.database.write(pass_) as scope:
        connection = _mapped(scope, connection, wish)
        try:
            connections.add(scope, house.vault, connection)
        except AlreadyThere:
            raise ExternalIdTaken(external_id=external_id or "") from None
        except OwnerGone:  # while its metadata was asked for
            raise NotFound(kind="Organization", id=organization_id) from None
        watch = refresh.watch(house, scope, connection, settled.service, now, by=pass_.actor)
        tell_options(house, scope, pass_, None, connection)
    return (
        Seen(connection=connection, domains=organization.domains, watch=watch, cautions=settled.cautions),
        True,
    )


def get(house: House, pass_: Pass, connection_id: str) -> Seen:
    with house.database.read(pass_) as scope:
        connection = existing(connections.get(scope, house.vault, connection_id), connection_id)
        return seen(scope, connection)


def page(
    house: House,
    pass_: Pass,
    window: Window,
    *,
    connection_type: str | None,
    organization_id: str | None,
    domain: str | None,
    search: str | None,
) -> Page[Seen]:
    if connection_type is not None:
        guide = guides.guide(connection_type)
        if guide is None:
            raise invalid(
                "connection_type", "connection_type_unknown", f"'{connection_type}' is not a connection type."
            )
        connection_type = guide.type
    with house.database.read(pass_) as scope:
        found = connections.page(
            scope,
            house.vault,
            window,
            connection_type=connection_type,
            organization_id=organization_id,
            domain=searched(domain) if domain else None,
            search=search,
        )
        items = tuple(seen(scope, each) for each in found.items)
    return Page(items=items, before=found.before, after=found.after)


def update(house: House, pass_: Pass, connection_id: str, wish: ConnectionWish, *, waits: bool = False) -> Seen:
    """A draft is configured by its first options, and is free to change its type until then.

    `waits`: once it is configured, it admits nobody before somebody switches it on.
    """
    before = get(house, pass_, connection_id).connection
    if before.state is ConnectionState.DELETING:
        raise StateUnreachable(state=before.state.value, act="changed")
    now = house.now()
    type_, state, settled = _settled(house, before, wish, now)
    if waits and before.config is None and settled.config is not None:
        state = state.after("deactivated")
    config, secrets = logout_settings.arrange(house, settled.config, settled.secrets, _given(wish.saml_options), now)
    after = msgspec.structs.replace(
        before,
        name=_name(wish.name) or before.name,
        external_id=before.external_id if wish.external_id is UNSET else _external_id(wish.external_id),
        type=type_,
        state=state,
        config=config,
        secrets=Secret(secrets),
        updated_at=now,
    )
    with house.database.write(pass_) as scope:
        current = existing(connections.get(scope, house.vault, before.id), before.id)
        before = msgspec.structs.replace(
            before, attribute_maps=current.attribute_maps, identifier_source=current.identifier_source
        )
        after = _mapped(scope, msgspec.structs.replace(after, attribute_maps=current.attribute_maps), wish)
        change = identifier_change.settle(
            scope, before, after.attribute_maps, confirmed=_given(wish.confirm_identifier_change) is True
        )
        source = change.after if change else before.identifier_source
        after = replace(house, scope, before, msgspec.structs.replace(after, identifier_source=source))
        watch = refresh.watch(house, scope, after, settled.service, now, by=pass_.actor)
        told = tell_options(house, scope, pass_, before, after, change)
        domains = _domains(scope, after)
    return Seen(connection=after, domains=domains, watch=watch, cautions=settled.cautions, event_id=told)


def replace(house: House, scope: WritingScope, before: Connection, after: Connection) -> Connection:
    """What is kept: `after`, in the state and with the mapping of now unless that is what was changed.

    Raises `ConnectionChanged` if its type and configuration are not those any more from which `after` was made.
    """
    current = existing(connections.get(scope, house.vault, before.id), before.id)
    if (current.type, current.config) != (before.type, before.config):
        raise ConnectionChanged(id=before.id)
    if current.secrets.reveal() != before.secrets.reveal():
        raise ConnectionChanged(id=before.id)
    if after.state is before.state:
        after = msgspec.structs.replace(after, state=current.state)
    elif current.state is not before.state:
        raise ConnectionChanged(id=before.id)
    if after.attribute_maps == before.attribute_maps:
        after = msgspec.structs.replace(after, attribute_maps=current.attribute_maps)
    try:
        connections.save(scope, house.vault, after)
    except AlreadyThere:
        raise ExternalIdTaken(external_id=after.external_id or "") from None
    return after


def _mapped(scope: Scope, connection: Connection, wish: ConnectionWish) -> Connection:
    maps = attribute_mapping.granted(scope, connection.attribute_maps, wish.attribute_maps, wish.required_attributes)
    return msgspec.structs.replace(connection, attribute_maps=maps)


def tell_options(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    before: Connection | None,
    after: Connection,
    change: IdentifierChange | None = None,
) -> str | None:
    """Each setting that changed, or that a new connection has other than usual, with who did it (SAML-20); its id."""
    changes = _config_changes(before, after)
    changes |= story.mapping_changes(before.attribute_maps if before else AttributeMaps(), after.attribute_maps)
    if change:
        changes["identifier_source"] = identifier_change.told(change)
    if not changes:
        return None
    data = {"connection": story.connection_core(after), "changes": changes, "actor": pass_.actor}
    now = house.now()
    event_id = house.id(ids.EVENT, now)
    events.add(scope, event_id, "connection.options_changed", data, now=now)
    return event_id


def _config_changes(before: Connection | None, after: Connection) -> dict[str, Any]:
    new = after.config
    if isinstance(new, OAuthConfig):
        old_secrets = before.secrets.reveal() if before else ConnectionSecrets()
        was = before.config if before and isinstance(before.config, OAuthConfig) else None
        return oauth_settings.changes(was, new, old_secrets, after.secrets.reveal())
    if isinstance(new, OidcConfig):
        places = {name: getattr(new, name) for name in ("discovery_endpoint", "issuer", "client_id")}
        usual: Config = OidcConfig(**places)
        options: tuple[str, ...] = (*oidc_settings.OPTIONS, *oidc_settings.KEYS)
    else:
        usual, options = SamlConfig(idp_entity_id="", idp_sso_url=""), saml_settings.OPTIONS
    old = before.config if before else usual
    if type(old) is not type(usual) or type(new) is not type(usual):
        return {}
    values = {name: (getattr(old, name), getattr(new, name)) for name in options}
    return {name: {"from": _plain(was), "to": _plain(now)} for name, (was, now) in values.items() if was != now}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [entry.id if isinstance(entry, Certificate) else entry for entry in value]
    return story.instant(value) if isinstance(value, datetime) else value


def _settled(
    house: House, before: Connection, wish: ConnectionWish, now: datetime
) -> tuple[str, ConnectionState, Settled]:
    """Type, state and configuration after the wish."""
    options, named = _options(wish), _given(wish.connection_type)
    if before.config is not None:
        if named is not None and named != before.type:
            raise TypeImmutable(current=before.type)
        return before.type, before.state, settings.reconfigure(house, before, **options, now=now)
    state, known = before.state, None if before.type == PENDING else before.type
    wish = msgspec.structs.replace(wish, connection_type=named or known, draft=not any(options.values()))
    type_ = _type(wish)
    if state is ConnectionState.REQUIRES_TYPE and type_ != PENDING:
        state = state.after("given_a_type")
    if wish.draft:
        return type_, state, settings.draft(house, before.id, before.secrets.reveal(), type_=type_, now=now)
    settled = settings.configure_draft(house, before, **options, type_=type_, now=now)
    return type_, state.after("configured"), settled


def _type(wish: ConnectionWish) -> str:
    """The type that is named, in its own spelling, or the generic one of the protocol (contract 3.5)."""
    given, named = (
        [name for name, options in _options(wish).items() if options is not None],
        _given(wish.connection_type),
    )
    if not given and str(named).lower() == magic_link.TYPE.lower():
        return magic_link.TYPE
    if _given(wish.draft):
        if given:
            raise invalid("draft", "draft_with_options", "A draft has no options: leave out one or the other.")
        return PENDING if named is None else _guide(named).type
    if len(given) != 1:
        text = "Give exactly one of saml_options, oidc_options and oauth_options."
        raise invalid("saml_options", "options_required", text)
    if named is None:
        if given == ["oauth"]:
            raise invalid("connection_type", "connection_type_required", "oauth_options takes a connection_type.")
        return "GenericSAML" if given == ["saml"] else "GenericOIDC"
    guide = _guide(named)
    if guide.protocol != given[0]:
        raise invalid(
            "connection_type",
            "connection_type_mismatch",
            f"{guide.type} speaks {guide.protocol}: give {guide.protocol}_options.",
        )
    return guide.type


def _options(wish: ConnectionWish) -> dict[str, Any]:
    """The protocols' options by protocol; None for what is not given."""
    return {name: _given(getattr(wish, f"{name}_options")) for name in ("saml", "oidc", "oauth")}


def _guide(named: str) -> guides.Guide:
    guide = guides.guide(named)
    if guide is None or guide.protocol not in ("saml", "oidc", "oauth"):
        text = f"'{named}' is not a type of SAML, OpenID Connect or OAuth."
        raise invalid("connection_type", "connection_type_invalid", text)
    return guide


def _given(value: Any) -> Any:
    """SDKs send explicit nulls for what they do not set."""
    return None if value is UNSET else value


def _name(value: str | UnsetType | None) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if len(name) > MAX_NAME:
        raise invalid("name", "name_too_long", f"name has at most {MAX_NAME} characters.")
    return name


def _external_id(value: str | UnsetType | None) -> str | None:
    if not isinstance(value, str):
        return None
    if not (value.isascii() and 0 < len(value) <= 128):
        raise invalid("external_id", "external_id_invalid", "external_id has 1 to 128 ASCII characters.")
    return value


def seen(scope: Scope, connection: Connection) -> Seen:
    return Seen(
        connection=connection,
        domains=_domains(scope, connection),
        watch=watches.get(scope, connection.id) if saml_metadata.watched_url(connection) else None,
    )


def _domains(scope: Scope, connection: Connection) -> tuple[Domain, ...]:
    return organizations.domains(scope, connection.organization_id) if connection.organization_id else ()


def existing(connection: Connection | None, connection_id: str) -> Connection:
    if connection is None:
        raise NotFound(kind="Connection", id=connection_id)
    return connection
