"""latchstring audit: list, verify, export, prune: who changed what, from what to what, when and from where."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import audit, audit_export, environments
from latchstring.flows.house import House
from latchstring.model.audit import AuditEntry
from latchstring.protocols.audit_chain import Place
from latchstring.storage.audit import Filter

_COLUMNS = ("sequence", "at", "actor", "action", "target", "changes")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "audit",
        "who changed what, from what to what, when and from where",
        "  latchstring audit list --action connection --since 2026-11-01\n"
        "  latchstring audit verify --json                  note the head, and compare it later with --known\n"
        "  latchstring audit export --format csv > audit.csv\n"
        "  latchstring audit prune --before 2025-01-01",
    )
    listing = noun.verb("list", "the newest entries", _list, scoped=False)
    _filters(listing)
    listing.add_argument("--limit", type=int, default=50, choices=range(1, 1001), metavar="N", help="1 to 1000")
    listing.add_argument("--older-than", type=int, metavar="N", help="go on behind the entry of this number")
    verify = noun.verb("verify", "check every entry and where the log ends", _verify, scoped=False)
    verify.add_argument(
        "--known", type=_place, metavar="NUMBER:HASH", help="an entry that you noted down, and that must be there"
    )
    export = noun.verb("export", "all entries, newest first, on stdout", _export, scoped=False)
    _filters(export)
    export.add_argument("--format", choices=("json", "csv"), default="json", help="json unless you say csv")
    prune = noun.verb("prune", "take away what is older; an entry tells of it", _prune, scoped=False)
    prune.add_argument("--before", type=_moment, required=True, metavar="DATE", help="2026-01-31, or with a time")
    prune.add_argument("--yes", action="store_true", help="do not ask")


def _filters(parser: ArgumentParser) -> None:
    parser.add_argument("--actor", metavar="ACTOR", help="such as operator:operator_01..., key:api_key_01..., system")
    parser.add_argument("--action", metavar="ACTION", help="such as connection.updated, or connection for all of them")
    parser.add_argument("--target", metavar="TARGET", help="an id, or a part of a name")
    parser.add_argument("--environment", metavar="NAME", help="name or id; - for what belongs to none")
    parser.add_argument("--since", type=_moment, metavar="DATE", help="2026-01-31, or with a time")
    parser.add_argument("--until", type=_moment, metavar="DATE", help="the same; not itself")


def _list(asked: Namespace) -> int:
    built = workplace.house(asked)
    page = audit.page(built, _filter(built, asked), count=asked.limit, older_than=asked.older_than)
    if asked.json:
        output.as_json({"object": "list", "data": [audit_export.shown(entry) for entry in page.entries]})
        return 0
    rows = {"data": [_row(entry) for entry in page.entries]}
    output.show_list(asked, rows, _COLUMNS, empty="No such entry.")
    if page.older is not None:
        output.say(f"There is more: --older-than {page.older}")
    return 0


def _verify(asked: Namespace) -> int:
    checked = audit.check(workplace.house(asked), known=asked.known)
    head = f"{checked.end.sequence}:{checked.end.hash}"
    if asked.json:
        output.as_json({"object": "audit_check", "first": checked.first, "last": checked.end.sequence, "head": head})
        return 0
    output.say(f"Entries {checked.first} to {checked.end.sequence} are what they were.")
    output.say("An older copy of the whole database would be, too: keep this elsewhere, for --known next time.")
    print(head, flush=True)
    return 0


def _export(asked: Namespace) -> int:
    built = workplace.house(asked)
    write = audit_export.as_csv if asked.format == "csv" else audit_export.as_json
    for piece in write(audit.export(built, _filter(built, asked))):
        sys.stdout.write(piece)
    return 0


def _prune(asked: Namespace) -> int:
    built = workplace.house(asked)
    output.confirm(asked, f"the entries of the audit log before {asked.before:%Y-%m-%d %H:%M} UTC")
    gone = audit.prune(built, asked.before)
    if asked.json:
        output.as_json({"object": "audit_log", "pruned": gone})
    else:
        output.say(f"{gone} entries went." if gone else "There is nothing that old.")
    return 0


def _row(entry: AuditEntry) -> dict[str, str]:
    changes = [f"{each.field}: {_said(each.before)} -> {_said(each.after)}" for each in islice(entry.changes, 3)]
    if len(entry.changes) > len(changes):
        changes.append(f"and {len(entry.changes) - len(changes)} more")
    return {
        "sequence": str(entry.sequence),
        "at": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "actor": entry.actor_name or entry.actor,
        "action": entry.action,
        "target": entry.target_name or entry.target_id or "-",
        "changes": "; ".join(changes) or "-",
    }


def _said(value: object) -> str:
    said = "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return said if len(said) <= 40 else f"{said[:39]}…"


def _filter(built: House, asked: Namespace) -> Filter:
    """Raises `NotFound` for an environment that there is not; one that is gone is found by its id."""
    environment = asked.environment
    if environment not in (None, "-") and not environment.startswith("environment_"):
        environment = environments.get(built, environment).id
    return Filter(
        actor=asked.actor,
        action=asked.action,
        target=asked.target,
        environment=environment,
        since=asked.since,
        until=asked.until,
    )


def _moment(text: str) -> datetime:
    """In UTC, unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-01-31 or 2026-01-31T09:00") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return max(moment, datetime(1970, 1, 1, tzinfo=UTC))


def _place(text: str) -> Place:
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise ArgumentTypeError("give the number and the hash as `audit verify` prints them: 42:0a1b...")
    return Place(int(found[1]), found[2])
