"""The URLs to which the Admin Portal leads back: https to anywhere; http in staging alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from latchstring.model.environment import EnvironmentKind
from latchstring.model.refusal import FieldError

MAX_URL = 2048


def fault(kind: EnvironmentKind, field: str, url: str) -> FieldError | None:
    """What keeps a browser from being sent there, in words about this field."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    schemes = ("https",) if kind is EnvironmentKind.PRODUCTION else ("https", "http")
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= MAX_URL
    if plain and host and parts.scheme in schemes and parts.username is None:
        return None
    return FieldError(field, "url_invalid", f"{field} must be a whole {' or '.join(schemes)} URL.")
