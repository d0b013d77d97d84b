"""A magic link is made for an address and mailed to it, both at the word of the application's back end (contract 9).

Its connection belongs to the environment and is made with the first link; or the application names one of an
organization, and then the organization's domains count.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit

import msgspec

from latchstring.adapters import magic_link as adapter
from latchstring.flows import select, story
from latchstring.flows.authorize import MAX_STATE
from latchstring.flows.environments import external_key
from latchstring.flows.house import House
from latchstring.model import ids, magic_link
from latchstring.model.connection import (
    AttributeMaps,
    Connection,
    ConnectionSecrets,
    ConnectionState,
    MagicLinkConfig,
)
from latchstring.model.environment import Pass, RedirectUri
from latchstring.model.magic_link import MagicLink
from latchstring.model.organization import Organization
from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest, Refusal, Throttled
from latchstring.model.secret import Secret
from latchstring.protocols import email_address, redirect_uri, sign_in_mail
from latchstring.storage import connections, environments, events, front_door, magic_links, organizations
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.sqlite import OwnerGone

TYPE = "MagicLink"
WINDOW = timedelta(hours=1)  # in which the mails to one address are counted


class LinkOver(InvalidRequest):
    """The passwordless session '{id}' has expired or is invalid."""

    code = "passwordless_session_invalid"
    fix = "Create another one with `POST /passwordless/sessions`: each signs in once, within its time."
    id: str


class LinkWish(msgspec.Struct, frozen=True, kw_only=True):
    """What POST /passwordless/sessions takes. SDKs send nulls for what is not set."""

    email: str | None = None
    type: str | None = None
    redirect_uri: str | None = None
    state: str | None = None
    connection: str | None = None
    expires_in: int | None = None  # seconds


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link and the only sight of its address."""

    link: MagicLink
    url: Secret[str]


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a wish is held against."""

    registered: list[RedirectUri]
    connection: Connection | None  # the one that is named; or the environment's, if there is one yet
    organization: Organization | None


def create(house: House, pass_: Pass, wish: LinkWish) -> NewLink:
    """Nothing is mailed yet. Raises `InvalidFields` with everything that is wrong, or `ConnectionUnlinked`."""
    with house.database.read(pass_) as scope:
        known = _known(house, scope, wish)
    faults = list(_faults(wish, known, pass_))
    if faults:
        raise InvalidFields(errors=tuple(faults))
    if known.connection is not None:
        select.usable(known.connection)
    now = house.now()
    token = house.secret()
    with house.database.write(pass_) as scope:
        # Looked for once more, because it may have been made, or deleted, since.
        named = wish.connection and connections.get(scope, house.vault, wish.connection)
        if wish.connection and not named:
            raise InvalidFields(errors=(_unknown(wish.connection),))
        connection = named or _of_environment(house, scope, pass_, now)
        link = MagicLink(
            id=house.id(ids.PASSWORDLESS_SESSION, now),
            connection_id=connection.id,
            email=email_address.email_address(wish.email or ""),
            redirect_uri=wish.redirect_uri,
            app_state=None if wish.state is None else wish.state.encode().decode("latin-1"),
            created_at=now,
            expires_at=now + (timedelta(seconds=wish.expires_in) if wish.expires_in else magic_link.LIFETIME),
        )
        magic_links.add(scope, link, front_door.digest(token))
    return NewLink(link=link, url=Secret(_url(house, token)))


def send(house: House, pass_: Pass, link_id: str) -> None:
    """Mails the link, each time with a token of its own, because the others are not known any more.

    Raises `LinkOver`, `ConnectionUnlinked`, `Throttled`, and what the mail server brings about (`effects.mail`).
    """
    now = house.now()
    with house.database.read(pass_) as scope:
        link = magic_links.get(scope, link_id)
        connection = connections.get(scope, house.vault, link.connection_id) if link else None
        registered = environments.redirect_uris(scope)
    if link is None or connection is None or not link.is_open(now):
        raise LinkOver(id=link_id[:100])
    select.usable(connection)
    application = urlsplit(redirect_uri.admit(link.redirect_uri, registered, pass_.redirects)).netloc
    deliver = house.postbox()
    limit = environments.settings(house.database, pass_.environment_id).magic_links_per_hour
    token = house.secret()
    recipient = adapter.person(link.email).lower()
    with house.database.write(pass_) as scope:
        _hold_back(scope, recipient, limit, now)
        try:
            magic_links.add_mailed(scope, front_door.digest(token), link_id=link.id, recipient=recipient, now=now)
        except OwnerGone:
            raise LinkOver(id=link.id) from None
    voice = house.voice(house.mail_language)
    mail = sign_in_mail.compose(
        application=environments.name_of(house.database, pass_.environment_id),
        place=application,
        email=link.email,
        url=_url(house, token),
        remaining=link.expires_at - now,
        say=voice.say,
        language=voice.language,
    )
    try:
        deliver(mail)
    except Refusal:
        with house.database.write(pass_) as scope:
            magic_links.drop_token(scope, front_door.digest(token))  # nobody has it, and it counts for nothing
        raise


def _url(house: House, token: str) -> str:
    return f"{house.base_url}/passwordless/{token}/confirm"


def _known(house: House, scope: Scope, wish: LinkWish) -> _Known:
    if wish.connection is None:
        connection = connections.of_environment(scope, house.vault, TYPE)
    else:
        connection = connections.get(scope, house.vault, wish.connection)
    belongs_to = connection.organization_id if connection and isinstance(connection.config, MagicLinkConfig) else None
    return _Known(
        registered=environments.redirect_uris(scope),
        connection=connection,
        organization=organizations.get(scope, belongs_to) if belongs_to else None,
    )


def _faults(wish: LinkWish, known: _Known, pass_: Pass) -> list[FieldError]:
    """Those of `email` and `type` in WorkOS's own words, which older SDKs show as they are (contract 1.5)."""
    faults = [_email_fault(wish.email, known.organization)]
    if wish.type != TYPE:
        faults.append(_fault("type", "type must be a valid enum value", "type must be a valid enum value"))
    seconds = wish.expires_in
    if seconds is not None and not magic_link.SHORTEST <= seconds <= magic_link.LONGEST:
        between = f"{magic_link.SHORTEST} to {magic_link.LONGEST}"
        faults.append(_fault("expires_in", "expires_in_out_of_range", f"expires_in is from {between} seconds."))
    if wish.state is not None and len(wish.state.encode()) > MAX_STATE:
        faults.append(_fault("state", "state_too_long", f"state has at most {MAX_STATE} bytes."))
    faults.append(_redirect_fault(wish.redirect_uri, known.registered, pass_))
    if wish.connection is not None:
        if known.connection is None:
            faults.append(_unknown(wish.connection))
        elif not isinstance(known.connection.config, MagicLinkConfig):
            text = f"This connection is of the type {known.connection.type}: name one of the type {TYPE}, or none."
            faults.append(_fault("connection", "connection_type_mismatch", text))
    return [fault for fault in faults if fault is not None]


