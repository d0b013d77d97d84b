"""What a change of a mapping did, read from the event that tells it, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from latchstring.flows import attribute_repair
from latchstring.flows.attribute_mapping import AttributeMapsWish
from latchstring.flows.attribute_repair import Repair, RepairWish
from latchstring.flows.house import House
from latchstring.model.connection import AttributeMaps
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, Mender, NotFound
from latchstring.storage import connections, events

_STANDARD = "attribute_maps.standard_attributes."
_CUSTOM = "attribute_maps.custom_attributes."
_REQUIRED = "required_attributes"

Sources = tuple[str, ...]


class MappingMovedOn(Conflict):
    """The mapping was changed again since, so that change cannot be taken back."""

    code = "attribute_mapping_moved_on"
    mender = Mender.OPERATOR
    fix = "Look at the mapping as it is now, and change it to what you want."


class MappingChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one change did to a mapping: each field from what to what."""

    event_id: str
    standard: Mapping[str, tuple[Sources, Sources]]
    custom: Mapping[str, tuple[Sources, Sources]]
    required: tuple[Sources, Sources] | None
    stands: bool  # nothing of it was changed since

    @property
    def back(self) -> RepairWish:
        """What takes it back."""
        required: Sources | UnsetType = self.required[0] if self.required else UNSET
        return RepairWish(attribute_maps=AttributeMapsWish(**self._maps_back()), required_attributes=required)

    def _maps_back(self) -> dict[str, Any]:
        return {
            f"{part}_attributes": {field: before or None for field, (before, _) in changed.items()}
            for part, changed in (("standard", self.standard), ("custom", self.custom))
        }


def change(house: House, pass_: Pass, connection_id: str, event_id: str) -> MappingChange | None:
    """None where the event tells no change of this connection's mapping. Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        connection = connections.get(scope, house.vault, connection_id)
        event = events.get(scope, event_id)
    if connection is None:
        raise NotFound(kind="Connection", id=connection_id)
    if event is None or event.event != "connection.options_changed":
        return None
    if event.data["connection"]["id"] != connection_id:
        return None
    changes: Mapping[str, Any] = event.data["changes"]
    told = {name: (tuple(each["from"]), tuple(each["to"])) for name, each in changes.items() if _is_of_mapping(name)}
    standard = {name.removeprefix(_STANDARD): each for name, each in told.items() if name.startswith(_STANDARD)}
    custom = {name.removeprefix(_CUSTOM): each for name, each in told.items() if name.startswith(_CUSTOM)}
    if not told:
        return None
    return MappingChange(
        event_id=event.id,
        standard=standard,
        custom=custom,
        required=told.get(_REQUIRED),
        stands=_stands(connection.attribute_maps, standard, custom, told.get(_REQUIRED)),
    )


def undo(house: House, pass_: Pass, connection_id: str, event_id: str, *, confirmed: bool = False) -> Repair:
    """Raises `NotFound`, `MappingMovedOn`, and what `attribute_repair.again` raises."""
    done = change(house, pass_, connection_id, event_id)
    if done is None:
        raise NotFound(kind="Event", id=event_id)
    if not done.stands:
        raise MappingMovedOn
    wish = msgspec.structs.replace(done.back, confirm_identifier_change=confirmed)
    return attribute_repair.again(house, pass_, connection_id, wish)


def _is_of_mapping(name: str) -> bool:
    return name.startswith((_STANDARD, _CUSTOM)) or name == _REQUIRED


def _stands(
    maps: AttributeMaps,
    standard: Mapping[str, tuple[Sources, Sources]],
    custom: Mapping[str, tuple[Sources, Sources]],
    required: tuple[Sources, Sources] | None,
) -> bool:
    return (
        all(maps.standard.get(field, ()) == after for field, (_, after) in standard.items())
        and all(maps.custom.get(field, ()) == after for field, (_, after) in custom.items())
        and (required is None or maps.required == required[1])
    )
