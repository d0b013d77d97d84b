"""latchstring explain SIGNIN_ID: the story of a stored sign-in in a terminal."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

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
        tell(found)
    return 1 if found.sign_in.outcome is Outcome.REFUSED else 0


def tell(found: Trace) -> None:
    one = found.sign_in
    outcome = {
        Outcome.GOOD: paint("SIGNED IN", "green"),
        Outcome.OPEN: paint("OPEN", "yellow"),
        Outcome.REFUSED: paint("FAILED", "red"),
    }[one.outcome]
    print(f"Sign-in {found.reference}  {outcome}  {one.attempt.created_at.astimezone():%d %b %Y %H:%M:%S}  {one.id}")
    where = f"{one.organization_name or '-'} / {one.connection_name} ({found.provider})"
    if one.attempt.connection_id is None:
        where = f"{one.organization_name or '-'} / no connection, since none was known yet"
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
    if found.stays_away:
        print(f"  Who can mend it, if nobody comes back: {MENDERS[Mender.IT_ADMIN]}")
        for text in found.stays_away:
            print(f"  {printable(text)}")
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
    """Those made for information say so, and those not reached stand on one line."""
    lines = []
    for check in checks:
        if check.result is Result.PASSED:
            mark = paint("ok", "green") if check.trusted else paint("- ", "dim")
            lines.append(f"{mark}  {check.label}{'' if check.trusted else ' (fits, not trusted)'}")
        elif check.result is Result.FAILED:
            lines.append(f"{paint('x ', 'red')}  {check.label}{'' if check.trusted else ' (wrong as well)'}")
            lines += [f"      {line}" for line in _as_well(check)]
    waiting = [check.label for check in checks if check.result is Result.NOT_REACHED]
    return [*lines, paint(f"-   not reached: {'; '.join(waiting)}", "dim")] if waiting else lines


def _as_well(check: Check) -> Iterator[str]:
    """What else has to be mended."""
    if check.remedy is None:
        return
    yield f"{printable(check.remedy.message)}  {check.remedy.code}"
    for row in check.differences:
        yield from (f"{printable(row.label)}, expected  {printable(value)}" for value in row.expected)
        yield from (f"{printable(row.label)}, received  {printable(value)}" for value in row.received)
    for text in filter(None, (check.remedy.there, check.remedy.fix)):
        yield f"How: {printable(text)}"
