"""A mapping as the fields of a form, and back: `source.email.1` is the first source of the field email."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows.attribute_mapping import MAX_SOURCES, STANDARD_ATTRIBUTES, AttributeMapsWish
from latchstring.flows.attribute_repair import RepairWish
from latchstring.model.connection import AttributeMaps

_SOURCE = re.compile(r"source\.([a-z][a-z0-9_]{0,63})\.([0-9]{1,2})")
_REQUIRED = "required."

Sources = tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has typed: of each field that the form has, its sources; none: back to the usual ones."""

    sources: Mapping[str, Sources]
    required: Sources | None = None  # None: the form does not ask
    identifier: bool = False  # the form is the one that changes what people are known by

    def less(self, maps: AttributeMaps) -> Wanted:
        """Without what is so already: a form that was opened earlier undoes nobody else's change beside it."""
        sources = {
            field: each
            for field, each in self.sources.items()
            if each != own(maps, field) or (self.identifier and field == "idp_id")
        }
        same = self.required is not None and set(self.required) == set(maps.required)
        return msgspec.structs.replace(self, sources=sources, required=None if same else self.required)

    @property
    def is_nothing(self) -> bool:
        return not self.sources and self.required is None

    def wish(self, *, preview: bool = False, confirmed: bool = False) -> RepairWish:
        required: Sources | UnsetType = UNSET if self.required is None else self.required
        return RepairWish(
            attribute_maps=AttributeMapsWish(
                standard_attributes=self._part(custom=False), custom_attributes=self._part(custom=True)
            ),
            required_attributes=required,
            preview=preview,
            confirm_identifier_change=confirmed,
        )

    def entries(self) -> list[tuple[str, str]]:
        """The same as hidden fields."""
        found = [
            (f"source.{field}.{number}", source)
            for field, sources in self.sources.items()
            for number, source in enumerate(sources or ("",), 1)
        ]
        if self.required is not None:
            found += [("asks_required", "1"), *((f"{_REQUIRED}{field}", "1") for field in self.required)]
        return [*found, ("identifier", "1")] if self.identifier else found

    def _part(self, *, custom: bool) -> dict[str, Sources | None]:
        return {
            field: each or None for field, each in self.sources.items() if (field not in STANDARD_ATTRIBUTES) is custom
        }


def own(maps: AttributeMaps, field: str) -> Sources:
    """The connection's own sources of a field."""
    return (maps.standard if field in STANDARD_ATTRIBUTES else maps.custom).get(field, ())


def of_maps(maps: Mapping[str, Sequence[str]]) -> Wanted:
    return Wanted(sources={field: tuple(sources) for field, sources in maps.items()})


def read(form: Mapping[str, str]) -> Wanted:
    """What a form says. A custom attribute may be chosen beside those that it has (`add`, `add_source`)."""
    typed: dict[str, list[tuple[int, str]]] = {}
    for name, value in form.items():
        if hit := _SOURCE.fullmatch(name):
            typed.setdefault(hit[1], []).append((int(hit[2]), value.strip()))
    sources = {field: _in_order(each) for field, each in typed.items()}
    if (added := form.get("add", "").strip()[:64]) and (source := form.get("add_source", "").strip()):
        sources[added] = (*sources.get(added, ()), source)
    required = tuple(name.removeprefix(_REQUIRED) for name in form if name.startswith(_REQUIRED))
    return Wanted(
        sources=sources,
        required=required if "asks_required" in form else None,
        identifier="identifier" in form,
    )


def boxes(sources: Sources) -> list[str]:
    """What stands in the boxes of a field: its sources, and one that is free for the next."""
    return [*sources, ""] if len(sources) < MAX_SOURCES else list(sources)


def _in_order(typed: list[tuple[int, Any]]) -> Sources:
    return tuple(dict.fromkeys(value for _, value in sorted(typed) if value))
