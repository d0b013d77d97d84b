"""Writes docs/errors.md from the refusals themselves: `python -m tests.house.errors_page`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import latchstring
from latchstring.model.refusal import LoginRefused, Mender, Refusal

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

_MENDERS = {
    Mender.DEVELOPER: "the application's developers",
    Mender.IT_ADMIN: "the customer's IT admin",
    Mender.USER: "the person who signs in",
    Mender.OPERATOR: "whoever runs latchstring",
}


_HEAD = """# Errors

Every refusal has a stable code. The code stands in `code` of API answers, at the end of the `error_uri` that an
application's redirect URI receives, in the terminal and in the log. A running server shows the same texts at
`/errors/{code}`. In braces stand the facts of the particular case.
"""


def refusals() -> list[type[Refusal]]:
    """Every refusal of the product that can be raised, by code."""
    for info in pkgutil.walk_packages(latchstring.__path__, "latchstring."):
        if ".migrations" not in info.name and not info.name.endswith("__main__"):
            importlib.import_module(info.name)
    found: set[type[Refusal]] = set()
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "code" in vars(kind) and kind.code and kind.__module__.startswith("latchstring."):
            found.add(kind)
    return sorted(found, key=lambda kind: kind.code)


def page() -> str:
    """The whole document."""
    parts = [_HEAD]
    for kind in refusals():
        lines = [f"## `{kind.code}`\n", f"{kind.meaning()}\n"]
        lines.append(f"- **Who can mend it**: {_MENDERS[kind.mender]}")
        if kind.fix:
            lines.append(f"- **How**: {kind.fix}")
        if issubclass(kind, LoginRefused):
            lines.append(f"- **The application sees**: `error={kind.public}`")
        if kind.retryable:
            lines.append("- **Trying again** may help.")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
