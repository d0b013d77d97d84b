"""/dashboard/{environment}/organizations: the list with its search, a new one, one organization with its domains."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows import connections, domain_proof, domains, organizations
from latchstring.flows.domains import DomainWish
from latchstring.flows.house import House
from latchstring.flows.organizations import OrganizationWish
from latchstring.model.operator import Role
from latchstring.model.organization import Organization
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.storage.paging import Window
from latchstring.web.dashboard import browser, portal_link_rows
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import domain_rows, provider_picks
from latchstring.web.kit.language import _
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply, redirect

ORGANIZATIONS = f"{HOME}/{{environment}}/organizations"
ORGANIZATION = f"{ORGANIZATIONS}/{{id}}"
_CONNECTIONS = 50


def listed(house: House, visit: Visit) -> Reply:
    leaf = Leaf(visit.inbound, "search")
    search = leaf.chosen["search"]
    page = organizations.page(house, visit.pass_, leaf.window, domain_names=(), search=search or None)
    return render(
        house,
        visit,
        "dashboard_organizations.html",
        organizations=page.items,
        search=search,
        paged=leaf.paged,
        newer_url=leaf.url("before", page.before),
        older_url=leaf.url("after", page.after),
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def new(house: House, visit: Visit) -> Reply:
    return _new(house, visit, name="", names="", errors={})


def create(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    name, names = sent.get("name", ""), sent.get("domains", "")
    wishes = tuple(DomainWish(one) for one in names.replace(",", " ").split())
    try:
        made = organizations.create(house, visit.pass_, OrganizationWish(name=name, domains=wishes))
    except InvalidFields as refusal:
        errors: dict[str, str] = {}
        for one in refusal.errors:
            errors[one.field] = f"{errors.get(one.field, '')} {domain_rows.explained(one)}".strip()
        return _new(house, visit, name=name, names=names, errors=errors)
    return redirect(address(visit, made.id))


def shown(house: House, visit: Visit) -> Reply:
    return overview(house, visit, organizations.get(house, visit.pass_, visit.params["id"]))


def overview(
    house: House, visit: Visit, organization: Organization, *, typed: str = "", error: str | None = None
) -> Reply:
    """The page of an organization; with what was typed as a new domain, and why it cannot be one."""
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
        status=422 if error else 200,
        organization=organization,
        tabs=tabs(visit, organization.id),
        domains=[domain_rows.row(house, visit.pass_, domain) for domain in organization.domains],
        connections=[found.connection for found in page.items],
        type_names={found.connection.type: provider_picks.name_of(found.connection.type) for found in page.items},
        more_connections=page.after is not None,
        pending=portal_link_rows.pending(house, visit.pass_, organization.id),
        may_change=visit.operator.role.may(Role.DEVELOPER),
        typed=typed[:300],
        error=error,
    )


def verify(house: House, visit: Visit) -> Reply:
    """Looks for the record now. What was found stands on the page to which this leads."""
    domain = domains.get(house, visit.pass_, visit.params["domain"]).domain
    if domain.organization_id != visit.params["id"]:
        raise NotFound(kind="Organization domain", id=visit.params["domain"])
    if not domain.state.is_verified:  # the page may be older than the last look
        domain_proof.look_again(house, visit.pass_, domain.id)
    return redirect(f"{address(visit, domain.organization_id)}#{domain.id}")


def address(visit: Visit, organization_id: str) -> str:
    """Where the organization's page is."""
    return ORGANIZATION.format(environment=visit.pass_.environment_id, id=organization_id)


def tabs(visit: Visit, organization_id: str) -> list[tuple[str, str, str]]:
    """The pages of an organization: name, label and address of each that this operator may see."""
    here = address(visit, organization_id)
    found = [("overview", _("Overview"), here), ("profiles", _("Profiles"), f"{here}/profiles")]
    found.append(("links", _("Admins & links"), f"{here}/links"))
    if visit.operator.role.may(Role.DEVELOPER):
        found.append(("settings", _("Settings"), f"{here}/settings"))
    return found


def _new(house: House, visit: Visit, *, name: str, names: str, errors: Mapping[str, str]) -> Reply:
    return render(
        house,
        visit,
        "dashboard_organization_new.html",
        status=422 if errors else 200,
        name=name[:500],
        names=names[:5000],
        errors={"name": errors.get("name"), "domains": errors.get("domain")},
        failed=bool(errors),
    )


PAGES = (
    Page(method="GET", path=ORGANIZATIONS, summary="Organizations", least=Role.SUPPORT, show=listed),
    Page(method="GET", path=f"{ORGANIZATIONS}/new", summary="A new organization", least=Role.DEVELOPER, show=new),
    Page(method="POST", path=ORGANIZATIONS, summary="Create an organization", least=Role.DEVELOPER, show=create),
    Page(
        method="GET",
        path=ORGANIZATION,
        summary="One organization",
        least=Role.SUPPORT,
        show=shown,
    ),
    Page(
        method="POST",
        path=f"{ORGANIZATION}/domains/{{domain}}/verify",
        summary="Look for a domain's record now",
        least=Role.DEVELOPER,
        show=verify,
    ),
)
