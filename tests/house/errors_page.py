"""Writes docs/errors.md from the refusals themselves, and the guides' pages: `python -m tests.house.errors_page`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import latchstring
from latchstring import guides
from latchstring.guides import remedies
from latchstring.model.refusal import LoginRefused, Mender, Refusal
from latchstring.web.kit import words
from tests.house import providers_pages

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
FIXES = PAGE.parent / "provider-fixes.md"

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
        if topics := sorted({topic for each in remedies.TOPICS.values() for topic in each.get(kind.code, ())}):
            named = ", ".join(f"[{topic}](provider-fixes.md#{topic})" for topic in topics)
            lines.append(f"- **At your identity provider**: {named}")
        lines.append(f"- **How far it reaches**: {words.reach(kind)}")
        if issubclass(kind, LoginRefused):
            lines.append(f"- **The application sees**: `error={kind.public}`")
        if kind.retryable:
            lines.append("- **Trying again** may help.")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


_FIXES_HEAD = """# What to change at the identity provider

Where each product has the setting that mends a refused sign-in. A page of a running server, `/errors/{code}`, shows
the ones for that error; the codes are explained in [errors](errors.md).
"""


def fixes() -> str:
    """The whole document of what the guides know, by topic."""
    parts = [_FIXES_HEAD]
    for topic in sorted({*remedies.SENTENCES, *(topic for topic, _ in remedies.WITHOUT_PLACE)}):
        codes = sorted({code for table in remedies.TOPICS.values() for code, named in table.items() if topic in named})
        lines = [f"## {topic}\n", "For " + ", ".join(f"`{code}`" for code in codes) + ".\n"]
        for guide in guides.load().values():
            text = guide.fixes and remedies.told(
                (topic,),
                product=remedies.product(guide.name),
                hosted_by=guide.hosted_by,
                places=guide.fixes,
                say=str,
            )
            if text and any(topic in named for named in remedies.TOPICS[guide.protocol].values()):
                lines.append(f"- **{guide.name}**: {text}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    FIXES.write_text(fixes(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    providers_pages.write()
