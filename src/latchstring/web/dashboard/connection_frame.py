"""What every page about one connection has on top: name, type, state, id, and its tabs, of which each is a page.

Whoever adds a page adds a row to `TABS` (or to `ACTIONS`, for a link in the head), renders it with `render`, and lets
its template extend connection_frame.html.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from latchstring import guides
from latchstring.flows import connections, organizations, reconciliation
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.operator import Role
from latchstring.web.dashboard import guard
from latchstring.web.dashboard.guard import HOME, Visit
from latchstring.web.kit import provider_picks
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply

CONNECTION = f"{HOME}/{{environment}}/connections/{{id}}"


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is what a page calls itself (`tab=` of `render`); {environment} and {id} in its path are filled in."""

    name: str
    label: str  # in English; said in the language of the page
    path: str
    least: Role = Role.SUPPORT
    protocols: tuple[str, ...] = ()  # of the connection's type; empty: all of them
    waiting: Callable[[House, Pass, str], int] | None = None  # how much waits there to be looked at, by the connection


TABS = (
    Tab(name="overview", label="Overview", path=CONNECTION),
    Tab(name="set-up", label="Set up", path=f"{CONNECTION}/set-up"),
    Tab(name="attributes", label="Attributes", path=f"{CONNECTION}/attributes", waiting=reconciliation.count),
    Tab(name="sign-ins", label="Sign-ins", path=f"{HOME}/{{environment}}/sign-ins?connection={{id}}"),
    Tab(name="certificates", label="Certificates", path=f"{CONNECTION}/certificates", protocols=("saml", "oidc")),
    Tab(name="settings", label="Settings", path=f"{CONNECTION}/settings"),
)
ACTIONS: tuple[Tab, ...] = (Tab(name="test", label="Test sign-in", path=f"{CONNECTION}/test"),)


def seen(house: House, visit: Visit) -> Seen:
    """The connection that the path names. Raises `NotFound`."""
    return connections.get(house, visit.pass_, visit.params["id"])


def address(visit: Visit, connection_id: str, tail: str = "") -> str:
    return CONNECTION.format(environment=visit.pass_.environment_id, id=connection_id) + tail


def protocol(found: Seen) -> str:
    guide = guides.guide(found.connection.type)
    return guide.protocol if guide else "other"


def customer(house: House, visit: Visit, found: Seen) -> str:
    """Whose identity provider it is, by name."""
    if found.connection.organization_id is None:
        return found.connection.name
    return organizations.get(house, visit.pass_, found.connection.organization_id).name


def render(
    house: House, visit: Visit, template: str, *, found: Seen, tab: str, status: int = 200, **values: Any
) -> Reply:
    """A page about the connection `found`, with its head."""
    connection = found.connection
    organization = None
    if connection.organization_id is not None:
        organization = organizations.get(house, visit.pass_, connection.organization_id)
    return guard.render(
        house,
        visit,
        template,
        status=status,
        connection=connection,
        type_name=provider_picks.name_of(connection.type),
        organization=organization,
        tabs=_open(house, TABS, visit, found),
        here=tab,
        head_actions=_open(house, ACTIONS, visit, found),
        address=address(visit, connection.id),
        may_change=visit.operator.role.may(Role.DEVELOPER),
        fresh=visit.session.is_fresh(house.now()),
        confirm_url=f"{HOME}/confirm?next={quote(visit.inbound.path, safe='/')}",
        **values,
    )


def _open(house: House, rows: tuple[Tab, ...], visit: Visit, found: Seen) -> list[tuple[str, str, str]]:
    """Name, label and address of those that this operator and this connection have."""
    speaks, connection = protocol(found), found.connection

    def label(row: Tab) -> str:
        count = row.waiting(house, visit.pass_, connection.id) if row.waiting else 0
        return f"{_(row.label)} ({count})" if count else _(row.label)

    return [
        (row.name, label(row), row.path.format(environment=connection.environment_id, id=connection.id))
        for row in rows
        if visit.operator.role.may(row.least) and (not row.protocols or speaks in row.protocols)
    ]
