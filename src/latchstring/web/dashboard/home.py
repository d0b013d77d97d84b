"""/dashboard: the environments of this house, and who one is here."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.model.operator import Role
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.kit.message import Reply


def home(house: House, visit: Visit) -> Reply:
    return render(house, visit, "dashboard_home.html")


PAGES = (Page(method="GET", path=HOME, summary="Home", least=Role.SUPPORT, show=home),)
