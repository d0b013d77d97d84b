"""What the pages about a connection's attributes share: where they stand, and whether they show values of people."""

from __future__ import annotations

from typing import Any

from latchstring.flows import attribute_values
from latchstring.flows.attribute_repair import Repair
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.web.dashboard import connection_frame
from latchstring.web.dashboard.connection_frame import CONNECTION
from latchstring.web.dashboard.guard import Visit
from latchstring.web.kit import caller
from latchstring.web.kit.message import Reply

ATTRIBUTES = f"{CONNECTION}/attributes"
TAB = "attributes"


def address(visit: Visit) -> str:
    return connection_frame.address(visit, visit.params["id"], "/attributes")


def after(visit: Visit, done: Repair, *, tail: str = "") -> str:
    """Where the page says what was done, and offers to take it back."""
    told = f"?applied={done.event_id}#applied" if done.event_id else ""
    return address(visit) + tail + told


def values_are_shown(house: House, visit: Visit, asked: str | None) -> bool:
    """Whether this page shows values of people instead of masking them: to whoever asks for it and may.

    Every page that shows such values asks here, and the audit log tells who has looked at them.
    """
    if asked != "show" or not visit.operator.role.may(Role.DEVELOPER):
        return False
    operator = visit.operator
    somebody = caller.acting(
        house, visit.inbound, f"operator:{operator.id}", operator.name
    )  # also where they only look
    attribute_values.told(somebody, visit.pass_, visit.params["id"])
    return True


def render(house: House, visit: Visit, template: str, found: Seen, *, status: int = 200, **values: Any) -> Reply:
    mapper = address(visit)
    return connection_frame.render(house, visit, template, found=found, tab=TAB, status=status, mapper=mapper, **values)
