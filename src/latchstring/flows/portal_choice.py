"""An IT admin says which identity provider they have: the connection that is set up becomes one of that type."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from latchstring import guides
from latchstring.flows import connection_life, connections, portal_progress, portal_reset
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.model.connection import ConnectionState
from latchstring.model.environment import Pass
from latchstring.model.portal import PortalProgress, Step
from latchstring.model.refusal import InvalidRequest, Mender

_UNFINISHED = (ConnectionState.REQUIRES_TYPE, ConnectionState.DRAFT)


class PortalProviderUnknown(InvalidRequest):
    """There is no identity provider of this kind to choose."""

    code = "portal_provider_unknown"
    mender = Mender.IT_ADMIN
    fix = "Choose one from the list. For any other one, choose Custom SAML or Custom OpenID Connect."


class PortalChoiceLosesDetails(InvalidRequest):
    """The details of another identity provider were brought already."""

    code = "portal_choice_loses_details"
    mender = Mender.IT_ADMIN
    fix = "Confirm that the other one is meant. Then bring its details; those of the first are thrown away."
    connection_type: str  # whose details
    in_use: bool  # people sign in through it, and go on doing so until the new one is switched on


def is_offered(guide: Guide) -> bool:
    return guide.protocol in ("saml", "oidc")


def choose(
    house: House,
    pass_: Pass,
    organization_id: str,
    progress: PortalProgress,
    type_: str,
    *,
    seen: int,
    by: str | None,
    confirmed: bool,
    called: str = "",
) -> PortalProgress:
    """A draft takes the type; beside a connection that has its details already, a new draft is begun.

    `called` is how its people call the identity provider; where nothing is given the name stays.

    Raises `PortalProviderUnknown`, `PortalProgressStale`, and `PortalChoiceLosesDetails` unless `confirmed`.
    """
    guide = guides.guide(type_)
    if guide is None or not is_offered(guide):
        raise PortalProviderUnknown
    current = portal_progress.connection(house, pass_, organization_id, progress)
    wanted = msgspec.structs.replace(progress, connection_type=guide.type)
    if current is not None and current.type == guide.type:
        wanted = msgspec.structs.replace(wanted, connection_id=current.id).reaching(Step.GUIDE)
        return portal_progress.save(house, pass_, organization_id, wanted, seen=seen, by=by)
    wanted = msgspec.structs.replace(wanted, step=Step.GUIDE, part=0, kept={})
    if current is not None and current.state in _UNFINISHED:
        wanted = msgspec.structs.replace(wanted, connection_id=current.id)
        saved = portal_progress.save(house, pass_, organization_id, wanted, seen=seen, by=by)
        connections.update(house, pass_, current.id, ConnectionWish(connection_type=guide.type, name=called or UNSET))
        return saved
    if current is not None and not confirmed:
        raise PortalChoiceLosesDetails(connection_type=current.type, in_use=current.state is ConnectionState.ACTIVE)
    wanted = msgspec.structs.replace(wanted, connection_id=None)
    saved = portal_progress.save(house, pass_, organization_id, wanted, seen=seen, by=by)
    wish = ConnectionWish(organization_id=organization_id, connection_type=guide.type, name=called or UNSET, draft=True)
    made, _new = connections.create(house, pass_, wish)
    if current is not None and portal_reset.goes(progress, current):
        connection_life.delete(house, pass_, current.id)
    wanted = msgspec.structs.replace(saved, connection_id=made.connection.id)
    return portal_progress.save(house, pass_, organization_id, wanted, seen=saved.version, by=by)
