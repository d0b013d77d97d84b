"""/portal/domain: the organization's domains, each with its record for DNS; adding one, looking for it, going on."""

from __future__ import annotations

from latchstring.flows import domain_proof, domains, portal_links
from latchstring.flows.domains import DomainTaken
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.model.organization import Domain
from latchstring.model.portal import Intent, Step
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.web.kit import domain_rows
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import places
from latchstring.web.portal.guard import PortalPage, PortalVisit, render, save
from latchstring.web.portal.places import HOME

DOMAIN = f"{HOME}/domain"
_INTENTS = frozenset({Intent.SSO, Intent.DOMAIN_VERIFICATION})


def show(house: House, visit: PortalVisit) -> Reply:
    return _page(house, visit)


def add(house: House, visit: PortalVisit) -> Reply:
    typed = visit.sent.get("domain", "")
    try:
        added = domains.add(house, visit.pass_, visit.organization.id, name=typed)
    except DomainTaken:
        return _page(house, visit, typed=typed, error=_("It is in the list already."))
    except InvalidFields as refusal:
        return _page(house, visit, typed=typed, error=domain_rows.explained(refusal.errors[0]))
    return redirect(f"{DOMAIN}#{added.domain.id}", status=303)


def verify(house: House, visit: PortalVisit) -> Reply:
    """Looks for the record now. What was found stands on the page to which this leads."""
    domain = _meant(visit)
    if not domain.state.is_verified:  # the page may be older than the last look
        domain_proof.look_again(house, visit.pass_, domain.id)
    return redirect(f"{DOMAIN}#{domain.id}", status=303)


def remove(house: House, visit: PortalVisit) -> Reply:
    """One that was mistyped. A proven one decides who may sign in, and stays: that is for the application's people."""
    domain = _meant(visit)
    if not domain.state.is_verified:
        domains.delete(house, visit.pass_, domain.id)
    return redirect(DOMAIN, status=303)


def go_on(house: House, visit: PortalVisit) -> Reply:
    """Proven or not: DNS takes its time, and the rest of the set-up need not wait for it.

    Who came for the domains alone is led on by the start page: a form may not end at another site (WEB-04).
    """
    if visit.intent is Intent.DOMAIN_VERIFICATION:
        if all(domain.state.is_verified for domain in visit.organization.domains):
            portal_links.finish(house, visit.pass_, visit.link.id)
        return redirect(HOME, status=303)
    try:
        save(house, visit, visit.progress.reaching(Step.PROVIDER))
    except PortalProgressStale as refusal:
        return _page(house, visit, stale=refusal)
    return redirect(places.after(visit.intent, "domain"), status=303)


def _page(
    house: House,
    visit: PortalVisit,
    *,
    typed: str = "",
    error: str | None = None,
    stale: PortalProgressStale | None = None,
) -> Reply:
    rows = [domain_rows.row(house, visit.pass_, domain) for domain in visit.organization.domains]
    return render(
        house,
        visit,
        "portal_domain.html",
        place="domain",
        status=422 if error else 200,
        stale=stale,
        domains=rows,
        typed=typed[:500],
        error=error,
        proven=bool(rows) and all(row["domain"].state.is_verified for row in rows),
        alone=visit.intent is Intent.DOMAIN_VERIFICATION,
    )


def _meant(visit: PortalVisit) -> Domain:
    for domain in visit.organization.domains:
        if domain.id == visit.params["domain"]:
            return domain
    raise NotFound(kind="Organization domain", id=visit.params["domain"][:100])


PAGES = (
    PortalPage(method="GET", path=DOMAIN, summary="The domains", intents=_INTENTS, show=show),
    PortalPage(method="POST", path=DOMAIN, summary="Add a domain", intents=_INTENTS, show=add),
    PortalPage(method="POST", path=f"{DOMAIN}/next", summary="Go on from the domains", intents=_INTENTS, show=go_on),
    PortalPage(
        method="POST",
        path=f"{HOME}/domains/{{domain}}/verify",
        summary="Look for a domain's record now",
        intents=_INTENTS,
        show=verify,
    ),
    PortalPage(
        method="POST",
        path=f"{HOME}/domains/{{domain}}/remove",
        summary="Take away a domain that is not proven",
        intents=_INTENTS,
        show=remove,
    ),
)
