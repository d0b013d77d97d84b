"""/user_management/redirect_uris (contract 10)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from latchstring.flows import environments as flow
from latchstring.flows.house import House
from latchstring.flows.story import instant
from latchstring.model.environment import RedirectUri
from latchstring.web.api import shapes
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class RedirectUriBody(msgspec.Struct, frozen=True):
    """An absolute URI without query and fragment."""

    uri: str


class RedirectUriShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A place of the application's to which the browser may be sent back."""

    object_: Literal["redirect_uri"]
    id: str
    uri: str
    default: bool
    created_at: str
    updated_at: str


def create(house: House, ask: Ask) -> Reply:
    body: RedirectUriBody = ask.body
    return as_json(shown(flow.create_redirect_uri(house, ask.caller, uri=body.uri)), status=201)


def listed(house: House, ask: Ask) -> Reply:
    window = decode.window(decode.pairs(ask.inbound.query))
    return as_json(shapes.page(flow.redirect_uri_page(house, ask.caller, window), shown))


def delete(house: House, ask: Ask) -> Reply:
    flow.delete_redirect_uri(house, ask.caller, ask.params["id"])
    return empty()


def shown(entry: RedirectUri) -> dict[str, Any]:
    return {
        "object": "redirect_uri",
        "id": entry.id,
        "uri": entry.uri,
        "default": entry.default,
        "created_at": instant(entry.created_at),
        "updated_at": instant(entry.updated_at),
    }
