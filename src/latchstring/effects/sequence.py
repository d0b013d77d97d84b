"""Gives out ids that sort as they were made, also within one millisecond (the monotonic rule of ULIDs)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from latchstring.model import ids

_LIMIT = 1 << 80


class IdSequence:
    """Lists and cursors rely on the order, and one transaction may make several events."""

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._last = (0, 0)  # millisecond, the random part given out in it

    def __call__(self, prefix: str, now: datetime) -> str:
        millisecond = int(now.timestamp() * 1000)
        with self._lock:
            number = int.from_bytes(self._chance(10), "big")
            if millisecond == self._last[0]:
                # A step of up to 32 bits: the next one is greater, and still cannot be guessed.
                number = (self._last[1] + 1 + (number & 0xFFFFFFFF)) % _LIMIT
            self._last = (millisecond, number)
        return ids.new(prefix, now, number.to_bytes(10, "big"))
