"""Mends a connection's mapping, or shows what that would do; and says who of those who wait can sign in then."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import attribute_findings, attribute_mapping, connections, reconciliation
from latchstring.flows.attribute_findings import Case, Foreseen
from latchstring.flows.attribute_mapping import AttributeMapsWish
from latchstring.flows.connection_wishes import invalid
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.house import House
from latchstring.flows.reconciliation import Awaited
from latchstring.model.connection import AttributeMaps, Connection
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, Mender, NotFound
from latchstring.protocols.attribute_findings import findings
from latchstring.storage import reconciliations


class FindingUnmappable(Conflict):
    """No mapping mends '{finding}': what arrives holds nothing better."""

    code = "attribute_finding_without_mapping"
    mender = Mender.IT_ADMIN
    fix = "Let the identity provider send it, as the `fix` of the finding says; or give a mapping of your own."
    finding: str


class RepairWish(msgspec.Struct, frozen=True, kw_only=True):
    """A finding by its code, or a mapping; `preview` shows what it would do, and does nothing.

    `required_attributes` are changed beside a mapping, which may be empty.
    """

    finding: str | None = None
    attribute_maps: AttributeMapsWish | None = None
    required_attributes: tuple[str, ...] | UnsetType | None = UNSET
    preview: bool = False
    confirm_identifier_change: bool = False


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or would be."""

    connection: Connection  # as it is, or would be
    applied: bool
    foreseen: Foreseen
    people: tuple[Awaited, ...]  # those who wait, the oldest first
    event_id: str | None = None  # tells what was done


def mend(house: House, pass_: Pass, connection_id: str, wish: RepairWish) -> Repair:
    """Raises `InvalidFields` unless there is exactly one remedy, and what `again` raises."""
    if (wish.finding is None) == (wish.attribute_maps is None):
        raise invalid("finding", "remedy_required", "Give exactly one of finding and attribute_maps.")
    return again(house, pass_, connection_id, wish)


def again(house: House, pass_: Pass, connection_id: str, wish: RepairWish) -> Repair:
    """The same, and without a remedy a look at who could sign in by now.

    Raises `NotFound`, `FindingUnmappable`, `IdentifierChangeUnconfirmed`, and what a mapping is refused with.
    """
    if wish.finding is not None and wish.attribute_maps is not None:
        raise invalid("finding", "remedy_required", "Give one of finding and attribute_maps.")
    confirmed = wish.confirm_identifier_change
    with house.database.read(pass_) as scope:
        case = attribute_findings.case(house, scope, connection_id)
        remedy = _remedy(case, wish)
        before = case.connection.attribute_maps
        maps = before if remedy is None else attribute_mapping.granted(scope, before, remedy, wish.required_attributes)
        foreseen = attribute_findings.foresee(scope, case, maps, confirmed=confirmed and remedy is not None)
        waiting = tuple(reconciliations.of_connection(scope, house.vault, connection_id))
    applied = remedy is not None and not wish.preview
    told = None
    if applied:
        change = ConnectionWish(
            attribute_maps=remedy,
            required_attributes=wish.required_attributes,
            confirm_identifier_change=confirmed,
        )
        seen = connections.update(house, pass_, connection_id, change)
        after, told = seen.connection, seen.event_id
    else:
        after = _as_if(case.connection, maps, foreseen)
    return Repair(
        connection=after,
        applied=applied,
        foreseen=foreseen,
        people=reconciliation.judged(waiting, after, case.organization),
        event_id=told,
    )


def _remedy(case: Case, wish: RepairWish) -> AttributeMapsWish | None:
    if wish.finding is None:
        return wish.attribute_maps
    found = {each.code: each for each in findings(attribute_findings.evidence_of(case))}.get(wish.finding)
    if found is None:
        raise NotFound(kind="Attribute finding", id=wish.finding)
    if not found.maps:
        raise FindingUnmappable(finding=wish.finding)
    return AttributeMapsWish(standard_attributes=dict(found.maps))


def _as_if(connection: Connection, maps: AttributeMaps, foreseen: Foreseen) -> Connection:
    source = foreseen.change.after if foreseen.change else connection.identifier_source
    return msgspec.structs.replace(connection, attribute_maps=maps, identifier_source=source)
