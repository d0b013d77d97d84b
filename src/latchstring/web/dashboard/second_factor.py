"""/dashboard/sign-in/second-factor: what stands between the right password and a session."""

from __future__ import annotations

from latchstring.flows import half_sessions, passkeys, second_factors
from latchstring.flows.house import House
from latchstring.flows.operator_tries import TriedTooOften
from latchstring.flows.second_factors import CodeWrong
from latchstring.model.refusal import Refusal
from latchstring.model.second_factor import Purpose
from latchstring.web.dashboard import access, browser
from latchstring.web.dashboard.guard import HOME, OpenPage
from latchstring.web.dashboard.refusals import status
from latchstring.web.kit import caller, pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask

SECOND_FACTOR = f"{HOME}/sign-in/second-factor"


def second_factor_page(house: House, ask: Ask) -> Reply:
    return shown(house, ask, next_=access.next_of(ask.inbound))


def second_factor(house: House, ask: Ask) -> Reply:
    half, sent, next_ = access.half_way(house, ask, Purpose.SECOND_FACTOR)
    try:
        secret = second_factors.finish(house, half, sent.get("code", ""), caller.visitor(ask.inbound))
    except (CodeWrong, TriedTooOften) as refusal:
        return shown(house, ask, next_=next_, refusal=refusal)
    return access.complete(house, ask.inbound, secret, next_)


def shown(house: House, ask: Ask, *, next_: str, refusal: Refusal | None = None) -> Reply:
    half = browser.half(house, ask.inbound)
    operator = half_sessions.current(house, half, Purpose.SECOND_FACTOR).operator
    if operator is None:
        raise half_sessions.HalfSessionOver
    found = second_factors.of(house, operator)
    return pages.render(
        house,
        "dashboard_second_factor.html",
        status=200 if refusal is None else status(refusal),
        headers=access.wait(refusal),
        forms_stay_here=True,
        csrf=browser.csrf(half),
        next=next_,
        email=operator.email,
        factors=found,
        options=passkeys.second_factor_options(house, half, found.passkeys) if found.passkeys else None,
        refusal=refusal,
    )


PAGES = (
    OpenPage(method="GET", path=SECOND_FACTOR, summary="The second factor", show=second_factor_page),
    OpenPage(method="POST", path=SECOND_FACTOR, summary="The second factor", show=second_factor),
)
