"""/dashboard/{environment}/organizations/{id}/connections/new: which identity provider it is, and a name for it."""

from __future__ import annotations

from latchstring import guides
from latchstring.flows import connections, magic_link, organizations
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.web.dashboard import browser, connection_frame
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATIONS
from latchstring.web.kit import decode
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

NEW = f"{ORGANIZATIONS}/{{id}}/connections/new"
_PROTOCOLS = {"saml": "SAML", "oidc": "OpenID Connect", "oauth": "OAuth", "other": ""}
_COMMON, _CUSTOM, _SOCIAL = "common", "custom", "social"


def new(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    guide = guides.guide(asked.get("type", ""))
    if guide is not None and _is_offered(guide):
        return _form(house, visit, guide, name=None)
    search = asked.get("search", "").strip()[:100]
    found = [entry for entry in guides.load().values() if _is_offered(entry) and _fits(entry, search)]
    return render(
        house,
        visit,
        "dashboard_connection_types.html",
        organization=organizations.get(house, visit.pass_, visit.params["id"]),
        address=_address(visit),
        search=search,
        groups=_groups(found) if not search else [(None, [_shown(entry) for entry in found])],
        found=len(found),
    )


def create(house: House, visit: Visit) -> Reply:
    """A draft with its addresses, so that they can be given to the provider first; a magic link is ready at once."""
    sent = browser.form(visit.inbound)
    guide, name = guides.guide(sent.get("type", "")), sent.get("name", "").strip()
    if guide is None or not _is_offered(guide):
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
        about=guide.body.partition("\n\n")[2].replace("\n", " ").strip(),
        name=organization.name if name is None else name[:300],
        error=error,
    )


def _address(visit: Visit) -> str:
    return NEW.format(environment=visit.pass_.environment_id, id=visit.params["id"])


def _is_offered(guide: Guide) -> bool:
    return guide.protocol != "other" or guide.type == magic_link.TYPE


def _fits(guide: Guide, search: str) -> bool:
    words = f"{guide.name} {guide.type} {_PROTOCOLS[guide.protocol]}".lower()
    return all(word in words for word in search.lower().split())


def _groups(found: list[Guide]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    headings = {
        _COMMON: _("Most asked for"),
        "more": _("More identity providers"),
        _CUSTOM: _("Any other one"),
        _SOCIAL: _("Accounts at a public service"),
    }
    groups: dict[str, list[tuple[str, str, str]]] = {name: [] for name in headings}
    for guide in found:
        groups[_group(guide)].append(_shown(guide))
    return [(headings[name], entries) for name, entries in groups.items() if entries]


def _group(guide: Guide) -> str:
    if guide.category == "custom":
        return _CUSTOM
    if guide.protocol in ("oauth", "other"):
        return _SOCIAL
    return _COMMON if guide.priority == 0 else "more"


def _shown(guide: Guide) -> tuple[str, str, str]:
    word = _PROTOCOLS[guide.protocol]
    return guide.type, guide.name, "" if word in guide.name else word


PAGES = (
    Page(method="GET", path=NEW, summary="A new connection", least=Role.DEVELOPER, show=new),
    Page(method="POST", path=NEW, summary="A new connection", least=Role.DEVELOPER, show=create),
)
