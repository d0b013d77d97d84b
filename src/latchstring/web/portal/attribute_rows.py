"""The attributes of a connection as rows for an IT admin: plain names for our fields, theirs as they have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring import guides
from latchstring.flows import attribute_table, sign_in_tests
from latchstring.flows.attribute_findings import Foreseen, Recommendation
from latchstring.flows.attribute_table import Table
from latchstring.flows.house import House
from latchstring.guides import Guide, wording
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.sign_in_test import SignInTest
from latchstring.protocols.attribute_refusals import AttributesMissing
from latchstring.protocols.attribute_table import ALWAYS, Row
from latchstring.web.kit import attribute_form, attribute_words
from latchstring.web.kit.attribute_form import Wanted
from latchstring.web.kit.language import _


def look(house: House, pass_: Pass, connection_id: str, test: SignInTest | None) -> Table:
    """With the values of this test, if they were kept."""
    table = attribute_table.look(house, pass_, connection_id)
    moments = [sample.at for sample in table.findings.case.samples]
    if test is not None and test.ended_at in moments[1:]:
        return attribute_table.look(house, pass_, connection_id, sample=moments.index(test.ended_at))
    return table


def is_of_test(house: House, pass_: Pass, connection_id: str, table: Table) -> bool:
    """Whether the values in the table are those of a test: whoever made it may see them. Those of people are masked."""
    tests = sign_in_tests.of_connection(house, pass_, connection_id).newest
    return table.sample is not None and table.sample.at in [test.ended_at for test in tests]


def label(field: str) -> str:
    """A field of the profile by a plain name; a custom attribute keeps its own."""
    return {
        "idp_id": _("Identifier that never changes"),
        "email": _("E-mail address"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "name": _("Full name"),
        "groups": _("Groups"),
    }.get(field, field)


def sends(connection: Connection) -> list[dict[str, Any]]:
    """What is to be sent, as the guide has it."""
    guide = guides.guide(connection.type)
    required = {*ALWAYS, *connection.attribute_maps.required}
    rows = []
    for name, source in wording.sends(guide, _).items() if guide else ():
        fields = _fed_by(guide, name)
        rows.append(
            {
                "name": name,
                "source": source,
                "fields": [label(field) for field in fields],
                "required": bool(required & {*fields}),
            }
        )
    return rows


def add_there(connection: Connection) -> str | None:
    """Where attributes are added, in the menu words of this provider; None: nothing is known."""
    return guides.fix(AttributesMissing.code, connection.type, _)


def row(each: Row, table: Table, typed: Wanted | None, errors: Mapping[str, str], *, plain: bool) -> dict[str, Any]:
    connection = table.findings.case.connection
    frozen = each.field == "idp_id" and connection.identifier_source is not None
    sources = each.own if typed is None else typed.sources.get(each.field, each.own)
    samples = len(table.findings.case.samples)
    mark, word, sentence = attribute_words.verdict(each, samples, frozen=frozen)
    guide = guides.guide(connection.type)
    fed_by = [source.source for source in each.fed_by if source.rule != "joined"]
    wanted = _wanted(guide, each.field)
    there = wording.sends(guide, _) if guide else {}
    return {
        "field": each.field,
        "label": label(each.field),
        "boxes": [
            (f"source.{each.field}.{number}", source)
            for number, source in enumerate(attribute_form.boxes(sources)[:3], 1)
        ],
        "fed_by": fed_by,
        "there": [(name, there[name]) for name in fed_by if name in there],
        "wanted": wanted,
        "held": attribute_words.values(each.values, plain=plain) or None,
        "frozen": connection.identifier_source if frozen else None,
        "required": each.required,
        "missing": each.required and samples > 0 and not each.values,
        "mark": mark,
        "word": word,
        "words": sentence,
        "error": errors.get(each.field),
    }


def recommendations(table: Table) -> list[dict[str, Any]]:
    """What would be better, with what it would do. What a mapping cannot mend is mended at the provider."""
    found = attribute_words.apart(table.findings.recommendations)
    return [_recommendation(each) for each in found]


def effect(foreseen: Foreseen) -> str:
    return attribute_words.effect(foreseen.effect)


def arrived(table: Table, test: SignInTest | None) -> list[dict[str, Any]]:
    """Everything that came in this test, with the fields that it feeds."""
    if test is None or test.outcome is None:
        return []
    feeds = {each.name: each.feeds for each in table.findings.attributes}
    subject = test.outcome.subject
    rows = [("NameID", "@NameID", [subject])] if subject else []
    rows += [(name, name, list(held)) for name, held in test.outcome.attributes.items()]
    return [
        {"name": shown, "values": held, "feeds": [label(field) for field in feeds.get(name, ())]}
        for shown, name, held in rows
    ]


def _recommendation(each: Recommendation) -> dict[str, Any]:
    finding, foreseen = each.finding, each.foreseen
    maps = attribute_form.of_maps(finding.maps)
    return {
        "mark": {"error": "err", "warning": "warn"}.get(finding.severity, "idle"),
        "message": attribute_words.message(finding),
        "fix": attribute_words.fix(finding),
        "maps": [(label(field), list(sources)) for field, sources in finding.maps.items()],
        "entries": maps.entries(),
        "effect": effect(foreseen) if foreseen else None,
        "at_once": foreseen is not None and not foreseen.needs_confirmation,
    }


def _fed_by(guide: Guide | None, name: str) -> list[str]:
    """The fields for which an attribute of this name is taken."""
    return [field for field, sources in guide.attributes.items() if name in sources] if guide else []


def _wanted(guide: Guide | None, field: str) -> tuple[str, str] | None:
    """The attribute that the guide has for a field, and where its value comes from at the provider."""
    if guide is None:
        return None
    there = wording.sends(guide, _)
    return next(((name, there[name]) for name in guide.attributes.get(field, ()) if name in there), None)
