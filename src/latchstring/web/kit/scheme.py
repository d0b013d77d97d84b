"""Light or dark: as the reader's system has it, or as they chose in this browser, which a cookie keeps."""

from __future__ import annotations

from latchstring.web.kit import language
from latchstring.web.kit.message import Header, Inbound, cookie

SYSTEM = "system"
SCHEMES = (SYSTEM, "light", "dark")
_COOKIE = "latchstring_scheme"
_YEAR = 365 * 24 * 3600


def current() -> str:
    """`light` or `dark` where the reader of this page has chosen one; otherwise nothing."""
    listener = language.listener()
    found = SYSTEM if listener is None else chosen(listener.inbound)
    return "" if found == SYSTEM else found


def chosen(inbound: Inbound) -> str:
    found = inbound.cookies().get(_COOKIE, SYSTEM)
    return found if found in SCHEMES else SYSTEM


def keep(scheme: str, *, secure: bool) -> Header:
    """For this browser, for a year; `system` forgets what was chosen."""
    known = scheme in SCHEMES and scheme != SYSTEM
    return cookie(_COOKIE, scheme if known else "", max_age=_YEAR if known else 0, secure=secure)
