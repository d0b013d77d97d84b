"""/dashboard/{environment}/organizations/{id}/domains: a new one, one proven by hand, one taken away."""

from __future__ import annotations

from latchstring.flows import domains, organizations
from latchstring.flows.domains import DomainTaken
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.organization import Domain
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATION, address, overview
from latchstring.web.kit import domain_rows
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

_DOMAIN = f"{ORGANIZATION}/domains/{{domain}}"


def add(house: House, visit: Visit) -> Reply:
    typed = browser.form(visit.inbound).get("domain", "")
    try:
        added = domains.add(house, visit.pass_, visit.params["id"], name=typed)
    except (InvalidFields, DomainTaken) as refusal:
        why = refusal.message if isinstance(refusal, DomainTaken) else domain_rows.explained(refusal.errors[0])
        organization = organizations.get(house, visit.pass_, visit.params["id"])
        return overview(house, visit, organization, typed=typed, error=why)
    return redirect(f"{address(visit, added.domain.organization_id)}#{added.domain.id}")


def one(house: House, visit: Visit) -> Reply:
    return _one(house, visit, _meant(house, visit))


def prove(house: House, visit: Visit) -> Reply:
    domain = _meant(house, visit)
    domains.verify_by_hand(house, visit.pass_, domain.id)
    return redirect(f"{address(visit, domain.organization_id)}#{domain.id}")


def delete(house: House, visit: Visit) -> Reply:
    domain = _meant(house, visit)
    if browser.form(visit.inbound).get("typed", "").strip().lower() != domain.domain:
        return _one(
            house, visit, domain, error=_("Type %(name)s, the domain that you delete.") % {"name": domain.domain}
        )
    domains.delete(house, visit.pass_, domain.id)
    return redirect(f"{address(visit, domain.organization_id)}#domains")


def _meant(house: House, visit: Visit) -> Domain:
    domain = domains.get(house, visit.pass_, visit.params["domain"]).domain
    if domain.organization_id != visit.params["id"]:
        raise NotFound(kind="Organization domain", id=visit.params["domain"])
    return domain


def _one(house: House, visit: Visit, domain: Domain, *, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_domain.html",
        status=422 if error else 200,
        organization=organizations.get(house, visit.pass_, domain.organization_id),
        domain=domain,
        error=error,
    )


PAGES = (
    Page(method="POST", path=f"{ORGANIZATION}/domains", summary="Add a domain", least=Role.DEVELOPER, show=add),
    Page(method="GET", path=_DOMAIN, summary="One domain", least=Role.DEVELOPER, fresh=True, show=one),
    Page(
        method="POST",
        path=f"{_DOMAIN}/by-hand",
        summary="Say that a domain is proven",
        least=Role.DEVELOPER,
        fresh=True,
        back=_DOMAIN,
        show=prove,
    ),
    Page(
        method="POST",
        path=f"{_DOMAIN}/delete",
        summary="Delete a domain",
        least=Role.DEVELOPER,
        fresh=True,
        back=_DOMAIN,
        show=delete,
    ),
)
