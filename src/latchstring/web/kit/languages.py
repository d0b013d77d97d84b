"""Which languages there are, which pages speak each of them, and how each writes days and from which side.

A language speaks everywhere, or only where people come who did not choose latchstring: the pages around a sign-in and
the Admin Portal. On all other pages its readers get the next language of their browser, in the end English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

SOURCE = "en"
PSEUDO = "en-XA"  # CLDR's name for accented English, which nobody speaks: it shows what is not translated


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is also the name of its catalogue, and the `lang` of pages."""

    code: str
    name: str  # in its own words
    days: str  # how it writes a date, for strftime
    everywhere: bool = False  # the Dashboard and the pages of development too
    right_to_left: bool = False


LANGUAGES = (
    Language(code=SOURCE, name="English", days="%d %b %Y", everywhere=True),
    Language(code="de", name="Deutsch", days="%d.%m.%Y", everywhere=True),
    Language(code="es", name="Español", days="%d/%m/%Y"),
    Language(code="fr", name="Français", days="%d/%m/%Y"),
    Language(code="pt", name="Português", days="%d/%m/%Y"),
    Language(code="ja", name="日本語", days="%Y/%m/%d"),
)
_BY_CODE: Mapping[str, Language] = {each.code: each for each in LANGUAGES}
# Read by whoever develops or runs the application.
_OF_DEVELOPERS = re.compile(r"/((dashboard|dev|try|callback|test-idp)(/|$)|$)")


def of(code: str) -> Language:
    """English for what is none."""
    return _BY_CODE.get(code, _BY_CODE[SOURCE])


def offered(path: str | None, *, pseudo: bool = False) -> Mapping[str, str]:
    """Code and name of the languages that the page at `path` can be in. `pseudo`: with the one of no people.

    Without a path, all that there are.
    """
    everywhere_only = path is not None and _OF_DEVELOPERS.match(path) is not None
    found = {each.code: each.name for each in LANGUAGES if each.everywhere or not everywhere_only}
    return {**found, PSEUDO: "[Þšéûðö]"} if pseudo else found
