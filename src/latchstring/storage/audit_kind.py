"""`Kind`: how the rows of one table are told in the audit log; `storage.audited` has them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from latchstring.storage.vault import Vault

Fields = Mapping[str, Any]


class Hidden(msgspec.Struct, frozen=True):
    """A secret: whether it is still the same can be told, and it cannot."""

    value: object


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A row in the words of the audit log."""

    id: str | None
    name: str | None
    fields: Fields


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose changes are told."""

    type: str  # as entries name it
    columns: tuple[str, ...]  # those that are told
    key: tuple[str, ...] = ("id",)  # without the environment
    scoped: bool = True
    silent: tuple[str, ...] = ()  # columns that go without saying
    swept: bool = False  # the house itself takes rows away whose time is over, which is not worth an entry
    tell: Callable[[Vault, str, Fields], Told]  # of an environment's row; "" for the house's own
    verb: Callable[[Fields | None, Fields | None], str | None]  # None: this is not worth an entry

    @property
    def read(self) -> tuple[str, ...]:
        """All columns that have to be fetched."""
        return (*self.key, *(column for column in self.columns if column not in self.key))


def made_or_gone(before: Fields | None, after: Fields | None) -> str:
    if before is None:
        return "created"
    return "deleted" if after is None else "updated"
