"""The set-up of an organization begins anew: with a new connection, and the one that there was switched off or gone."""

from __future__ import annotations

import msgspec

from latchstring.flows import connection_life, connections, portal_progress
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.environment import Pass
from latchstring.model.portal import PortalProgress, Step


def goes(progress: PortalProgress, found: Connection) -> bool:
    """Whether it was begun in the portal and never switched on: nobody misses it, and so nothing of it stays."""
    begun_here = progress.connection_id == found.id and progress.step is not Step.DONE
    return found.config is None or (begun_here and found.state is not ConnectionState.ACTIVE)


def reset(
    house: House,
    pass_: Pass,
    organization_id: str,
    progress: PortalProgress,
    found: Connection,
    *,
    seen: int,
    by: str | None,
) -> PortalProgress:
    """One through which people have signed in stays, switched off, for those who look after the application.

    Raises `PortalProgressStale`.
    """
    wanted = msgspec.structs.replace(
        progress, step=Step.START, part=0, connection_id=None, connection_type=None, kept={}
    )
    saved = portal_progress.save(house, pass_, organization_id, wanted, seen=seen, by=by)
    made, _new = connections.create(house, pass_, ConnectionWish(organization_id=organization_id, draft=True))
    if goes(progress, found):
        connection_life.delete(house, pass_, found.id)
    elif found.state.admits_logins:
        connection_life.switch(house, pass_, found.id, "off")
    wanted = msgspec.structs.replace(saved, connection_id=made.connection.id)
    return portal_progress.save(house, pass_, organization_id, wanted, seen=saved.version, by=by)
