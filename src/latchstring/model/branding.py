"""`Branding`: how the pages that people see while they sign in look and what they are called."""

from __future__ import annotations

from typing import Literal

import msgspec


class Branding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an environment shows of its application. None: as latchstring has it."""

    application: str | None = None  # its name
    accent: str | None = None  # "#3b4fd8": of buttons
    support: str | None = None  # an e-mail address to ask for help
    logo: str | None = None  # SHA-256 of the picture in hexadecimal; the picture itself is kept beside
    dark_logo: str | None = None  # the same of the one for dark ground; without it the logo stands on a light plate


class Logo(msgspec.Struct, frozen=True):
    """A picture that was looked at before it was kept."""

    kind: Literal["image/png", "image/jpeg"]
    data: bytes
