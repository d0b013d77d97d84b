"""The settings of an OAuth connection: credentials and what belongs to them, checked against the provider's row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows.connection_wishes import check_url, invalid, text
from latchstring.flows.house import House
from latchstring.model.connection import ConnectionSecrets, OAuthConfig
from latchstring.model.refusal import FieldError, InvalidFields, NotFound
from latchstring.protocols.oauth import apple, providers
from latchstring.protocols.oauth.refusals import OAuthKeyUnusable
from latchstring.protocols.oauth.row import Provider

SETTINGS = ("client_id", "scopes", "trust_email", "tenant", "team_id", "key_id", "slug", "base_url")
SECRETS = {"client_secret": "oauth_client_secret", "private_key": "apple_private_key"}  # wish -> where it is kept
MAX_SECRET = 8_192
_OPTIONAL = ("tenant", "team_id", "key_id", "slug", "base_url")  # of which each provider knows its own
_WORD = re.compile(r"[!-~]{1,512}")  # one word of ASCII: in a query it is encoded, in Basic as well


class OAuthWish(msgspec.Struct, frozen=True, kw_only=True):
    """`oauth_options` of a connection, an addition of ours. null takes a setting away. The secrets are never shown."""

    client_id: str | UnsetType | None = UNSET
    client_secret: str | UnsetType | None = UNSET
    scopes: tuple[str, ...] | UnsetType | None = UNSET
    trust_email: bool | UnsetType | None = UNSET
    tenant: str | UnsetType | None = UNSET
    team_id: str | UnsetType | None = UNSET
    key_id: str | UnsetType | None = UNSET
    private_key: str | UnsetType | None = UNSET
    slug: str | UnsetType | None = UNSET
    base_url: str | UnsetType | None = UNSET


def settings_of(type_: str) -> tuple[str, ...]:
    """What can be set for a provider, besides what every one has."""
    row = providers.PROVIDERS[type_]
    return tuple(dict.fromkeys((*row.needs, *row.takes)))


def row_of(type_: str) -> Provider:
    """By its type in any case: one list of the contract spells GithubOAuth."""
    for name, row in providers.PROVIDERS.items():
        if name.lower() == type_.lower():
            return row
    raise NotFound(kind="OAuth provider", id=type_[:100])


def is_asked(wish: OAuthWish) -> bool:
    """Whether anything is to be set at all."""
    return any(getattr(wish, name) not in (UNSET, None) for name in wish.__struct_fields__)


def settle(
    house: House,
    type_: str,
    config: OAuthConfig | None,
    secrets: ConnectionSecrets,
    wish: OAuthWish,
    *,
    inside: str = "",
) -> tuple[OAuthConfig, ConnectionSecrets]:
    """The whole configuration. Raises `InvalidFields`, whose fields lie `inside` another one ("oauth_options.")."""
    try:
        return _settle(house, providers.PROVIDERS[type_], config, secrets, wish)
    except InvalidFields as refusal:
        named = (msgspec.structs.replace(each, field=inside + each.field) for each in refusal.errors)
        raise InvalidFields(errors=tuple(named)) from None


def changes(
    old: OAuthConfig | None, new: OAuthConfig, secrets: ConnectionSecrets, kept: ConnectionSecrets
) -> dict[str, Any]:
    """For the event log; of a secret only that it is another one now."""
    found: dict[str, Any] = {}
    for name in SETTINGS:
        was, now = getattr(old, name) if old else None, getattr(new, name)
        if was != now and (was or now):
            found[name] = {"from": was, "to": now}
    for name, place in SECRETS.items():
        if getattr(secrets, place) != getattr(kept, place):
            found[name] = {"from": "kept" if getattr(secrets, place) else None, "to": "replaced"}
    return found


def _settle(
    house: House, row: Provider, config: OAuthConfig | None, secrets: ConnectionSecrets, wish: OAuthWish
) -> tuple[OAuthConfig, ConnectionSecrets]:
    faults = _not_its_own(row, wish)
    values = {name: getattr(config, name) for name in SETTINGS} if config else {}
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
    kept = {place: _secret(name, getattr(wish, name)) for name, place in SECRETS.items() if text(getattr(wish, name))}
    secrets = msgspec.structs.replace(secrets, **kept)
    faults += _lacking(row, values, secrets)
    if faults:
        raise InvalidFields(errors=tuple(faults))
    return OAuthConfig(**{name: value for name, value in values.items() if value is not None}), secrets


def _lacking(row: Provider, values: Mapping[str, Any], secrets: ConnectionSecrets) -> list[FieldError]:
    have = {name for name, value in values.items() if value}
    have |= {name for name, place in SECRETS.items() if getattr(secrets, place)}
    return [
        FieldError(field=name, code=f"{name}_required", message=f"{row.name} takes {name}.")
        for name in ("client_id", *row.needs)
        if name not in have
    ]


def _not_its_own(row: Provider, wish: OAuthWish) -> list[FieldError]:
    own = {*row.needs, *row.takes}
    return [
        FieldError(field=name, code=f"{name}_unused", message=f"{row.name} does without {name}.")
        for name in (*_OPTIONAL, *SECRETS)
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
