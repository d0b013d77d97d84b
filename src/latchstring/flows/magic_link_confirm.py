"""The person opens a mailed link, is shown what it does, and confirms: then they are signed in.

Looking spends nothing, because scanners of mail look at every link before its reader does. Whoever has the link signs
in; that is what a magic link is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from latchstring.adapters.base import Arrival
from latchstring.flows import land, select, story, strays
from latchstring.flows.authorize import ReturnToApp
from latchstring.flows.house import House
from latchstring.flows.land import Landing
from latchstring.model import ids
from latchstring.model.attempt import LoginAttempt, Step, begun
from latchstring.model.connection import Connection, MagicLinkConfig
from latchstring.model.environment import Pass, TrustedRedirect
from latchstring.model.magic_link import MagicLink
from latchstring.model.organization import Organization
from latchstring.model.refusal import LoginRefused, Mender, UntrustedRequest
from latchstring.protocols import redirect_uri
from latchstring.storage import attempts, connections, environments, events, front_door, magic_links, organizations


class LinkUnknown(UntrustedRequest):
    """This sign-in link is not known here, or not any more."""

    code = "magic_link_unknown"
    mender = Mender.USER
    fix = "Open the link from the mail once more, whole; or go back to the application and ask for another one."


class LinkExpired(LoginRefused):
    """This sign-in link has expired. Ask the application for another one."""

    code = "magic_link_expired"
    mender = Mender.USER
    fix = "Go back to the application and ask for another link; a mail says how long its link can be used."
    public = "access_denied"


class LinkUsed(LoginRefused):
    """This sign-in link has been used already. Ask the application for another one."""

    code = "magic_link_used"
    mender = Mender.USER
    fix = "Go back to the application and ask for another link: each signs in once. If it was not you, tell its people."
    public = "access_denied"


class ConfirmedElsewhere(UntrustedRequest):
    """This sign-in was confirmed by another page than ours, so it was stopped.

    Else any page could sign its visitors in as somebody else (login CSRF).
    """

    code = "magic_link_confirmed_elsewhere"
    mender = Mender.USER
    fix = "Open the link from the mail, and press the button there."


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is shown before anything happens."""

    application: str
    place: TrustedRedirect  # where the browser goes afterwards
    email: str


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """A link with all that decides about it."""

    pass_: Pass
    link: MagicLink
    connection: Connection
    organization: Organization | None
    redirect: TrustedRedirect


def look(house: House, token: str, visitor: story.Visitor, *, records: bool) -> Prompt:
    """Raises `UntrustedRequest` (show a page), or `ReturnToApp` for a link that cannot be used any more.

    `records` is off for a HEAD, which leaves no trace at all.
    """
    found = _find(house, token, visitor, records=records)
    with _refusing(house, found, visitor, records=records):
        _check(found, house.now())
    return Prompt(
        application=environments.name_of(house.database, found.pass_.environment_id),
        place=found.redirect,
        email=found.link.email,
    )


def confirm(house: House, token: str, visitor: story.Visitor) -> Landing:
    """Signs the person in, once. Raises `UntrustedRequest` or `ReturnToApp`, as `look` does."""
    found = _find(house, token, visitor, records=True)
    with _refusing(house, found, visitor, records=True):
        return _land(house, found, visitor)


def _find(house: House, token: str, visitor: story.Visitor, *, records: bool) -> _Found:
    pass_ = front_door.by_magic_link(house.database, token)
    if pass_ is None:
        raise LinkUnknown
    with house.database.read(pass_) as scope:
        link = magic_links.by_token(scope, front_door.digest(token))
        connection = connections.get(scope, house.vault, link.connection_id) if link else None
        belongs_to = connection.organization_id if connection else None
        organization = organizations.get(scope, belongs_to) if belongs_to else None
        registered = environments.redirect_uris(scope)
    if link is None or connection is None:
        raise LinkUnknown
    # Once more, as it may have been taken away since: a link can be a day old.
    try:
        redirect = redirect_uri.admit(link.redirect_uri, registered, pass_.redirects)
    except redirect_uri.RedirectUriUnregistered as refusal:
        if records:
            strays.record(house, pass_, connection, refusal, visitor, redirect_uri=link.redirect_uri)
        raise
    return _Found(pass_=pass_, link=link, connection=connection, organization=organization, redirect=redirect)


@contextmanager
def _refusing(house: House, found: _Found, visitor: story.Visitor, *, records: bool) -> Iterator[None]:
    """A refusal goes to the application, and the first one of a link into the trail."""
    try:
        yield
    except UntrustedRequest:
        raise
    except LoginRefused as refusal:
        if records and not isinstance(refusal, LinkUsed):  # what became of a used link is told already
            _record(house, found, refusal, visitor)
        raise ReturnToApp(refusal, found.redirect, found.link.app_state) from refusal


def _check(found: _Found, now: datetime) -> None:
    if found.link.used_at is not None:
        raise LinkUsed
    if not found.link.is_open(now):
        raise LinkExpired
    select.usable(found.connection)


def _land(house: House, found: _Found, visitor: story.Visitor) -> Landing:
    now = house.now()
    _check(found, now)
    connection, link = found.connection, found.link
    attempt = _attempt(house, found, visitor, now)
    arrival = Arrival(handle=None, content=link)
    door = house.door(connection, MagicLinkConfig())
    assertion = house.adapters[MagicLinkConfig].finish(door, arrival, attempt, house.fetch, now)
    person = land.person(house, found.pass_, connection, found.organization, assertion, now)
    with house.database.write(found.pass_) as scope:
        if not magic_links.spend(scope, link.id, now):
            raise LinkUsed
        profile = land.enter(house, scope, connection, assertion, person)
        attempts.add(scope, attempt)
        started = story.authentication("started", attempt, visitor, email=profile.email)
        events.add(scope, house.id(ids.EVENT, now), "authentication.sso_started", started, now=now)
        code = land.give_code(house, scope, attempt, profile.id, now)
        mails = magic_links.mails(scope, link.id)
        facts = {"checks": assertion.passed, **person.facts, "mails": mails}
        arrived = Step(name="arrived", at=now, facts=facts)
        granted = Step(name="granted", at=now, facts={"profile_id": profile.id})
        attempts.take_steps(scope, attempt, arrived, granted, email=profile.email)
        land.activate(house, scope, connection, now)
    house.told(story.news(attempt, connection, now, email=profile.email))
    return Landing(attempt=attempt, redirect_uri=attempt.redirect_uri, code=code, app_state=attempt.app_state)


def _record(house: House, found: _Found, refusal: LoginRefused, visitor: story.Visitor) -> None:
    now = house.now()
    attempt = _attempt(house, found, visitor, now)
    with house.database.write(found.pass_) as scope:
        if not magic_links.refuse(scope, found.link.id, now):
            return
        attempts.add(scope, attempt)
    land.record(house, found.pass_, found.connection, attempt, refusal, visitor)


def _attempt(house: House, found: _Found, visitor: story.Visitor, now: datetime) -> LoginAttempt:
    """The sign-in in the trail: it begins when its person has come, since most mails are answered by nobody."""
    link = found.link
    facts = {**story.begun_facts(link.redirect_uri, visitor), "magic_link": link.id, "asked_at": link.created_at}
    return begun(
        id=house.id(ids.ATTEMPT, now),
        handle=house.chance(16).hex(),
        connection=found.connection,
        redirect_uri=found.redirect,
        now=now,
        steps=(Step(name="begun", at=now, facts=facts),),
        app_state=link.app_state,
    )
