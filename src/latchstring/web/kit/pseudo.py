"""A language of no people, made from the English: accents, brackets, and longer by two fifths.

Whoever reads a page in it sees what does not come from the catalogues (it has no brackets), and where a longer language
has no room. Facts, code and marks stay as they are.
"""

from __future__ import annotations

import re

OPENS, CLOSES = "⟦", "⟧"
_ACCENTS = str.maketrans("aceginosuyzACEGINOSUYZ", "åçéğîñöšûýžÅÇÉĞÎÑÖŠÛÝŽ")
_KEPT = re.compile(r"(%\(\w+\)s|%%|\{\w*\}|`[^`]*`|</?\w+[^>]*>|&\w+;)")
_LONGER = 0.4


def said(message: str) -> str:
    """The blanks at the ends stay outside, as in every language."""
    inside = message.strip(" ")
    if not inside:
        return message
    parts = _KEPT.split(inside)
    words = "".join(part if at % 2 else part.translate(_ACCENTS) for at, part in enumerate(parts))
    longer = "~" * round(len("".join(parts[::2])) * _LONGER)
    return message.replace(inside, f"{OPENS}{words}{longer and ' ' + longer}{CLOSES}")
