"""User-Agent -> the words by which somebody knows their own browser again. It decides nothing."""

from __future__ import annotations

from latchstring.web.kit.language import _

# The first that is found: nearly every browser names the ones before it as well (RFC 9110, 10.1.5).
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def named(user_agent: str | None) -> str:
    """Such as `Firefox, Linux`. One that says nothing we know is shown as it is, cut short."""
    said = user_agent or ""
    found = [next((name for mark, name in table if mark in said), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or said[:60] or _("Unknown browser")
