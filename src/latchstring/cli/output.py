"""How the terminal shows things: tables and fields for people, the API's own JSON with --json."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from latchstring.model.refusal import Mender, Refusal


class NotConfirmed(Refusal):
    """Nothing was deleted: {what} would be gone for good."""

    code = "not_confirmed"
    mender = Mender.OPERATOR
    fix = "Answer with y, or add `--yes` where nobody can be asked."
    what: str


def say(text: str = "") -> None:
    """Talk, to stderr."""
    print(text, file=sys.stderr, flush=True)


def as_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode(), flush=True)


def show_list(asked: Namespace, shown: Mapping[str, Any], columns: Sequence[str], *, empty: str) -> None:
    """A page of the API: as it is, or as a table of `columns`; `a.b` looks inside, a list is joined."""
    if asked.json:
        as_json(shown)
        return
    rows = [[_cell(item, column) for column in columns] for item in shown["data"]]
    if not rows:
        say(empty)
        return
    table([_title(name) for name in columns], rows)
    if (shown.get("list_metadata") or {}).get("after"):
        say(f"There is more: --after {shown['list_metadata']['after']}")


def show_one(asked: Namespace, shown: Mapping[str, Any], fields: Sequence[str]) -> None:
    """One object of the API: as it is, or as lines of `fields`."""
    if asked.json:
        as_json(shown)
        return
    width = max(len(_title(name)) for name in fields) + 2
    for name in fields:
        print(f"{_title(name).ljust(width)}{_cell(shown, name)}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def confirm(asked: Namespace, what: str) -> None:
    """Ask before something goes for good. Raises `NotConfirmed`."""
    if asked.yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(what=what)
    say(f"This deletes {what}, for good.")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotConfirmed(what=what)


def gone(asked: Namespace, kind: str, id_: str) -> int:
    if asked.json:
        as_json({"object": kind, "id": id_, "deleted": True})
    else:
        say(f"Deleted {id_}.")
    return 0


def _title(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")


def _cell(item: Mapping[str, Any], name: str) -> str:
    value: Any = item
    for part in name.split("."):
        if isinstance(value, list):
            value = [each.get(part) for each in value]
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)
