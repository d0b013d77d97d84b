"""/portal/done: what works now and what happens next; and the end of a link that has done what it was made for."""

from __future__ import annotations

from latchstring.flows import portal_links, portal_progress, sign_in_tests
from latchstring.flows.house import House
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.portal import Intent, LinkState, Step
from latchstring.web.kit import connection_exchange
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import guard, places
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import EVERY, HOME

DONE = f"{HOME}/done"


def shown(house: House, visit: PortalVisit) -> Reply:
    if visit.intent is Intent.SSO and visit.progress.step is not Step.DONE:
        ahead = places.here(visit.intent, visit.progress)
        return redirect(ahead if ahead != DONE else HOME, status=303)
    found = portal_progress.connection(house, visit.pass_, visit.organization.id, visit.progress)
    return guard.render(
        house,
        visit,
        "portal_done.html",
        place="done",
        connection=found,
        product=guard.product(visit, found) if found else "",
        works=found is not None and found.state is ConnectionState.ACTIVE,
        tested=found is not None and _is_tested(house, visit, found),
        ending=connection_exchange.ending(found, visit.organization.name, house.now()) if found else [],
        domains=[(each.domain, each.state.is_verified) for each in visit.organization.domains],
        onward=visit.link.success_url or visit.link.return_url,
        can_finish=visit.link.state(house.now()) is LinkState.OPEN,
        later_places=[(_(place.label), place.path) for place in places.later_places(visit.intent)] if found else [],
    )


def end(house: House, visit: PortalVisit) -> Reply:
    """By whoever has nothing to switch on: a domain is verified, or a certificate is there."""
    finish(house, visit)
    return redirect(DONE, status=303)


def finish(house: House, visit: PortalVisit) -> None:
    """The link does not open again; whoever is here by it may stay."""
    portal_links.finish(house, visit.pass_, visit.link.id)


def _is_tested(house: House, visit: PortalVisit, found: Connection) -> bool:
    return sign_in_tests.of_connection(house, visit.pass_, found.id).good is not None


PAGES = (
    PortalPage(method="GET", path=DONE, summary="The set-up is done", intents=EVERY, show=shown),
    PortalPage(method="POST", path=DONE, summary="Say that it is done", intents=EVERY, show=end),
)
