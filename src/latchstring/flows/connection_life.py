"""A connection switched on and off, and deleted: at once for whoever signs in, piece by piece where there is much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from latchstring.flows import attribute_findings, cautions, story
from latchstring.flows import connections as flow
from latchstring.flows.cautions import Caution
from latchstring.flows.connections import Seen
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.environment import Pass
from latchstring.protocols.attribute_findings import findings
from latchstring.storage import connections, events, organizations
from latchstring.storage.database import WritingScope

AT_ONCE = 500  # rows that go in the transaction that deletes: nobody's sign-in waits longer for it
BATCH = 200


def switch(house: House, pass_: Pass, connection_id: str, wish: Literal["on", "off"]) -> Seen:
    """On: a configured connection admits logins again. Off: it refuses everything, answers on their way included.

    On comes with a caution where the only identifier that ever arrived is a transient NameID. Raises `NotFound`,
    `StateUnreachable`.
    """
    with house.database.write(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        seen = flow.seen(scope, switched(house, scope, connection, wish))
    return seen if wish == "off" else msgspec.structs.replace(seen, cautions=_doubts(house, pass_, connection_id))


def _doubts(house: House, pass_: Pass, connection_id: str) -> tuple[Caution, ...]:
    """What the last sign-ins say against it."""
    with house.database.read(pass_) as scope:
        case = attribute_findings.case(house, scope, connection_id)
    return cautions.of_findings(findings(attribute_findings.evidence_of(case)), len(case.samples))


def switched(house: House, scope: WritingScope, connection: Connection, wish: Literal["on", "off"]) -> Connection:
    """The same inside a transaction; one that is so already stays as it is. Raises `StateUnreachable`."""
    act: Literal["activated", "deactivated"] = "activated" if wish == "on" else "deactivated"
    reached = ConnectionState.ACTIVE if wish == "on" else ConnectionState.INACTIVE
    if connection.state is reached:
        return connection
    now, after = house.now(), connection.state.after(act)
    connections.change_state(scope, connection.id, before=connection.state, after=after, now=now)
    connection = msgspec.structs.replace(connection, state=after, updated_at=now)
    domains = organizations.domains(scope, connection.organization_id) if connection.organization_id else ()
    events.add(scope, house.id(ids.EVENT, now), f"connection.{act}", story.connection(connection, domains), now=now)
    return connection


def delete(house: House, pass_: Pass, connection_id: str) -> Connection:
    """The connection with its profiles and sign-ins. From now on it admits nobody; one that has much goes by and by.

    As it was before. Deleting it once more is no error, and told once.
    """
    with house.database.write(pass_) as scope:
        connection = flow.existing(connections.get(scope, house.vault, connection_id), connection_id)
        begin_deletion(house, scope, connection)
    return connection


def begin_deletion(house: House, scope: WritingScope, connection: Connection) -> None:
    """Tells it, and lets what there is of it go, or its first part."""
    now = house.now()
    if connection.state is not ConnectionState.DELETING:
        connections.begin_deletion(scope, connection.id, now)
        event = house.id(ids.EVENT, now)
        events.add(scope, event, "connection.deleted", story.connection_core(connection), now=now)
    _go_on(scope, connection.id, AT_ONCE)


def finish_deletions(house: House, pass_: Pass, stopping: Callable[[], bool]) -> int:
    """Goes on with those that are half gone, a batch at a time. How many are gone."""
    with house.database.read(pass_) as scope:
        waiting = connections.deleting(scope)
    gone = 0
    for connection_id in waiting:
        finished = False
        while not finished and not stopping():
            with house.database.write(pass_) as scope:
                finished = _go_on(scope, connection_id, BATCH)
        gone += finished
    return gone


def _go_on(scope: WritingScope, connection_id: str, count: int) -> bool:
    """Whether nothing is left, the connection included."""
    if connections.remove_belongings(scope, connection_id, count) < count:
        connections.remove(scope, connection_id)
        return True
    return False
