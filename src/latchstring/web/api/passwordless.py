"""/passwordless/sessions: magic links are made and mailed (contract 9)."""

from __future__ import annotations

from typing import Literal

import msgspec

from latchstring.flows import magic_link as flow
from latchstring.flows.house import House
from latchstring.flows.story import instant
from latchstring.web.api import once
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


class PasswordlessSessionShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A magic link. `link` is shown here and never again; mails carry addresses of their own."""

    object_: Literal["passwordless_session"]
    id: str
    email: str
    expires_at: str
    link: str


class SentShape(msgspec.Struct, kw_only=True):
    """The mail server has taken the mail."""

    success: Literal[True]


def create(house: House, ask: Ask) -> Reply:
    def made() -> tuple[int, dict[str, object]]:
        new = flow.create(house, ask.caller, ask.body)
        return 201, {
            "object": "passwordless_session",
            "id": new.link.id,
            "email": new.link.email,
            "expires_at": instant(new.link.expires_at),
            "link": new.url.reveal(),
        }

    return once.answered_briefly(house, ask, made)


def send(house: House, ask: Ask) -> Reply:
    def sent() -> tuple[int, dict[str, object]]:
        flow.send(house, ask.caller, ask.params["id"])
        return 201, {"success": True}

    return once.answered_briefly(house, ask, sent)
