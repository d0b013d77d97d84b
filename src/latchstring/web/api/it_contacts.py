"""/organizations/{id}/it_contacts: whom to send set-up links to (contract 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from latchstring.flows import it_contacts as flow
from latchstring.flows import portal_invitations
from latchstring.flows.house import House
from latchstring.flows.story import instant
from latchstring.storage.it_contacts import ItContact
from latchstring.web.api import once
from latchstring.web.api.shapes import ListShape
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask, Handler


class ItContactShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """Somebody of an organization's IT."""

    object_: Literal["it_contact"]
    id: str
    email: str
    created_at: str
    updated_at: str


class ItContactBody(msgspec.Struct, frozen=True, kw_only=True):
    """One e-mail address."""

    email: str


class InviteBody(msgspec.Struct, frozen=True, kw_only=True):
    """What they are to do: `sso`, `domain_verification`."""

    intents: list[str]


def listed(house: House, ask: Ask) -> Reply:
    """All at once: there are never many, and the cursors are always empty."""
    found = flow.listed(house, ask.caller, ask.params["id"])
    ends = {"before": None, "after": None}
    data = [_shape(each) for each in found]
    return as_json({"object": "list", "data": data, "list_metadata": ends, "listMetadata": ends})


def create(house: House, ask: Ask) -> Reply:
    body: ItContactBody = ask.body
    return once.answered(
        house, ask, lambda: (201, _shape(flow.create(house, ask.caller, ask.params["id"], body.email)))
    )


def delete(house: House, ask: Ask) -> Reply:
    flow.delete(house, ask.caller, ask.params["id"], ask.params["contact_id"])
    return empty()


def invite(house: House, ask: Ask) -> Reply:
    body: InviteBody = ask.body
    portal_invitations.invite(house, ask.caller, ask.params["id"], ask.params["contact_id"], body.intents)
    return empty()


def revoke(house: House, ask: Ask) -> Reply:
    flow.uninvite(house, ask.caller, ask.params["id"], ask.params["contact_id"])
    return empty()


def _shape(contact: ItContact) -> ItContactShape:
    return ItContactShape(
        object_="it_contact",
        id=contact.id,
        email=contact.email,
        created_at=instant(contact.created_at),
        updated_at=instant(contact.updated_at),
    )


_CONTACTS = "/organizations/{id}/it_contacts"
_CONTACT = f"{_CONTACTS}/{{contact_id}}"
LINES = (
    ("GET", _CONTACTS, listed, "List the IT contacts of an organization", {200: ListShape[ItContactShape]}),
    ("POST", _CONTACTS, create, "Add an IT contact; nothing is mailed", {201: ItContactShape}),
    ("DELETE", _CONTACT, delete, "Delete an IT contact, and take back the links sent to them", {204: None}),
    ("POST", f"{_CONTACT}/invite", invite, "Mail a set-up link to an IT contact", {204: None}),
    ("POST", f"{_CONTACT}/revoke", revoke, "Take back the links sent to an IT contact", {204: None}),
)
BODIES: Mapping[Handler, Any] = {create: ItContactBody, invite: InviteBody}
