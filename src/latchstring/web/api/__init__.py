"""The door for back ends with an API key: organizations, domains, connections, certificates, redirect URIs."""

from __future__ import annotations

from latchstring.web.api import refusals
from latchstring.web.api.routes import ROUTES
from latchstring.web.kit.route import Door


def door() -> Door:
    return Door(routes=ROUTES, refuse=refusals.answer)