def _email_fault(email: str | None, organization: Organization | None) -> FieldError | None:
    if email is None:
        return _fault("email", "email must be a string", "email must be a string")
    try:
        domain = email_address.email_domain(email)
    except email_address.EmailInvalid as refusal:
        return _fault(
            "email", "email_invalid", f"email is not one plain address such as ann@acme.example: {refusal.reason}."
        )
    if organization is not None and not organization.admits((domain,)):
        text = f"{domain} is not among the verified domains of the connection's organization."
        return _fault("email", "email_outside_organization", text)
    return None


def _redirect_fault(uri: str | None, registered: list[RedirectUri], pass_: Pass) -> FieldError | None:
    try:
        redirect_uri.admit(uri, registered, pass_.redirects)
    except redirect_uri.RedirectUriUnregistered as refusal:
        if uri is None:
            return _fault("redirect_uri", "default_redirect_uri_missing", "There is no default redirect URI: give one.")
        return _fault("redirect_uri", refusal.code, "redirect_uri is not registered, letter by letter.")
    return None


def _unknown(connection_id: str) -> FieldError:
    return _fault("connection", "connection_unknown", f"No connection found with the id '{connection_id[:100]}'.")


def _fault(field: str, code: str, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)


def _of_environment(house: House, scope: WritingScope, pass_: Pass, now: datetime) -> Connection:
    """The environment's own connection, made where there is none."""
    found = connections.of_environment(scope, house.vault, TYPE)
    if found is not None:
        return select.usable(found)
    connection = Connection(
        id=house.id(ids.CONNECTION, now),
        environment_id=pass_.environment_id,
        organization_id=None,
        external_key=external_key(house),
        external_id=None,
        type=TYPE,
        name="Magic Link",
        state=ConnectionState.ACTIVE,
        config=MagicLinkConfig(),
        secrets=Secret(ConnectionSecrets()),
        attribute_maps=AttributeMaps(),
        created_at=now,
        updated_at=now,
    )
    connections.add(scope, house.vault, connection)
    events.add(scope, house.id(ids.EVENT, now), "connection.activated", story.connection(connection, ()), now=now)
    return connection


def _hold_back(scope: Scope, recipient: str, limit: int, now: datetime) -> None:
    """Nobody's mailbox is to be filled through us, whoever types their address into an application."""
    sent = magic_links.sent_to(scope, recipient, since=now - WINDOW, count=limit)
    if len(sent) >= limit:
        _throttle(sent[-1] + WINDOW - now if sent else WINDOW)


def _throttle(wait: timedelta) -> NoReturn:
    raise Throttled(retry_after=max(1, -(-int(wait.total_seconds() * 1000) // 1000)))
