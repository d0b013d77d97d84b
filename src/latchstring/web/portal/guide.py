"""/portal/guide: the provider's own steps, one to a page; those that are done are kept; the whole guide, for print."""

from __future__ import annotations

from latchstring import guides
from latchstring.flows.house import House
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.guides import Guide
from latchstring.model.connection import Connection
from latchstring.model.portal import Intent, Step
from latchstring.model.refusal import NotFound
from latchstring.web.kit import connection_exchange, decode, guide_steps
from latchstring.web.kit.guide_steps import StepRow
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import places
from latchstring.web.portal.guard import PortalPage, PortalVisit, connection, product, render, save
from latchstring.web.portal.places import HOME

GUIDE = f"{HOME}/guide"
_WHOLE = f"{GUIDE}/whole"
_INTENTS = frozenset({Intent.SSO})


def show(house: House, visit: PortalVisit) -> Reply:
    """The step that is asked for, or the first that is not done."""
    if visit.progress.connection_type is None:
        return redirect(places.before(visit.intent, "guide"))
    asked = decode.singles(decode.pairs(visit.inbound.query)).get("step", "")
    return _page(house, visit, _number(asked))


def done(house: House, visit: PortalVisit) -> Reply:
    """A step is done: on to the next, or to the details when it was the last."""
    sent = visit.sent.get("step", "")
    number = _number(sent) or 0
    rows = _rows(house, visit)[1]
    last = number >= len(rows)
    wanted = visit.progress.reaching(Step.DETAILS) if last else visit.progress.reaching(Step.GUIDE, number)
    try:
        save(house, visit, wanted)
    except PortalProgressStale as refusal:
        return _page(house, visit, number, stale=refusal)
    return redirect(places.after(visit.intent, "guide") if last else f"{GUIDE}?step={number + 1}", status=303)


def whole(house: House, visit: PortalVisit) -> Reply:
    if visit.progress.connection_type is None:
        return redirect(places.before(visit.intent, "guide"))
    guide, rows = _rows(house, visit)
    return render(
        house,
        visit,
        "portal_guide_whole.html",
        place="guide",
        product=product(visit, connection(house, visit)),
        steps=rows,
        about=guide_steps.about(guide),
    )


def guide_of(found: Connection) -> Guide:
    """Raises `NotFound` for a type without one."""
    guide = guides.guide(found.type)
    if guide is None:
        raise NotFound(kind="Guide", id=found.type)
    return guide


def _page(house: House, visit: PortalVisit, asked: int | None, *, stale: PortalProgressStale | None = None) -> Reply:
    guide, rows = _rows(house, visit)
    past = visit.progress.step.number > Step.GUIDE.number
    finished = len(rows) if past else min(visit.progress.part, len(rows))
    number = min(max(asked or (1 if past else finished + 1), 1), len(rows))
    return render(
        house,
        visit,
        "portal_guide.html",
        place="guide",
        stale=stale,
        product=product(visit, connection(house, visit)),
        titles=[(at, row.title, at <= finished) for at, row in enumerate(rows, 1)],
        part=number,
        step=rows[number - 1],
        about=guide_steps.about(guide),
    )


def _number(text: str) -> int | None:
    """Of a part, as an address or a form says it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _rows(house: House, visit: PortalVisit) -> tuple[Guide, list[StepRow]]:
    found = connection(house, visit)
    guide = guide_of(found)
    return guide, guide_steps.steps(guide, connection_exchange.given(house, visit.pass_, found))


PAGES = (
    PortalPage(method="GET", path=GUIDE, summary="A step of the guide", intents=_INTENTS, show=show),
    PortalPage(method="POST", path=GUIDE, summary="A step of the guide is done", intents=_INTENTS, show=done),
    PortalPage(method="GET", path=_WHOLE, summary="The whole guide", intents=_INTENTS, show=whole),
)
