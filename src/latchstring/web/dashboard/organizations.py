"""/dashboard/{environment}/organizations: the list with its search, one organization, and looking for its domains."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from latchstring.flows import connections, domain_proof, domains, organizations
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.organization import Domain
from latchstring.model.refusal import NotFound
from latchstring.protocols import domain_proof as record
from latchstring.storage.paging import Window
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, redirect

ORGANIZATIONS = f"{HOME}/{{environment}}/organizations"
_ON_A_PAGE = 25
_CONNECTIONS = 50


def listed(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    search = asked.get("search", "").strip()[:200]
    before, after = asked.get("before") or None, asked.get("after") or None
    window = Window(limit=_ON_A_PAGE, before=before, after=None if before else after)
    page = organizations.page(house, visit.pass_, window, domain_names=(), search=search or None)

    def url(name: str, cursor: str | None) -> str | None:
        query = {"search": search, name: cursor}
        chosen = urlencode({key: value for key, value in query.items() if value})
        return f"{visit.inbound.path}?{chosen}" if cursor else None

    return render(
        house,
        visit,
        "dashboard_organizations.html",
        organizations=page.items,
        search=search,
        paged=bool(before or after),
        newer_url=url("before", page.before),
        older_url=url("after", page.after),
    )


def shown(house: House, visit: Visit) -> Reply:
    organization = organizations.get(house, visit.pass_, visit.params["id"])
    page = connections.page(
        house,
        visit.pass_,
        Window(limit=_CONNECTIONS),
        organization_id=organization.id,
        connection_type=None,
        domain=None,
        search=None,
    )
    return render(
        house,
        visit,
        "dashboard_organization.html",
        organization=organization,
        domains=[_domain(house, visit, domain) for domain in organization.domains],
        connections=[found.connection for found in page.items],
        more_connections=page.after is not None,
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def verify(house: House, visit: Visit) -> Reply:
    """Looks for the record now. What was found stands on the page to which this leads."""
    domain = domains.get(house, visit.pass_, visit.params["domain"]).domain
    if domain.organization_id != visit.params["id"]:
        raise NotFound(kind="Organization domain", id=visit.params["domain"])
    if not domain.state.is_verified:  # the page may be older than the last look
        domain_proof.look_again(house, visit.pass_, domain.id)
    return redirect(f"{HOME}/{visit.pass_.environment_id}/organizations/{domain.organization_id}#{domain.id}")


def _domain(house: House, visit: Visit, domain: Domain) -> dict[str, Any]:
    watch = None if domain.state.is_verified else domains.get(house, visit.pass_, domain.id).watch
    token = domain.verification_token if watch is not None else None
    return {
        "domain": domain,
        "record": token
        and {"name": domain.domain, "value": record.wanted(prefix=domain.verification_prefix or "", token=token)},
        "shortfall": watch.shortfall.message if watch is not None and watch.shortfall is not None else None,
        "looked_at": watch.looked_at if watch is not None else None,
        "next_at": watch.next_at if watch is not None else None,
    }


PAGES = (
    Page(method="GET", path=ORGANIZATIONS, summary="Organizations", least=Role.SUPPORT, show=listed),
    Page(
        method="GET",
        path=f"{ORGANIZATIONS}/{{id}}",
        summary="One organization",
        least=Role.SUPPORT,
        show=shown,
    ),
    Page(
        method="POST",
        path=f"{ORGANIZATIONS}/{{id}}/domains/{{domain}}/verify",
        summary="Look for a domain's record now",
        least=Role.DEVELOPER,
        show=verify,
    ),
)
