"""The attribute mapper's objects: as types for the OpenAPI document and the tests, and as what is really sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from latchstring.flows.attribute_findings import Findings, Foreseen, Recommendation
from latchstring.flows.attribute_repair import Repair
from latchstring.flows.identifier_change import EXAMPLES
from latchstring.flows.reconciliation import Awaited
from latchstring.flows.story import instant
from latchstring.model.connection import AttributeMaps
from latchstring.protocols.attribute_preview import Change
from latchstring.protocols.identifier_change import IdentifierChange, shown
from latchstring.storage.paging import Page
from latchstring.web.api import shapes
from latchstring.web.api.shapes import AttributeMapsShape, Cursors


class ArrivingShape(msgspec.Struct, kw_only=True):
    """An attribute that arrives; `@NameID` is the subject. `kinds` is what its values look like."""

    name: str
    friendly_name: str | None
    samples: int
    most_values: int
    kinds: list[Literal["email", "guest", "guid", "url", "number", "boolean", "json", "transient", "text"]]
    distinct: int
    examples: list[str]
    feeds: list[str]


class SourceShape(msgspec.Struct, kw_only=True):
    """What feeds a field, by which rule, and in how many samples."""

    field: str
    source: str | None
    rule: Literal["settled", "mapping", "type", "general", "joined"] | None
    samples: int


class ShortfallShape(msgspec.Struct, kw_only=True):
    """Why there is no profile."""

    code: str
    message: str
    fix: str
    missing: list[str]


class ChangeShape(msgspec.Struct, kw_only=True):
    """A sample that would come out otherwise: the fields that differ, and what refuses it."""

    at: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]
    refusal_before: ShortfallShape | None
    refusal_after: ShortfallShape | None


class OrphanShape(msgspec.Struct, kw_only=True):
    """Somebody who would become a stranger."""

    id: str
    email: str
    idp_id: str


class IdentifierChangeShape(msgspec.Struct, kw_only=True):
    """What another source of `idp_id` does to the profiles that there are."""

    before: str | None
    after: str | None
    profiles: int
    kept: int
    rekeyed: int
    orphaned: int
    examples: list[OrphanShape]
    needs_confirmation: bool


class EffectShape(msgspec.Struct, kw_only=True):
    """What a mapping does to the samples."""

    samples: int
    unchanged: int
    changed: int
    become_valid: int
    become_invalid: int
    stay_invalid: int
    changes: list[ChangeShape]
    identifier_change: IdentifierChangeShape | None


class RecommendedShape(msgspec.Struct, kw_only=True):
    """A mapping as `PATCH /connections/{id}` takes it."""

    attribute_maps: AttributeMapsShape


class FindingShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """Something that looks wrong, and what mends it; `recommended` is null where no mapping does."""

    object_: Literal["attribute_finding"]
    code: str
    field: str
    severity: Literal["error", "warning", "notice"]
    message: str
    fix: str
    samples: int
    recommended: RecommendedShape | None
    effect: EffectShape | None


class FindingsShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """What is wrong with the attributes of a connection, by its last sign-ins."""

    object_: Literal["attribute_findings"]
    connection_id: str
    samples: int
    newest_sample_at: str | None
    oldest_sample_at: str | None
    attributes: list[ArrivingShape]
    sources: list[SourceShape]
    findings: list[FindingShape]
    awaiting_reconciliation: int


class PersonShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """Somebody who could not sign in, and what refuses them today; null: they can by now."""

    object_: Literal["reconciliation"]
    id: str
    connection_id: str
    state: Literal["awaiting", "can_sign_in"]
    subject: str
    fields: dict[str, Any]
    refused_with: str
    refusal: ShortfallShape | None
    tries: int
    created_at: str
    updated_at: str


class ReconciliationShape(PersonShape, kw_only=True, rename={"object_": "object"}):
    """The same with all that arrived."""

    received: dict[str, list[str]]


class ReconciliationsShape(msgspec.Struct, kw_only=True, rename={"object_": "object", "legacy": "listMetadata"}):
    """One page of the people who wait; `count` is how many there are in all."""

    object_: Literal["list"]
    data: list[ReconciliationShape]
    list_metadata: Cursors
    legacy: Cursors
    count: int


class PeopleShape(msgspec.Struct, kw_only=True):
    """Of those who wait: who can sign in with this mapping, and who still cannot."""

    count: int
    can_sign_in: list[PersonShape]
    cannot_sign_in: list[PersonShape]


class RepairShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """What was done, or with `preview` would be."""

    object_: Literal["attribute_repair"]
    connection_id: str
    applied: bool
    attribute_maps: AttributeMapsShape
    effect: EffectShape
    reconciliations: PeopleShape


def findings(found: Findings) -> dict[str, Any]:
    samples = found.case.samples
    return {
        "object": "attribute_findings",
        "connection_id": found.case.connection.id,
        "samples": len(samples),
        "newest_sample_at": instant(samples[0].at) if samples else None,
        "oldest_sample_at": instant(samples[-1].at) if samples else None,
        "attributes": [msgspec.to_builtins(each) for each in found.attributes],
        "sources": [msgspec.to_builtins(each) for each in found.sources],
        "findings": [_finding(each) for each in found.recommendations],
        "awaiting_reconciliation": found.awaiting,
    }


def reconciliations(page: Page[Awaited], count: int) -> dict[str, Any]:
    return {**shapes.page(page, reconciliation), "count": count}


def reconciliation(awaited: Awaited) -> dict[str, Any]:
    attributes = awaited.entry.testimony.attributes
    return {**_person(awaited), "received": {name: list(values) for name, values in attributes.items()}}


def _person(awaited: Awaited) -> dict[str, Any]:
    """Without what arrived: of a thousand people that would be megabytes."""
    entry, outcome = awaited.entry, awaited.outcome
    return {
        "object": "reconciliation",
        "id": entry.id,
        "connection_id": entry.connection_id,
        "state": "can_sign_in" if awaited.can_sign_in else "awaiting",
        "subject": entry.testimony.subject,
        "fields": dict(outcome.fields),
        "refused_with": entry.refusal,
        "refusal": msgspec.to_builtins(outcome.refusal),
        "tries": entry.tries,
        "created_at": instant(entry.created_at),
        "updated_at": instant(entry.updated_at),
    }


def repair(done: Repair) -> dict[str, Any]:
    return {
        "object": "attribute_repair",
        "connection_id": done.connection.id,
        "applied": done.applied,
        "attribute_maps": shapes.attribute_maps(done.connection.attribute_maps),
        "effect": _effect(done.foreseen),
        "reconciliations": _people(done.people),
    }


def _finding(found: Recommendation) -> dict[str, Any]:
    finding = found.finding
    maps = shapes.attribute_maps(AttributeMaps(standard=dict(finding.maps)))
    return {
        "object": "attribute_finding",
        "code": finding.code,
        "field": finding.field,
        "severity": finding.severity,
        "message": finding.message,
        "fix": finding.fix,
        "samples": finding.samples,
        "recommended": {"attribute_maps": maps} if finding.maps else None,
        "effect": _effect(found.foreseen) if found.foreseen else None,
    }


def _effect(foreseen: Foreseen) -> dict[str, Any]:
    effect = foreseen.effect
    return {
        "samples": effect.samples,
        "unchanged": effect.unchanged,
        "changed": effect.changed,
        "become_valid": effect.become_valid,
        "become_invalid": effect.become_invalid,
        "stay_invalid": effect.stay_invalid,
        "changes": [_change(each) for each in effect.changes],
        "identifier_change": (
            _identifier_change(foreseen.change, needs_confirmation=foreseen.needs_confirmation)
            if foreseen.change
            else None
        ),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": instant(change.at),
        "subject": change.subject,
        "before": dict(change.before),
        "after": dict(change.after),
        "refusal_before": msgspec.to_builtins(change.refusal_before),
        "refusal_after": msgspec.to_builtins(change.refusal_after),
    }


def _identifier_change(change: IdentifierChange, *, needs_confirmation: bool) -> dict[str, Any]:
    return {
        "before": change.before,
        "after": change.after,
        "profiles": change.profiles,
        "kept": change.kept,
        "rekeyed": len(change.rekeyed),
        "orphaned": len(change.orphaned),
        "examples": [
            {"id": one.id, "email": one.email, "idp_id": shown(one.idp_id)} for one in change.orphaned[:EXAMPLES]
        ],
        "needs_confirmation": needs_confirmation,
    }


def _people(people: Iterable[Awaited]) -> dict[str, Any]:
    every = [(each.can_sign_in, _person(each)) for each in people]
    return {
        "count": len(every),
        "can_sign_in": [one for can, one in every if can],
        "cannot_sign_in": [one for can, one in every if not can],
    }
