"""Colour for people at a terminal: never into a pipe, never where NO_COLOR is set (no-color.org)."""

from __future__ import annotations

import os
import sys
from typing import Literal

Colour = Literal["red", "green", "yellow", "dim", "bold"]
_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def paint(text: str, colour: Colour) -> str:
    if not _is_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{_CODES[colour]}m{text}\033[0m"


def printable(text: str) -> str:
    """What somebody else sent can move no cursor and hide nothing (WEB-08)."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _is_terminal() -> bool:
    return sys.stdout.isatty()
