"""/dashboard/team: who is in it, inviting somebody, and one operator's role, password and way in."""

from __future__ import annotations

from collections.abc import Callable

from latchstring.flows import dashboard_settings, operators
from latchstring.flows.house import House
from latchstring.flows.operators import HandedOver, NewLink
from latchstring.model.operator import Operator, Role
from latchstring.model.refusal import InvalidFields, InvalidRequest, Mender
from latchstring.web.dashboard import browser
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit import language, words
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

TEAM = f"{HOME}/team"


class RoleUnknown(InvalidRequest):
    """There is no role '{role}'."""

    code = "operator_role_unknown"
    mender = Mender.USER
    fix = "Go back and choose one of admin, developer and support."
    role: str


def team(house: House, visit: Visit) -> Reply:
    return render(
        house,
        visit,
        "dashboard_team.html",
        operators=operators.every(house),
        invitations=operators.invitations(house),
        factors=dashboard_settings.who_has_what(house),
        needed=dashboard_settings.current(house).second_factor_needed,
    )


def need_second_factor(house: House, visit: Visit) -> Reply:
    needed = browser.form(visit.inbound).get("needed", "") == "yes"
    dashboard_settings.need_second_factor(house, needed=needed)
    return redirect(f"{TEAM}#second-factors")


def invite_page(house: House, visit: Visit) -> Reply:
    return _invite(house, visit, email="", role=Role.SUPPORT.value)


def invite(house: House, visit: Visit) -> Reply:
    sent = browser.form(visit.inbound)
    email, role = sent.get("email", "").strip(), _role(sent.get("role", ""))
    try:
        done = _hand_over(house, lambda: operators.invite(house, email=email, role=role))
    except InvalidFields as refusal:
        return _invite(house, visit, email=email, role=role.value, error=_(refusal.errors[0].message))
    except operators.OperatorThere as refusal:
        return _invite(house, visit, email=email, role=role.value, error=words.message(refusal))
    return _link(house, visit, _("Invited"), done)


def operator_page(house: House, visit: Visit) -> Reply:
    return _operator(house, visit, _meant(house, visit))


def change_role(house: House, visit: Visit) -> Reply:
    operators.set_role(house, _meant(house, visit).id, _role(browser.form(visit.inbound).get("role", "")))
    return _back(visit)


def reset(house: House, visit: Visit) -> Reply:
    name = _meant(house, visit).id
    return _link(house, visit, _("A new password"), _hand_over(house, lambda: operators.reset(house, name)))


def _hand_over(house: House, make: Callable[[], NewLink]) -> HandedOver:
    """The mail is in the language of whoever asks: nobody knows that of whoever gets it."""
    return operators.hand_over(house, make, say=_, language=language.current())


def disable(house: House, visit: Visit) -> Reply:
    """The address has to be typed: a click at the wrong row keeps nobody out."""
    found = _meant(house, visit)
    if browser.form(visit.inbound).get("typed", "").strip().lower() != found.email.lower():
        return _operator(
            house, visit, found, error=_("Type %(email)s, the address of whom you lock out.") % {"email": found.email}
        )
    operators.disable(house, found.id)
    return _back(visit)


def enable(house: House, visit: Visit) -> Reply:
    operators.enable(house, _meant(house, visit).id)
    return _back(visit)


def _meant(house: House, visit: Visit) -> Operator:
    return operators.named(house, visit.params["id"])


def _back(visit: Visit) -> Reply:
    return redirect(f"{TEAM}/{visit.params['id']}")


def _role(sent: str) -> Role:
    try:
        return Role(sent)
    except ValueError:
        raise RoleUnknown(role=sent[:40]) from None


def _roles() -> list[tuple[str, str, str]]:
    return [
        (Role.SUPPORT.value, _("Support"), _("looks, and changes nothing")),
        (Role.DEVELOPER.value, _("Developer"), _("changes what belongs to an environment")),
        (Role.ADMIN.value, _("Admin"), _("everything, the team included")),
    ]


def _invite(house: House, visit: Visit, *, email: str, role: str, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_invite.html",
        status=422 if error else 200,
        email=email[:254],
        role=role,
        roles=_roles(),
        error=error,
        failed=error is not None,
    )


def _operator(house: House, visit: Visit, found: Operator, *, error: str | None = None) -> Reply:
    return render(
        house,
        visit,
        "dashboard_operator.html",
        status=422 if error else 200,
        one=found,
        last=operators.is_last_admin(house, found),
        roles=_roles(),
        error=error,
    )


def _link(house: House, visit: Visit, heading: str, done: HandedOver) -> Reply:
    """The one sight of the link. Who loads this page again makes another one, and the first is over."""
    return render(
        house,
        visit,
        "dashboard_link.html",
        heading=heading,
        email=done.made.link.email,
        url=done.made.url.reveal(),
        expires_at=done.made.link.expires_at,
        mailed=done.mailed,
        failure=done.failure,
    )


PAGES = (
    Page(method="GET", path=TEAM, summary="The team", least=Role.ADMIN, show=team),
    Page(
        method="GET",
        path=f"{TEAM}/invite",
        summary="Invite somebody",
        least=Role.ADMIN,
        fresh=True,
        show=invite_page,
    ),
    Page(
        method="POST",
        path=f"{TEAM}/invite",
        summary="Invite somebody",
        least=Role.ADMIN,
        fresh=True,
        back=f"{TEAM}/invite",
        show=invite,
    ),
    Page(
        method="POST",
        path=f"{TEAM}/second-factors",
        summary="Whether everybody needs a second factor",
        least=Role.ADMIN,
        fresh=True,
        back=TEAM,
        show=need_second_factor,
    ),
    Page(
        method="GET",
        path=f"{TEAM}/{{id}}",
        summary="One operator",
        least=Role.ADMIN,
        fresh=True,
        show=operator_page,
    ),
    *(
        Page(
            method="POST",
            path=f"{TEAM}/{{id}}/{verb}",
            summary=summary,
            least=Role.ADMIN,
            fresh=True,
            back=f"{TEAM}/{{id}}",
            show=show,
        )
        for verb, summary, show in (
            ("role", "Change a role", change_role),
            ("reset", "A link to a new password", reset),
            ("disable", "Lock somebody out", disable),
            ("enable", "Let somebody in again", enable),
        )
    ),
)
