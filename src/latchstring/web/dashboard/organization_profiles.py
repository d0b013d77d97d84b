"""/dashboard/{environment}/organizations/{id}/profiles: the people who have signed in, found by their address."""

from __future__ import annotations

from typing import Any

from latchstring.flows import organizations, profiles
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.model.profile import Profile
from latchstring.web.dashboard.guard import Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATION, tabs
from latchstring.web.kit import masks
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply


def listed(house: House, visit: Visit) -> Reply:
    organization = organizations.get(house, visit.pass_, visit.params["id"])
    open_ = visit.operator.role.may(Role.DEVELOPER)
    leaf = Leaf(visit.inbound, "email")
    page = profiles.page(
        house,
        visit.pass_,
        leaf.window,
        organization_id=organization.id,
        search=leaf.chosen["email"] or None,
        whole=not open_,  # else one could find out an address letter by letter
    )
    return render(
        house,
        visit,
        "dashboard_profiles.html",
        organization=organization,
        tabs=tabs(visit, organization.id),
        profiles=[_shown(profile, open_=open_) for profile in page.items],
        masked=not open_,
        email=leaf.chosen["email"],
        paged=leaf.paged,
        newer_url=leaf.url("before", page.before),
        older_url=leaf.url("after", page.after),
    )


def _shown(profile: Profile, *, open_: bool) -> dict[str, Any]:
    name = profile.name or " ".join(part for part in (profile.first_name, profile.last_name) if part)
    return {
        "id": profile.id,
        "email": profile.email if open_ else masks.email(profile.email),
        "name": name if open_ else masks.word(name),
        "connection_id": profile.connection_id,
        "type": profile.connection_type,
        "created_at": profile.created_at,
        "updated_at": profile.updated_at,
    }


PAGES = (
    Page(
        method="GET",
        path=f"{ORGANIZATION}/profiles",
        summary="An organization's people",
        least=Role.SUPPORT,
        show=listed,
    ),
)
