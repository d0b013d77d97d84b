"""GET /errors/{code}: what a refusal means, who can mend it, and how; `error_uri` leads here."""

from __future__ import annotations

from functools import cache

from latchstring.flows.house import House
from latchstring.model.refusal import LoginRefused, NotFound, Refusal
from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.refusals import MENDERS
from latchstring.web.kit.route import Ask


def error_page(house: House, ask: Ask) -> Reply:
    kind = catalogue().get(ask.params["code"])
    if kind is None:
        raise NotFound(kind="Error code", id=ask.params["code"])
    return pages.render(
        house,
        "error_code.html",
        code=kind.code,
        message=kind.meaning(),
        mender_text=MENDERS[kind.mender],
        fix=kind.fix,
        public=kind.public if issubclass(kind, LoginRefused) else None,
    )


@cache
def catalogue() -> dict[str, type[Refusal]]:
    """Every refusal of the product by its code."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.code and kind.__subclasses__() == []:
            found[kind.code] = kind
    return found
