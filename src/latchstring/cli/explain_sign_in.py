"""latchstring explain SIGNIN_ID: the story of a stored sign-in in a terminal."""

from __future__ import annotations

from argparse import Namespace

from latchstring.cli import output, sign_in_json, workplace
from latchstring.cli.colour import paint, printable
from latchstring.flows import trace
from latchstring.flows.trace import Sight, Trace
from latchstring.flows.trace_checks import Check
from latchstring.model.refusal import Mender
from latchstring.model.sign_in import Outcome
from latchstring.model.sign_in_test import Result

MENDERS = {
    Mender.DEVELOPER: "the developers of the application",
    Mender.IT_ADMIN: "the IT team of the organization, at its identity provider",
    Mender.USER: "the person who signs in",
    Mender.OPERATOR: "whoever runs this latchstring",
}


def run(asked: Namespace) -> int:
    """1 for a refused one, as for a file."""
    house, pass_ = workplace.enter(asked)
    found = trace.of(house, pass_, asked.file, Sight.VALUES)
    if asked.json:
        output.as_json(sign_in_json.whole(found))
    else:
        _tell(found)
    return 1 if found.sign_in.outcome is Outcome.REFUSED else 0


def _tell(found: Trace) -> None:
    one = found.sign_in
    outcome = {
        Outcome.GOOD: paint("SIGNED IN", "green"),
        Outcome.OPEN: paint("OPEN", "yellow"),
        Outcome.REFUSED: paint("FAILED", "red"),
    }[one.outcome]
    print(f"Sign-in {found.reference}  {outcome}  {one.attempt.created_at.astimezone():%d %b %Y %H:%M:%S}  {one.id}")
    where = f"{one.organization_name or '-'} / {one.connection_name} ({found.provider})"
    print(printable(f"{found.email or '-'}, through {where}"))
    print()
    print(paint(printable(found.sentence), "bold") + (f"  {found.remedy.code}" if found.remedy else ""))
    for row in found.differences:
        print(f"  {printable(row.label)}")
        for label, values in (("expected", row.expected), ("received", row.received)):
            for value in values:
                print(f"    {label}  {printable(value)}")
        if row.note:
            print(f"    {printable(row.note)}")
    if found.remedy is not None:
        print(f"  Who can mend it: {MENDERS[found.remedy.mender]}")
        for text in (found.remedy.there, found.remedy.fix, *found.remedy.also):
            if text:
                print(f"  How: {printable(text)}")
    print()
    for moment in found.moments:
        print(f"{moment.at.astimezone():%H:%M:%S}.{moment.at.microsecond // 1000:03d}  {moment.label}")
        for name, value in moment.facts:
            print(f"              {name}: {printable(value)}")
        for line in _checks(moment.checks):
            print(f"              {line}")
    if found.attributes:
        print()
        print(
            "Attributes" if found.proven else "Attributes, as they came (not to be trusted: the checks were not passed)"
        )
        for name, values in found.attributes.items():
            print(f"  {printable(name)}: {printable(', '.join(values))}")


def _checks(checks: tuple[Check, ...]) -> list[str]:
    """Those not reached on one line."""
    lines = []
    for check in checks:
        if check.result is Result.PASSED:
            lines.append(f"{paint('ok', 'green')}  {check.label}")
        elif check.result is Result.FAILED:
            lines.append(f"{paint('x ', 'red')}  {check.label}")
    waiting = [check.label for check in checks if check.result is Result.NOT_REACHED]
    return [*lines, paint(f"-   not reached: {'; '.join(waiting)}", "dim")] if waiting else lines
