"""latchstring explain --batch: JSON Lines in, one result a line out, in order, whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from latchstring.cli.explain_case import Case, CaseInvalid, judge, unread
from latchstring.cli.explain_json import as_result, nobody
from latchstring.protocols.saml.explain import Explanation

MAX_LINE = 16_777_216  # bytes; the largest document that is looked at takes a sixtieth of it
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(Case, kw_only=True):
    """One line."""

    document: str


def run(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Exit code 0 whatever the verdicts, for they are the data. Each answer is flushed before the next line is read."""
    for line in _lines(incoming):
        outgoing.write(answer(line) + b"\n")
        outgoing.flush()
    return 0


def answer(line: bytes | None) -> bytes:
    """The result for one line, as JSON. None stands for a line that was too long to be kept."""
    try:
        return msgspec.json.encode(as_result(_judge(line)))
    except Exception as error:  # a verifier that falls over is a bug to be seen, and the next line is still asked
        said: dict[str, Any] = {**nobody(), "verdict": "error", "code": None, "checks": []}
        text = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace")
        return msgspec.json.encode({**said, "error": text.decode()})


def _judge(line: bytes | None) -> Explanation:
    if line is None:
        return unread(CaseInvalid(reason=f"the line is longer than {MAX_LINE} bytes"))
    try:
        case = msgspec.json.decode(line, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return unread(CaseInvalid(reason=str(fault)[:300]))
    return judge(case.document.encode(), case)


def _lines(incoming: BinaryIO) -> Iterator[bytes | None]:
    """Lines that are not blank, without a byte order mark on top; None for one beyond the limit, which is skipped."""
    first = True
    while line := incoming.readline(MAX_LINE + 1):
        whole = len(line) <= MAX_LINE or line.endswith(b"\n")
        if not whole:
            while (rest := incoming.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        if first:
            line, first = line.removeprefix(_BYTE_ORDER_MARK), False
        if not whole:
            yield None
        elif line.strip():
            yield line
