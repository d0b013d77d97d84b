"""Argon2id (RFC 9106): slow and memory-hungry on purpose, so never on the event loop's thread, and few at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from unicodedata import normalize

import msgspec

from latchstring.effects.outbound import WouldBlock
from latchstring.model.operator import Passwords
from latchstring.model.refusal import Unavailable


class Cost(msgspec.Struct, frozen=True):
    """What OWASP's Password Storage Cheat Sheet asks of Argon2id at least; a hash names its own, so this may grow."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


class Argon2:
    """A `model.operator.PasswordDesk`. Safe to use from many threads."""

    def __init__(
        self,
        *,
        would_block: Callable[[], bool],
        chance: Callable[[int], bytes],
        cost: Cost | None = None,
        at_once: int = 8,
    ) -> None:
        self._would_block = would_block
        self._chance = chance
        self._cost = cost or Cost()
        # Whoever sends passwords by the thousand may keep others out of the Dashboard for that while; sign-ins at
        # applications have their threads and their memory all the same.
        self._places = threading.BoundedSemaphore(at_once)

    def __call__(self) -> Passwords:
        """Raises `WouldBlock` on the event loop's thread."""
        if self._would_block():
            raise WouldBlock
        return self

    def hash(self, password: str) -> str:
        """In the PHC string format. Raises `Unavailable` while too many are under way."""
        # Imported here: a start, and a sign-in at an application, need none of it.
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        cost = self._cost
        with self._place():
            return Argon2id(
                salt=self._chance(16),
                length=32,
                iterations=cost.passes,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
            ).derive_phc_encoded(_bytes(password))

    def fits(self, password: str, hashed: str | None) -> bool:
        """Whether `hashed` is of `password`. Without a hash it takes the same time and is False (WEB-11).

        Raises `Unavailable` while too many are under way.
        """
        from cryptography.exceptions import InvalidKey
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        nobodys = self._nobodys  # made once, for whoever asks first: the time tells nothing about the account
        against = hashed or nobodys
        with self._place():
            try:
                Argon2id.verify_phc_encoded(_bytes(password), against)
            except InvalidKey:
                return False
        return hashed is not None

    @cached_property
    def _nobodys(self) -> str:
        """The hash that is checked where there is no account."""
        return self.hash(self._chance(16).hex())

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Unavailable
        try:
            yield
        finally:
            self._places.release()


def _bytes(password: str) -> bytes:
    """One spelling of the same letters, whichever keyboard they came from (RFC 8265, 4.2)."""
    return normalize("NFC", password).encode("utf-8", "surrogatepass")
