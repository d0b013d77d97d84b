"""/portal: links into the Admin Portal, made and taken back by the application's back end (contract 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import portal_api_links, portal_links
from latchstring.flows.house import House
from latchstring.flows.portal_api_links import PortalLinkWish
from latchstring.web.api import once
from latchstring.web.kit.message import Reply, empty
from latchstring.web.kit.route import Ask, Handler


class PortalLinkShape(msgspec.Struct, kw_only=True):
    """Where the IT admin's browser is sent, within five minutes."""

    link: str


class RevokeBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whose links: those that were made with this `external_user_id`."""

    organization: str
    external_user_id: str


def generate(house: House, ask: Ask) -> Reply:
    def made() -> tuple[int, dict[str, object]]:
        return 201, {"link": portal_api_links.generate(house, ask.caller, ask.body).url.reveal()}

    return once.answered_briefly(house, ask, made)


def revoke(house: House, ask: Ask) -> Reply:
    body: RevokeBody = ask.body
    portal_links.revoke_of_person(house, ask.caller, body.organization, body.external_user_id)
    return empty()


LINES = (
    ("POST", "/portal/generate_link", generate, "Make a link into the Admin Portal", {201: PortalLinkShape}),
    ("POST", "/portal/revoke_link", revoke, "Take back somebody's links and sessions", {204: None}),
)
BODIES: Mapping[Handler, Any] = {generate: PortalLinkWish, revoke: RevokeBody}
