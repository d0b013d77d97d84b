"""Somebody looks at what an identity provider sent of people, unmasked: the audit log tells who did."""

from __future__ import annotations

from latchstring.flows.connections import existing
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.storage import connections


def told(house: House, pass_: Pass, connection_id: str) -> None:
    """Before they are shown. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        connection = existing(connections.get(scope, house.vault, connection_id), connection_id)
        scope.note("connection.values_shown", ("connection", connection.id, connection.name))
