"""The application signs somebody out: a link for the browser, the way to the provider, and back (contract 2.4).

What is ours ends when the browser leaves: access tokens, codes, and what we know of the session. What the identity
provider says afterwards changes nothing but the page that is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import msgspec

from latchstring.adapters import saml_logout
from latchstring.adapters.base import Adapter, Departure, Door
from latchstring.adapters.saml_logout import LogoutArrival
from latchstring.flows import select, story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Config, Connection, OidcConfig, SamlConfig
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.logout import AWAY_LIFETIME, TOKEN_LIFETIME, LogoutAway, LogoutLink, LogoutUnsupported
from latchstring.model.refusal import LogoutRefused, Mender, NotFound
from latchstring.model.session import Session
from latchstring.protocols import redirect_uri
from latchstring.protocols.saml import logout
from latchstring.protocols.saml.logout_refusals import LogoutAnswerUnknown
from latchstring.protocols.saml.message import VerifiedMessage
from latchstring.storage import connections, environments, events, front_door, grants, logouts, profiles, sessions
from latchstring.storage.database import Scope, WritingScope


class SessionUnknown(NotFound):
    """No session of the profile '{id}' at the identity provider is known."""

    code = "idp_session_unknown"
    fix = "End your own session: it was ended at the identity provider, or began before the connection offered logout."


class LogoutTokenInvalid(NotFound):
    """The sign-out link has expired or was used."""

    code = "logout_token_invalid"
    fix = (
        "Go back to the application and sign out there again: its back end asks `POST /sso/logout/authorize` for a "
        "token, good for five minutes and one use."
    )


class ReturnUnregistered(LogoutRefused):
    """The address to return to after the sign-out is not registered, so nobody was sent there."""

    code = "logout_return_unregistered"
    mender = Mender.DEVELOPER
    fix = "Register the address of `return_to` as a redirect URI, or as the environment's logout URI."
    received: str


class LogoutNotOffered(NotFound):
    """There is no Single Logout at this address."""

    code = "logout_address_unknown"
    fix = "Copy the single logout URL of the connection into the identity provider again; the SP metadata hold it."


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """The browser on its way to the identity provider, and the secret that binds the way back to it."""

    departure: Departure
    handle: str
    browser_secret: str


class SignedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the way: back to the application, or a page of ours."""

    return_to: TrustedRedirect | None
    outcome: str = "success"  # or partial, failed: what the identity provider says of the other applications
    handle: str | None = None  # whose cookie is done with


def authorize(house: House, pass_: Pass, profile_id: str) -> str:
    """A logout token. Raises `NotFound` or `LogoutUnsupported`."""
    with house.database.read(pass_) as scope:
        profile = profiles.get(scope, profile_id)
        connection = connections.get(scope, house.vault, profile.connection_id) if profile else None
    if profile is None or connection is None:
        raise NotFound(kind="Profile", id=profile_id)
    adapter, door = _door(house, connection)
    adapter.check_logout(door, house.fetch)
    now = house.now()
    token = house.secret()
    with house.database.write(pass_) as writing:
        if not sessions.of_profile(writing, house.vault, profile_id, now):
            raise SessionUnknown(kind="Session", id=profile_id)
        link = LogoutLink(profile_id=profile_id)
        logouts.add(writing, token, connection_id=connection.id, step=link, expires_at=now + TOKEN_LIFETIME)
    return token


def leave(house: House, token: str, *, return_to: str | None, visitor: story.Visitor) -> Leaving | SignedOut:
    """Ends what is ours and sends the browser on. Raises `LogoutTokenInvalid`, `ReturnUnregistered`, and others."""
    pass_, link, connection, trusted = _link(house, token, return_to)
    now = house.now()
    with house.database.read(pass_) as scope:
        known = sessions.of_profile(scope, house.vault, link.profile_id, now)
    handle, secret = house.chance(16).hex(), house.secret()
    departure: Departure | None = None
    if known:
        adapter, door = _door(house, connection)
        departure = adapter.leave(door, [one.idp.reveal() for one in known], handle, house.fetch, now)
    with house.database.write(pass_) as writing:
        if not logouts.take(writing, token, now):
            raise LogoutTokenInvalid(kind="Logout token", id="")
        grants.end_profile(writing, link.profile_id, now)
        end(house, writing, connection, known, "application", visitor, now)
        if departure is not None:
            away = LogoutAway(browser_hash=sha256(secret.encode()).digest(), return_to=trusted)
            logouts.add(writing, handle, connection_id=connection.id, step=away, expires_at=now + AWAY_LIFETIME)
    if departure is None:
        return SignedOut(return_to=trusted)
    return Leaving(departure=departure, handle=handle, browser_secret=secret)


def examine(house: House, token: str, *, return_to: str | None) -> None:
    """The same checks, without ending anything: link checkers ask like this."""
    _link(house, token, return_to)


