"""The Dashboard's table: every page with the least role that may see it."""

from __future__ import annotations

from latchstring.model.operator import Role
from latchstring.web.dashboard import access, home
from latchstring.web.dashboard.guard import HOME, OpenPage, Page

PAGES: tuple[Page | OpenPage, ...] = (
    OpenPage(method="GET", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=access.sign_in_page),
    OpenPage(method="POST", path=f"{HOME}/sign-in", summary="Sign in to the Dashboard", show=access.sign_in),
    OpenPage(method="GET", path=f"{HOME}/welcome", summary="Follow a one-time link", show=access.welcome_page),
    OpenPage(method="POST", path=f"{HOME}/welcome", summary="Choose a password", show=access.welcome),
    Page(method="GET", path=HOME, summary="Home", least=Role.SUPPORT, show=home.home),
    Page(method="GET", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, show=access.confirm_page),
    Page(method="POST", path=f"{HOME}/confirm", summary="Password", least=Role.SUPPORT, show=access.confirm),
    Page(method="POST", path=f"{HOME}/sign-out", summary="Sign out", least=Role.SUPPORT, show=access.sign_out),
)
