"""latchstring migrate: bring the database to this version's revision."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output
from latchstring.cli.workplace import DatabaseBehind


def add_to(commands: Any, formatter: Any) -> None:
    parser = commands.add_parser(
        "migrate",
        help="bring the database to this version",
        description="examples:\n  latchstring migrate\n"
        "  latchstring migrate --check    exit code 1 if something is to do\n\n"
        "Works on LATCHSTRING_DATABASE_URL, in one transaction. Make a copy of the file first.",
        formatter_class=formatter,
    )
    parser.add_argument("--check", action="store_true", help="only tell whether something is to do")
    parser.add_argument("--json", action="store_true", help="print the revision as JSON")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    from latchstring.effects import settings
    from latchstring.storage import migrate

    path = settings.from_environment(needs_base_url=False).database
    before = migrate.current(path)
    if not migrate.is_current(path):
        if asked.check:
            raise DatabaseBehind
        migrate.upgrade(path)
    after = migrate.current(path)
    if asked.json:
        output.as_json({"before": before, "revision": after})
    else:
        output.say(f"The database is at revision {after}" + ("." if before == after else f"; it was at {before}."))
    return 0
