"""Refusal -> what an IT admin sees: what is wrong with a link, or with a page, and whom to ask."""

from __future__ import annotations

from typing import Any

from latchstring.flows.house import House
from latchstring.flows.portal_links import PortalLinkOver, PortalLinkUnknown
from latchstring.flows.portal_sessions import PortalSessionOver
from latchstring.model.refusal import (
    Conflict,
    Forbidden,
    InvalidFields,
    InvalidRequest,
    NotFound,
    Refusal,
    Throttled,
    Unauthorized,
    Unavailable,
)
from latchstring.storage import front_door
from latchstring.web.kit import decode, forms, pages, words
from latchstring.web.kit.endpoint import BodyTooLarge, MethodNotAllowed
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Header, Inbound, Reply
from latchstring.web.portal import browser, looks
from latchstring.web.portal.places import HOME

_STATUS: tuple[tuple[type[Refusal], int], ...] = (  # the first that fits
    (Unavailable, 503),
    (Throttled, 429),
    (MethodNotAllowed, 405),
    (BodyTooLarge, 413),
    (NotFound, 404),
    (PortalLinkUnknown, 404),
    (PortalLinkOver, 410),
    (Unauthorized, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (InvalidFields, 422),
)


def answer(house: House, refusal: Refusal, inbound: Inbound) -> Reply:
    status = next((status for family, status in _STATUS if isinstance(refusal, family)), 400)
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, Throttled):
        headers = ((b"retry-after", str(refusal.retry_after).encode()),)
    if isinstance(refusal, PortalSessionOver):
        headers = (browser.drop_session(house),)
    ends = isinstance(refusal, PortalLinkOver | PortalSessionOver)
    return pages.render(
        house,
        "portal_refused.html",
        status=status,
        headers=headers,
        forms_stay_here=True,
        branding=None if isinstance(refusal, Unavailable) else _looks(house, inbound),
        message=words.message(refusal) if not isinstance(refusal, NotFound) else _("There is nothing here."),
        # Its own words are for whoever holds an API key.
        fix=_("It may have been deleted meanwhile, or belong to somebody else.")
        if isinstance(refusal, NotFound)
        else words.fix(refusal),
        code=refusal.code,
        reference=inbound.request_id,
        home=None if ends else HOME,
    )


def _looks(house: House, inbound: Inbound) -> dict[str, Any] | None:
    """Of the environment that the link or the session belongs to, even if it opens nothing any more."""
    pass_ = front_door.by_portal_session(house.database, browser.session(house, inbound))
    token = _token(inbound)
    if token:
        pass_ = front_door.by_portal_link(house.database, token)
    return looks.of(house, pass_) if pass_ is not None else None


def _token(inbound: Inbound) -> str:
    if inbound.path != f"{HOME}/launch":
        return ""
    try:
        sent = forms.fields(inbound) if inbound.method == "POST" else decode.singles(decode.pairs(inbound.query))
    except InvalidRequest:
        return ""
    return sent.get("token", "")
