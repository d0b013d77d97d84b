"""A connection's mapping field by field: where each field comes from, what came last, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from latchstring.model.connection import AttributeMaps
from latchstring.protocols.attribute_evidence import Entry, Evidence, FieldSource, field_sources
from latchstring.protocols.attribute_findings import Finding
from latchstring.protocols.attribute_names import GENERAL, PREDEFINED
from latchstring.protocols.attributes import Defaults

ALWAYS = ("idp_id", "email")  # without these nobody signs in, whatever a connection requires


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the profile."""

    field: str
    custom: bool
    own: tuple[str, ...]  # the connection's own sources, in order
    usual: tuple[str, ...]  # where it is looked for behind those
    fed_by: tuple[FieldSource, ...]  # in the samples, the commonest first
    values: tuple[str, ...]  # in the sample that is looked at
    required: bool
    samples: int  # that hold something
    inside: bool | None = None  # whether the address there is in the organization's domains; None: nobody asks
    finding: Finding | None = None  # the gravest about this field

    @property
    def always(self) -> bool:
        return self.field in ALWAYS


def rows(
    evidence: Evidence,
    found: Sequence[Finding],
    entry: Entry | None,
    *,
    maps: AttributeMaps,
    defaults: Defaults,
) -> tuple[Row, ...]:
    """The standard fields, and those custom attributes that are mapped, required, or arrive; `entry` is looked at."""
    gravest = {finding.field: finding for finding in reversed(found)}
    sources: dict[str, list[FieldSource]] = {}
    for source in field_sources(evidence):
        if source.source is not None:
            sources.setdefault(source.field, []).append(source)
    standard = [
        Row(
            field=field,
            custom=False,
            own=maps.standard.get(field, ()),
            usual=tuple(dict.fromkeys((*defaults.get(field, ()), *usual))),
            fed_by=tuple(sources.get(field, ())),
            values=_standard(entry, field) if entry else (),
            required=field in ALWAYS or field in maps.required,
            samples=sum(bool(_standard(each, field)) for each in evidence.entries),
            inside=_inside(evidence, entry) if field == "email" else None,
            finding=gravest.get(field),
        )
        for field, usual in GENERAL.items()
    ]
    return (*standard, *_custom(evidence, entry, maps))


def _custom(evidence: Evidence, entry: Entry | None, maps: AttributeMaps) -> tuple[Row, ...]:
    arriving = {field for each in evidence.entries for field in each.custom}
    asked = {*maps.custom, *(field for field in maps.required if field not in GENERAL)}
    return tuple(
        Row(
            field=field,
            custom=True,
            own=maps.custom.get(field, ()),
            usual=PREDEFINED.get(field, ()),
            fed_by=_custom_sources(evidence, field, maps.custom.get(field, ())),
            values=entry.said.get(entry.custom[field], ()) if entry and field in entry.custom else (),
            required=field in maps.required,
            samples=sum(field in each.custom for each in evidence.entries),
        )
        for field in sorted(arriving | asked)
    )


def _custom_sources(evidence: Evidence, field: str, own: Sequence[str]) -> tuple[FieldSource, ...]:
    named = {each.lower() for each in own}
    names = Counter(each.custom[field] for each in evidence.entries if field in each.custom)
    return tuple(
        FieldSource(
            field=field, source=name, rule="mapping" if _is_named(evidence, name, named) else "general", samples=count
        )
        for name, count in names.most_common()
    )


def _is_named(evidence: Evidence, name: str, named: set[str]) -> bool:
    return name.lower() in named or evidence.friendly_names.get(name, "").lower() in named


def _standard(entry: Entry, field: str) -> tuple[str, ...]:
    held = entry.fed.get(field)
    if held is not None:
        return held.values
    parts = [entry.one("first_name"), entry.one("last_name")] if field == "name" else []
    joined = " ".join(filter(None, parts))
    return (joined,) if joined else ()


def _inside(evidence: Evidence, entry: Entry | None) -> bool | None:
    held = entry.fed.get("email") if entry else None
    if entry is None or held is None or not evidence.domains:
        return None
    return evidence.is_good_email(entry, held.origin.source, inside=True)
