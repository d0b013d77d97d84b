"""What a developer writes to the administrator of an identity provider: the cause, the values, and the steps."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from latchstring.flows.trace import Trace
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_remedy import Remedy
from latchstring.model.refusal import Mender


def letter(found: Trace, say: Callable[[str], str] = str) -> str | None:
    """Plain text, in the language of `say`; the trace is in the same.

    None for a sign-in in which nothing is to be mended at the identity provider.
    """
    remedy = found.remedy
    if remedy is None or (remedy.mender is not Mender.IT_ADMIN and not remedy.there):
        return None
    return "\n".join(_lines(found, say)) + "\n"


def _lines(found: Trace, say: Callable[[str], str]) -> Iterator[str]:
    remedy, one = found.remedy, found.sign_in
    assert remedy is not None  # noqa: S101 - letter() saw to it
    names = {"provider": found.provider, "connection": one.connection_name}
    yield say("Single sign-on through %(provider)s (%(connection)s) does not work yet.") % names
    yield ""
    yield from _problem(say("What happened"), remedy, found.differences, say)
    for check in (check for moment in found.moments for check in moment.checks):
        if check.remedy is not None and (check.remedy.mender is Mender.IT_ADMIN or check.remedy.there):
            yield ""
            yield from _problem(say("Wrong as well"), check.remedy, check.differences, say)
    yield ""
    yield say("When: %(time)s") % {"time": f"{one.attempt.created_at:%Y-%m-%d %H:%M:%S} UTC"}
    yield say("Reference: %(reference)s") % {"reference": f"{found.reference} ({remedy.code})"}


def _problem(title: str, remedy: Remedy, differences: Sequence[Difference], say: Callable[[str], str]) -> Iterator[str]:
    yield f"{title}: {remedy.message}"
    for row in differences:
        yield ""
        yield f"{row.label}:"
        yield from ("  " + say("should be: %(value)s") % {"value": value} for value in row.expected)
        yield from ("  " + say("but is: %(value)s") % {"value": value} for value in row.received)
        if row.note:
            yield f"  {row.note}"
    yield ""
    yield say("What to do:")
    for text in (remedy.there, remedy.fix, *remedy.also):
        if text:
            yield textwrap.fill(text.replace("`", ""), 78, initial_indent="- ", subsequent_indent="  ")
