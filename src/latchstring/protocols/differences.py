"""What is different between what was expected and what came, in a few words: most mistakes are one character long.

`say` puts a sentence into the language of its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

Say = Callable[[str], str]


def in_words(expected: str, received: Sequence[str], say: Say = str) -> str | None:
    """The closest difference that has a name; None where there is nothing better to say than the two values."""
    if not received:
        return say("Nothing came at all.")
    found = [_one(expected, each, say) for each in received]
    return next((each for each in found if each), None)


def _one(expected: str, received: str, say: Say) -> str | None:
    ours, theirs = urlsplit(expected), urlsplit(received)
    if not received:
        return say("It came empty.")
    if received.strip() == expected:
        return say("There are blanks around it.")
    if received.rstrip("/") == expected.rstrip("/"):
        too_many = received.endswith("/")
        return say('There is a "/" too many at the end.') if too_many else say('A "/" is missing at the end.')
    if received.casefold() == expected.casefold():
        return say("Capital and small letters differ.")
    if ours.netloc and theirs.netloc:
        if (ours.netloc, ours.path, ours.query) == (theirs.netloc, theirs.path, theirs.query):
            schemes = {"theirs": f"{theirs.scheme}:", "ours": f"{ours.scheme}:"}
            return say("It begins with %(theirs)s instead of %(ours)s.") % schemes
        if (ours.path, ours.query) == (theirs.path, theirs.query):
            hosts = {"theirs": theirs.netloc, "ours": ours.netloc}
            return say("The host is %(theirs)s instead of %(ours)s.") % hosts
        if ours.netloc == theirs.netloc and expected.startswith(received):
            return say("The end is missing.")
        if ours.netloc == theirs.netloc:
            return say("The host is right, what follows it differs.")
    if expected.startswith(received) or expected.endswith(received):
        return say("A part of it is missing.")
    if received.startswith(expected) or received.endswith(expected):
        return say("There is more than it should be.")
    return None


def of_clocks(now: datetime, moment: datetime, say: Say = str) -> str:
    """How far a moment of the provider's is from our clock."""
    seconds = (moment - now).total_seconds()
    amount = {"amount": _amount(abs(seconds), say)}
    if seconds > 0:
        return say("That is %(amount)s ahead of our clock.") % amount
    return say("That was %(amount)s ago by our clock.") % amount


def _amount(seconds: float, say: Say) -> str:
    """Two or more of each, so that no language needs another form for one; but of seconds there can be one."""
    for size, words in (
        (86_400, say("%(count)s days")),
        (3_600, say("%(count)s hours")),
        (60, say("%(count)s minutes")),
    ):
        if seconds >= 2 * size:
            return words % {"count": round(seconds / size)}
    return say("%(seconds)s seconds") % {"seconds": f"{seconds:.0f}"}
