"""One-time codes of an authenticator (RFC 6238): six digits, SHA-1, thirty seconds, as every application knows them."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime
from hmac import compare_digest
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

SECRET = 20  # bytes: as many as the hash gives (RFC 4226, section 4, R6)
DIGITS = 6
STEP = 30  # seconds


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def matching_step(secret: bytes, code: str, now: datetime, *, after: int | None) -> int | None:
    """The step whose code this is: the present one, or one to each side for clocks that differ (RFC 6238, 5.2).

    `after` is the newest step that was used: none at or before it counts, so that a code is used once.
    """
    codes = HOTP(secret, DIGITS, SHA1())  # noqa: S303 - RFC 6238's own; HMAC does not lean on collisions
    present = step_of(now)
    found = None
    for step in (present - 1, present, present + 1):  # all of them, whatever is found: no time tells which
        fits = compare_digest(codes.generate(step), code.encode("utf-8", "replace"))
        if fits and (after is None or step > after):
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """As it is typed where no camera can read it."""
    return b32encode(secret).decode().rstrip("=")


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """The otpauth: address in the QR code."""
    label = quote(f"{issuer}:{account}", safe="")
    said = {"secret": secret_text(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{label}?{urlencode(said, quote_via=quote)}"
