"""Custom attributes of an environment: the predefined ones, and its own, which connections may then map."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from latchstring.flows import story
from latchstring.flows.connection_wishes import invalid
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.connection import AttributeMaps
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, InvalidRequest, NotFound
from latchstring.protocols.attribute_names import GENERAL, PREDEFINED
from latchstring.storage import connections, custom_attributes, events
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.sqlite import AlreadyThere

MAX_OWN = 100
_NAME = re.compile("[a-z][a-z0-9_]{0,63}")


class CustomAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """A field of `custom_attributes` in profiles."""

    name: str
    predefined: bool
    sources: tuple[str, ...]  # where it is looked for without a mapping
    created_at: datetime | None  # None: predefined


class CustomAttributeTaken(Conflict):
    """The custom attribute '{name}' exists already."""

    code = "custom_attribute_already_exists"
    fix = "Nothing to do: connections can map it."
    name: str


class CustomAttributePredefined(Conflict):
    """The custom attribute '{name}' is predefined and stays."""

    code = "custom_attribute_predefined"
    fix = "Nothing to do: it is in profiles only where an identity provider sends it."
    name: str


class CustomAttributesFull(InvalidRequest):
    """This environment already has {limit} custom attributes of its own."""

    code = "custom_attribute_limit_reached"
    fix = "Delete one that is no longer used."
    limit: int


class CustomAttributeUnknown(InvalidRequest):
    """Custom attribute not found: '{name}'."""

    code = "custom_attribute_not_found"
    fix = (
        "Define it for the environment first: `POST /custom_attributes` or `latchstring custom-attribute create NAME`."
    )
    name: str


def create(house: House, pass_: Pass, *, name: str) -> CustomAttribute:
    """Raises `InvalidFields`, `CustomAttributeTaken`, `CustomAttributesFull`."""
    if not _NAME.fullmatch(name) or name in GENERAL:
        raise invalid(
            "name",
            "custom_attribute_name_invalid",
            "A name has 1 to 64 lower-case letters, digits and underscores, begins with a letter, and is no standard "
            "attribute.",
        )
    if name in PREDEFINED:
        raise CustomAttributeTaken(name=name)
    now = house.now()
    with house.database.write(pass_) as scope:
        if len(custom_attributes.every(scope)) >= MAX_OWN:
            raise CustomAttributesFull(limit=MAX_OWN)
        try:
            custom_attributes.add(scope, name, now)
        except AlreadyThere:
            raise CustomAttributeTaken(name=name) from None
    return CustomAttribute(name=name, predefined=False, sources=(), created_at=now)


def listed(house: House, pass_: Pass) -> list[CustomAttribute]:
    """The predefined ones, then the environment's own, each by name."""
    with house.database.read(pass_) as scope:
        own = custom_attributes.every(scope)
    return [
        *(
            CustomAttribute(name=name, predefined=True, sources=sources, created_at=None)
            for name, sources in PREDEFINED.items()
        ),
        *(CustomAttribute(name=name, predefined=False, sources=(), created_at=at) for name, at in own.items()),
    ]


def get(house: House, pass_: Pass, name: str) -> CustomAttribute:
    """Raises `NotFound`."""
    found = next((each for each in listed(house, pass_) if each.name == name), None)
    if found is None:
        raise NotFound(kind="Custom attribute", id=name)
    return found


def uses(house: House, pass_: Pass) -> dict[str, list[str]]:
    """Of each custom attribute that connections map or require, their ids."""
    found: dict[str, list[str]] = {}
    with house.database.read(pass_) as scope:
        for connection_id, maps in connections.all_maps(scope):
            for name in dict.fromkeys((*maps.custom, *maps.required)):
                if name not in GENERAL:
                    found.setdefault(name, []).append(connection_id)
    return found


def delete(house: House, pass_: Pass, name: str) -> None:
    """Out of every connection's mapping, too. What stands in profiles stays there until the person's next sign-in.

    Raises `CustomAttributePredefined`, `NotFound`.
    """
    if name in PREDEFINED:
        raise CustomAttributePredefined(name=name)
    now = house.now()
    with house.database.write(pass_) as scope:
        if not custom_attributes.remove(scope, name):
            raise NotFound(kind="Custom attribute", id=name)
        for connection_id, maps in connections.all_maps(scope):
            if name in maps.custom or name in maps.required:
                _forget(house, scope, pass_, connection_id, maps, name, now)


def check_defined(scope: Scope, names: Iterable[str]) -> None:
    """Raises `CustomAttributeUnknown` for the first that is neither predefined nor the environment's own."""
    asked = [name for name in names if name not in PREDEFINED]
    if not asked:
        return
    own = custom_attributes.every(scope)
    for name in asked:
        if name not in own:
            raise CustomAttributeUnknown(name=name)


def _forget(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    connection_id: str,
    maps: AttributeMaps,
    name: str,
    now: datetime,
) -> None:
    after = msgspec.structs.replace(
        maps,
        custom={field: sources for field, sources in maps.custom.items() if field != name},
        required=tuple(field for field in maps.required if field != name),
    )
    connections.set_maps(scope, connection_id, after, now)
    events.add(
        scope,
        house.id(ids.EVENT, now),
        "connection.options_changed",
        {
            "connection": {"id": connection_id},
            "changes": story.mapping_changes(maps, after),
            "actor": pass_.actor,
        },
        now=now,
    )
