"""What a change of a mapping would do, shown before it is done; and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import attribute_repair
from latchstring.flows.attribute_findings import Foreseen
from latchstring.flows.attribute_repair import Repair
from latchstring.flows.house import House
from latchstring.flows.identifier_change import EXAMPLES, IdentifierChangeUnconfirmed
from latchstring.protocols.attribute_preview import Change
from latchstring.protocols.identifier_change import shown as identifier
from latchstring.web.dashboard import attribute_frame, connection_frame
from latchstring.web.dashboard.guard import Visit
from latchstring.web.kit import attribute_form, attribute_words
from latchstring.web.kit.attribute_form import Wanted
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

_AWAITING = "awaiting"  # `then` of a form that stands on the page of those who wait


def apply(house: House, visit: Visit, wanted: Wanted, form: Mapping[str, str]) -> Reply:
    """The connection's name has to be typed where people would be known by something else."""
    then = form.get("then", "")
    about = connection_frame.seen(house, visit).connection
    confirmed = "typed" in form and form["typed"].strip() == about.name.strip()
    if wanted.identifier and not confirmed:
        return shown(house, visit, wanted, then=then, error=_ask(about.name), plain=False)
    try:
        done = attribute_repair.again(house, visit.pass_, about.id, wanted.wish(confirmed=confirmed))
    except IdentifierChangeUnconfirmed:
        error = _ask(about.name) if "typed" in form else None
        return shown(house, visit, wanted, then=then, error=error, plain=False)
    return redirect(attribute_frame.after(visit, done, tail="/awaiting" if then == _AWAITING else ""))


def shown(house: House, visit: Visit, wanted: Wanted, *, plain: bool, then: str, error: str | None = None) -> Reply:
    seen = connection_frame.seen(house, visit)
    about = seen.connection
    wish = wanted.wish(preview=True, confirmed=wanted.identifier)
    found = attribute_repair.again(house, visit.pass_, about.id, wish)
    return attribute_frame.render(
        house,
        visit,
        "dashboard_attributes_preview.html",
        seen,
        status=422 if error else 200,
        entries=wanted.entries(),
        then=then,
        lines=[
            (field, list(attribute_form.own(about.attribute_maps, field)), list(sources))
            for field, sources in wanted.sources.items()
        ],
        required=None if wanted.required is None else (list(about.attribute_maps.required), list(wanted.required)),
        effect=attribute_words.effect(found.foreseen.effect),
        changes=[_change(each, plain=plain) for each in found.foreseen.effect.changes],
        waiting=_waiting(found),
        identifier_change=_identifier_change(found.foreseen, plain=plain, asked=wanted.identifier),
        asked=wanted.identifier,
        error=error,
        plain=plain,
    )


def _ask(name: str) -> str:
    return _("Type %(name)s, the name of the connection.") % {"name": name}


def _change(each: Change, *, plain: bool) -> dict[str, Any]:
    return {
        "whose": each.known_as if plain else attribute_words.mask(each.known_as),
        "at": each.at,
        "fields": [
            (
                name.removeprefix("custom_attributes."),
                attribute_words.field(before, plain=plain),
                attribute_words.field(each.after.get(name), plain=plain),
            )
            for name, before in each.before.items()
        ],
        "before": attribute_words.shortfall(each.refusal_before, plain=plain),
        "after": attribute_words.shortfall(each.refusal_after, plain=plain),
    }


def _waiting(found: Repair) -> dict[str, int]:
    return {"all": len(found.people), "can": sum(each.can_sign_in for each in found.people)}


def _identifier_change(foreseen: Foreseen, *, plain: bool, asked: bool) -> dict[str, Any] | None:
    change = foreseen.change
    if change is None:
        return None
    return {
        "before": change.before,
        "after": change.after,
        "profiles": change.profiles,
        "kept": change.kept,
        "rekeyed": len(change.rekeyed),
        "orphaned": len(change.orphaned),
        "asks": foreseen.needs_confirmation or asked,
        "examples": [
            {
                "id": each.id,
                "email": each.email if plain else attribute_words.mask(each.email),
                "idp_id": identifier(each.idp_id) if plain else attribute_words.mask(identifier(each.idp_id)),
            }
            for each in change.orphaned[:EXAMPLES]
        ],
    }
