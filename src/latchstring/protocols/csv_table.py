"""CSV that a spreadsheet reads as text: a cell that would be a formula there gets an apostrophe in front."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV Injection


def line(cells: Iterable[object]) -> str:
    """One line of RFC 4180, with its end."""
    text = io.StringIO()
    csv.writer(text).writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def _cell(cell: object) -> str:
    said = "" if cell is None else str(cell)
    return f"'{said}" if said.startswith(_FORMULA) else said
