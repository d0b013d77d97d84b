"""latchstring attributes: findings, apply, awaiting, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.mapping import fields
from latchstring.cli.nouns import Noun
from latchstring.flows import attribute_findings, attribute_repair, reconciliation
from latchstring.flows.attribute_mapping import STANDARD_ATTRIBUTES, AttributeMapsWish
from latchstring.flows.attribute_repair import RepairWish
from latchstring.storage.paging import Window
from latchstring.web.api import attribute_shapes

_PEOPLE = ("id", "subject", "fields.email", "state", "refused_with", "tries", "updated_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "attributes",
        "the attribute mapper: what arrives at a connection, what is wrong with it, and who waits for a remedy",
        "  latchstring attributes findings --connection conn_01...\n"
        "  latchstring attributes apply --connection conn_01... email_in_last_name --preview\n"
        "  latchstring attributes apply --connection conn_01... email=contact last_name=surname2\n"
        "  latchstring attributes awaiting --connection conn_01...",
    )
    findings = noun.verb("findings", "show what arrives and what is wrong with it", _findings)
    findings.add_argument("--connection", required=True, metavar="ID")
    apply = noun.verb("apply", "mend a finding, or apply a mapping; says who can sign in then", _apply)
    apply.add_argument("--connection", required=True, metavar="ID")
    apply.add_argument(
        "remedy", nargs="+", metavar="FINDING|FIELD=SOURCE", help="the code of a finding, or a mapping, in order"
    )
    apply.add_argument("--preview", action="store_true", help="show what it would do, and do nothing")
    apply.add_argument(
        "--confirm-identifier-change",
        action="store_true",
        help="take another source for idp_id, although people lose their profiles",
    )
    awaiting = noun.verb("awaiting", "list the people who await reconciliation", _awaiting)
    awaiting.add_argument("--connection", required=True, metavar="ID")
    awaiting.add_argument("--limit", type=int, default=100, choices=range(1, 101), metavar="N", help="1 to 100")
    awaiting.add_argument("--after", metavar="ID", help="go on behind this one")
    deletion = noun.deletion("delete", "wait for somebody no longer", _delete)
    deletion.add_argument("--connection", required=True, metavar="ID")


def _findings(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = attribute_shapes.findings(attribute_findings.look(built, pass_, asked.connection))
    if asked.json:
        output.as_json(found)
        return 0
    if not found["samples"]:
        output.say("No sign-in has come that far yet. Run a test sign-in to fill this page.")
        return 0
    rows = [
        [each["name"], str(each["samples"]), ", ".join(each["kinds"]), ", ".join(each["feeds"]) or "-", _examples(each)]
        for each in found["attributes"]
    ]
    output.table(["attribute", f"of {found['samples']}", "looks like", "feeds", "examples"], rows)
    for each in found["findings"]:
        output.say(
            f"\n{each['severity']}: {each['code']} ({each['samples']} of {found['samples']})\n  {each['message']}"
        )
        if each["recommended"]:
            maps = each["recommended"]["attribute_maps"]["standard_attributes"]
            output.say(f"  recommended: {', '.join(f'{field} from {source}' for field, source in maps.items())}")
            _say_effect(each["effect"])
        elif each["fix"]:
            output.say(f"  {each['fix']}")
    if found["awaiting_reconciliation"]:
        output.say(f"\n{found['awaiting_reconciliation']} await reconciliation: latchstring attributes awaiting")
    return 0


def _apply(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    finding, maps = _remedy(asked.remedy)
    wish = RepairWish(
        finding=finding,
        attribute_maps=maps,
        preview=asked.preview,
        confirm_identifier_change=asked.confirm_identifier_change,
    )
    done = attribute_shapes.repair(attribute_repair.mend(built, pass_, asked.connection, wish))
    if asked.json:
        output.as_json(done)
        return 0
    output.say("Done." if done["applied"] else "Nothing was changed; this is what it would do:")
    _say_effect(done["effect"])
    people = done["reconciliations"]
    for one in people["can_sign_in"]:
        output.say(f"  can sign in: {one['fields'].get('email') or one['subject']}")
    for one in people["cannot_sign_in"]:
        output.say(f"  still cannot: {one['fields'].get('email') or one['subject']} ({one['refusal']['code']})")
    return 0


def _awaiting(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    page, count = reconciliation.page(built, pass_, asked.connection, Window(limit=asked.limit, after=asked.after))
    shown = attribute_shapes.reconciliations(page, count)
    output.show_list(asked, shown, _PEOPLE, empty="Nobody awaits reconciliation.")
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the row of {asked.id}, until they try again")
    reconciliation.delete(built, pass_, asked.connection, asked.id)
    return output.gone(asked, "reconciliation", asked.id)


def _remedy(words: list[str]) -> tuple[str | None, AttributeMapsWish | None]:
    """A finding, or a mapping. Raises `MappingUnreadable`."""
    if len(words) == 1 and "=" not in words[0]:
        return words[0], None
    wanted = fields(words)
    return None, AttributeMapsWish(
        standard_attributes={field: claims for field, claims in wanted.items() if field in STANDARD_ATTRIBUTES},
        custom_attributes={field: claims for field, claims in wanted.items() if field not in STANDARD_ATTRIBUTES},
    )


def _say_effect(effect: dict[str, Any]) -> None:
    output.say(
        f"  on the last {effect['samples']} sign-ins: {effect['unchanged']} unchanged, {effect['become_valid']} become "
        f"good, {effect['become_invalid']} become bad, {effect['stay_invalid']} stay bad"
    )
    change = effect["identifier_change"]
    if change:
        output.say(
            f"  people would be known by '{change['after']}' instead of '{change['before']}': of {change['profiles']} "
            f"{change['orphaned']} would be strangers"
        )


def _examples(attribute: dict[str, Any]) -> str:
    return "; ".join(value if len(value) <= 40 else value[:39] + "…" for value in attribute["examples"])
