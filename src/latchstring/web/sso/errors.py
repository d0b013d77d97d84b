"""GET /errors/{code}: what a refusal means, who can mend it, and how; `error_uri` leads here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import latchstring
from latchstring.flows.house import House
from latchstring.model.refusal import LoginRefused, Mender, NotFound, Refusal
from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask

_MENDERS = {  # to whoever reads up on it
    Mender.DEVELOPER: "the developers of the application",
    Mender.IT_ADMIN: "the IT team of the organization, at its identity provider",
    Mender.USER: "the person who signs in",
    Mender.OPERATOR: "whoever runs this sign-in service",
}


def error_page(house: House, ask: Ask) -> Reply:
    kind = catalogue().get(ask.params["code"])
    if kind is None:
        raise NotFound(kind="Error code", id=ask.params["code"])
    return pages.render(
        house,
        "error_code.html",
        code=kind.code,
        message=kind.meaning(),
        has_facts="{" in kind.meaning(),
        mender_text=_MENDERS[kind.mender],
        fix=kind.fix,
        public=kind.public if issubclass(kind, LoginRefused) else None,
    )


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
