"""/portal/reset: the set-up begins anew, for whoever types the organization's name and knows what is lost."""

from __future__ import annotations

from latchstring.flows import portal_reset
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.portal import Intent
from latchstring.model.refusal import NotFound
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import guard
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

RESET = f"{HOME}/reset"
_SSO = frozenset({Intent.SSO})


def shown(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)
    return _page(house, visit, found)


def reset(house: House, visit: PortalVisit) -> Reply:
    found = guard.connection(house, visit)
    name = visit.organization.name
    if visit.sent.get("typed", "").strip() != name.strip():
        error = _("Type %(name)s, the name of the organization.") % {"name": name}
        return _page(house, visit, found, error=error)
    try:
        guard.change(
            house,
            visit,
            found,
            "reset",
            lambda: portal_reset.reset(
                house,
                visit.pass_,
                visit.organization.id,
                visit.progress,
                found,
                seen=visit.seen,
                by=visit.by,
            ),
        )
    except PortalProgressStale as refusal:
        return _page(house, visit, found, stale=refusal)
    return redirect(HOME, status=303)


def _page(
    house: House,
    visit: PortalVisit,
    found: Connection,
    *,
    error: str | None = None,
    stale: PortalProgressStale | None = None,
) -> Reply:
    return guard.render(
        house,
        visit,
        "portal_reset.html",
        place="reset",
        status=422 if error else 200,
        stale=stale,
        connection=found,
        product=guard.product(visit, found),
        works=found.state is ConnectionState.ACTIVE,
        goes=portal_reset.goes(visit.progress, found),
        typed=visit.sent.get("typed", ""),
        error=error,
    )


PAGES = (
    PortalPage(method="GET", path=RESET, summary="Begin the set-up anew", intents=_SSO, show=shown),
    PortalPage(method="POST", path=RESET, summary="Throw the set-up away", intents=_SSO, show=reset, aside=True),
)
