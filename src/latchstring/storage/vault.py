"""Seals secret columns with AES-256-GCM, bound to the very row and column, so that a ciphertext opens nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from hmac import digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_KEY_ID = 4  # bytes of the key's hash that stand in front, so that a rotated key is found
_NONCE = 12


class VaultKeyUnknown(Exception):
    """A secret was sealed under a key that this process does not have."""


class Vault:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: tuple[bytes, ...], chance: Callable[[int], bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a vault needs keys of 32 bytes")
        self._seals = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])
        self._chance = chance
        self._digests_with = sha256(b"latchstring vault digest\x00" + keys[0]).digest()

    def seal(self, plaintext: bytes, *, environment_id: str, table: str, row_id: str, column: str) -> bytes:
        nonce = self._chance(_NONCE)
        place = _place(environment_id, table, row_id, column)
        return _VERSION + self._current + nonce + self._seals[self._current].encrypt(nonce, plaintext, place)

    def open(self, sealed: bytes, *, environment_id: str, table: str, row_id: str, column: str) -> bytes:
        """Raises `VaultKeyUnknown` if the key is missing or the ciphertext was moved or changed."""
        head = len(_VERSION) + _KEY_ID
        seal = self._seals.get(sealed[len(_VERSION) : head])
        if seal is None or sealed[: len(_VERSION)] != _VERSION:
            raise VaultKeyUnknown
        try:
            return seal.decrypt(
                sealed[head : head + _NONCE],
                sealed[head + _NONCE :],
                _place(environment_id, table, row_id, column),
            )
        except InvalidTag:
            raise VaultKeyUnknown from None

    def digest(self, secret: bytes, *, environment_id: str, table: str, row_id: str, column: str) -> bytes:
        """Tells whether a secret is still the same, and nothing else; another one once the first key is another.

        HMAC-SHA-256 (RFC 2104) under a key of its own, bound to the place as well.
        """
        return digest(self._digests_with, _place(environment_id, table, row_id, column) + b"\x00" + secret, "sha256")


def key_from_text(text: str) -> bytes:
    """32 bytes from LATCHSTRING_SECRET_KEY. The text is high-entropy by demand, so one hash is enough."""
    return sha256(b"latchstring vault\x00" + text.encode()).digest()


def _key_id(key: bytes) -> bytes:
    return sha256(b"latchstring vault key id\x00" + key).digest()[:_KEY_ID]


def _place(environment_id: str, table: str, row_id: str, column: str) -> bytes:
    return "|".join((environment_id, table, row_id, column)).encode()
