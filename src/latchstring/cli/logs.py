"""latchstring logs: the sign-ins of an environment, the newest last, and those that come while one watches."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from typing import Any

import msgspec

from latchstring.cli import colour, output, sign_in_json, workplace
from latchstring.flows import sign_ins
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.storage.paging import Window

_EXAMPLES = """\
examples:
  latchstring logs                                the last sign-ins
  latchstring logs --follow --failed              what fails, as it happens
  latchstring logs --email ann@acme.example --limit 5
  latchstring logs --follow --json | jq 'select(.code == "audience_mismatch")'

The code at the end of a line opens the whole story: `latchstring explain 5KQ2B-M8DXA`.
With --json, one object on each line.
"""
_PAUSE = 1.0  # seconds between two looks


def add_to(commands: Any, formatter: Any) -> None:
    parser: ArgumentParser = commands.add_parser(
        "logs", help="sign-ins, good and refused, as they happen", description=_EXAMPLES, formatter_class=formatter
    )
    workplace.add_options(parser)
    parser.add_argument("--follow", "-f", action="store_true", help="go on with what comes, until Ctrl-C")
    parser.add_argument("--failed", action="store_true", help="those that were refused alone")
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--connection", metavar="ID")
    parser.add_argument("--organization", metavar="ID")
    parser.add_argument("--code", metavar="CODE", help="those that were refused with it")
    parser.add_argument(
        "--limit", type=int, choices=range(1, 1001), default=20, metavar="COUNT", help="default: 20; at most 1000"
    )
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    house, pass_ = workplace.enter(asked)
    tail = sign_ins.watch(house)
    wanted = Wanted(
        email=asked.email,
        connection_id=asked.connection,
        organization_id=asked.organization,
        refusal=asked.code,
        outcome=Outcome.REFUSED if asked.failed else None,
    )
    found = sign_ins.page(house, pass_, Window(limit=asked.limit), wanted).items
    for one in reversed(found):
        _tell(one, asked)
    if not found and not asked.follow:
        output.say("No such sign-in." if _is_narrowed(asked) else "There is no sign-in yet.")
    if asked.follow:
        _follow(house, pass_, tail, wanted, asked)
    return 0


def _follow(house: House, pass_: Pass, tail: sign_ins.Tail, wanted: Wanted, asked: Namespace) -> None:
    while True:
        time.sleep(_PAUSE)
        fresh, tail = sign_ins.news(house, pass_, tail)
        for one in fresh:
            if sign_ins.fits(one, wanted):
                _tell(one, asked)


def _is_narrowed(asked: Namespace) -> bool:
    return bool(asked.failed or asked.email or asked.connection or asked.organization or asked.code)


def _tell(one: SignIn, asked: Namespace) -> None:
    if asked.json:
        print(msgspec.json.encode(sign_in_json.row(one)).decode(), flush=True)
    else:
        print(line(one), flush=True)


def line(one: SignIn) -> str:
    """One sign-in for people."""
    outcome = {
        Outcome.GOOD: colour.paint("ok  ", "green"),
        Outcome.OPEN: colour.paint("open", "yellow"),
        Outcome.REFUSED: colour.paint("FAIL", "red"),
    }[one.outcome]
    who = colour.printable(one.email or "-")[:40].ljust(28)
    where = colour.printable(f"{one.organization_name or '-'} / {one.connection_name or '-'}")[:40].ljust(28)
    how = "test" if one.attempt.is_test else "IdP" if one.attempt.idp_initiated else "SP"
    took = "" if one.seconds is None else f"{one.seconds:.1f} s"
    moment = f"{one.attempt.created_at.astimezone():%d %b %H:%M:%S}"
    reference = ids.reference(one.id)
    told = f"{outcome}  {who}  {where}  {how:4}  {took:>7}  {reference}  {one.refusal or ''}"
    return f"{colour.paint(moment, 'dim')}  {told}".rstrip()
