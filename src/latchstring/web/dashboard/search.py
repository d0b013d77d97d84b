"""/dashboard/{environment}/search: pages, organizations, connections and a sign-in, found by a few letters or an id.

A page for whoever asks for one, and JSON for the command palette (palette.js).
"""

from __future__ import annotations

from typing import Any

from latchstring.flows import connections, organizations, sign_ins
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.operator import Role
from latchstring.model.refusal import NotFound
from latchstring.storage.paging import Window
from latchstring.web.dashboard import places
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.language import _, many
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply, as_json

SEARCH = f"{HOME}/{{environment}}/search"
_OF_A_KIND = 5

Found = dict[str, str]


def search(house: House, visit: Visit) -> Reply:
    wanted = Leaf(visit.inbound, "q").chosen["q"][:100]
    found = _pages(visit, wanted)
    if wanted:
        found = [*_organizations(house, visit, wanted), *_connections(house, visit, wanted), *found]
        found = [*_sign_ins(house, visit, wanted), *found]
    said = many("One thing found.", "%(count)s things found.", len(found)) % {"count": len(found)}
    if "application/json" in (visit.inbound.header(b"accept") or ""):
        return as_json({"said": said if found else _("Nothing found."), "found": found})
    return render(house, visit, "dashboard_search.html", wanted=wanted, found=found)


def _pages(visit: Visit, wanted: str) -> list[Found]:
    """Those of the menu, by what they are called."""
    return [
        _entry(_(label), _("Page"), path)
        for _heading, group in places.open_to(visit.operator.role, visit.environment)
        for _name, label, path in group
        if wanted.lower() in _(label).lower()
    ]


def _organizations(house: House, visit: Visit, wanted: str) -> list[Found]:
    try:
        found: Any = [organizations.get(house, visit.pass_, wanted)]
    except NotFound:
        found = organizations.page(
            house, visit.pass_, Window(limit=_OF_A_KIND), domain_names=(), search=wanted
        ).items or _by_domain(house, visit, wanted)
    here = f"{HOME}/{visit.pass_.environment_id}/organizations"
    return [_entry(one.name, _("Organization"), f"{here}/{one.id}") for one in found]


def _by_domain(house: House, visit: Visit, wanted: str) -> Any:
    window = Window(limit=_OF_A_KIND)
    return organizations.page(house, visit.pass_, window, domain_names=(wanted,), search=None).items


def _connections(house: House, visit: Visit, wanted: str) -> list[Found]:
    try:
        found = [connections.get(house, visit.pass_, wanted).connection]
    except NotFound:
        page = connections.page(
            house,
            visit.pass_,
            Window(limit=_OF_A_KIND),
            connection_type=None,
            organization_id=None,
            domain=None,
            search=wanted,
        )
        found = [seen.connection for seen in page.items]
    here = f"{HOME}/{visit.pass_.environment_id}/connections"
    return [_entry(one.name, _("Connection"), f"{here}/{one.id}") for one in found]


def _sign_ins(house: House, visit: Visit, wanted: str) -> list[Found]:
    """By id, or by the reference that people are shown."""
    try:
        found = sign_ins.find(house, visit.pass_, wanted)
    except NotFound:
        return []
    url = f"{HOME}/{visit.pass_.environment_id}/sign-ins/{found.id}"
    return [_entry(ids.reference(found.id), _("Sign-in"), url)]


def _entry(title: str, about: str, url: str) -> Found:
    return {"title": title, "about": about, "url": url}


PAGES = (Page(method="GET", path=SEARCH, summary="Find something", least=Role.SUPPORT, show=search),)
