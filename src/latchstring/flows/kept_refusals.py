"""A refusal that was kept, as its code, its facts and an English message: said again in the language of its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from latchstring.model.refusal import LoginRefused

OUR_WORDS = frozenset({"finding", "kind", "reason", "state", "why"})  # facts that we word ourselves; others are values


def message(code: str, facts: Mapping[str, Any], kept: str, say: Callable[[str], str]) -> str:
    """What was wrong. As it was `kept` where nobody knows the refusal any more, or not with these facts."""
    kind = _kind(code)
    if kind is None or (told := say(kind.meaning())) == kind.meaning():
        return kept
    try:
        return told.format_map({name: fact(name, value, say) for name, value in facts.items()})
    except (KeyError, ValueError):  # of an older version
        return kept


def fact(name: str, value: Any, say: Callable[[str], str]) -> Any:
    """One fact as a message holds it. A sentence of ours is said in the other language too."""
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return say(value) if name in OUR_WORDS and isinstance(value, str) and value else value


def _kind(code: str) -> type[LoginRefused] | None:
    waiting: list[type[LoginRefused]] = [LoginRefused]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind
        waiting += kind.__subclasses__()
    return None
