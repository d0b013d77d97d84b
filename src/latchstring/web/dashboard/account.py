"""/dashboard/account: who one is, one's own password and sessions, and how the pages look in this browser."""

from __future__ import annotations

from typing import Any

from latchstring.flows import operator_account, second_factors
from latchstring.flows.house import House
from latchstring.flows.operator_sessions import PasswordWrong
from latchstring.flows.operator_tries import TriedTooOften
from latchstring.model.operator import Role
from latchstring.protocols.password import PasswordUnfit
from latchstring.web.dashboard import browser, user_agent
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import caller, decode, scheme
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Header, Reply, redirect

ACCOUNT = f"{HOME}/account"
_DONE = "done"  # in the address, which word of _done() is meant


def account(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    return _shown(house, visit, done=_done(asked.get(_DONE, "")))


def change_password(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    try:
        secret = operator_account.change_password(
            house,
            visit.session,
            current=sent.get("current", ""),
            new=sent.get("new", ""),
            visitor=caller.visitor(visit.inbound),
        )
    except PasswordUnfit as refusal:
        return _shown(house, visit, status=422, new=f"{refusal.message} {refusal.fix}")
    except PasswordWrong:
        return _shown(house, visit, status=422, current=_("This is not your password."))
    except TriedTooOften as refusal:
        wait = (b"retry-after", str(refusal.retry_after).encode())
        return _shown(house, visit, status=429, headers=(wait,), current=f"{refusal.message} {refusal.fix}")
    return redirect(f"{ACCOUNT}?{_DONE}=password", headers=(browser.keep_session(house, secret.reveal()),))


def end_session(house: House, visit: Visit) -> Reply:
    operator_account.end(house, visit.operator, visit.params["handle"])
    return redirect(f"{ACCOUNT}?{_DONE}=session#sessions")


def end_others(house: House, visit: Visit) -> Reply:
    operator_account.end_others(house, visit.session)
    return redirect(f"{ACCOUNT}?{_DONE}=sessions#sessions")


def appearance(house: House, visit: Visit) -> Reply:
    chosen = browser.form(visit.inbound).get("scheme", "")
    kept = scheme.keep(chosen, secure=house.base_url.startswith("https:"))
    return redirect(f"{ACCOUNT}#appearance", headers=(kept,))


def _done(word: str) -> str | None:
    return {
        "password": _("The new password counts from now on. Everywhere else you were signed out."),
        "session": _("That session has ended."),
        "sessions": _("All other sessions have ended."),
    }.get(word)


def _shown(
    house: House,
    visit: Visit,
    *,
    status: int = 200,
    headers: tuple[Header, ...] = (),
    done: str | None = None,
    **errors: str,
) -> Reply:
    sessions: list[dict[str, Any]] = [
        {"session": one, "browser": user_agent.named(one.user_agent), "here": one.handle == visit.session.handle}
        for one in operator_account.sessions(house, visit.operator)
    ]
    return render(
        house,
        visit,
        "dashboard_account.html",
        status=status,
        headers=headers,
        done=done,
        failed=bool(errors),
        errors={"current": None, "new": None, **errors},
        factors=second_factors.of(house, visit.operator),
        sessions=sessions,
        chosen_scheme=scheme.chosen(visit.inbound),
    )


PAGES = (
    Page(method="GET", path=ACCOUNT, summary="One's own account", least=Role.SUPPORT, bare=True, show=account),
    Page(
        method="POST",
        path=f"{ACCOUNT}/password",
        summary="Change one's password",
        least=Role.SUPPORT,
        bare=True,
        show=change_password,
    ),
    Page(
        method="POST",
        path=f"{ACCOUNT}/sessions/end",
        summary="End all other sessions",
        least=Role.SUPPORT,
        bare=True,
        show=end_others,
    ),
    Page(
        method="POST",
        path=f"{ACCOUNT}/sessions/{{handle}}/end",
        summary="End one of one's sessions",
        least=Role.SUPPORT,
        bare=True,
        show=end_session,
    ),
    Page(
        method="POST",
        path=f"{ACCOUNT}/appearance",
        summary="Light or dark",
        least=Role.SUPPORT,
        bare=True,
        show=appearance,
    ),
)