def saml_answered(
    house: House, external_key: str, arrival: LogoutArrival, *, browser_secret: Mapping[str, str]
) -> SignedOut:
    """A provider's LogoutResponse to the request that this browser carried. Raises a `LogoutRefused` or others."""
    pass_, connection, door = saml_door(house, external_key)
    now = house.now()
    message = saml_logout.verify(door, arrival, now)
    handle = (message.root.get("InResponseTo") or "").removeprefix("_")
    away = _away(house, pass_, connection, handle, browser_secret, now)
    answer = logout.read_response(message, saml_logout.expected(door), "_" + handle, now)
    _take(house, pass_, handle, now)
    return SignedOut(return_to=away.return_to, outcome=answer.outcome, handle=handle)


def oidc_answered(house: House, external_key: str, state: str, *, browser_secret: Mapping[str, str]) -> SignedOut:
    """The browser is back from an end_session_endpoint. Without our state it ends on a page of ours."""
    entered = select.at_address(house, external_key)
    if entered is None or not isinstance(entered[1].config, OidcConfig):
        raise LogoutNotOffered(kind="Single Logout", id=external_key)
    pass_, connection = entered
    now = house.now()
    try:
        away = _away(house, pass_, connection, state, browser_secret, now)
        _take(house, pass_, state, now)
    except LogoutAnswerUnknown:
        return SignedOut(return_to=None)
    return SignedOut(return_to=away.return_to, handle=state)


def saml_door(house: House, external_key: str) -> tuple[Pass, Connection, Door[SamlConfig]]:
    """A SAML connection that offers logout; any other has no such address (SAML-46). Raises `LogoutNotOffered`."""
    entered = select.at_address(house, external_key)
    if entered is not None:
        pass_, connection = entered
        config = connection.config
        if isinstance(config, SamlConfig) and config.offers_logout and connection.state.admits_logins:
            return pass_, connection, _saml_door(house, connection, config)
    raise LogoutNotOffered(kind="Single Logout", id=external_key)


def end(
    house: House,
    scope: WritingScope,
    connection: Connection,
    found: Sequence[Session],
    by: str,
    visitor: story.Visitor,
    now: datetime,
) -> list[Session]:
    """Ends the sessions and what they gave, and tells the event log of each that had not ended yet."""
    ended = [one for one in found if sessions.end(scope, one.id, now)]
    for one in ended:
        grants.end_attempt(scope, one.id, now)
        events.add(
            scope,
            house.id(ids.EVENT, now),
            "authentication.sso_session_ended",
            story.session_ended(one, connection, by, visitor),
            now=now,
        )
    return ended


def request_id(message: VerifiedMessage) -> str:
    return message.root.get("ID", "")


def _saml_door(house: House, connection: Connection, config: SamlConfig) -> Door[SamlConfig]:
    return Door(connection=connection, config=config, ours=house.addresses(connection), test_idp=house.test_idp)


def _door(house: House, connection: Connection) -> tuple[Adapter, Door[Config]]:
    config = connection.config
    if config is None or not connection.state.admits_logins:
        raise LogoutUnsupported(reason=f"its state is {connection.state.value}")
    return house.adapters[type(config)], house.door(connection, config)


def _link(
    house: House, token: str, return_to: str | None
) -> tuple[Pass, LogoutLink, Connection, TrustedRedirect | None]:
    pass_ = front_door.by_logout(house.database, token)
    if pass_ is None:
        raise LogoutTokenInvalid(kind="Logout token", id="")
    with house.database.read(pass_) as scope:
        found = logouts.get(scope, token, house.now())
        connection = connections.get(scope, house.vault, found[0]) if found else None
        trusted = None if return_to is None else _admit(house, scope, pass_, return_to)
    if found is None or connection is None or not isinstance(found[1], LogoutLink):
        raise LogoutTokenInvalid(kind="Logout token", id="")
    return pass_, found[1], connection, trusted


def _admit(house: House, scope: Scope, pass_: Pass, return_to: str) -> TrustedRedirect:
    """A registered redirect URI, or the registered logout URI; nothing else is ever redirected to (OAUTH-13)."""
    settings = environments.settings(house.database, pass_.environment_id)
    if settings.logout_uri is not None and return_to == settings.logout_uri:
        return TrustedRedirect(return_to)
    try:
        return redirect_uri.admit(return_to, environments.redirect_uris(scope), pass_.redirects)
    except redirect_uri.RedirectUriUnregistered:
        raise ReturnUnregistered(received=return_to[:500]) from None


def _away(
    house: House, pass_: Pass, connection: Connection, handle: str, browser_secret: Mapping[str, str], now: datetime
) -> LogoutAway:
    """The logout that this browser has under way with this connection. Raises `LogoutAnswerUnknown`."""
    with house.database.read(pass_) as scope:
        found = logouts.get(scope, handle, now)
    if found is None or found[0] != connection.id or not isinstance(found[1], LogoutAway):
        raise LogoutAnswerUnknown
    if not compare_digest(sha256(browser_secret.get(handle, "").encode()).digest(), found[1].browser_hash):
        raise LogoutAnswerUnknown
    return found[1]


def _take(house: House, pass_: Pass, handle: str, now: datetime) -> None:
    with house.database.write(pass_) as scope:
        if not logouts.take(scope, handle, now):
            raise LogoutAnswerUnknown
