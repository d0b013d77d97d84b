"""Refusal -> status and JSON body, in the shapes that the SDKs' error parsers know (contract 1.5)."""

from __future__ import annotations

from typing import Any

import msgspec

from latchstring.effects.mail import RecipientRefused
from latchstring.flows.environment_settings import LooseInProduction
from latchstring.flows.environments import RedirectUrisFull, RedirectUriTaken
from latchstring.flows.house import House
from latchstring.flows.identifier_change import IdentifierChangeUnconfirmed
from latchstring.flows.it_contacts import ItContactsFull
from latchstring.flows.magic_link import LinkOver
from latchstring.flows.portal_api_links import PortalIntentNotOffered
from latchstring.flows.portal_invitations import InvitationNotOffered
from latchstring.model.refusal import (
    Conflict,
    Forbidden,
    IdpFailed,
    InvalidFields,
    InvalidRequest,
    NotFound,
    Refusal,
    Throttled,
    Unauthorized,
    Unavailable,
)
from latchstring.web.kit.endpoint import BodyTooLarge, MethodNotAllowed
from latchstring.web.kit.message import Header, Inbound, Reply, as_json

_STATUS: tuple[tuple[type[Refusal], int], ...] = (  # the first that fits
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (MethodNotAllowed, 405),
    (Conflict, 409),
    (BodyTooLarge, 413),
    (InvalidFields, 422),
    (RedirectUriTaken, 422),
    (RedirectUrisFull, 422),
    (LooseInProduction, 422),
    (LinkOver, 422),
    (PortalIntentNotOffered, 422),
    (InvitationNotOffered, 422),
    (ItContactsFull, 422),
    (RecipientRefused, 422),
    (IdpFailed, 422),  # what was sent names a server that does not answer as it should; not our own failure
    (Throttled, 429),
    (Unavailable, 503),
    (InvalidRequest, 400),
)


def answer(_house: House, refusal: Refusal, _inbound: Inbound) -> Reply:
    status = next((status for family, status in _STATUS if isinstance(refusal, family)), 400)
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, Throttled):
        headers = ((b"retry-after", str(refusal.retry_after).encode()),)
    elif isinstance(refusal, Unavailable):
        headers = ((b"retry-after", b"1"),)
    return as_json(_body(refusal), status=status, headers=headers)


def _body(refusal: Refusal) -> dict[str, Any]:
    if isinstance(refusal, Unauthorized):
        return {"message": "Unauthorized"}
    body: dict[str, Any] = {"message": refusal.message, "code": refusal.code}
    if isinstance(refusal, InvalidFields):
        body["errors"] = [msgspec.structs.asdict(error) for error in refusal.errors]
        if type(refusal) is not InvalidFields:  # one that knows more than which fields are wrong
            body["fix"] = refusal.fix
    elif isinstance(refusal, NotFound):
        body["entity_id"] = refusal.id
    else:
        body["fix"] = refusal.fix
    if isinstance(refusal, IdentifierChangeUnconfirmed):
        body["identifier_change"] = dict(refusal.facts)
    return body
