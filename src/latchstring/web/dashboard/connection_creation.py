"""/dashboard/{environment}/organizations/{id}/connections/new: which identity provider it is, and a name for it."""

from __future__ import annotations

from latchstring import guides
from latchstring.flows import connections, magic_link, organizations
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.guides import Guide, wording
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.web.dashboard import browser, connection_frame
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATIONS
from latchstring.web.kit import decode, provider_picks
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

NEW = f"{ORGANIZATIONS}/{{id}}/connections/new"


def new(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    guide = guides.guide(asked.get("type", ""))
    if guide is not None and provider_picks.is_offered(guide):
        return _form(house, visit, guide, name=None)
    search = asked.get("search", "").strip()[:100]
    found = provider_picks.found(search)
    return render(
        house,
        visit,
        "dashboard_connection_types.html",
        organization=organizations.get(house, visit.pass_, visit.params["id"]),
        address=_address(visit),
        search=search,
        groups=provider_picks.groups(found, search),
        found=len(found),
    )


def create(house: House, visit: Visit) -> Reply:
    """A draft with its addresses, so that they can be given to the provider first; a magic link is ready at once."""
    sent = browser.form(visit.inbound)
    guide, name = guides.guide(sent.get("type", "")), sent.get("name", "").strip()
    if guide is None or not provider_picks.is_offered(guide):
        return redirect(_address(visit))
    wish = ConnectionWish(
        organization_id=visit.params["id"], connection_type=guide.type, name=name, draft=guide.type != magic_link.TYPE
    )
    try:
        seen, _new = connections.create(house, visit.pass_, wish)
    except InvalidFields as refusal:
        return _form(house, visit, guide, name=name, error=refusal.errors[0].message)
    tail = "/set-up" if seen.connection.config is None else ""
    return redirect(connection_frame.address(visit, seen.connection.id, tail))


def _form(house: House, visit: Visit, guide: Guide, *, name: str | None, error: str | None = None) -> Reply:
    organization = organizations.get(house, visit.pass_, visit.params["id"])
    return render(
        house,
        visit,
        "dashboard_connection_new.html",
        status=422 if error else 200,
        organization=organization,
        address=_address(visit),
        type=guide.type,
        type_name=guide.name,
        about=wording.told(guide, _).body.partition("\n\n")[2].strip(),
        name=organization.name if name is None else name[:300],
        error=error,
    )


def _address(visit: Visit) -> str:
    return NEW.format(environment=visit.pass_.environment_id, id=visit.params["id"])


PAGES = (
    Page(method="GET", path=NEW, summary="A new connection", least=Role.DEVELOPER, show=new),
    Page(method="POST", path=NEW, summary="A new connection", least=Role.DEVELOPER, show=create),
)
