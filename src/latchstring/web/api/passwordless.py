"""/passwordless/sessions: magic links are made and mailed (contract 9)."""

from __future__ import annotations

from latchstring.flows import magic_link as flow
from latchstring.flows.house import House
from latchstring.web.api import once, shapes
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def create(house: House, ask: Ask) -> Reply:
    def made() -> tuple[int, dict[str, object]]:
        return 201, shapes.passwordless_session(flow.create(house, ask.caller, ask.body))

    return once.answered_briefly(house, ask, made)


def send(house: House, ask: Ask) -> Reply:
    def sent() -> tuple[int, dict[str, object]]:
        flow.send(house, ask.caller, ask.params["id"])
        return 201, {"success": True}

    return once.answered_briefly(house, ask, sent)
