"""/dashboard/{environment}/organizations/{id}/settings: name, external ID, metadata; who may come in; and its end."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows import organizations
from latchstring.flows.house import House
from latchstring.flows.organizations import ExternalIdTaken, MetadataInvalid, OrganizationWish
from latchstring.model.operator import Role
from latchstring.model.organization import Organization
from latchstring.model.refusal import InvalidFields
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATION, ORGANIZATIONS, address, tabs
from latchstring.web.kit import domain_rows
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

_SETTINGS = f"{ORGANIZATION}/settings"
_OUTSIDE = f"{_SETTINGS}/outside"
_DELETE = f"{_SETTINGS}/delete"
_SPARE_PAIRS = 3


def settings(house: House, visit: Visit) -> Reply:
    found = _meant(house, visit)
    return _settings(house, visit, found, name=found.name, external_id=found.external_id or "", pairs=found.metadata)


def save(house: House, visit: Visit) -> Reply:
    found, sent = _meant(house, visit), browser.form(visit.inbound)
    name, external_id = sent.get("name", ""), sent.get("external_id", "").strip()
    pairs = _pairs(sent, found.metadata)
    wish = OrganizationWish(
        name=name,
        external_id=external_id or None,
        metadata={**dict.fromkeys(found.metadata), **pairs},  # what was taken out of the form is cleared
    )
    errors: dict[str, str] = {}
    try:
        organizations.update(house, visit.pass_, found.id, wish)
    except InvalidFields as refusal:
        errors = {one.field: domain_rows.explained(one) for one in refusal.errors}
    except ExternalIdTaken as refusal:
        errors = {"external_id": refusal.message}
    except MetadataInvalid as refusal:
        errors = {"metadata": refusal.message}
    if errors:
        return _settings(house, visit, found, name=name, external_id=external_id, pairs=pairs, errors=errors)
    return redirect(f"{address(visit, found.id)}/settings")


def outside(house: House, visit: Visit) -> Reply:
    return _outside(house, visit, _meant(house, visit))


def set_outside(house: House, visit: Visit) -> Reply:
    """Letting everybody in takes a tick as well; keeping them out again does not."""
    found, sent = _meant(house, visit), browser.form(visit.inbound)
    allow = sent.get("allow") == "yes"
    if allow and sent.get("understood") != "yes":
        return _outside(house, visit, found, error=_("Tick this, if it is so. Otherwise leave things as they are."))
    organizations.update(house, visit.pass_, found.id, OrganizationWish(allow_profiles_outside_organization=allow))
    return redirect(f"{address(visit, found.id)}/settings")


def ending(house: House, visit: Visit) -> Reply:
    return _ending(house, visit, _meant(house, visit))


def delete(house: House, visit: Visit) -> Reply:
    found = _meant(house, visit)
    if browser.form(visit.inbound).get("typed", "").strip() != found.name:
        error = _("Type %(name)s, the name of the organization that you delete.") % {"name": found.name}
        return _ending(house, visit, found, error=error)
    organizations.delete(house, visit.pass_, found.id)
    return redirect(ORGANIZATIONS.format(environment=visit.pass_.environment_id))


def _meant(house: House, visit: Visit) -> Organization:
    return organizations.get(house, visit.pass_, visit.params["id"])


def _pairs(sent: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The rows of the form. A browser takes line breaks out of a field: a value that only lost those stays as it is."""
    found: dict[str, str] = {}
    for name, value in sent.items():
        key = value.strip() if name.startswith("key-") else ""
        if key:
            typed = sent.get(f"value-{name.removeprefix('key-')}", "")
            kept = before.get(key, "")
            found[key] = kept if typed == kept.replace("\n", "").replace("\r", "") else typed
    return found


def _settings(
    house: House,
    visit: Visit,
    found: Organization,
    *,
    name: str,
    external_id: str,
    pairs: Mapping[str, str],
    errors: Mapping[str, str] = {},
) -> Reply:
    return render(
        house,
        visit,
        "dashboard_organization_settings.html",
        status=422 if errors else 200,
        organization=found,
        tabs=tabs(visit, found.id),
        name=name[:500],
        external_id=external_id[:500],
        pairs=[*pairs.items(), *[("", "")] * _SPARE_PAIRS],
        errors={field: errors.get(field) for field in ("name", "external_id", "metadata")},
        failed=bool(errors),
    )


def _outside(house: House, visit: Visit, found: Organization, *, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_organization_outside.html",
        status=422 if error else 200,
        organization=found,
        error=error,
    )


def _ending(house: House, visit: Visit, found: Organization, *, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_organization_delete.html",
        status=422 if error else 200,
        organization=found,
        goes=organizations.belongings(house, visit.pass_, found.id),
        error=error,
    )


PAGES = (
    Page(method="GET", path=_SETTINGS, summary="An organization's settings", least=Role.DEVELOPER, show=settings),
    Page(method="POST", path=_SETTINGS, summary="Change an organization", least=Role.DEVELOPER, show=save),
    *(
        page
        for path, summary, show, act in (
            (_OUTSIDE, "Allow profiles outside an organization", outside, set_outside),
            (_DELETE, "Delete an organization", ending, delete),
        )
        for page in (
            Page(method="GET", path=path, summary=summary, least=Role.DEVELOPER, fresh=True, show=show),
            Page(method="POST", path=path, summary=summary, least=Role.DEVELOPER, fresh=True, back=path, show=act),
        )
    ),
)
