"""Refusal -> what an operator sees: the way to the sign-in page, or a page with what is wrong and how it is mended."""

from __future__ import annotations

from urllib.parse import quote

from latchstring.flows.half_sessions import HalfSessionOver
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import SessionOver
from latchstring.model.refusal import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    Refusal,
    Throttled,
    Unauthorized,
    Unavailable,
)
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, PasswordNeeded, SecondFactorNeeded, sign_in_address
from latchstring.web.kit import pages, words
from latchstring.web.kit.endpoint import BodyTooLarge, MethodNotAllowed
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Header, Inbound, Reply, redirect

_STATUS: tuple[tuple[type[Refusal], int], ...] = (  # the first that fits
    (Unavailable, 503),
    (Throttled, 429),
    (MethodNotAllowed, 405),
    (BodyTooLarge, 413),
    (NotFound, 404),
    (Unauthorized, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (InvalidFields, 422),
)


def status(refusal: Refusal) -> int:
    return next((status for family, status in _STATUS if isinstance(refusal, family)), 400)


def answer(house: House, refusal: Refusal, inbound: Inbound) -> Reply:
    if isinstance(refusal, SessionOver):
        return redirect(sign_in_address(inbound), headers=(browser.drop_session(house),))
    if isinstance(refusal, PasswordNeeded):
        return redirect(f"{HOME}/confirm?next={quote(refusal.back_to, safe='/')}")
    if isinstance(refusal, SecondFactorNeeded):
        return redirect(f"{HOME}/account/second-factors")
    if isinstance(refusal, HalfSessionOver) and inbound.method == "GET":
        return redirect(f"{HOME}/sign-in", headers=(browser.drop_half(house),))
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, Throttled):
        headers = ((b"retry-after", str(refusal.retry_after).encode()),)
    return pages.render(
        house,
        "dashboard_refused.html",
        status=status(refusal),
        headers=headers,
        forms_stay_here=True,
        message=words.message(refusal),
        # Its own words are for whoever holds an API key.
        fix=_("It may have been deleted meanwhile, or belong to another environment.")
        if isinstance(refusal, NotFound)
        else words.fix(refusal),
        code=refusal.code,
        reference=inbound.request_id,
        docs_url=f"{house.base_url}/errors/{refusal.code}",
    )
