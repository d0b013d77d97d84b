"""/custom_attributes: an environment's own fields of profiles, beside the predefined ones; an addition of ours."""

from __future__ import annotations

import msgspec

from latchstring.flows import custom_attributes as flow
from latchstring.flows.house import House
from latchstring.web.api import shapes
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class CustomAttributeBody(msgspec.Struct, frozen=True):
    """A name of lower-case letters, digits and underscores."""

    name: str


def create(house: House, ask: Ask) -> Reply:
    body: CustomAttributeBody = ask.body
    return as_json(shapes.custom_attribute(flow.create(house, ask.caller, name=body.name)), status=201)


def listed(house: House, ask: Ask) -> Reply:
    found = flow.listed(house, ask.caller)
    return as_json({"object": "list", "data": [shapes.custom_attribute(each) for each in found]})


def delete(house: House, ask: Ask) -> Reply:
    flow.delete(house, ask.caller, ask.params["name"])
    return empty()
