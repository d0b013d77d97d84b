"""The door of the operators: /dashboard, pages made on the server, each with the least role that may see it.

`routes.py` is the table, `guard.py` what stands in front of every page, `refusals.py` the ways of saying no.
"""

from __future__ import annotations

from latchstring.web.dashboard.guard import guarded
from latchstring.web.dashboard.refusals import answer
from latchstring.web.dashboard.routes import PAGES
from latchstring.web.kit.route import Door


def door() -> Door:
    return Door(routes=[guarded(page) for page in PAGES], refuse=answer)
