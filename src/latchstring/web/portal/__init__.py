"""The door of a customer's IT admin: /portal, by a link, for one organization and one intent.

`routes.py` is the table, `guard.py` what stands in front of every page, `places.py` the walk, `refusals.py` the ways
of saying no.
"""

from __future__ import annotations

from latchstring.web.kit.route import Door
from latchstring.web.portal.guard import guarded
from latchstring.web.portal.refusals import answer
from latchstring.web.portal.routes import PAGES


def door() -> Door:
    return Door(routes=[guarded(page) for page in PAGES], refuse=answer)
