"""What is wrong with the attributes of a connection, and what each remedy would do to its last sign-ins."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from latchstring import guides
from latchstring.flows import identifier_change, land
from latchstring.flows.attribute_samples import KEEP
from latchstring.flows.house import House
from latchstring.model.connection import AttributeMaps, Connection
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.profile import Assertion
from latchstring.model.refusal import NotFound
from latchstring.model.testimony import AttributeSample
from latchstring.protocols import attribute_evidence, attribute_preview, attributes
from latchstring.protocols.attribute_evidence import Arriving, Evidence, FieldSource
from latchstring.protocols.attribute_findings import Finding, findings
from latchstring.protocols.attribute_preview import Effect, Outcome, Reader
from latchstring.protocols.identifier_change import IdentifierChange
from latchstring.storage import attribute_samples, connections, dismissed_findings, organizations, reconciliations
from latchstring.storage.database import Scope


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A connection with all that its attributes are judged by."""

    connection: Connection
    organization: Organization | None
    samples: tuple[AttributeSample, ...]  # the newest first


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapping would do to the last sign-ins, and to who people are."""

    effect: Effect
    change: IdentifierChange | None
    needs_confirmation: bool


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A finding, and what its remedy would do; None where no mapping mends it."""

    finding: Finding
    foreseen: Foreseen | None
    dismissed: bool = False  # somebody has seen just this, and wants to see it no more


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to say about the attributes of a connection."""

    case: Case
    attributes: tuple[Arriving, ...]
    sources: tuple[FieldSource, ...]
    recommendations: tuple[Recommendation, ...]
    awaiting: int


def look(house: House, pass_: Pass, connection_id: str) -> Findings:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        found = case(house, scope, connection_id)
        awaiting = reconciliations.count(scope, connection_id)
        dismissed = dismissed_findings.of_connection(scope, connection_id)
        evidence = evidence_of(found)
        recommendations = tuple(
            Recommendation(
                finding=each,
                foreseen=foresee(scope, found, with_sources(found, each.maps)) if each.maps else None,
                dismissed=dismissed.get(each.code) == each.digest,
            )
            for each in findings(evidence)
        )
    return Findings(
        case=found,
        attributes=attribute_evidence.arriving(evidence),
        sources=attribute_evidence.field_sources(evidence),
        recommendations=recommendations,
        awaiting=awaiting,
    )


def case(house: House, scope: Scope, connection_id: str) -> Case:
    """Raises `NotFound`."""
    connection = connections.get(scope, house.vault, connection_id)
    if connection is None:
        raise NotFound(kind="Connection", id=connection_id)
    organization = organizations.get(scope, connection.organization_id) if connection.organization_id else None
    kept = attribute_samples.newest(scope, house.vault, connection_id, since=house.now() - KEEP)
    return Case(connection=connection, organization=organization, samples=tuple(kept))


def evidence_of(found: Case) -> Evidence:
    connection, organization = found.connection, found.organization
    domains = organization.domains if organization else ()
    guide = guides.guide(connection.type)
    return attribute_evidence.gather(
        found.samples,
        maps=connection.attribute_maps,
        defaults=guide.attributes if guide else {},
        identifier_source=connection.identifier_source,
        domains=frozenset(each.domain for each in domains if each.state.is_verified),
        restricted=organization is not None and not organization.allow_profiles_outside_organization,
    )


def with_sources(found: Case, maps: Mapping[str, tuple[str, ...]]) -> AttributeMaps:
    """The connection's mapping with these standard fields changed."""
    before = found.connection.attribute_maps
    return msgspec.structs.replace(before, standard={**before.standard, **maps})


def foresee(scope: Scope, found: Case, maps: AttributeMaps, *, confirmed: bool = False) -> Foreseen:
    """Nothing is done."""
    connection = found.connection
    change = identifier_change.foreseen(scope, connection, maps, confirmed=confirmed)
    after = msgspec.structs.replace(
        connection,
        attribute_maps=maps,
        identifier_source=change.after if change else connection.identifier_source,
    )
    effect = attribute_preview.effect(
        found.samples, reader(connection, found.organization), reader(after, found.organization)
    )
    needs = change is not None and identifier_change.needs_confirmation(connection, change)
    return Foreseen(effect=effect, change=change, needs_confirmation=needs)


def reader(connection: Connection, organization: Organization | None) -> Reader:
    """How this connection reads what is said, its organization's rules included."""
    guide = guides.guide(connection.type)

    def read(assertion: Assertion) -> Outcome:
        fed = attributes.fed(
            assertion,
            maps=connection.attribute_maps,
            defaults=guide.attributes if guide else {},
            identifier_source=connection.identifier_source,
        )
        return attribute_preview.outcome(fed, lambda: land.read(connection, organization, assertion)[0])

    return read
