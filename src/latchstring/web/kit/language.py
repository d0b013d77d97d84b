"""The languages of the pages: `_` says a sentence in the language of the page that is being made.

Sentences are written in English where they are used, and are their own names in the catalogues, locale/*.po (gettext).
A sentence that a catalogue lacks is said in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import quote

from latchstring.web.kit.message import Inbound

SOURCE = "en"
NAMES: Mapping[str, str] = {SOURCE: "English", "de": "Deutsch"}  # each in its own words
COOKIE = "latchstring_language"
FOLDER = Path(__file__).parent.parent / "locale"
_DAYS: Mapping[str, str] = {SOURCE: "%d %b %Y", "de": "%d.%m.%Y"}  # as each writes a date
# What is used up by being looked at, or answers another site: there is no second look, in whichever language.
_ONCE = re.compile(r"/(sso/(?!authorize)|callback)")


class Listener:
    """Whoever reads the page; what they understand is not looked at before a sentence is said."""

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound

    @cached_property
    def language(self) -> str:
        return chosen(self.inbound.cookies().get(COOKIE), self.inbound.header(b"accept-language"))

    @property
    def place(self) -> str | None:
        if self.inbound.method not in ("GET", "HEAD") or _ONCE.match(self.inbound.path):
            return None
        query = self.inbound.query.decode("ascii", "replace")
        place = quote(self.inbound.path) + (f"?{query}" if query else "")
        return place if is_place(place) else None


_listener: ContextVar[Listener | None] = ContextVar("latchstring_listener", default=None)


def chosen(cookie: str | None, accept_language: str | None) -> str:
    """What a browser is answered in: its own choice, or the first of Accept-Language that we have (RFC 9110)."""
    if cookie in NAMES:
        return cookie or SOURCE
    asked: list[tuple[float, str]] = []
    for part in (accept_language or "")[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    wanted = sorted((one for one in asked if one[0] > 0), key=lambda one: -one[0])
    return next((tag for _, tag in wanted if tag in NAMES), SOURCE)


@contextmanager
def spoken_to(inbound: Inbound) -> Iterator[None]:
    """Everything said inside is said to whoever sent this request."""
    before = _listener.set(Listener(inbound))
    try:
        yield
    finally:
        _listener.reset(before)


def listener() -> Listener | None:
    return _listener.get()


def current() -> str:
    listener = _listener.get()
    return SOURCE if listener is None else listener.language


def came_from() -> str | None:
    """The address of the page that is being made, if it can be asked for a second time."""
    listener = _listener.get()
    return None if listener is None else listener.place


def is_place(address: str) -> bool:
    """Whether this is a page of ours, and never another site's (OAUTH-13)."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    return plain and address.startswith("/") and not address.startswith("//") and len(address) <= 8192


def moment(at: datetime) -> str:
    """A time as the language of the page writes it. In UTC: the server does not know where its reader is."""
    return f"{day(at)}, {at:%H:%M} UTC"


def day(at: datetime) -> str:
    """The day of it."""
    return at.strftime(_DAYS.get(current(), "%Y-%m-%d"))


def _(message: str) -> str:
    """The sentence in the language of the page; where it has %(names)s, they are filled in afterwards."""
    language = current()
    return message if language == SOURCE else _catalogue(language).get(message, message)


def later(message: str) -> str:
    """Marks a sentence that stands in a table, for the catalogues: `_` says it when its page is made."""
    return message


def many(one: str, several: str, count: int) -> str:
    """The same for a sentence that depends on a number."""
    language = current()
    if language != SOURCE and (found := _plurals(language).get(one)):
        return found[0 if count == 1 else 1]  # as in every language that we have so far
    return one if count == 1 else several


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    return {name: text for name, text in _read(language).items() if isinstance(text, str)}


@cache
def _plurals(language: str) -> Mapping[str, tuple[str, ...]]:
    return {name: text for name, text in _read(language).items() if isinstance(text, tuple)}


@cache
def _read(language: str) -> Mapping[str, str | tuple[str, ...]]:
    from babel.messages.pofile import read_po  # sixty milliseconds: not before somebody asks for another language

    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    found: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        said = message.string if isinstance(message.string, str) else tuple(message.string or ())
        if said and all(said):
            found[name] = said
    return found
