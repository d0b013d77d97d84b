"""What is different between what was expected and what came, in a few words: most mistakes are one character long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit


def in_words(expected: str, received: Sequence[str]) -> str | None:
    """The closest difference that has a name; None where there is nothing better to say than the two values."""
    if not received:
        return "Nothing came at all."
    found = [_one(expected, each) for each in received]
    return next((each for each in found if each), None)


def _one(expected: str, received: str) -> str | None:
    ours, theirs = urlsplit(expected), urlsplit(received)
    if not received:
        return "It came empty."
    if received.strip() == expected:
        return "There are blanks around it."
    if received.rstrip("/") == expected.rstrip("/"):
        return 'There is a "/" too many at the end.' if received.endswith("/") else 'A "/" is missing at the end.'
    if received.casefold() == expected.casefold():
        return "Capital and small letters differ."
    if ours.netloc and theirs.netloc:
        if (ours.netloc, ours.path, ours.query) == (theirs.netloc, theirs.path, theirs.query):
            return f"It begins with {theirs.scheme}: instead of {ours.scheme}:."
        if (ours.path, ours.query) == (theirs.path, theirs.query):
            return f"The host is {theirs.netloc} instead of {ours.netloc}."
        if ours.netloc == theirs.netloc and expected.startswith(received):
            return "The end is missing."
        if ours.netloc == theirs.netloc:
            return "The host is right, what follows it differs."
    if expected.startswith(received) or expected.endswith(received):
        return "A part of it is missing."
    if received.startswith(expected) or received.endswith(expected):
        return "There is more than it should be."
    return None


def of_clocks(now: datetime, moment: datetime) -> str:
    """How far a moment of the provider's is from our clock."""
    seconds = (moment - now).total_seconds()
    amount = _amount(abs(seconds))
    return f"That is {amount} ahead of our clock." if seconds > 0 else f"That was {amount} ago by our clock."


def _amount(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {name}s"
    return f"{seconds:.0f} seconds"
