"""A logo is a picture that a page can show, and the text on a colour can always be read."""

from __future__ import annotations

import struct
import zlib

import pytest

from latchstring.protocols import brand_colour, logo_image
from latchstring.protocols.logo_image import LogoUnfit


def png(width: int = 2, height: int = 2) -> bytes:
    """A whole one, transparent."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\0\0\0\0" * min(width, 4) for _ in range(min(height, 4)))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """Its head, with an application segment before the frame."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


def test_web_04_a_png_and_a_jpeg_are_known_by_what_they_are() -> None:
    assert logo_image.read(png()).kind == "image/png"
    assert logo_image.read(jpeg()).kind == "image/jpeg"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n",
        png(2001, 2),
        png(0, 2),
        png() + bytes(logo_image.MAX_BYTES),
        jpeg(2, 2001),
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"\xff\xd8\xff",
    ],
    ids=[
        "svg",
        "html",
        "gif",
        "png-cut",
        "png-wide",
        "png-none",
        "large",
        "jpeg-high",
        "jpeg-without-frame",
        "jpeg-cut",
    ],
)
def test_web_04_anything_else_is_no_logo(data: bytes) -> None:
    with pytest.raises(LogoUnfit):
        logo_image.read(data)


def test_i5_text_on_any_colour_has_a_contrast_of_four_and_a_half() -> None:
    steps = ("00", "33", "66", "75", "77", "99", "cc", "ff")
    colours = [f"#{red}{green}{blue}" for red in steps for green in steps for blue in steps]
    assert min(brand_colour.contrast(each, brand_colour.text_on(each)) for each in colours) >= brand_colour.LEAST
    assert (brand_colour.text_on("#3b4fd8"), brand_colour.text_on("#f0bf63")) == ("#ffffff", "#000000")
    assert round(brand_colour.contrast("#ffffff", "#000000")) == 21
    assert [brand_colour.colour(text) for text in (" #3B4FD8", "3b4fd8", "#fff", "red", "#3b4fd8;}", "")] == [
        "#3b4fd8",
        "#3b4fd8",
        None,
        None,
        None,
        None,
    ]
