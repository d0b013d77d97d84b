"""`Tray`: what a request leaves to be written down later. It is lost if the process dies before that."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Tray(Generic[T]):
    """Filled by any thread without waiting; when it is full the oldest go, so that it never grows."""

    def __init__(self, room: int) -> None:
        self._waiting: deque[T] = deque(maxlen=room)

    def put(self, one: T) -> None:
        self._waiting.append(one)

    def take(self, count: int) -> list[T]:
        """Up to `count`, the oldest first."""
        taken: list[T] = []
        while len(taken) < count:
            try:
                taken.append(self._waiting.popleft())
            except IndexError:
                break
        return taken
