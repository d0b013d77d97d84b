"""What stands in the Dashboard's menu: a row a place, with the least role that may go there."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from latchstring.model.environment import Environment
from latchstring.model.operator import Role
from latchstring.web.kit.language import _


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is what a page of it calls itself (`{% block place %}`)."""

    name: str
    label: str  # in English; said in the language of the page
    path: str  # "{environment}" in it: there once an environment is chosen
    group: str = ""  # the heading it stands under
    least: Role = Role.SUPPORT


PLACES = (
    Place(name="home", label="Environments", path="/dashboard"),
    Place(name="overview", label="Overview", path="/dashboard/{environment}"),
    Place(name="organizations", label="Organizations", path="/dashboard/{environment}/organizations"),
    Place(name="sign-ins", label="Sign-ins", path="/dashboard/{environment}/sign-ins"),
    Place(name="keys", label="API keys", path="/dashboard/{environment}/developers/keys", group="Developers"),
    Place(
        name="redirects",
        label="Redirect URIs",
        path="/dashboard/{environment}/developers/redirects",
        group="Developers",
    ),
    Place(
        name="requests",
        label="API requests",
        path="/dashboard/{environment}/developers/requests",
        group="Developers",
    ),
    Place(
        name="custom-attributes",
        label="Custom attributes",
        path="/dashboard/{environment}/settings/attributes",
        group="Settings",
    ),
    Place(
        name="sign-in-settings",
        label="Sign-in",
        path="/dashboard/{environment}/settings/sign-in",
        group="Settings",
    ),
    Place(
        name="oauth",
        label="OAuth providers",
        path="/dashboard/{environment}/settings/oauth",
        group="Settings",
    ),
    Place(name="branding", label="Branding", path="/dashboard/{environment}/settings/branding", group="Settings"),
    Place(name="mail", label="Mail", path="/dashboard/settings/mail", group="Settings", least=Role.ADMIN),
    Place(name="audit", label="Audit log", path="/dashboard/audit", group="Settings", least=Role.ADMIN),
    Place(name="team", label="Team", path="/dashboard/team", group="Settings", least=Role.ADMIN),
)


def open_to(role: Role, environment: Environment | None) -> Sequence[tuple[str, Sequence[tuple[str, str, str]]]]:
    """The groups of the menu in the page's language: heading, and of each place its name, label and address."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for place in PLACES:
        if role.may(place.least) and (environment is not None or "{environment}" not in place.path):
            path = place.path.format(environment=environment.id if environment else "")
            groups.setdefault(place.group, []).append((place.name, _(place.label), path))
    return [(_(heading) if heading else "", group) for heading, group in groups.items()]
