"""The identity provider signs somebody out: sessions end, the application hears of it, the provider is answered.

Where the environment has a logout URI, the browser goes there first, so that the application can clear its cookies; it
comes back to an address that is good once, and takes our answer along.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

from latchstring.adapters import saml_logout
from latchstring.adapters.base import Departure, Door, Redirect
from latchstring.adapters.saml_logout import LogoutArrival
from latchstring.flows import logout as ours
from latchstring.flows import select, story
from latchstring.flows.house import House
from latchstring.flows.land import REMEMBER_SKEW
from latchstring.flows.logout import LogoutNotOffered
from latchstring.model import ids
from latchstring.model.connection import Connection, OidcConfig, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.logout import AWAY_LIFETIME, LogoutAsked
from latchstring.model.refusal import LogoutRefused, Mender
from latchstring.model.session import SamlSession, Session
from latchstring.protocols.saml import logout, refusals
from latchstring.protocols.saml.logout import LogoutRequest
from latchstring.storage import attempts, connections, environments, events, front_door, logouts, sessions
from latchstring.storage.database import Scope

MAX_NAMED = 20  # sessions that the application's logout URI is told of


class LogoutReplayed(LogoutRefused):
    """This logout request of the identity provider was already used once."""

    code = "logout_request_replayed"
    mender = Mender.USER
    fix = "Sign out at the identity provider again; do not reload or go back to this page."


class LogoutReturnInvalid(LogoutRefused):
    """This way back from the application has expired or was used."""

    code = "logout_return_invalid"
    mender = Mender.DEVELOPER
    fix = "Send the browser to `return_to` once, within ten minutes."


def receive(house: House, external_key: str, arrival: LogoutArrival, visitor: story.Visitor) -> Departure:
    """A LogoutRequest -> the application, or at once the answer.

    Raises `LogoutNotOffered`, and a `LogoutRefused` or `SamlRefused` where nobody can be answered: the message is not
    of our identity provider, or not for us, or comes a second time. Any other fault is answered with status Requester,
    and stands in the event log.
    """
    pass_, connection, door = ours.saml_door(house, external_key)
    now = house.now()
    message = saml_logout.verify(door, arrival, now)
    expected = saml_logout.expected(door)
    asked = LogoutAsked(request_id=ours.request_id(message), relay_state=arrival.relay_state)
    forget_at = logout.remember_until(expected, now) + REMEMBER_SKEW
    try:
        request = logout.read_request(message, expected, now, decryption_keys=saml_logout.decryption_keys(door))
    except (LogoutRefused, refusals.SamlRefused) as refusal:
        _note(house, pass_, connection, refusal, visitor, asked.request_id, forget_at)
        return _answer(house, door, asked, "requester", now)
    logout_uri = environments.settings(house.database, pass_.environment_id).logout_uri
    handle = house.secret()
    with house.database.write(pass_) as scope:
        if not attempts.use_message(scope, connection.id, f"logout:{asked.request_id}", forget_at=forget_at):
            raise LogoutReplayed
        found = _sessions(house, scope, door, request, now)
        ended = ours.end(house, scope, connection, found, "identity_provider", visitor, now)
        if ended and logout_uri is not None:
            logouts.add(scope, handle, connection_id=connection.id, step=asked, expires_at=now + AWAY_LIFETIME)
    # Who the person is, and whether we know them, is not in the answer: it is the same for everybody.
    if logout_uri is None:
        return _answer(house, door, asked, "partial", now)
    if not ended:
        return _answer(house, door, asked, "success", now)
    return Redirect(_told(logout_uri, connection, ended, f"{house.base_url}/sso/logout/return?handle={handle}"))


def finish(house: House, handle: str) -> Departure:
    """The application has cleared its cookies -> the answer. Raises `LogoutReturnInvalid` or `LogoutNotOffered`."""
    pass_ = front_door.by_logout(house.database, handle)
    if pass_ is None:
        raise LogoutReturnInvalid
    now = house.now()
    with house.database.read(pass_) as scope:
        found = logouts.get(scope, handle, now)
        connection = connections.get(scope, house.vault, found[0]) if found else None
    if found is None or connection is None or not isinstance(found[1], LogoutAsked):
        raise LogoutReturnInvalid
    _, _, door = ours.saml_door(house, connection.external_key)
    departure = _answer(house, door, found[1], "success", now)
    with house.database.write(pass_) as writing:
        if not logouts.take(writing, handle, now):
            raise LogoutReturnInvalid
    return departure


def front_channel(
    house: House, external_key: str, *, issuer: str | None, sid: str | None, visitor: story.Visitor
) -> str | None:
    """Where the browser goes when an OpenID Connect provider signs somebody out; None: no logout URI is registered.

    The request proves nothing (OpenID Connect Front-Channel Logout 1.0, 2), so by itself it ends nothing here but the
    session that it can name by a `sid` of this connection; what it means for its cookies, the application decides.
    """
    entered = select.at_address(house, external_key)
    if entered is None:
        raise LogoutNotOffered(kind="Single Logout", id=external_key)
    pass_, connection = entered
    config = connection.config
    if not isinstance(config, OidcConfig) or not connection.state.admits_logins:
        raise LogoutNotOffered(kind="Single Logout", id=external_key)
    logout_uri = environments.settings(house.database, pass_.environment_id).logout_uri
    if issuer not in (None, config.token_issuer):
        sid = None
    ended: list[Session] = []
    if sid:
        now = house.now()
        with house.database.write(pass_) as writing:
            found = sessions.named(writing, house.vault, connection.id, sid, now)
            ended = ours.end(house, writing, connection, found, "identity_provider", visitor, now)
    return None if logout_uri is None else _told(logout_uri, connection, ended, None)


def _sessions(
    house: House, scope: Scope, door: Door[SamlConfig], request: LogoutRequest, now: datetime
) -> list[Session]:
    """Of the person, and by SessionIndex; without one, all (core 3.7.3.2)."""
    found = []
    for one in sessions.named(scope, house.vault, door.connection.id, request.name_id.value, now):
        idp = one.idp.reveal()
        if not isinstance(idp, SamlSession) or not logout.same_person(
            request.name_id,
            idp.name_id,
            idp_entity_id=door.config.idp_entity_id,
            sp_entity_id=door.ours.sp_entity_id,
        ):
            continue
        if not request.indexes or not idp.indexes or set(request.indexes) & set(idp.indexes):
            found.append(one)
    return found


def _note(
    house: House,
    pass_: Pass,
    connection: Connection,
    refusal: LogoutRefused | refusals.SamlRefused,
    visitor: story.Visitor,
    request_id: str,
    forget_at: datetime,
) -> None:
    """Tells the event log why the provider's request was not followed; once, however often it is sent."""
    now = house.now()
    with house.database.write(pass_) as scope:
        if attempts.use_message(scope, connection.id, f"logout-refused:{request_id}", forget_at=forget_at):
            data = story.logout_refused(connection, refusal, visitor)
            events.add(scope, house.id(ids.EVENT, now), "authentication.sso_logout_refused", data, now=now)


def _answer(house: House, door: Door[SamlConfig], asked: LogoutAsked, word: str, now: datetime) -> Departure:
    status, detail = saml_logout.STATUS[word]
    return saml_logout.answer(
        door,
        response_id="_" + house.chance(16).hex(),
        in_response_to=asked.request_id,
        relay_state=asked.relay_state,
        status=status,
        detail=detail,
        now=now,
    )


def _told(logout_uri: str, connection: Connection, ended: list[Session], return_to: str | None) -> str:
    """The logout URI with whom it is about; the application compares before it clears anything."""
    facts = {
        "connection_id": connection.id,
        "profile_id": ",".join(dict.fromkeys(one.profile_id for one in ended[:MAX_NAMED])),
        "session_id": ",".join(one.id for one in ended[:MAX_NAMED]),
        "return_to": return_to or "",
    }
    query = urlencode({name: value for name, value in facts.items() if value}, quote_via=quote)
    return f"{logout_uri}{'&' if '?' in logout_uri else '?'}{query}"
