"""Pages of passkeys: new ones, and signing in with one: alone, after a password, or in the place of one once more."""

from __future__ import annotations

from latchstring.flows import passkeys
from latchstring.flows.half_sessions import HalfSessionOver
from latchstring.flows.house import House
from latchstring.flows.passkeys import PasskeyThere
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields, Refusal, Unauthorized
from latchstring.model.second_factor import Purpose
from latchstring.web.dashboard import access, browser, factors, second_factor
from latchstring.web.dashboard.account import ACCOUNT
from latchstring.web.dashboard.guard import HOME, OpenPage, Page, Visit, admitted, render
from latchstring.web.dashboard.refusals import status
from latchstring.web.kit import caller, pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask

SIGN_IN = f"{HOME}/sign-in/passkey"
PASSKEYS = f"{ACCOUNT}/passkeys"


def sign_in_page(house: House, ask: Ask) -> Reply:
    return _sign_in(house, next_=access.next_of(ask.inbound))


def sign_in(house: House, ask: Ask) -> Reply:
    half, sent, next_ = access.half_way(house, ask, Purpose.PASSKEY_SIGN_IN)
    try:
        secret = passkeys.sign_in(house, half, sent.get("answer", ""), caller.visitor(ask.inbound))
    except HalfSessionOver:
        raise
    except Unauthorized as refusal:
        return _sign_in(house, next_=next_, refusal=refusal)
    return access.complete(house, ask.inbound, secret, next_)


def finish(house: House, ask: Ask) -> Reply:
    """After the password."""
    half, sent, next_ = access.half_way(house, ask, Purpose.SECOND_FACTOR)
    try:
        secret = passkeys.finish(house, half, sent.get("answer", ""), caller.visitor(ask.inbound))
    except HalfSessionOver:
        raise
    except Unauthorized as refusal:
        return second_factor.shown(house, ask, next_=next_, refusal=refusal)
    return access.complete(house, ask.inbound, secret, next_)


def confirm(house: House, visit: Visit) -> Reply:
    """In the place of the password, once more."""
    sent = browser.form(visit.inbound)
    next_ = admitted(sent.get("next", ""))
    try:
        secret = passkeys.confirm(house, visit.session, browser.half(house, visit.inbound), sent.get("answer", ""))
    except HalfSessionOver:
        raise
    except Unauthorized as refusal:
        return access.ask_once_more(house, visit, next_=next_, refusal=refusal)
    return access.confirmed(house, secret.reveal(), next_).plus(browser.drop_half(house))


def new_page(house: House, visit: Visit) -> Reply:
    return _new(house, visit)


def add(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    name = sent.get("name", "")
    half = browser.half(house, visit.inbound)
    try:
        changed = passkeys.add(house, visit.session, half, name=name, answer=sent.get("answer", ""))
    except HalfSessionOver:
        raise
    except InvalidFields as refusal:
        return _new(house, visit, name=name, error=refusal.errors[0].message)
    except (Unauthorized, PasskeyThere) as refusal:
        return _new(house, visit, name=name, refusal=refusal)
    return factors.done(house, changed, "passkey").plus(browser.drop_half(house))


def remove(house: House, visit: Visit) -> Reply:
    return factors.done(house, passkeys.remove(house, visit.session, visit.params["id"]), "removed")


def _sign_in(house: House, *, next_: str, refusal: Refusal | None = None) -> Reply:
    question = passkeys.begin_sign_in(house)
    return pages.render(
        house,
        "dashboard_passkey.html",
        status=200 if refusal is None else status(refusal),
        headers=(browser.keep_half(house, question.half.reveal()),),
        forms_stay_here=True,
        csrf=browser.csrf(question.half.reveal()),
        options=question.options,
        next=next_,
        refusal=refusal,
    )


def _new(
    house: House, visit: Visit, *, name: str = "", error: str | None = None, refusal: Refusal | None = None
) -> Reply:
    question = passkeys.begin_new(house, visit.operator)
    return render(
        house,
        visit,
        "dashboard_passkey_new.html",
        status=422 if error or refusal else 200,
        headers=(browser.keep_half(house, question.half.reveal()),),
        options=question.options,
        name=name[:200],
        error=error,
        refusal=refusal,
    )


PAGES: tuple[Page | OpenPage, ...] = (
    OpenPage(method="GET", path=SIGN_IN, summary="Sign in with a passkey", show=sign_in_page),
    OpenPage(method="POST", path=SIGN_IN, summary="Sign in with a passkey", show=sign_in),
    OpenPage(
        method="POST",
        path=f"{second_factor.SECOND_FACTOR}/passkey",
        summary="A passkey as second factor",
        show=finish,
    ),
    Page(
        method="POST",
        path=f"{HOME}/confirm/passkey",
        summary="A passkey, once more",
        least=Role.SUPPORT,
        bare=True,
        show=confirm,
    ),
    Page(
        method="GET",
        path=f"{PASSKEYS}/new",
        summary="Add a passkey",
        least=Role.SUPPORT,
        bare=True,
        fresh=True,
        show=new_page,
    ),
    Page(
        method="POST",
        path=PASSKEYS,
        summary="Add a passkey",
        least=Role.SUPPORT,
        bare=True,
        fresh=True,
        back=f"{PASSKEYS}/new",
        show=add,
    ),
    Page(
        method="POST",
        path=f"{PASSKEYS}/{{id}}/remove",
        summary="Remove a passkey",
        least=Role.SUPPORT,
        bare=True,
        fresh=True,
        back=factors.FACTORS,
        show=remove,
    ),
)
