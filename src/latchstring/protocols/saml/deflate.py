"""The DEFLATE encoding of the Redirect binding (bindings 3.4.4.1), inflated under a cap (SAML-03)."""

from __future__ import annotations

import base64
import binascii
import zlib

from latchstring.protocols.saml import refusals

MAX_INFLATED = 1_048_576  # bytes
MAX_RATIO = 100  # a real message shrinks to about a half
MAX_FIELD = 65_536  # characters
_SMALL = 65_536  # below it the ratio does not matter


def deflate(document: bytes) -> str:
    """As Base64 text, not yet percent-encoded."""
    return base64.b64encode(zlib.compress(document, 6, -15)).decode()


def inflate(field: str) -> bytes:
    """The document in a parameter, percent-decoded before. It never holds more than the cap in memory.

    Raises `DocumentTooLarge` or `DocumentNotDeflated`.
    """
    if len(field) > MAX_FIELD:
        raise refusals.DocumentTooLarge(limit="bytes", most=MAX_FIELD)
    try:
        deflated = base64.b64decode("".join(field.split()), validate=True)
        engine = zlib.decompressobj(-15)
        document = engine.decompress(deflated, min(MAX_INFLATED, max(_SMALL, len(deflated) * MAX_RATIO)) + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise refusals.DocumentNotDeflated(reason="it is not deflated Base64") from None
    if len(document) > _SMALL and (len(document) > MAX_INFLATED or len(document) > len(deflated) * MAX_RATIO):
        raise refusals.DocumentTooLarge(limit="inflated", most=MAX_INFLATED)
    if not engine.eof or engine.unused_data:
        reason = "the deflated data are cut off, or there is more behind them"
        raise refusals.DocumentNotDeflated(reason=reason)
    return document
