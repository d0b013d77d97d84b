"""/dev/components: every component in every state, to be looked at by people and by the tests."""

from __future__ import annotations

import msgspec

from latchstring.flows.house import House
from latchstring.model.operator import Operator, Role
from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def shown(house: House, ask: Ask) -> Reply:
    now = house.now()
    active = Operator(id="operator_1", email="ann@example.com", name="Ann", role=Role.ADMIN, created_at=now)
    changed = msgspec.structs.replace
    operators = [active, changed(active, has_password=False), changed(active, disabled_at=now)]
    return pages.render(house, "dev_components.html", now=now, operators=operators)
