"""The Dashboard's table: every page with the least role that may see it."""

from __future__ import annotations

from latchstring.model.operator import Role
from latchstring.web.dashboard import access, home, organizations, team
from latchstring.web.dashboard.guard import HOME, OpenPage, Page
from latchstring.web.dashboard.team import TEAM

ORGANIZATIONS = f"{HOME}/{{environment}}/organizations"

PAGES: tuple[Page | OpenPage, ...] = (
    OpenPage(method="GET", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=access.sign_in_page),
    OpenPage(method="POST", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=access.sign_in),
    OpenPage(method="GET", path=f"{HOME}/welcome", summary="Follow a one-time link", show=access.welcome_page),
    OpenPage(method="POST", path=f"{HOME}/welcome", summary="Choose a password", show=access.welcome),
    Page(method="GET", path=HOME, summary="Home", least=Role.SUPPORT, show=home.home),
    Page(method="GET", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, show=access.confirm_page),
    Page(method="POST", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, show=access.confirm),
    Page(method="POST", path=f"{HOME}/sign-out", summary="Sign out", least=Role.SUPPORT, show=access.sign_out),
    Page(method="GET", path=TEAM, summary="The team", least=Role.ADMIN, show=team.team),
    Page(
        method="GET",
        path=f"{TEAM}/invite",
        summary="Invite somebody",
        least=Role.ADMIN,
        fresh=True,
        show=team.invite_page,
    ),
    Page(
        method="POST",
        path=f"{TEAM}/invite",
        summary="Invite somebody",
        least=Role.ADMIN,
        fresh=True,
        back=f"{TEAM}/invite",
        show=team.invite,
    ),
    Page(
        method="GET",
        path=f"{TEAM}/{{id}}",
        summary="One operator",
        least=Role.ADMIN,
        fresh=True,
        show=team.operator_page,
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
            ("role", "Change a role", team.change_role),
            ("reset", "A link to a new password", team.reset),
            ("disable", "Lock somebody out", team.disable),
            ("enable", "Let somebody in again", team.enable),
        )
    ),
    Page(method="GET", path=ORGANIZATIONS, summary="Organizations", least=Role.SUPPORT, show=organizations.listed),
    Page(
        method="GET",
        path=f"{ORGANIZATIONS}/{{id}}",
        summary="One organization",
        least=Role.SUPPORT,
        show=organizations.shown,
    ),
    Page(
        method="POST",
        path=f"{ORGANIZATIONS}/{{id}}/domains/{{domain}}/verify",
        summary="Look for a domain's record now",
        least=Role.DEVELOPER,
        show=organizations.verify,
    ),
)
