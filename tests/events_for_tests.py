"""The event log of the rig's environment, as the tests look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.storage import events
from tests.house_for_tests import Rig


def told(rig: Rig, name: str) -> list[Mapping[str, Any]]:
    """The data of every event of this name, oldest first."""
    with rig.house.database.read(rig.pass_) as scope:
        return [event.data for event in events.after(scope, "", 10_000) if event.event == name]
