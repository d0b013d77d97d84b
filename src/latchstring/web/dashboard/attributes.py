"""/dashboard/{environment}/connections/{id}/attributes: the mapping with live values, changed and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import (
    attribute_dismissals,
    attribute_findings,
    attribute_table,
    attribute_undo,
    custom_attributes,
    left_behind,
)
from latchstring.flows.attribute_findings import Findings, Recommendation
from latchstring.flows.attribute_mapping import STANDARD_ATTRIBUTES
from latchstring.flows.attribute_table import Table
from latchstring.flows.attribute_undo import MappingChange
from latchstring.flows.custom_attributes import CustomAttributeUnknown
from latchstring.flows.house import House
from latchstring.flows.identifier_change import IdentifierChangeUnconfirmed
from latchstring.model.operator import Role
from latchstring.model.refusal import InvalidFields
from latchstring.protocols.attribute_names import PREDEFINED
from latchstring.protocols.attribute_table import Row
from latchstring.web.dashboard import (
    attribute_frame,
    attribute_preview,
    browser,
    connection_frame,
)
from latchstring.web.dashboard.guard import Page, Visit
from latchstring.web.kit import attribute_form, attribute_words, decode, words
from latchstring.web.kit.attribute_form import Wanted
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

_UNUSED = 50  # attributes in the list of those that feed nothing


def shown(house: House, visit: Visit) -> Reply:
    asked = decode.singles(decode.pairs(visit.inbound.query))
    sample = asked.get("sample", "")
    done = asked.get("applied", "")
    return _mapper(
        house,
        visit,
        sample=int(sample) if sample.isdecimal() and len(sample) < 4 else 0,
        done=attribute_undo.change(house, visit.pass_, visit.params["id"], done) if done else None,
        plain=attribute_frame.values_are_shown(house, visit, asked.get("values")),
    )


def change(house: House, visit: Visit) -> Reply:
    """What was typed or recommended: looked at (`preview`), taken back to its boxes (`edit`), or done (`apply`)."""
    form = browser.form(visit.inbound)
    wanted = attribute_form.read(form)
    act = form.get("act", "preview")
    plain = act != "apply" and attribute_frame.values_are_shown(house, visit, form.get("values"))
    about = connection_frame.seen(house, visit).connection
    maps = about.attribute_maps
    if act == "edit" and about.identifier_source is not None and "idp_id" in wanted.sources:
        return _identifier(house, visit, wanted.sources["idp_id"])
    if act == "edit":
        return _mapper(house, visit, typed=wanted, plain=plain)
    less = wanted.less(maps)
    if less.is_nothing:
        return _mapper(house, visit, nothing=True, plain=plain)
    try:
        if act == "apply":
            return attribute_preview.apply(house, visit, less, form)
        return attribute_preview.shown(house, visit, less, plain=plain, then=form.get("then", ""))
    except InvalidFields as refusal:
        errors = {each.field.rpartition(".")[2]: _(each.message) for each in refusal.errors}
    except CustomAttributeUnknown as refusal:
        errors = {"add": words.message(refusal)}
    if wanted.identifier:
        return _identifier(house, visit, wanted.sources.get("idp_id", ()), error=errors.get("idp_id"))
    return _mapper(house, visit, typed=wanted, errors=errors, added=form, plain=plain)


def identifier(house: House, visit: Visit) -> Reply:
    """The one way to another source of `idp_id` once it is settled."""
    about = connection_frame.seen(house, visit).connection
    frozen = about.identifier_source
    sources = attribute_form.own(about.attribute_maps, "idp_id") or ((frozen,) if frozen else ())
    return _identifier(house, visit, sources)


def _identifier(house: House, visit: Visit, sources: tuple[str, ...], *, error: str | None = None) -> Reply:
    found = attribute_findings.look(house, visit.pass_, visit.params["id"])
    return attribute_frame.render(
        house,
        visit,
        "dashboard_attributes_identifier.html",
        connection_frame.seen(house, visit),
        status=422 if error else 200,
        error=error,
        frozen=found.case.connection.identifier_source,
        boxes=_boxes("idp_id", sources),
        seen=_seen(found),
        people=[
            {
                "id": each.profile.id,
                "email": attribute_words.mask(each.profile.email),
                "last": each.profile.updated_at,
                "returned": each.returned.id if each.returned else None,
                "linkable": each.linkable,
                "is_undone": each.is_undone,
            }
            for each in left_behind.listed(house, visit.pass_, visit.params["id"])
        ],
    )


def link(house: House, visit: Visit) -> Reply:
    """Two profiles of one person: from now on it is the one that the form names."""
    left_behind.link(house, visit.pass_, visit.params["id"], browser.form(visit.inbound).get("profile", ""))
    return redirect(f"{attribute_frame.address(visit)}/identifier#people")


def undo(house: House, visit: Visit) -> Reply:
    """Where it means that people would be known by something else, that is shown first, as with any change."""
    event_id = browser.form(visit.inbound).get("change", "")
    try:
        done = attribute_undo.undo(house, visit.pass_, visit.params["id"], event_id)
    except IdentifierChangeUnconfirmed:
        change = attribute_undo.change(house, visit.pass_, visit.params["id"], event_id)
        if change is None:
            raise
        return attribute_preview.shown(house, visit, _back(change), plain=False, then="")
    return redirect(attribute_frame.after(visit, done))


def dismiss(house: House, visit: Visit) -> Reply:
    """It comes back by itself when it says something else."""
    attribute_dismissals.dismiss(house, visit.pass_, visit.params["id"], visit.params["code"])
    return redirect(attribute_frame.address(visit))


def show_again(house: House, visit: Visit) -> Reply:
    attribute_dismissals.show_again(house, visit.pass_, visit.params["id"], visit.params["code"])
    return redirect(f"{attribute_frame.address(visit)}#{visit.params['code']}")


def _back(change: MappingChange) -> Wanted:
    both = {**change.standard, **change.custom}
    return Wanted(
        sources={field: before for field, (before, _after) in both.items()},
        required=change.required[0] if change.required else None,
    )


def _mapper(
    house: House,
    visit: Visit,
    *,
    sample: int = 0,
    typed: Wanted | None = None,
    errors: Mapping[str, str] = {},
    added: Mapping[str, str] = {},
    done: MappingChange | None = None,
    nothing: bool = False,
    plain: bool = False,
) -> Reply:
    table = attribute_table.look(house, visit.pass_, visit.params["id"], sample=sample)
    defined = [each.name for each in custom_attributes.listed(house, visit.pass_)]
    rows = [*table.rows, *_typed_rows(table, typed, defined)]
    found = table.findings
    samples = len(found.case.samples)
    there = {row.field for row in rows}
    return attribute_frame.render(
        house,
        visit,
        "dashboard_attributes.html",
        connection_frame.seen(house, visit),
        status=422 if errors else 200,
        samples=samples,
        kept_nowhere=table.keeps_nothing,
        maps_nothing=table.maps_nothing,
        rows=[_row(row, table, typed, errors, plain=plain) for row in rows],
        seen=_seen(found),
        addable=[(name, None) for name in defined if name not in there],
        add={
            "name": added.get("add", "")[:64],
            "source": added.get("add_source", "")[:512],
            "error": errors.get("add"),
        },
        failed=bool(errors),
        nothing=nothing,
        recommendations=[_recommendation(each, samples) for each in attribute_words.apart(found.recommendations)],
        dismissed=[
            (each.finding.code, attribute_words.message(each.finding))
            for each in found.recommendations
            if each.dismissed
        ],
        awaiting=found.awaiting,
        unused=[_arriving(each, plain=plain) for each in found.attributes if not each.feeds][:_UNUSED],
        looked_at=table.looked_at,
        picks=_picks(table, plain=plain),
        sample_at=table.sample.at if table.sample else None,
        plain=plain,
        done=_done(done),
    )


def _row(row: Row, table: Table, typed: Wanted | None, errors: Mapping[str, str], *, plain: bool) -> dict[str, Any]:
    connection = table.findings.case.connection
    frozen = row.field == "idp_id" and connection.identifier_source is not None
    sources = row.own if typed is None else typed.sources.get(row.field, row.own)
    samples = len(table.findings.case.samples)
    required = row.required if typed is None or typed.required is None else row.field in typed.required
    mark, word, words = attribute_words.verdict(row, samples, frozen=frozen)
    return {
        "field": row.field,
        "custom": row.custom,
        "boxes": _boxes(row.field, sources),
        "fed_by": [each.source for each in row.fed_by if each.rule != "joined"],
        "usual": row.usual[:3],
        "held": attribute_words.values(row.values, plain=plain) or None,
        "several": len(row.values) if row.field == "groups" and len(row.values) > 1 else 0,
        "rule": attribute_words.rule(row, frozen=frozen),
        "frozen": connection.identifier_source if frozen else None,
        "always": row.always,
        "required": required,
        "mark": mark,
        "word": word,
        "words": words,
        "error": errors.get(row.field),
    }


def _boxes(field: str, sources: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"source.{field}.{number}", each) for number, each in enumerate(attribute_form.boxes(sources), 1)]


def _typed_rows(table: Table, typed: Wanted | None, defined: list[str]) -> list[Row]:
    """Custom attributes that are in the form alone."""
    there = {row.field for row in table.rows}
    names = typed.sources if typed else ()
    return [
        Row(
            field=field,
            custom=True,
            own=(),
            usual=PREDEFINED.get(field, ()),
            fed_by=(),
            values=(),
            required=False,
            samples=0,
        )
        for field in names
        if field not in there and field in defined and field not in STANDARD_ATTRIBUTES
    ]


def _recommendation(each: Recommendation, samples: int) -> dict[str, Any]:
    finding, foreseen = each.finding, each.foreseen
    return {
        "code": finding.code,
        "mark": {"error": "err", "warning": "warn"}.get(finding.severity, "info"),
        "message": attribute_words.message(finding),
        "counted": _("Seen in %(held)s of the last %(samples)s sign-ins.")
        % {"held": finding.samples, "samples": samples},
        "fix": attribute_words.fix(finding),
        "maps": [(field, list(sources)) for field, sources in finding.maps.items()],
        "entries": attribute_form.of_maps(finding.maps).entries(),
        "effect": attribute_words.effect(foreseen.effect) if foreseen else None,
        "at_once": foreseen is not None and not foreseen.needs_confirmation,
    }


def _seen(found: Findings) -> list[tuple[str, str]]:
    """What may be chosen from, each with what it looks like."""
    return [(each.name, attribute_words.kinds(each.kinds)) for each in found.attributes]


def _arriving(each: Any, *, plain: bool) -> dict[str, Any]:
    return {
        "name": each.name,
        "friendly_name": each.friendly_name,
        "kinds": attribute_words.kinds(each.kinds),
        "examples": attribute_words.values(each.examples, plain=plain),
        "samples": each.samples,
    }


def _picks(table: Table, *, plain: bool) -> list[tuple[str, str]]:
    """The samples to choose from, each by its time and whose it is."""
    found = []
    for number, sample in enumerate(table.findings.case.samples):
        whose = attribute_words.whose(sample.testimony, plain=plain)
        found.append((str(number), f"{sample.at:%d %b, %H:%M:%S} UTC, {whose}"))
    return found


def _done(change: MappingChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    lines = [
        (field, list(before), list(after)) for field, (before, after) in {**change.standard, **change.custom}.items()
    ]
    if change.required:
        lines.append((_("required"), list(change.required[0]), list(change.required[1])))
    return {"id": change.event_id, "lines": lines, "stands": change.stands}


PAGES = (
    Page(
        method="GET",
        path=attribute_frame.ATTRIBUTES,
        summary="The attribute mapper of a connection",
        least=Role.SUPPORT,
        show=shown,
        aside=True,
    ),
    Page(
        method="GET",
        path=f"{attribute_frame.ATTRIBUTES}/identifier",
        summary="What people of a connection are known by",
        least=Role.DEVELOPER,
        show=identifier,
        aside=True,
    ),
    Page(
        method="POST",
        path=f"{attribute_frame.ATTRIBUTES}/change",
        summary="Look at a change of the mapping, or do it",
        least=Role.DEVELOPER,
        show=change,
        aside=True,
    ),
    Page(
        method="POST",
        path=f"{attribute_frame.ATTRIBUTES}/undo",
        summary="Take a change of the mapping back",
        least=Role.DEVELOPER,
        show=undo,
        aside=True,
    ),
    Page(
        method="POST",
        path=f"{attribute_frame.ATTRIBUTES}/identifier/link",
        summary="Link somebody who came back to the profile of before",
        least=Role.DEVELOPER,
        show=link,
    ),
    *(
        Page(
            method="POST",
            path=f"{attribute_frame.ATTRIBUTES}/findings/{{code}}/{act}",
            summary=summary,
            least=Role.DEVELOPER,
            show=show,
        )
        for act, summary, show in (
            ("dismiss", "Dismiss a finding", dismiss),
            ("show", "Show a finding again", show_again),
        )
    ),
)
