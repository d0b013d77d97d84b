"""/dashboard/sign-in/second-factor: what stands between the right password and a session."""

from __future__ import annotations

from latchstring.flows import half_sessions, second_factors
from latchstring.flows.house import House
from latchstring.flows.operator_tries import TriedTooOften
from latchstring.flows.second_factors import CodeWrong
from latchstring.model.refusal import Refusal
from latchstring.model.second_factor import HalfSession, Purpose
from latchstring.web.dashboard import access, browser
from latchstring.web.dashboard.guard import HOME, OpenPage, admitted
from latchstring.web.dashboard.refusals import status
from latchstring.web.kit import caller, pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask

SECOND_FACTOR = f"{HOME}/sign-in/second-factor"


def second_factor_page(house: House, ask: Ask) -> Reply:
    return _shown(house, ask, _begun(house, ask), next_=access.next_of(ask.inbound))


def second_factor(house: House, ask: Ask) -> Reply:
    begun, half = _begun(house, ask), browser.half(house, ask.inbound)
    browser.must_be_of_session(ask.inbound, half)
    sent = browser.form(ask.inbound)
    next_ = admitted(sent.get("next", ""))
    try:
        secret = second_factors.finish(house, half, sent.get("code", ""), caller.visitor(ask.inbound))
    except (CodeWrong, TriedTooOften) as refusal:
        return _shown(house, ask, begun, next_=next_, refusal=refusal)
    return access.enter(house, ask.inbound, secret.reveal(), next_).plus(browser.drop_half(house))


def _begun(house: House, ask: Ask) -> HalfSession:
    """Raises `HalfSessionOver`."""
    return half_sessions.current(house, browser.half(house, ask.inbound), Purpose.SECOND_FACTOR)


def _shown(house: House, ask: Ask, begun: HalfSession, *, next_: str, refusal: Refusal | None = None) -> Reply:
    if begun.operator is None:
        raise half_sessions.HalfSessionOver
    return pages.render(
        house,
        "dashboard_second_factor.html",
        status=200 if refusal is None else status(refusal),
        headers=access.wait(refusal),
        forms_stay_here=True,
        csrf=browser.csrf(browser.half(house, ask.inbound)),
        next=next_,
        email=begun.operator.email,
        factors=second_factors.of(house, begun.operator),
        refusal=refusal,
    )


PAGES = (
    OpenPage(method="GET", path=SECOND_FACTOR, summary="The second factor", show=second_factor_page),
    OpenPage(method="POST", path=SECOND_FACTOR, summary="The second factor", show=second_factor),
)
