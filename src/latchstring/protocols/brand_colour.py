"""A colour for buttons: whether it is one, and in which colour its text can be read (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

LEAST = 4.5  # of text against what is behind it
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LIGHT, _DARK = "#ffffff", "#000000"


def colour(text: str) -> str | None:
    """`#3B4FD8` or `3b4fd8` as `#3b4fd8`; None for anything else."""
    said = "#" + text.strip().lower().removeprefix("#")
    return said if _COLOUR.fullmatch(said) else None


def text_on(background: str) -> str:
    """White or black, whichever can be read better. One of them always has a contrast of 4.5 and more."""
    return max(_LIGHT, _DARK, key=lambda text: contrast(text, background))


def contrast(one: str, other: str) -> float:
    """Between 1 and 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
