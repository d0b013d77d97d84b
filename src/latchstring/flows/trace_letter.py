"""What a developer writes to the administrator of an identity provider: the cause, the values, and the steps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from latchstring.flows.trace import Trace
from latchstring.flows.trace_differences import Difference
from latchstring.flows.trace_remedy import Remedy
from latchstring.model.refusal import Mender


def letter(found: Trace) -> str | None:
    """Plain text, in English; None for a sign-in in which nothing is to be mended at the identity provider."""
    remedy = found.remedy
    if remedy is None or (remedy.mender is not Mender.IT_ADMIN and not remedy.there):
        return None
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Trace) -> Iterator[str]:
    remedy, one = found.remedy, found.sign_in
    assert remedy is not None  # noqa: S101 - letter() saw to it
    yield f"Single sign-on through {found.provider} ({one.connection_name}) does not work yet."
    yield ""
    yield from _problem("What happened", remedy, found.differences)
    for check in (check for moment in found.moments for check in moment.checks):
        if check.remedy is not None and (check.remedy.mender is Mender.IT_ADMIN or check.remedy.there):
            yield ""
            yield from _problem("Wrong as well", check.remedy, check.differences)
    yield ""
    yield f"When: {one.attempt.created_at:%d %b %Y %H:%M:%S} UTC"
    yield f"Reference: {found.reference} ({remedy.code})"


def _problem(title: str, remedy: Remedy, differences: Sequence[Difference]) -> Iterator[str]:
    yield f"{title}: {remedy.message}"
    for row in differences:
        yield ""
        yield f"{row.label}:"
        yield from (f"  should be: {value}" for value in row.expected)
        yield from (f"  but is:    {value}" for value in row.received)
        if row.note:
            yield f"  {row.note}"
    yield ""
    yield "What to do:"
    for text in (remedy.there, remedy.fix, *remedy.also):
        if text:
            yield textwrap.fill(text.replace("`", ""), 78, initial_indent="- ", subsequent_indent="  ")
