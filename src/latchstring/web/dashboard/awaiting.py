"""/dashboard/{environment}/connections/{id}/attributes/awaiting: who awaits reconciliation, and what helps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from latchstring.flows import attribute_undo, reconciliation, reconciliation_review
from latchstring.flows.attribute_findings import Recommendation
from latchstring.flows.house import House
from latchstring.flows.reconciliation_review import Reviewed
from latchstring.model.operator import Role
from latchstring.model.profile import Profile
from latchstring.protocols.attribute_preview import STANDARD
from latchstring.web.dashboard import attribute_frame, connection_frame
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import attribute_form, attribute_words
from latchstring.web.kit.language import _
from latchstring.web.kit.leafing import Leaf
from latchstring.web.kit.message import Reply, redirect

AWAITING = f"{attribute_frame.ATTRIBUTES}/awaiting"


def listed(house: House, visit: Visit) -> Reply:
    leaf = Leaf(visit.inbound, "values", "applied")
    plain = attribute_frame.values_are_shown(house, visit, leaf.chosen["values"])
    found = reconciliation_review.review(house, visit.pass_, visit.params["id"], leaf.window)
    done = leaf.chosen["applied"]
    return attribute_frame.render(
        house,
        visit,
        "dashboard_awaiting.html",
        connection_frame.seen(house, visit),
        people=[_person(each, plain=plain) for each in found.page.items],
        count=found.count,
        ready=sum(each.awaited.can_sign_in for each in found.page.items),
        remedies=[_remedy(each) for each in attribute_words.apart(found.findings.recommendations) if each.foreseen],
        done=attribute_undo.change(house, visit.pass_, visit.params["id"], done) if done else None,
        kept_nowhere=not visit.pass_.keeps_raw_attributes,
        plain=plain,
        paged=leaf.paged,
        newer_url=leaf.url("before", found.page.before),
        older_url=leaf.url("after", found.page.after),
    )


def forget(house: House, visit: Visit) -> Reply:
    """Nothing is lost: whoever tries again is back."""
    reconciliation.delete(house, visit.pass_, visit.params["id"], visit.params["who"])
    return redirect(f"{attribute_frame.address(visit)}/awaiting")


def _person(each: Reviewed, *, plain: bool) -> dict[str, Any]:
    awaited = each.awaited
    entry, said = awaited.entry, awaited.entry.testimony
    return {
        "id": entry.id,
        "whose": attribute_words.whose(said, plain=plain),
        "can_sign_in": awaited.can_sign_in,
        "stored": None if each.stored is None else each.stored.id,
        "fields": _fields(awaited.outcome.fields, each.stored, plain=plain),
        "refusal": attribute_words.shortfall(awaited.outcome.refusal, plain=plain),
        "suggestion": _suggestion(each, plain=plain),
        "tries": entry.tries,
        "first": entry.created_at,
        "last": entry.updated_at,
        "received": [(name, attribute_words.values(values, plain=plain)) for name, values in said.attributes.items()],
    }


def _fields(received: Mapping[str, Any], stored: Profile | None, *, plain: bool) -> Sequence[tuple[str, str, str]]:
    """Each field that one of the two has: stored, and newly received."""
    rows = []
    for name in STANDARD:
        before, now = (getattr(stored, name) if stored else None), received.get(name)
        if before or now:
            held = attribute_words.field(list(before) if isinstance(before, tuple) else before, plain=plain)
            rows.append((name, held, attribute_words.field(now, plain=plain)))
    return rows


def _suggestion(each: Reviewed, *, plain: bool) -> str:
    if each.awaited.can_sign_in:
        return _("Ask them to sign in again: they can, as things are now.")
    if each.remedy is not None:
        change = ", ".join(
            _("%(field)s from %(source)s") % {"field": field, "source": sources[0]}
            for field, sources in each.remedy.finding.maps.items()
        )
        return _("Take %(change)s: then they can sign in.") % {"change": change}
    if each.still is not None:
        words = _("The recommended mapping alone does not let them in: %(message)s %(fix)s")
        return words % {"message": attribute_words.shortfall(each.still, plain=plain), "fix": _(each.still.fix)}
    refusal = each.awaited.outcome.refusal
    return _(refusal.fix) if refusal else ""


def _remedy(each: Recommendation) -> dict[str, Any]:
    finding = each.finding
    return {
        "message": attribute_words.message(finding),
        "maps": [(field, list(sources)) for field, sources in finding.maps.items()],
        "entries": attribute_form.of_maps(finding.maps).entries(),
        "at_once": each.foreseen is not None and not each.foreseen.needs_confirmation,
    }


PAGES = (
    Page(
        method="GET",
        path=AWAITING,
        summary="Who awaits reconciliation",
        least=Role.SUPPORT,
        show=listed,
        aside=True,
    ),
    Page(
        method="POST",
        path=f"{AWAITING}/{{who}}/forget",
        summary="Wait for somebody no longer",
        least=Role.DEVELOPER,
        show=forget,
    ),
)
