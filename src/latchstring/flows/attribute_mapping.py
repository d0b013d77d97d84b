"""A connection's own mapping of attributes, and what must be there: a wish becomes one that may stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import custom_attributes
from latchstring.flows.connection_wishes import invalid
from latchstring.model.connection import AttributeMaps
from latchstring.model.refusal import FieldError, InvalidFields
from latchstring.protocols.attribute_names import GENERAL
from latchstring.storage.database import Scope

STANDARD_ATTRIBUTES = tuple(GENERAL)
MAX_SOURCES = 20

Sources = Mapping[str, str | tuple[str, ...] | None]


class AttributeMapsWish(msgspec.Struct, frozen=True, kw_only=True):
    """Profile field -> claim, or several claims in order of trust."""

    standard_attributes: Sources | UnsetType | None = UNSET
    custom_attributes: Sources | UnsetType | None = UNSET


def granted(
    scope: Scope,
    before: AttributeMaps,
    wish: AttributeMapsWish | UnsetType | None,
    required: tuple[str, ...] | UnsetType | None,
) -> AttributeMaps:
    """Only what is given is changed; null takes a field's sources away, or all that is required.

    Raises `InvalidFields`, `CustomAttributeUnknown`.
    """
    after = before if wish is None or wish is UNSET else _merged_both(before, wish)
    if required is not UNSET:
        after = msgspec.structs.replace(after, required=tuple(dict.fromkeys(required or ())))
    asked = [name for name in (*after.custom, *after.required) if name not in STANDARD_ATTRIBUTES]
    custom_attributes.check_defined(scope, asked)
    return after


def _merged_both(before: AttributeMaps, wish: AttributeMapsWish) -> AttributeMaps:
    standard = _merged(before.standard, wish.standard_attributes, "standard_attributes")
    unknown = sorted(set(standard) - set(STANDARD_ATTRIBUTES))
    if unknown:
        raise InvalidFields(
            errors=tuple(
                FieldError(
                    field=f"attribute_maps.standard_attributes.{name}",
                    code="standard_attribute_unknown",
                    message=f"'{name}' is not one of {', '.join(STANDARD_ATTRIBUTES)}.",
                )
                for name in unknown
            )
        )
    custom = _merged(before.custom, wish.custom_attributes, "custom_attributes")
    return msgspec.structs.replace(before, standard=standard, custom=custom)


def _merged(before: Mapping[str, tuple[str, ...]], wish: Any, part: str) -> dict[str, tuple[str, ...]]:
    after = dict(before)
    for field, sources in wish.items() if isinstance(wish, Mapping) else ():
        if sources is None:
            after.pop(field, None)
            continue
        listed = (sources,) if isinstance(sources, str) else sources
        if not 0 < len(listed) <= MAX_SOURCES or not all(0 < len(source) <= 512 for source in listed):
            raise invalid(
                f"attribute_maps.{part}.{field}",
                "attribute_source_invalid",
                f"A field has 1 to {MAX_SOURCES} sources of 1 to 512 characters.",
            )
        after[field] = tuple(dict.fromkeys(listed))
    return after
