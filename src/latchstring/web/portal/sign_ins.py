"""/portal/sign-ins: the sign-ins of the organization's connection: when, who, and how it ended, in a sentence."""

from __future__ import annotations

from typing import Any

from latchstring.flows import sign_ins, trace
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.portal import Intent
from latchstring.model.refusal import Mender, NotFound
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.web.kit.language import _
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import guard
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

SIGN_INS = f"{HOME}/sign-ins"


def listed(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)
    leaf = Leaf(visit.inbound, "outcome")
    outcome = next((one for one in Outcome if one.value == leaf.chosen["outcome"]), None)
    wanted = Wanted(connection_id=found.id, outcome=outcome)
    page = sign_ins.page(house, visit.pass_, leaf.window, wanted)
    return guard.render(
        house,
        visit,
        "portal_sign_ins.html",
        place="sign-ins",
        rows=[_row(house, one) for one in page.items],
        outcome=outcome.value if outcome else "",
        outcomes=[
            ("", _("All")),
            (Outcome.GOOD.value, _("Signed in")),
            (Outcome.REFUSED.value, _("Refused")),
            (Outcome.OPEN.value, _("Under way")),
        ],
        filtered=outcome is not None or leaf.paged,
        newer_url=leaf.url("before", page.before),
        older_url=leaf.url("after", page.after),
    )


def _row(house: House, one: SignIn) -> dict[str, Any]:
    """Less than the Dashboard has: no values but the address, nothing of browsers and networks, and no trace."""
    sentence, remedy = trace.in_short(one, _, house.now(), trace.without_addresses)
    theirs = remedy is not None and remedy.mender is Mender.IT_ADMIN
    return {
        "reference": ids.reference(one.id),
        "created_at": one.attempt.created_at,
        "outcome": one.outcome,
        "is_test": one.attempt.is_test,
        "email": one.email,
        "sentence": sentence,
        "fix": (remedy.there or remedy.fix) if remedy is not None and theirs else "",
    }


PAGES = (
    PortalPage(
        method="GET",
        path=SIGN_INS,
        summary="The sign-ins of the connection",
        intents=frozenset({Intent.SSO}),
        show=listed,
    ),
)
