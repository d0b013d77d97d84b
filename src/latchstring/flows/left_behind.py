"""People whom a change of the identifier left behind, each linked by a person to who they came back as."""

from __future__ import annotations

import msgspec

from latchstring.flows import story
from latchstring.flows.connections import existing
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.profile import Profile
from latchstring.model.refusal import Conflict, Mender, NotFound
from latchstring.protocols.identifier_change import aside, is_aside
from latchstring.storage import connections, events, profiles
from latchstring.storage.database import Scope

SHOWN = 100


class ProfileUnlinkable(Conflict):
    """Nobody has come back as this person: no other profile has the same address, in a domain that was proven."""

    code = "profile_unlinkable"
    mender = Mender.OPERATOR
    fix = (
        "Ask the person to sign in once. There has to be exactly one profile of this connection with the same e-mail "
        "address, and its domain has to be a verified one of the organization."
    )


class LeftBehind(msgspec.Struct, frozen=True, kw_only=True):
    """A profile into which nobody comes any more."""

    profile: Profile
    returned: Profile | None  # the one that has the same address now

    @property
    def linkable(self) -> bool:
        """Only where the organization's own, proven domain vouches for the address."""
        return self.returned is not None and self.returned.email_domain_verified

    @property
    def is_undone(self) -> bool:
        """Whether linking takes back a link: the newer of the two is the one that was left."""
        return self.returned is not None and self.profile.id > self.returned.id  # ids are made in the order of time


def listed(house: House, pass_: Pass, connection_id: str) -> tuple[LeftBehind, ...]:
    """The oldest `SHOWN`. Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        existing(connections.get(scope, house.vault, connection_id), connection_id)
        return _found(scope, connection_id)[:SHOWN]


def link(house: House, pass_: Pass, connection_id: str, profile_id: str) -> None:
    """Whoever signs in under the newer identifier is the older profile from now on. Linking the other takes it back.

    Raises `NotFound`, `ProfileUnlinkable`.
    """
    now = house.now()
    with house.database.write(pass_) as scope:
        connection = existing(connections.get(scope, house.vault, connection_id), connection_id)
        meant = next((each for each in _found(scope, connection_id) if each.profile.id == profile_id), None)
        if meant is None:
            raise NotFound(kind="Profile", id=profile_id)
        returned = meant.returned
        if returned is None or not meant.linkable:
            raise ProfileUnlinkable
        profiles.rekey(scope, returned.id, aside(returned.idp_id, returned.id))
        profiles.rekey(scope, profile_id, returned.idp_id)
        scope.note("profile.linked", ("profile", profile_id, f"{connection.name}: instead of {returned.id}"))
        data = {
            "connection": story.connection_core(connection),
            "from": returned.id,
            "to": profile_id,
            "actor": pass_.actor,
        }
        events.add(scope, house.id(ids.EVENT, now), "connection.profile_linked", data, now=now)


def _found(scope: Scope, connection_id: str) -> tuple[LeftBehind, ...]:
    left: list[Profile] = []
    living: dict[str, list[Profile]] = {}
    for each in profiles.of_connection(scope, connection_id):
        if is_aside(each.idp_id):
            left.append(each)
        else:
            living.setdefault(each.email.lower(), []).append(each)
    same = [living.get(each.email.lower(), []) for each in left]
    return tuple(
        LeftBehind(profile=each, returned=others[0] if len(others) == 1 else None)
        for each, others in zip(left, same, strict=True)
    )
