"""How far the set-up of an organization is: saved at each step, never over what somebody else did meanwhile."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.flows.house import House
from latchstring.model.connection import Connection, ConnectionState
from latchstring.model.environment import Pass
from latchstring.model.portal import PortalProgress
from latchstring.model.refusal import Conflict, Mender, NotFound
from latchstring.storage import connections, portal_progress
from latchstring.storage.database import Scope
from latchstring.storage.paging import Window

MAX_KEPT = 40  # entries
MAX_TEXT = 65_536  # characters of one


class PortalProgressStale(Conflict):
    """Somebody else has gone on with this set-up meanwhile."""

    code = "portal_progress_stale"
    mender = Mender.IT_ADMIN
    fix = "What you typed is still here. Look at what they did, and send yours again if it is still right."
    step: str  # where it is now
    connection_type: str | None
    by: str | None
    at: datetime | None
    version: int


def of(house: House, pass_: Pass, organization_id: str) -> PortalProgress:
    with house.database.read(pass_) as scope:
        return portal_progress.get(scope, organization_id)


def save(
    house: House, pass_: Pass, organization_id: str, wanted: PortalProgress, *, seen: int, by: str | None = None
) -> PortalProgress:
    """`seen` is the version on which `wanted` was decided. What was saved, with its version.

    Raises `PortalProgressStale` with what stands there instead; `NotFound` for a connection of somebody else.
    """
    now = house.now()
    kept = {name[:100]: text[:MAX_TEXT] for name, text in list(wanted.kept.items())[:MAX_KEPT]}
    wanted = msgspec.structs.replace(wanted, kept=kept, updated_by=by, updated_at=now)
    with house.database.write(pass_) as scope:
        if wanted.connection_id is not None:
            _of_organization(house, scope, organization_id, wanted.connection_id)
        if portal_progress.save(scope, organization_id, wanted, seen=seen, now=now):
            return msgspec.structs.replace(wanted, version=seen + 1)
        there = portal_progress.get(scope, organization_id)
    raise PortalProgressStale(
        step=there.step.value,
        connection_type=there.connection_type,
        by=there.updated_by,
        at=there.updated_at,
        version=there.version,
    )


def connection(house: House, pass_: Pass, organization_id: str, progress: PortalProgress) -> Connection | None:
    """The one that is being set up; where none is, the newest one of the organization that is not being deleted."""
    with house.database.read(pass_) as scope:
        found = connections.get(scope, house.vault, progress.connection_id) if progress.connection_id else None
        if found is not None and found.organization_id == organization_id and _is_there(found):
            return found
        page = connections.page(scope, house.vault, Window(limit=20), organization_id=organization_id)
    there = [each for each in page.items if _is_there(each)]
    active = [each for each in there if each.state is ConnectionState.ACTIVE]
    return next(iter(active or there), None)


def _of_organization(house: House, scope: Scope, organization_id: str, connection_id: str) -> None:
    found = connections.get(scope, house.vault, connection_id)
    if found is None or found.organization_id != organization_id:
        raise NotFound(kind="Connection", id=connection_id[:100])


def _is_there(found: Connection) -> bool:
    return found.state is not ConnectionState.DELETING
