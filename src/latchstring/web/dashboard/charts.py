"""Bars of good and refused sign-ins, stretch by stretch, as `ui.bars` draws them and tells them as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

_HIGH, _WIDE = 120, 24  # of the chart, and of one of its stretches, in its own units

Stretch = tuple[datetime, int, int]  # its beginning, how many there were, and how many of them were refused


def chart(stretches: Sequence[Stretch]) -> dict[str, Any]:
    """Bars from the bottom: the refused ones above the others."""
    most = max((count for _since, count, _refused in stretches), default=0) or 1
    bars = []
    for number, (since, count, refused) in enumerate(stretches):
        whole = round(count * _HIGH / most)
        bad = min(whole, max(1, round(refused * _HIGH / most))) if refused else 0
        bars.append(
            {
                "x": number * _WIDE + 3,
                "bad_y": _HIGH - whole,
                "bad_height": bad,
                "good_y": _HIGH - whole + bad,
                "good_height": whole - bad,
                "since": since,
                "begun": count,
                "refused": refused,
            }
        )
    return {"bars": bars, "width": _WIDE * len(bars), "bar": _WIDE - 6, "height": _HIGH}
