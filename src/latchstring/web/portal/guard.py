"""`PortalPage`: a row of the portal's table, and what stands in front of each: session, intent, where a form stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from latchstring import guides
from latchstring.flows import portal_notices, portal_progress, portal_sessions
from latchstring.flows.house import House
from latchstring.flows.portal_notices import Alteration
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.flows.portal_sessions import Entered
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.portal import Intent, PortalLink, PortalProgress
from latchstring.model.refusal import Forbidden, Mender, NotFound
from latchstring.web.kit import caller, forms, pages, provider_picks
from latchstring.web.kit.message import Header, Inbound, Params, Reply
from latchstring.web.kit.multipart import File
from latchstring.web.kit.route import Ask, Route
from latchstring.web.portal import browser, looks, places

T = TypeVar("T")


class PortalIntentForbidden(Forbidden):
    """The link that you followed does not open this page."""

    code = "portal_intent_forbidden"
    mender = Mender.IT_ADMIN
    fix = "Ask whoever sent the link for one that opens the whole set-up."


class PortalVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A request of somebody who came by a link, and may be here."""

    inbound: Inbound
    params: Params
    entered: Entered
    secret: str  # of the session

    @property
    def pass_(self) -> Pass:
        """Into the environment. What is read with it may be another organization's: compare, or use `organization`."""
        return self.entered.pass_

    @property
    def link(self) -> PortalLink:
        return self.entered.session.link

    @property
    def intent(self) -> Intent:
        return self.link.intent

    @property
    def organization(self) -> Organization:
        """The only one that this session can reach (WEB-07)."""
        return self.entered.organization

    @property
    def progress(self) -> PortalProgress:
        return self.entered.progress

    @property
    def by(self) -> str | None:
        """Whoever it is, as people know them."""
        return self.link.person

    @property
    def sent(self) -> Mapping[str, str]:
        """The fields of the form."""
        return forms.fields(self.inbound)

    @property
    def files(self) -> Mapping[str, File]:
        """The files of the form."""
        return forms.files(self.inbound)

    @property
    def seen(self) -> int:
        """The version of the progress on which the form was made: for `save`."""
        version = self.sent.get("version", "")
        return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1


class PortalPage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. There is no default for whose links open it: whoever adds a page decides."""

    method: str
    path: str
    summary: str
    intents: frozenset[Intent]
    show: Callable[[House, PortalVisit], Reply]
    max_body: int = 65_536  # bytes
    aside: bool = False  # may reckon for a tenth of a second or more (web.kit.route)


class OpenPortalPage(msgspec.Struct, frozen=True, kw_only=True):
    """One that somebody without a session has to reach: the way in."""

    method: str
    path: str
    summary: str
    show: Callable[[House, Ask], Reply]


def guarded(page: PortalPage | OpenPortalPage) -> Route:
    def handler(house: House, ask: Ask) -> Reply:
        changes = page.method != "GET"
        if changes:
            browser.must_stand_here(house, ask.inbound)
        if isinstance(page, OpenPortalPage):
            return page.show(house, ask)
        secret = browser.session(house, ask.inbound)
        entered = portal_sessions.current(house, secret)
        if changes:
            browser.must_be_of_session(ask.inbound, secret)
            link = entered.session.link
            house = caller.acting(house, ask.inbound, entered.pass_.actor, link.person)
        if entered.session.link.intent not in page.intents:
            raise PortalIntentForbidden
        visit = PortalVisit(inbound=ask.inbound, params=ask.params, entered=entered, secret=secret)
        reply = page.show(house, visit)
        portal_sessions.note_seen(house, entered, secret)
        return reply

    return Route(
        method=page.method,
        path=page.path,
        handler=handler,
        summary=page.summary,
        max_body=page.max_body if isinstance(page, PortalPage) else 65_536,
        aside=isinstance(page, PortalPage) and page.aside,
        hidden=True,
    )


def render(
    house: House,
    visit: PortalVisit,
    template: str,
    *,
    place: str,
    status: int = 200,
    headers: tuple[Header, ...] = (),
    stale: PortalProgressStale | None = None,
    **values: Any,
) -> Reply:
    """A page of the portal, in the looks of the environment.

    `stale`: what was sent could not be saved, because somebody else was faster. The page comes back with what was
    typed, says what they did, and its form carries the new version: sent once more, it counts.
    """
    stages = places.stages(visit.intent, visit.progress, place)
    stage = next((each for each in stages if each.here), None)
    return pages.render(
        house,
        template,
        status=409 if stale else status,
        headers=headers,
        forms_stay_here=True,
        branding=looks.of(house, visit.pass_),
        organization=visit.organization,
        intent=visit.intent,
        link=visit.link,
        stages=stages,
        number=stage.number if stage else None,
        saved_at=visit.progress.updated_at,
        csrf=forms.csrf(visit.secret),
        version=stale.version if stale else visit.progress.version,
        stale=stale,
        stale_chosen=provider_picks.name_of(stale.connection_type) if stale and stale.connection_type else None,
        **values,
    )


def save(house: House, visit: PortalVisit, wanted: PortalProgress) -> PortalProgress:
    """How far it is, decided on the version that the form carries. Raises `PortalProgressStale`."""
    return portal_progress.save(house, visit.pass_, visit.organization.id, wanted, seen=visit.seen, by=visit.by)


def saved(visit: PortalVisit, progress: PortalProgress) -> PortalVisit:
    """The same visit after `save`: a page that it still shows carries the new version."""
    return msgspec.structs.replace(visit, entered=msgspec.structs.replace(visit.entered, progress=progress))


def connection(house: House, visit: PortalVisit) -> Connection:
    """The organization's own. Raises `NotFound` where there is none yet."""
    found = portal_progress.connection(house, visit.pass_, visit.organization.id, visit.progress)
    if found is None:
        raise NotFound(kind="Connection", id="")
    return found


def product(visit: PortalVisit, found: Connection) -> str:
    """How pages call the identity provider: by its own name, which of a custom one only its people can know."""
    guide = guides.guide(found.type)
    if guide is None or (guide.category == "custom" and found.name != visit.organization.name):
        return found.name
    return guide.name


def change(house: House, visit: PortalVisit, found: Connection, what: Alteration, deed: Callable[[], T]) -> T:
    """Changes the organization's connection; the administrators hear of it where people sign in through it (WEB-08).

    Every change of a connection that a page makes goes through here.
    """
    return portal_notices.changing(house, visit.pass_, visit.organization, found, deed, what=what, by=visit.by)
