"""latchstring connection map: which attribute feeds which field, what must be there, and what identifies people."""

from __future__ import annotations

from argparse import Namespace

from msgspec import UNSET

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import connections
from latchstring.flows.attribute_mapping import STANDARD_ATTRIBUTES, AttributeMapsWish
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.identifier_change import IdentifierChangeUnconfirmed
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.web.api import shapes

_SHOWN = ("required_attributes", "identifier_source")


class MappingUnreadable(InvalidRequest):
    """'{received}' is not a field and its source."""

    code = "mapping_unreadable"
    mender = Mender.OPERATOR
    fix = (
        "Write `FIELD=SOURCE`, several times for several sources in order, or `FIELD=null`. A field is one of "
        f"{', '.join(f'`{field}`' for field in STANDARD_ATTRIBUTES)}, or a custom attribute."
    )
    received: str


def add_to(noun: Noun) -> None:
    verb = noun.verb("map", "change which attribute feeds which field of profiles, or show it", _map)
    verb.add_argument("id", metavar="ID")
    verb.add_argument(
        "map", nargs="*", metavar="FIELD=SOURCE", help="in order; FIELD=null: as its type and the usual names have it"
    )
    verb.add_argument("--require", metavar="FIELDS", help="without these nobody signs in; comma between, none for none")
    verb.add_argument(
        "--confirm-identifier-change",
        action="store_true",
        help="take another source for idp_id, although people lose their profiles",
    )


def _map(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    wanted = fields(asked.map)
    standard = {field: sources for field, sources in wanted.items() if field in STANDARD_ATTRIBUTES}
    custom = {field: sources for field, sources in wanted.items() if field not in STANDARD_ATTRIBUTES}
    wish = ConnectionWish(
        attribute_maps=AttributeMapsWish(standard_attributes=standard, custom_attributes=custom),
        required_attributes=UNSET if asked.require is None else _required(asked.require),
        confirm_identifier_change=asked.confirm_identifier_change,
    )
    try:
        seen = connections.update(built, pass_, asked.id, wish)
    except IdentifierChangeUnconfirmed as refusal:
        if not asked.json:
            for person in refusal.examples:
                output.say(f"  would lose their profile: {person['email']} ({person['id']}, {person['idp_id']})")
        raise
    shown = shapes.connection(built, seen)
    if asked.json:
        output.as_json(shown)
        return 0
    maps = {**shown["attribute_maps"]["standard_attributes"], **shown["attribute_maps"]["custom_attributes"]}
    output.show_one(asked, {**shown, **maps}, ("id", *maps, *_SHOWN))
    return 0


def fields(pairs: list[str]) -> dict[str, tuple[str, ...] | None]:
    """Raises `MappingUnreadable`."""
    found: dict[str, tuple[str, ...] | None] = {}
    for pair in pairs:
        field, _, source = pair.partition("=")
        if not field or not source:
            raise MappingUnreadable(received=pair)
        found[field] = None if source == "null" else (*(found.get(field) or ()), source)
    return found


def _required(text: str) -> tuple[str, ...]:
    return () if text == "none" else tuple(name.strip() for name in text.split(",") if name.strip())
