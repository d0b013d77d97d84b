"""What a refusal says to people, in the language of the page; the API, the log and the terminal say it in English."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from latchstring.model.refusal import Mender, Refusal
from latchstring.web.kit.language import _

MENDERS = {  # to whoever reads up on it
    Mender.DEVELOPER: "the developers of the application",
    Mender.IT_ADMIN: "the IT team of the organization, at its identity provider",
    Mender.USER: "the person who signs in",
    Mender.OPERATOR: "whoever runs this sign-in service",
}

_OUR_WORDS = {"finding", "kind", "reason", "state", "why"}  # facts that we word ourselves; all others are values


def message(refusal: Refusal) -> str:
    """What is wrong. A fact that is a sentence of ours is translated too."""
    facts = {name: _fact(name, value) for name, value in refusal.facts.items()}
    return _(refusal.meaning()).format_map(facts)


def fix(refusal: Refusal) -> str:
    """How it is mended."""
    return _(refusal.fix)


class Speaking(Environment):
    """Templates in which a refusal's message and fix are said in the language of the page."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Refusal):
            if attribute == "message":
                return message(obj)
            if attribute == "fix":
                return fix(obj)
        return super().getattr(obj, attribute)


def _fact(name: str, value: object) -> object:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return _(value) if name in _OUR_WORDS and isinstance(value, str) and value else value
