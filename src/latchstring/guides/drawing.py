"""Draws a page of a provider's console in a few lines, as SVG: its menu, and the fields that matter with a number each.

It shows where a thing stands, not how it looks: whoever has seen the real page finds it again. Colours are left to the
style sheet of the page (classes), so that a drawing is light or dark as that is; a file of its own brings them along.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Literal

import msgspec

WIDTH = 600
_MENU = 190
_ROW = 26  # of the menu
_TOP = 34  # the window's bar
_LONGEST = {"text": 56, "choice": 56, "check": 46, "button": 28}  # characters that fit

_STYLE = (
    "svg{color-scheme:light dark;font:13px system-ui,sans-serif}"
    ".window,.box{fill:#fff;stroke:#868d9b}.bar{fill:#f3f4f6}.line{fill:none;stroke:#e2e4e9}.tick,.arrow{fill:none;stroke:#16181d;stroke-width:2}"
    ".label,.head{fill:#16181d}.quiet{fill:#565d6b}.head{font-size:15px;font-weight:600}"
    ".here{fill:#3b4fd8}.on{fill:#fff;font-weight:600}.marked{stroke:#3b4fd8;stroke-width:2}"
    "@media(prefers-color-scheme:dark){.window,.box{fill:#14161a;stroke:#6c7483}.bar{fill:#1b1e24}.tick,.arrow{stroke:#eceef2}"
    ".line{stroke:#2a2e36}.label,.head{fill:#eceef2}.quiet{fill:#a3abb9}.here{fill:#8b9bff}.on{fill:#0c0d10}"
    ".marked{stroke:#8b9bff}}"
)


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing on the page, by the name that it has there."""

    name: str
    kind: Literal["text", "choice", "check", "button"] = "text"
    value: str = ""  # what it is to say
    mark: bool = False  # it gets a number: this is to be filled in, chosen or copied


class Drawing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One page: the product's name, the menu at its left with the entry that is open, a heading, and fields."""

    window: str
    page: str
    fields: tuple[Field, ...]
    menu: tuple[str, ...] = ()
    here: str = ""  # the open entry of the menu


def faults(drawing: Drawing) -> list[str]:
    """What could not be drawn well."""
    found = [f"{one.name!r} is too long" for one in drawing.fields if len(one.name) > _LONGEST[one.kind]]
    found += [f"{one.value!r} is too long" for one in drawing.fields if len(one.value) > 44]
    found += [f"{entry!r} is too long" for entry in drawing.menu if len(entry) > 22]
    if drawing.menu and drawing.here not in drawing.menu:
        found.append("no entry of the menu is open")
    if not any(one.mark for one in drawing.fields):
        found.append("no field is marked")
    return found


def marks(drawing: Drawing) -> list[str]:
    """The names of the marked fields, in the order of their numbers."""
    return [one.name for one in drawing.fields if one.mark]


def told(drawing: Drawing, say: Callable[[str], str] = str) -> str:
    """What there is to see, for those who do not see it."""
    page = say("The page “%(page)s” of %(window)s.") % {"page": drawing.page, "window": drawing.window}
    menu = say("In the menu, “%(entry)s” is open.") % {"entry": drawing.here} if drawing.here else ""
    numbered = "; ".join(
        f"{number}: {one.name}{f' = {one.value}' if one.value else ''}"
        for number, one in enumerate((one for one in drawing.fields if one.mark), start=1)
    )
    return " ".join(filter(None, (page, menu, say("Marked are %(fields)s.") % {"fields": numbered})))


def svg(drawing: Drawing, *, name: str, say: Callable[[str], str] = str, alone: bool = False) -> str:
    """The picture. `name` is its own within its page; `alone`: it is a file, and brings its colours along."""
    parts, y, number = [], _TOP + 34, 0
    left = _MENU + 20 if drawing.menu else 20
    for one in drawing.fields:
        number += one.mark
        drawn, height = _field(one, left, y, number if one.mark else 0)
        parts.append(drawn)
        y += height
    height = max(y + 8, _TOP + 16 + _ROW * len(drawing.menu) + 8)
    title = escape(say("Where it stands: %(page)s") % {"page": drawing.page})
    start = '<svg xmlns="http://www.w3.org/2000/svg" ' if alone else "<svg "
    return "".join(
        (
            f'{start}class="drawing" viewBox="0 0 {WIDTH} {height}" role="img" ',
            f'aria-labelledby="{name}-title {name}-text">',
            f'<title id="{name}-title">{title}</title><desc id="{name}-text">{escape(told(drawing, say))}</desc>',
            f"<style>{_STYLE}</style>" if alone else "",
            f'<rect class="window" x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="8"/>',
            f'<path class="bar" d="M2 {_TOP}V9a7 7 0 0 1 7-7h{WIDTH - 18}a7 7 0 0 1 7 7v{_TOP - 9}z"/>',
            f'<path class="line" d="M2 {_TOP}h{WIDTH - 4}"/>',
            _text(14, 22, drawing.window, "quiet"),
            _menu(drawing, height),
            _text(left, _TOP + 24, drawing.page, "head"),
            *parts,
            "</svg>",
        )
    )


def _menu(drawing: Drawing, height: int) -> str:
    if not drawing.menu:
        return ""
    parts = [f'<path class="line" d="M{_MENU} {_TOP}v{height - _TOP - 2}"/>']
    for at, entry in enumerate(drawing.menu):
        y = _TOP + 8 + at * _ROW
        if entry == drawing.here:
            parts.append(f'<rect class="here" x="8" y="{y}" width="{_MENU - 16}" height="{_ROW - 2}" rx="5"/>')
        parts.append(_text(16, y + 17, entry, "on" if entry == drawing.here else "quiet"))
    return "".join(parts)


def _field(one: Field, left: int, y: int, number: int) -> tuple[str, int]:
    """What one field looks like, and how much room it takes."""
    right = WIDTH - 56
    marked = " marked" if number else ""
    if one.kind == "check":
        tick = f'<path class="tick" d="M{left + 4} {y + 16}l4 4 7-9"/>' if one.value != "off" else ""
        drawn = f'<rect class="box{marked}" x="{left}" y="{y + 6}" width="18" height="18" rx="3"/>{tick}'
        return drawn + _text(left + 28, y + 20, one.name, "label") + _number(number, y + 15), 34
    if one.kind == "button":
        width = 24 + round(len(one.name) * 7.4)
        drawn = f'<rect class="box{marked}" x="{left}" y="{y + 4}" width="{width}" height="28" rx="5"/>'
        return drawn + _text(left + 12, y + 23, one.name, "label") + _number(number, y + 18), 42
    drawn = _text(left, y + 14, one.name, "label")
    drawn += f'<rect class="box{marked}" x="{left}" y="{y + 21}" width="{right - left}" height="26" rx="4"/>'
    drawn += _text(left + 10, y + 39, one.value, "quiet") if one.value else ""
    if one.kind == "choice":
        drawn += f'<path class="arrow" d="M{right - 20} {y + 31}l5 6 5-6"/>'
    return drawn + _number(number, y + 34), 58


def _number(number: int, y: int) -> str:
    if not number:
        return ""
    return (
        f'<circle class="here" cx="{WIDTH - 30}" cy="{y}" r="12"/>'
        f'<text class="on" x="{WIDTH - 30}" y="{y + 5}" text-anchor="middle">{number}</text>'
    )


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
