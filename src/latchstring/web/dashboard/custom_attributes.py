"""/dashboard/{environment}/settings/attributes: custom attributes of an environment, a new one, taking one away."""

from __future__ import annotations

from latchstring.flows import custom_attributes as flow
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.refusal import Conflict, InvalidFields, InvalidRequest
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import words
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

ATTRIBUTES = f"{HOME}/{{environment}}/settings/attributes"
_SHOWN = 20  # of the connections that use one


def listed(house: House, visit: Visit) -> Reply:
    return _list(house, visit)


def create(house: House, visit: Visit) -> Reply:
    name = browser.form(visit.inbound).get("name", "").strip()
    try:
        made = flow.create(house, visit.pass_, name=name)
    except InvalidFields as refusal:
        return _list(house, visit, name=name, error=_(refusal.errors[0].message))
    except (Conflict, InvalidRequest) as refusal:
        return _list(house, visit, name=name, error=words.message(refusal))
    return redirect(f"{_address(visit)}#{made.name}")


def removal(house: House, visit: Visit) -> Reply:
    return _removal(house, visit)


def remove(house: House, visit: Visit) -> Reply:
    """The name has to be typed: what is mapped to it in every connection goes as well."""
    name = visit.params["name"]
    if browser.form(visit.inbound).get("typed", "").strip() != name:
        return _removal(house, visit, error=_("Type %(name)s, the name of what you remove.") % {"name": name})
    flow.delete(house, visit.pass_, name)
    return redirect(_address(visit))


def _address(visit: Visit) -> str:
    return ATTRIBUTES.format(environment=visit.pass_.environment_id)


def _list(house: House, visit: Visit, *, name: str = "", error: str | None = None) -> Reply:
    uses = flow.uses(house, visit.pass_)
    found = flow.listed(house, visit.pass_)
    return render(
        house,
        visit,
        "dashboard_custom_attributes.html",
        status=422 if error else 200,
        address=_address(visit),
        own=[each for each in found if not each.predefined],
        predefined=[each for each in found if each.predefined],
        uses={each: len(used) for each, used in uses.items()},
        most=flow.MAX_OWN,
        name=name[:100],
        error=error,
        may_change=visit.operator.role.may(Role.DEVELOPER),
    )


def _removal(house: House, visit: Visit, *, error: str | None = None) -> Reply:
    found = flow.get(house, visit.pass_, visit.params["name"])
    if found.predefined:
        raise flow.CustomAttributePredefined(name=found.name)
    used = flow.uses(house, visit.pass_).get(found.name, [])
    return render(
        house,
        visit,
        "dashboard_custom_attribute.html",
        status=422 if error else 200,
        address=_address(visit),
        name=found.name,
        used=used[:_SHOWN],
        used_in_all=len(used),
        error=error,
    )


PAGES = (
    Page(method="GET", path=ATTRIBUTES, summary="Custom attributes", least=Role.SUPPORT, show=listed),
    Page(method="POST", path=ATTRIBUTES, summary="A new custom attribute", least=Role.DEVELOPER, show=create),
    Page(
        method="GET",
        path=f"{ATTRIBUTES}/{{name}}",
        summary="What removing a custom attribute does",
        least=Role.DEVELOPER,
        show=removal,
    ),
    Page(
        method="POST",
        path=f"{ATTRIBUTES}/{{name}}",
        summary="Remove a custom attribute",
        least=Role.DEVELOPER,
        show=remove,
    ),
)
