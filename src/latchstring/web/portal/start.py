"""/portal: the way in by a link, and the start page, which says what comes and goes on where it was left."""

from __future__ import annotations

from latchstring.flows import it_contacts, portal_links, portal_progress, portal_sessions
from latchstring.flows.house import House
from latchstring.flows.portal_sessions import PortalSessionOver
from latchstring.model.connection import ConnectionState
from latchstring.model.portal import Intent, Step
from latchstring.web.kit import caller, decode, forms, language, pages
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.kit.route import Ask
from latchstring.web.portal import browser, looks, places
from latchstring.web.portal.guard import OpenPortalPage, PortalPage, PortalVisit, render
from latchstring.web.portal.places import EVERY, HOME

LAUNCH = f"{HOME}/launch"


def launch_page(house: House, ask: Ask) -> Reply:
    """Looking at it uses nothing up: programs that check mails follow links, and press no button (WEB-07)."""
    token = decode.singles(decode.pairs(ask.inbound.query)).get("token", "")
    seen = portal_links.look(house, token)
    return pages.render(
        house,
        "portal_launch.html",
        forms_stay_here=True,
        branding=looks.of(house, seen.pass_),
        organization=seen.organization,
        intent=seen.link.intent,
        once=seen.link.kind.value == "api",
        token=token,
        elsewhere=_open_elsewhere(house, ask, seen.organization.id),
    )


def launch(house: House, ask: Ask) -> Reply:
    """The token for a session, and away from the address that it stood in."""
    seen = portal_links.look(house, forms.fields(ask.inbound).get("token", ""))
    acting = caller.acting(house, ask.inbound, seen.pass_.actor, seen.link.person)
    secret = portal_links.open_(acting, seen)
    it_contacts.heard(house, seen.pass_, seen.link, language.current())
    return redirect(HOME, status=303, headers=(browser.keep_session(house, secret.reveal()),))


def start(house: House, visit: PortalVisit) -> Reply:
    found = portal_progress.connection(house, visit.pass_, visit.organization.id, visit.progress)
    works = found is not None and found.state is ConnectionState.ACTIVE
    return render(
        house,
        visit,
        "portal_start.html",
        place="start",
        begun=_is_begun(visit),
        works=works,
        connection_name=found.name if found else "",
        connection_state=found.state.value if found else "",
        go_on=_go_on(visit),
        later_places=[(_(place.label), place.path) for place in places.later_places(visit.intent)] if found else [],
        domains=[domain.domain for domain in visit.organization.domains],
        proven=all(domain.state.is_verified for domain in visit.organization.domains),
        success_url=visit.link.success_url,
    )


def leave(house: House, visit: PortalVisit) -> Reply:
    """Ends the session in this browser; a set-up link opens it again, and what was done is saved."""
    portal_sessions.end(house, visit.pass_, visit.secret)
    reply = pages.render(
        house,
        "portal_left.html",
        forms_stay_here=True,
        branding=looks.of(house, visit.pass_),
        organization=visit.organization,
        once=visit.link.kind.value == "api",
        return_url=visit.link.return_url,
    )
    return reply.plus(browser.drop_session(house))


def _is_begun(visit: PortalVisit) -> bool:
    if visit.intent is Intent.DOMAIN_VERIFICATION:
        return bool(visit.organization.domains)
    return visit.progress.step is not Step.START


def _go_on(visit: PortalVisit) -> str | None:
    """Where the button of the start page leads. None: nowhere yet."""
    if visit.intent is Intent.CERTIFICATE_RENEWAL:
        return next((place.path for place in places.later_places(visit.intent) if place.name == "certificate"), None)
    path = places.here(visit.intent, visit.progress)
    return None if path == HOME else path


def _open_elsewhere(house: House, ask: Ask, organization_id: str) -> str | None:
    """The name of another organization whose set-up is open in this browser, and which this one would take from it."""
    try:
        entered = portal_sessions.current(house, browser.session(house, ask.inbound))
    except PortalSessionOver:
        return None
    return entered.organization.name if entered.organization.id != organization_id else None


PAGES: tuple[PortalPage | OpenPortalPage, ...] = (
    OpenPortalPage(method="GET", path=LAUNCH, summary="A link into the portal", show=launch_page),
    OpenPortalPage(method="POST", path=LAUNCH, summary="Follow a link into the portal", show=launch),
    PortalPage(method="GET", path=HOME, summary="The start of the set-up", intents=EVERY, show=start),
    PortalPage(method="POST", path=f"{HOME}/leave", summary="Leave the portal", intents=EVERY, show=leave),
)
