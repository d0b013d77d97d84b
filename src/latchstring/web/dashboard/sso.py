"""Operators' own SSO: to the identity provider and back, for a sign-in or once more; and where it is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from latchstring.flows import operator_sessions, operator_sso
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import SecondFactorWanted
from latchstring.flows.operator_sso import SsoFailed, SsoOff, Started
from latchstring.model.audit import VISITOR
from latchstring.model.operator import Role
from latchstring.model.refusal import Forbidden, NotFound, Unauthorized
from latchstring.protocols import redirect_uri
from latchstring.web.dashboard import access, browser
from latchstring.web.dashboard.guard import HOME, OpenPage, Page, Visit, admitted, render
from latchstring.web.dashboard.team import TEAM
from latchstring.web.kit import caller, decode, departure, sign_in_cookies
from latchstring.web.kit.message import Inbound, Reply, redirect
from latchstring.web.kit.route import Ask

SSO = f"{TEAM}/sso"


def depart(house: House, ask: Ask) -> Reply:
    next_ = access.next_of(ask.inbound)
    try:
        started = operator_sso.start(house, next_=next_, visitor=caller.visitor(ask.inbound))
    except (SsoOff, SsoFailed) as refusal:
        return access.sign_in_again(house, next_=next_, refusal=refusal)
    return _off(house, started)


def depart_once_more(house: House, visit: Visit) -> Reply:
    next_ = access.next_of(visit.inbound)
    try:
        started = operator_sso.start_confirm(house, visit.operator, next_=next_, visitor=caller.visitor(visit.inbound))
    except (SsoOff, SsoFailed) as refusal:
        return access.ask_once_more(house, visit, next_=next_, refusal=refusal)
    return _off(house, started)


def come_back(house: House, ask: Ask) -> Reply:
    """A GET from another site, by way of our own: what makes it safe is the state, which this browser alone knows."""
    inbound = ask.inbound
    acting = caller.acting(house, inbound, VISITOR)
    half, sent = browser.half(house, inbound), decode.singles(decode.pairs(inbound.query))
    if operator_sso.is_confirming(house, half):
        return _confirmed(acting, inbound, half, sent)
    try:
        _look(half, sent)
        returned = operator_sso.finish(
            acting, half, code=sent.get("code", ""), state=sent.get("state", ""), visitor=caller.visitor(inbound)
        )
    except (Unauthorized, Forbidden, SsoOff) as refusal:
        return access.sign_in_again(house, next_=HOME, refusal=refusal)
    place = admitted(returned.next)
    if isinstance(returned.session, SecondFactorWanted):
        return access.ask_second_factor(house, returned.session, place)
    return access.complete(acting, inbound, returned.session, place)


def _confirmed(house: House, inbound: Inbound, half: str, sent: Mapping[str, str]) -> Reply:
    """A refusal has a page of its own here: the session goes on as it was."""
    session = operator_sessions.current(house, browser.session(house, inbound))
    _look(half, sent)
    returned = operator_sso.finish_confirm(
        house,
        session,
        half,
        code=sent.get("code", ""),
        state=sent.get("state", ""),
        visitor=caller.visitor(inbound),
    )
    return access.confirmed(house, returned.session.reveal(), admitted(returned.next)).plus(browser.drop_half(house))


def _look(half: str, sent: Mapping[str, str]) -> None:
    """Words of an answer are shown only after it was seen that they come from us. Raises `SsoForeign`, `SsoFailed`."""
    operator_sso.check_state(half, sent.get("state", ""))
    if "error" in sent:
        raise SsoFailed(why=sent.get("error_description", sent["error"])[:300])


def _off(house: House, started: Started) -> Reply:
    begun = started.begun
    cookies = sign_in_cookies.bind(house, begun.attempt, begun.browser_secret)
    return departure.reply(house, begun.departure, (*cookies, browser.keep_half(house, started.half.reveal())))


def shown(house: House, visit: Visit) -> Reply:
    return _shown(house, visit)


def choose(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    environment, organization = sent.get("sso_environment", ""), sent.get("organization", "").strip()
    try:
        operator_sso.choose(
            house, environment=environment, organization=organization, creates=sent.get("creates") == "yes"
        )
    except NotFound as refusal:
        return _shown(house, visit, sent=sent, error=refusal.message)
    return redirect(SSO)


def switch_off(house: House, visit: Visit) -> Reply:
    operator_sso.switch_off(house)
    return redirect(SSO)


def _shown(house: House, visit: Visit, *, sent: Mapping[str, str] = {}, error: str | None = None) -> Reply:
    found = operator_sso.chosen(house)
    here = visit.environments[0].id if visit.environments else ""
    return render(
        house,
        visit,
        "dashboard_sso.html",
        status=422 if error else 200,
        found=found,
        on=operator_sso.is_on(house),
        choices=[(each.id, each.name, each.kind.value) for each in visit.environments],
        chosen_environment=sent.get("sso_environment") or (found.environment.id if found else here),
        organization=sent.get("organization", found.organization.id if found else "")[:100],
        creates=sent.get("creates") == "yes" if sent else bool(found and found.creates),
        error=error,
    )


PAGES: tuple[Page | OpenPage, ...] = (
    OpenPage(method="GET", path=f"{HOME}/sign-in/sso", summary="Sign in through single sign-on", show=depart),
    OpenPage(method="GET", path=redirect_uri.OWN_PATH, summary="Back from the identity provider", show=come_back),
    Page(
        method="GET",
        path=f"{HOME}/confirm/sso",
        summary="Single sign-on, once more",
        least=Role.SUPPORT,
        bare=True,
        show=depart_once_more,
    ),
    Page(method="GET", path=SSO, summary="Operators' single sign-on", least=Role.ADMIN, fresh=True, show=shown),
    Page(
        method="POST",
        path=SSO,
        summary="Choose whose identity provider lets operators in",
        least=Role.ADMIN,
        fresh=True,
        back=SSO,
        show=choose,
    ),
    Page(
        method="POST",
        path=f"{SSO}/off",
        summary="No single sign-on for operators",
        least=Role.ADMIN,
        fresh=True,
        back=SSO,
        show=switch_off,
    ),
)
