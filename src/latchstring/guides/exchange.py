"""What the set-up at a provider takes: its own words for what is exchanged, and what is done there, step by step.

Menu words stay as the provider's console writes them, in English.
"""

from __future__ import annotations

import msgspec


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a provider calls a value, and where it stands there."""

    name: str
    where: str = ""  # the menu path or the file


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do in the provider's console."""

    title: str
    text: str = ""
    where: str = ""
    copy: tuple[str, ...] = ()  # what is pasted there; names of `give`
    sends: bool = False  # here the attributes of `sends` are entered
