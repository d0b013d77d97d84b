"""latchstring custom-attribute: create, list, show, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import custom_attributes
from latchstring.model.refusal import NotFound
from latchstring.web.api import shapes

_FIELDS = ("name", "predefined", "sources", "created_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "custom-attribute",
        "custom attributes: an environment's own fields of profiles",
        "  latchstring custom-attribute create badge_number\n"
        "  latchstring connection map conn_01... badge_number=badgeNumber\n"
        "  latchstring custom-attribute list",
    )
    create = noun.verb("create", "define a custom attribute", _create)
    create.add_argument("name", metavar="NAME", help="lower-case letters, digits and underscores")
    noun.verb("list", "list custom attributes, the predefined ones first", _list)
    show = noun.verb("show", "show one custom attribute", _show)
    show.add_argument("name", metavar="NAME")
    noun.deletion("delete", "delete a custom attribute, and its place in every mapping", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    made = custom_attributes.create(built, pass_, name=asked.name)
    output.show_one(asked, shapes.custom_attribute(made), _FIELDS)
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = [shapes.custom_attribute(each) for each in custom_attributes.listed(built, pass_)]
    output.show_list(asked, {"object": "list", "data": found}, _FIELDS[:3], empty="There is none.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = next((each for each in custom_attributes.listed(built, pass_) if each.name == asked.name), None)
    if found is None:
        raise NotFound(kind="Custom attribute", id=asked.name)
    output.show_one(asked, shapes.custom_attribute(found), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the custom attribute {asked.id}, and its place in every mapping")
    custom_attributes.delete(built, pass_, asked.id)
    return output.gone(asked, "custom_attribute", asked.id)
