"""A row of the catalogue: an attack, or a control; and the play that it becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from latchstring.attacks.oidc.stage import Scene
from latchstring.attacks.oidc.values import Behaviour, Changes, changed
from latchstring.attacks.outcome import Attack, Verdict


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is tried, and the refusal that is meant for it. Without a refusal it is a control."""

    name: str
    requirement: str  # OIDC-NN
    tries: str
    refused: str | None = None  # the code of the refusal; None: it must be accepted
    behaviour: Behaviour = Behaviour()
    options: Mapping[str, Any] = {}  # oidc_options of the connection, over the usual ones
    journey: Callable[[Scene, Row], Verdict] | None = None  # None: one whole sign-in
    at_most: Mapping[str, int] = {}  # endpoint of the provider -> how often it may have been asked
    profile: Changes = {}  # members that the profile of an accepted sign-in must have


def attack(row: Row) -> Attack[Scene]:
    """The row as something that can be fired: its journey, and then a look at what else came of it."""

    def play(scene: Scene) -> Verdict:
        found = (row.journey or sign_in)(scene, row)
        return found if found.accepted is not (row.refused is None) else _looked_into(row, scene, found)

    return Attack(name=row.name, requirement=row.requirement, tries=row.tries, expected=row.refused, play=play)


def sign_in(scene: Scene, row: Row) -> Verdict:
    """One whole sign-in at a connection to such a provider."""
    door = scene.connect(row.behaviour, row.options)
    departed = scene.depart(door, scene.browser())
    return departed if isinstance(departed, Verdict) else scene.arrive(door, departed)


def _looked_into(row: Row, scene: Scene, found: Verdict) -> Verdict:
    """The right answer does not make up for what must not happen on the way to it."""
    asked = Counter(endpoint for tenant in scene.tenants for endpoint in tenant.asked)
    for endpoint, limit in row.at_most.items():
        if asked[endpoint] > limit:
            return Verdict(accepted=False, code=f"{endpoint}_was_asked_{asked[endpoint]}_times", status=found.status)
    if row.profile:
        wanted = changed({}, row.profile, scene.tenants[0].facts())
        received = {name: (found.profile or {}).get(name) for name in wanted}
        if received != wanted:
            return msgspec.structs.replace(found, note=f"but with the profile {received}")
    return found
