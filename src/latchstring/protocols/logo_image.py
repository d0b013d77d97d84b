"""A logo as somebody uploads it: only what really begins as a PNG or a JPEG, of a size that a page can show."""

from __future__ import annotations

import struct

from latchstring.model.branding import Logo
from latchstring.model.refusal import InvalidRequest, Mender

MAX_BYTES = 100_000
MAX_SIDE = 2_000  # pixels
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


class LogoUnfit(InvalidRequest):
    """This cannot be the logo: {reason}."""

    code = "logo_unfit"
    mender = Mender.USER
    fix = "Use a PNG or JPEG of at most 100 kB, and at most 2,000 pixels on each side."
    reason: str


def read(data: bytes) -> Logo:
    """Raises `LogoUnfit`. SVG is none: it can hold scripts."""
    if len(data) > MAX_BYTES:
        raise LogoUnfit(reason="it is larger than 100 kB")
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) > 33:
        width, height = struct.unpack(">II", data[16:24])
        found = Logo("image/png", data)
    elif data.startswith(b"\xff\xd8\xff"):
        width, height = _jpeg_size(data)
        found = Logo("image/jpeg", data)
    else:
        raise LogoUnfit(reason="it is neither a PNG nor a JPEG")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise LogoUnfit(reason="it has no size, or more than 2,000 pixels on a side")
    return found


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2); nothing of the picture itself is decoded."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return 0, 0
