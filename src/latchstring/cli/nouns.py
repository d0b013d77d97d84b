"""Builds `latchstring NOUN VERB`: one place for what all nouns have in common."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from latchstring.cli import workplace

Run = Callable[[Namespace], int]


class Noun:
    """A noun of the command line, to which verbs are added."""

    def __init__(self, commands: Any, formatter: Any, name: str, about: str, examples: str) -> None:
        self._formatter = formatter
        parser = commands.add_parser(
            name, help=about, description=f"examples:\n{examples}\n{about}", formatter_class=formatter
        )
        self._verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)

    def verb(self, name: str, about: str, run: Run, *, scoped: bool = True) -> ArgumentParser:
        parser: ArgumentParser = self._verbs.add_parser(
            name, help=about, description=about, formatter_class=self._formatter
        )
        workplace.add_options(parser, scoped=scoped)
        parser.set_defaults(run=run)
        return parser

    def deletion(self, name: str, about: str, run: Run, *, scoped: bool = True) -> ArgumentParser:
        """A verb that takes an id and asks before it acts."""
        parser = self.verb(name, about, run, scoped=scoped)
        parser.add_argument("id", metavar="ID")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def listing(self, about: str, run: Run) -> ArgumentParser:
        """A verb that shows a page."""
        parser = self.verb("list", about, run)
        parser.add_argument("--limit", type=int, default=100, choices=range(1, 101), metavar="N", help="1 to 100")
        parser.add_argument("--after", metavar="ID", help="go on behind this one")
        return parser
