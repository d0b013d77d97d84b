"""/portal/attributes: what the identity provider has to send; and after a test, what arrived and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import attribute_repair, attribute_table
from latchstring.flows.attribute_findings import Foreseen
from latchstring.flows.custom_attributes import CustomAttributeUnknown
from latchstring.flows.house import House
from latchstring.flows.identifier_change import IdentifierChangeUnconfirmed
from latchstring.flows.portal_progress import PortalProgressStale
from latchstring.flows.sign_in_tests import of_connection
from latchstring.model.connection import Connection
from latchstring.model.portal import Intent, Step
from latchstring.model.refusal import Conflict, InvalidFields, Mender, NotFound, Refusal
from latchstring.web.kit import attribute_form, decode, words
from latchstring.web.kit.attribute_form import Wanted
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect
from latchstring.web.portal import attribute_rows, guard, places
from latchstring.web.portal.guard import PortalPage, PortalVisit
from latchstring.web.portal.places import HOME

ATTRIBUTES = f"{HOME}/attributes"
_SSO = frozenset({Intent.SSO})


class PortalIdentifierSettled(Conflict):
    """By this change, people who have signed in already would be known by something else."""

    code = "portal_identifier_settled"
    mender = Mender.DEVELOPER
    fix = "Nothing was changed. Ask those who look after the application: they see whom it concerns, and can do it."


class _Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the page has besides what is there anyway."""

    typed: Wanted | None = None
    errors: Mapping[str, str] = {}
    foreseen: Foreseen | None = None  # of what was typed
    stale: PortalProgressStale | None = None
    refusal: Refusal | None = None
    nothing: bool = False  # it is so already


def shown(house: House, visit: PortalVisit) -> Reply:
    try:
        found = guard.connection(house, visit)
    except NotFound:
        return redirect(HOME, status=303)  # which says what comes first
    return _page(house, visit, found, _Shown())


def go_on(house: House, visit: PortalVisit) -> Reply:
    """On to the test."""
    found = guard.connection(house, visit)
    try:
        guard.save(house, visit, visit.progress.reaching(Step.TEST))
    except PortalProgressStale as refusal:
        return _page(house, visit, found, _Shown(stale=refusal))
    return redirect(places.after(visit.intent, "attributes"), status=303)


def change(house: House, visit: PortalVisit) -> Reply:
    """What was typed or recommended: its effect is shown (`preview`), or it is done (`apply`)."""
    found = guard.connection(house, visit)
    typed = msgspec.structs.replace(attribute_form.read(visit.sent), identifier=False, required=None)
    wanted = typed.less(found.attribute_maps)
    if wanted.is_nothing:
        return _page(house, visit, found, _Shown(nothing=True))
    try:
        foreseen = attribute_repair.again(house, visit.pass_, found.id, wanted.wish(preview=True)).foreseen
    except InvalidFields as refusal:
        errors = {each.field.rpartition(".")[2]: _(each.message) for each in refusal.errors}
        return _page(house, visit, found, _Shown(typed=typed, errors=errors))
    except CustomAttributeUnknown as refusal:
        return _page(house, visit, found, _Shown(refusal=refusal))
    if foreseen.needs_confirmation:
        return _page(house, visit, found, _Shown(typed=typed, refusal=PortalIdentifierSettled()))
    if visit.sent.get("act") != "apply":
        return _page(house, visit, found, _Shown(typed=typed, foreseen=foreseen))
    try:
        guard.save(house, visit, visit.progress)
        guard.change(
            house,
            visit,
            found,
            "attributes",
            lambda: attribute_repair.again(house, visit.pass_, found.id, wanted.wish()),
        )
    except PortalProgressStale as refusal:
        return _page(house, visit, found, _Shown(typed=typed, stale=refusal))
    except IdentifierChangeUnconfirmed:  # somebody has signed in this very moment
        return _page(house, visit, found, _Shown(typed=typed, refusal=PortalIdentifierSettled()))
    return redirect(f"{ATTRIBUTES}?saved=1", status=303)


def _page(house: House, visit: PortalVisit, found: Connection, more: _Shown) -> Reply:
    tests = of_connection(house, visit.pass_, found.id)
    ended = next((test for test in tests.newest if test.outcome is not None and test.outcome.attributes), None)
    table = attribute_rows.look(house, visit.pass_, found.id, ended)
    return guard.render(
        house,
        visit,
        "portal_attributes.html",
        place="attributes",
        status=422 if more.errors or more.refusal else 200,
        stale=more.stale,
        refusal=more.refusal and {"message": words.message(more.refusal), "fix": words.fix(more.refusal)},
        failed=bool(more.errors),
        nothing=more.nothing,
        saved="saved" in decode.singles(decode.pairs(visit.inbound.query)),
        good=tests.good is not None,
        preview=_preview(more),
        **_values(house, visit, found, table, more),
        product=guard.product(visit, found),
        sends=attribute_rows.sends(found),
        arrived=attribute_rows.arrived(table, ended),
        tested=ended is not None or bool(table.findings.case.samples),
        kept_nowhere=table.keeps_nothing,
        test=places.after(visit.intent, "attributes"),
        back=places.before(visit.intent, "attributes"),
    )


def _values(
    house: House, visit: PortalVisit, found: Connection, table: attribute_table.Table, more: _Shown
) -> dict[str, Any]:
    plain = attribute_rows.is_of_test(house, visit.pass_, found.id, table)
    rows = [attribute_rows.row(each, table, more.typed, more.errors, plain=plain) for each in table.rows]
    return {
        "rows": rows,
        "missing": [each for each in rows if each["missing"]],
        "add_there": attribute_rows.add_there(found),
        "seen": [each.name for each in table.findings.attributes],
        "recommendations": attribute_rows.recommendations(table),
    }


def _preview(more: _Shown) -> dict[str, Any] | None:
    if more.foreseen is None or more.typed is None:
        return None
    return {"effect": attribute_rows.effect(more.foreseen), "entries": more.typed.entries()}


PAGES = (
    PortalPage(method="GET", path=ATTRIBUTES, summary="The attributes", intents=_SSO, show=shown, aside=True),
    PortalPage(method="POST", path=ATTRIBUTES, summary="On to the test", intents=_SSO, show=go_on, aside=True),
    PortalPage(
        method="POST",
        path=f"{ATTRIBUTES}/change",
        summary="Look at another mapping of attributes, or keep it",
        intents=_SSO,
        show=change,
        aside=True,
    ),
)
