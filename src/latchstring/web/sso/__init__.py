"""The door for browsers and OAuth clients: authorize, the identity providers' answers, token, profile."""

from __future__ import annotations

from latchstring.web.kit import refusals
from latchstring.web.kit.route import Door
from latchstring.web.sso.routes import ROUTES


def door() -> Door:
    return Door(routes=ROUTES, refuse=refusals.answer)
