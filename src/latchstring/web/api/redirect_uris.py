"""/user_management/redirect_uris (contract 10)."""

from __future__ import annotations

import msgspec

from latchstring.flows import environments as flow
from latchstring.flows.house import House
from latchstring.web.api import shapes
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class RedirectUriBody(msgspec.Struct, frozen=True):
    """An absolute URI without query and fragment."""

    uri: str


def create(house: House, ask: Ask) -> Reply:
    body: RedirectUriBody = ask.body
    return as_json(shapes.redirect_uri(flow.create_redirect_uri(house, ask.caller, uri=body.uri)), status=201)


def listed(house: House, ask: Ask) -> Reply:
    window = decode.window(decode.pairs(ask.inbound.query))
    return as_json(shapes.page(flow.redirect_uri_page(house, ask.caller, window), shapes.redirect_uri))


def delete(house: House, ask: Ask) -> Reply:
    flow.delete_redirect_uri(house, ask.caller, ask.params["id"])
    return empty()
