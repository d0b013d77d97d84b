"""The ways in and out: signing in, the one-time link, the password once more, signing out."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from latchstring.flows import half_sessions, operator_sessions, operator_sso, operators, passkeys
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import PasswordWrong, SecondFactorWanted
from latchstring.flows.operator_tries import TriedTooOften
from latchstring.flows.operators import Newcomer
from latchstring.model.operator import LinkPurpose, OneTimeLink, Role
from latchstring.model.refusal import InvalidFields, Refusal, Throttled
from latchstring.model.second_factor import Purpose
from latchstring.model.secret import Secret
from latchstring.protocols.password import PasswordUnfit
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, OpenPage, Page, Visit, admitted, render
from latchstring.web.dashboard.refusals import status
from latchstring.web.kit import caller, decode, pages, words
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Header, Inbound, Reply, redirect
from latchstring.web.kit.route import Ask


def sign_in_page(house: House, ask: Ask) -> Reply:
    if browser.session(house, ask.inbound) and _is_signed_in(house, ask.inbound):
        return redirect(next_of(ask.inbound))
    return sign_in_again(house, next_=next_of(ask.inbound))


def sign_in(house: House, ask: Ask) -> Reply:
    sent = browser.form(ask.inbound)
    next_ = admitted(sent.get("next", ""))
    email = sent.get("email", "")
    try:
        outcome = operator_sessions.sign_in(
            house, email=email, password=sent.get("password", ""), visitor=caller.visitor(ask.inbound)
        )
    except (PasswordWrong, TriedTooOften) as refusal:
        return sign_in_again(house, next_=next_, email=email, refusal=refusal)
    if isinstance(outcome, SecondFactorWanted):
        return ask_second_factor(house, outcome, next_)
    return enter(house, ask.inbound, outcome.reveal(), next_)


def half_way(house: House, ask: Ask, purpose: Purpose) -> tuple[str, Mapping[str, str], str]:
    """The half-session of this browser, its own form, and where to go on. Raises `HalfSessionOver`."""
    half = browser.half(house, ask.inbound)
    half_sessions.current(house, half, purpose)
    browser.must_be_of_session(ask.inbound, half)
    sent = browser.form(ask.inbound)
    return half, sent, admitted(sent.get("next", ""))


def complete(house: House, inbound: Inbound, secret: Secret[str], next_: str) -> Reply:
    """The other half of a session has come: it begins, and the half is over."""
    return enter(house, inbound, secret.reveal(), next_).plus(browser.drop_half(house))


def ask_second_factor(house: House, wanted: SecondFactorWanted, next_: str) -> Reply:
    """Half of a session is there; the page for the other half."""
    kept = browser.keep_half(house, wanted.half.reveal())
    return redirect(f"{HOME}/sign-in/second-factor?next={quote(next_, safe='/')}", headers=(kept,))


def sign_out(house: House, visit: Visit) -> Reply:
    operator_sessions.sign_out(house, visit.secret)
    return redirect(f"{HOME}/sign-in", headers=(browser.drop_session(house),))


def welcome_page(house: House, ask: Ask) -> Reply:
    """A link moves from the address into a cookie; looking at it uses nothing up, so that scanners of mail may."""
    token = decode.singles(decode.pairs(ask.inbound.query)).get("link")
    if token:
        return redirect(f"{HOME}/welcome", headers=(browser.keep_link(house, _plain(token)),))
    token = browser.link(house, ask.inbound)
    return _welcome(house, token, operators.look(house, token))


def welcome(house: House, ask: Ask) -> Reply:
    token = browser.link(house, ask.inbound)
    link = operators.look(house, token)
    browser.must_be_of_session(ask.inbound, token)
    sent = browser.form(ask.inbound)
    newcomer = Newcomer(email=sent.get("email", ""), name=sent.get("name", ""), password=sent.get("password", ""))
    try:
        operator = operators.accept(house, token, newcomer)
    except (InvalidFields, PasswordUnfit) as refusal:
        return _welcome(house, token, link, sent=sent, refusal=refusal)
    secret = operator_sessions.begin(house, operator, caller.visitor(ask.inbound))
    return enter(house, ask.inbound, secret.reveal(), HOME).plus(browser.drop_link(house))


def confirm_page(house: House, visit: Visit) -> Reply:
    return ask_once_more(house, visit, next_=next_of(visit.inbound))


def confirm(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    next_ = admitted(sent.get("next", ""))
    try:
        secret = operator_sessions.confirm(house, visit.secret, sent.get("password", ""), caller.visitor(visit.inbound))
    except (PasswordWrong, TriedTooOften) as refusal:
        return ask_once_more(house, visit, next_=next_, refusal=refusal)
    return confirmed(house, secret.reveal(), next_)


def confirmed(house: House, secret: str, next_: str) -> Reply:
    return redirect(next_, headers=(browser.keep_session(house, secret),))


def enter(house: House, inbound: Inbound, secret: str, next_: str) -> Reply:
    """A new secret at each sign-in; what this browser had before is good for nothing (WEB-01)."""
    if before := browser.session(house, inbound):
        operator_sessions.sign_out(house, before)
    return redirect(next_, headers=(browser.keep_session(house, secret),))


def _is_signed_in(house: House, inbound: Inbound) -> bool:
    try:
        operator_sessions.current(house, browser.session(house, inbound))
    except operator_sessions.SessionOver:
        return False
    return True


def sign_in_again(house: House, *, next_: str, email: str = "", refusal: Refusal | None = None) -> Reply:
    """The page that asks for address and password."""
    return pages.render(
        house,
        "dashboard_sign_in.html",
        status=200 if refusal is None else status(refusal),
        headers=wait(refusal),
        forms_stay_here=True,
        next=next_,
        sso=operator_sso.is_on(house),
        email=email[:254],
        refusal=refusal,
    )


def ask_once_more(house: House, visit: Visit, *, next_: str, refusal: Refusal | None = None) -> Reply:
    """The page that asks once more."""
    question = passkeys.begin_confirm(house, visit.operator)
    kept = () if question is None else (browser.keep_half(house, question.half.reveal()),)
    return render(
        house,
        visit,
        "dashboard_confirm.html",
        status=200 if refusal is None else status(refusal),
        headers=(*wait(refusal), *kept),
        options=None if question is None else question.options,
        sso=operator_sso.is_on(house),
        next=next_,
        refusal=refusal,
    )


def _welcome(
    house: House,
    token: str,
    link: OneTimeLink,
    *,
    sent: Mapping[str, str] = {},
    refusal: InvalidFields | PasswordUnfit | None = None,
) -> Reply:
    errors: dict[str, str | None] = dict.fromkeys(("email", "name", "password"))
    if isinstance(refusal, InvalidFields):
        errors |= {fault.field: _(fault.message) for fault in refusal.errors}
    elif refusal is not None:
        errors["password"] = f"{words.message(refusal)} {words.fix(refusal)}"
    first = link.purpose is LinkPurpose.FIRST_ADMINISTRATOR
    return pages.render(
        house,
        "dashboard_welcome.html",
        status=422 if refusal else 200,
        forms_stay_here=True,
        csrf=browser.csrf(token),
        first=first,
        known=link.purpose is LinkPurpose.NEW_PASSWORD,
        role=link.role.value,
        email=sent.get("email", "")[:254] if first else link.email,
        name=sent.get("name", "")[:200],
        errors=errors,
        failed=refusal is not None,
    )


def wait(refusal: Refusal | None) -> tuple[Header, ...]:
    if isinstance(refusal, Throttled):
        return ((b"retry-after", str(refusal.retry_after).encode()),)
    return ()


def next_of(inbound: Inbound) -> str:
    return admitted(decode.singles(decode.pairs(inbound.query)).get("next", ""))


def _plain(token: str) -> str:
    """As a cookie can hold it; anything else opens nothing either way."""
    return token if len(token) <= 100 and token.replace("-", "").replace("_", "").isalnum() and token.isascii() else "-"


PAGES: tuple[Page | OpenPage, ...] = (
    OpenPage(method="GET", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=sign_in_page),
    OpenPage(method="POST", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=sign_in),
    OpenPage(method="GET", path=f"{HOME}/welcome", summary="Follow a one-time link", show=welcome_page),
    OpenPage(method="POST", path=f"{HOME}/welcome", summary="Choose a password", show=welcome),
    Page(method="GET", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, bare=True, show=confirm_page),
    Page(method="POST", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, bare=True, show=confirm),
    Page(method="POST", path=f"{HOME}/sign-out", summary="Sign out", least=Role.SUPPORT, bare=True, show=sign_out),
)
