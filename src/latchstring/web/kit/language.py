"""The languages of the pages: `_` says a sentence in the language of the page that is being made.

Sentences are written in English where they are used, and are their own names in the catalogues, locale/*.po (gettext).
A sentence that a catalogue lacks is said in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, cached_property
from gettext import c2py
from pathlib import Path
from urllib.parse import quote

from latchstring.model.mail import Voice
from latchstring.web.kit import languages, pseudo
from latchstring.web.kit.message import Inbound

SOURCE = languages.SOURCE
COOKIE = "latchstring_language"
FOLDER = Path(__file__).parent.parent / "locale"
# What is used up by being looked at, or answers another site: there is no second look, in whichever language.
_ONCE = re.compile(r"/(sso/(?!authorize)|callback)")


class Listener:
    """Whoever reads the page; what they understand is not looked at before a sentence is said."""

    def __init__(self, inbound: Inbound, *, development: bool = False) -> None:
        self.inbound = inbound
        self.development = development

    @cached_property
    def offered(self) -> Mapping[str, str]:
        """Code and name of what this page can be in."""
        return languages.offered(self.inbound.path, pseudo=self.development and self._cookie == languages.PSEUDO)

    @cached_property
    def language(self) -> str:
        return chosen(self._cookie, self.inbound.header(b"accept-language"), self.offered)

    @cached_property
    def _cookie(self) -> str | None:
        return self.inbound.cookies().get(COOKIE)

    @property
    def place(self) -> str | None:
        if self.inbound.method not in ("GET", "HEAD") or _ONCE.match(self.inbound.path):
            return None
        query = self.inbound.query.decode("ascii", "replace")
        place = quote(self.inbound.path) + (f"?{query}" if query else "")
        return place if is_place(place) else None


_listener: ContextVar[Listener | None] = ContextVar("latchstring_listener", default=None)


def chosen(cookie: str | None, accept_language: str | None, offered: Collection[str]) -> str:
    """What a browser is answered in: its own choice, or the first of Accept-Language that there is (RFC 9110)."""
    if cookie in offered:
        return cookie or SOURCE
    asked: list[tuple[float, str]] = []
    for part in (accept_language or "")[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    wanted = sorted((one for one in asked if one[0] > 0), key=lambda one: -one[0])
    return next((tag for _, tag in wanted if tag in offered), SOURCE)


@contextmanager
def spoken_to(inbound: Inbound, *, development: bool = False) -> Iterator[None]:
    """Everything said inside is said to whoever sent this request."""
    before = _listener.set(Listener(inbound, development=development))
    try:
        yield
    finally:
        _listener.reset(before)


def listener() -> Listener | None:
    return _listener.get()


def current() -> str:
    listener = _listener.get()
    return SOURCE if listener is None else listener.language


def direction() -> str:
    """From which side the language of the page is read: the `dir` of HTML."""
    return "rtl" if languages.of(current()).right_to_left else "ltr"


def offered() -> Mapping[str, str]:
    """Code and name of the languages in which the page that is being made can be."""
    listener = _listener.get()
    return {} if listener is None else listener.offered


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
    return at.strftime(languages.of(current()).days)


def _(message: str) -> str:
    """The sentence in the language of the page; where it has %(names)s, they are filled in afterwards."""
    return said(current(), message)


def said(language: str, message: str) -> str:
    """The same in a language of one's own choice, for what is no page."""
    if language == languages.PSEUDO:
        return pseudo.said(message)
    return message if language == SOURCE else _catalogue(language).get(message, message)


def voice(language: str | None) -> Voice:
    """For a mail: whatever is no language of ours is English."""
    code = language if language == languages.PSEUDO else languages.of(language or SOURCE).code
    return Voice(code, lambda message: said(code, message), lambda at: at.strftime(languages.of(code).days))


def later(message: str) -> str:
    """Marks a sentence that stands in a table, for the catalogues: `_` says it when its page is made."""
    return message


def many(one: str, several: str, count: int) -> str:
    """The same for a sentence that depends on a number, by the rule of the language."""
    language = current()
    if language not in (SOURCE, languages.PSEUDO) and (found := _plurals(language).get(one)):
        return found[min(_form(language)(count), len(found) - 1)]
    english = one if count == 1 else several
    return pseudo.said(english) if language == languages.PSEUDO else english


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    return {name: text for name, text in _read(language)[0].items() if isinstance(text, str)}


@cache
def _plurals(language: str) -> Mapping[str, tuple[str, ...]]:
    return {name: text for name, text in _read(language)[0].items() if isinstance(text, tuple)}


def _form(language: str) -> Callable[[int], int]:
    """Which of its forms a number takes: gettext's own rule, from the head of the catalogue."""
    return _read(language)[1]


@cache
def _read(language: str) -> tuple[Mapping[str, str | tuple[str, ...]], Callable[[int], int]]:
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
    return found, c2py(catalogue.plural_expr)
