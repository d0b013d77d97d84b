"""Sessions of the Admin Portal: begun by a link, looked up for every page, ended."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.portal import IDLE, SESSION, PortalLink, PortalProgress, PortalSession
from latchstring.model.refusal import Mender, Unauthorized
from latchstring.model.secret import Secret
from latchstring.storage import front_door, organizations
from latchstring.storage import portal_progress as progress
from latchstring.storage import portal_sessions as sessions
from latchstring.storage.database import WritingScope

_SEEN_EVERY = timedelta(minutes=5)  # a write for every look at a page would be too many


class PortalSessionOver(Unauthorized):
    """The set-up is not open in this browser, or not any more."""

    code = "portal_session_over"
    mender = Mender.IT_ADMIN
    fix = "Open it again by the link that you were sent, or from the application. What was done is saved."


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever has a session, and where they may be."""

    pass_: Pass
    session: PortalSession
    organization: Organization
    progress: PortalProgress


def begin_within(house: House, scope: WritingScope, link: PortalLink) -> Secret[str]:
    """The secret of a session, inside the transaction in which its link was followed."""
    now, secret = house.now(), house.secret()
    session = PortalSession(link=link, created_at=now, last_seen_at=now, expires_at=now + SESSION)
    sessions.begin(scope, front_door.digest(secret), session)
    return Secret(secret)


def current(house: House, secret: str) -> Entered:
    """Raises `PortalSessionOver`."""
    now, token_hash = house.now(), front_door.digest(secret)
    pass_ = front_door.by_portal_session(house.database, secret) if secret else None
    if pass_ is None:
        raise PortalSessionOver
    with house.database.read(pass_) as scope:
        session = sessions.current(scope, token_hash, now=now, idle_since=now - IDLE)
        organization = organizations.get(scope, session.link.organization_id) if session else None
        found = progress.get(scope, session.link.organization_id) if session else PortalProgress()
    if session is None or organization is None:
        raise PortalSessionOver
    return Entered(pass_=pass_, session=session, organization=organization, progress=found)


def note_seen(house: House, entered: Entered, secret: str) -> None:
    """It is not idle. Written down every five minutes, at most."""
    if house.now() - entered.session.last_seen_at >= _SEEN_EVERY:
        with house.database.write(entered.pass_) as scope:
            sessions.seen(scope, front_door.digest(secret), house.now())


def end(house: House, pass_: Pass, secret: str) -> None:
    """On our side, wherever its cookie may have gone."""
    with house.database.write(pass_) as scope:
        sessions.end(scope, front_door.digest(secret))
