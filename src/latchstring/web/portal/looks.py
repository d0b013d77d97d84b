"""How the portal looks: as the environment has it, its name, logo and colour."""

from __future__ import annotations

from typing import Any

from latchstring.flows import branding
from latchstring.flows.house import House
from latchstring.model.branding import Branding
from latchstring.model.environment import Pass
from latchstring.web.kit import brand


def of(house: House, pass_: Pass) -> dict[str, Any] | None:
    """For the templates; None where the environment has none."""
    found = branding.of(house, pass_)
    return None if found == Branding() else brand.shown(pass_.client_id, found)
