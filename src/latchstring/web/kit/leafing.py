"""`Leaf`: which part of a list is asked for, by what stands in the page's address; and the addresses beside it."""

from __future__ import annotations

from urllib.parse import urlencode

from latchstring.storage.paging import Window
from latchstring.web.kit import decode
from latchstring.web.kit.message import Inbound

ON_A_PAGE = 25


class Leaf:
    """`filters` are the names of the list's own parameters; each is in `chosen`, empty where nothing is chosen."""

    def __init__(self, inbound: Inbound, *filters: str) -> None:
        asked = decode.singles(decode.pairs(inbound.query))
        before, after = asked.get("before") or None, asked.get("after") or None
        self._path = inbound.path
        self.chosen = {name: asked.get(name, "").strip()[:200] for name in filters}
        self.window = Window(limit=ON_A_PAGE, before=before, after=None if before else after)
        self.paged = bool(before or after)

    def url(self, direction: str, cursor: str | None) -> str | None:
        """The address of the page before or after this one, if there is one."""
        query = {**self.chosen, direction: cursor}
        chosen = urlencode({key: value for key, value in query.items() if value})
        return f"{self._path}?{chosen}" if cursor else None
