"""GET /errors/{code}: what a refusal means, who can mend it, and how; `error_uri` leads here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import latchstring
from latchstring import guides
from latchstring.flows.house import House
from latchstring.guides import Guide
from latchstring.model.refusal import LoginRefused, NotFound, Refusal
from latchstring.web.kit import pages, words
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask


def error_page(house: House, ask: Ask) -> Reply:
    kind = catalogue().get(ask.params["code"])
    if kind is None:
        raise NotFound(kind="Error code", id=ask.params["code"])
    return pages.render(
        house,
        "error_code.html",
        code=kind.code,
        message=_(kind.meaning()),
        has_facts="{" in kind.meaning(),
        mender_text=_(words.MENDERS[kind.mender]),
        fix=_(kind.fix),
        reach=_(words.reach(kind)),
        retryable=kind.retryable,
        providers=[(guide.name, text) for guide in guides.load().values() if (text := _at(guide, kind))],
        public=kind.public if issubclass(kind, LoginRefused) else None,
    )


def _at(guide: Guide, kind: type[Refusal]) -> str | None:
    """How it is mended at this identity provider."""
    return guides.fix(kind.code, guide.type, _)


@cache
def catalogue() -> dict[str, type[Refusal]]:
    """Every refusal that has a code of its own, by that code. Families are among them: some are raised themselves.

    The terminal's are among them, whose files no server has read: at the first call, each file of the package is.
    """
    for module in pkgutil.walk_packages(latchstring.__path__, "latchstring."):
        if not module.name.startswith("latchstring.storage.migrations.") and not module.name.endswith("__main__"):
            import_module(module.name)
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if vars(kind).get("code"):
            found[kind.code] = kind
    return found
