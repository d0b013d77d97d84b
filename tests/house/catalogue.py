"""Gathers every sentence that a page can say and brings locale/*.po up to it: `python -m tests.house.catalogue`.

What is new stands there with an empty msgstr, what is said no more goes. `missing` are those without a translation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from latchstring import guides
from latchstring.flows import trace, trace_checks, trace_differences, trace_remedy
from latchstring.guides import remedies
from latchstring.protocols import attribute_finding_words
from latchstring.web.dashboard.places import PLACES
from latchstring.web.kit import language
from tests.house.errors_page import refusals

SOURCE = Path(guides.__file__).parents[1]
TEMPLATES = SOURCE / "web" / "templates"
FOR_DEVELOPERS_OF_LATCHSTRING = {"dev_components.html"}  # shows components, and has no reader who could not read it

Messages = Mapping[str, str | None]  # a sentence -> its plural, if it has one

_KEYWORDS = ("_", "gettext", "later", "many", "ngettext")


@cache
def messages() -> Messages:
    """Every sentence, in a stable order."""
    found: dict[str, str | None] = {}
    for each in (_templates(), _calls(), _data()):
        for message in each:
            one, several = message if isinstance(message, tuple) else (message, None)
            found[one] = several or found.get(one)
    return dict(sorted(found.items()))


def _templates() -> Iterator[str | tuple[str, str]]:
    options = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}
    for path in sorted(TEMPLATES.glob("*.html")):
        if path.name not in FOR_DEVELOPERS_OF_LATCHSTRING:
            for _, _, said, _ in babel_extract(BytesIO(path.read_bytes()), list(_KEYWORDS), [], options):
                yield from _said(said)


def _calls() -> Iterator[str | tuple[str, str]]:
    for path in sorted((SOURCE / "web").rglob("*.py")):
        for _, _, said, _ in extract_python(BytesIO(path.read_bytes()), dict.fromkeys(_KEYWORDS), [], {}):
            yield from _said(said)


def _said(said: object) -> Iterator[str | tuple[str, str]]:
    """Nothing where the sentence is a variable: then it stands in a table."""
    texts = [text for text in (said if isinstance(said, tuple) else (said,)) if isinstance(text, str) and text]
    if len(texts) > 1:
        yield texts[0], texts[1]
    elif texts:
        yield texts[0]


def _data() -> Iterator[str]:
    """What is a sentence because of where it stands."""
    for kind in refusals():
        yield kind.meaning()
        yield kind.fix
    for place in PLACES:
        yield from filter(None, (place.label, place.group))
    yield from remedies.SENTENCES.values()
    yield from remedies.WITHOUT_PLACE.values()
    yield remedies.APPLICATION
    yield from trace_checks.LABELS.values()
    yield from trace.SENTENCES
    yield from trace_differences.TITLES
    yield trace_remedy.STAYS_AWAY
    yield from attribute_finding_words.MESSAGES.values()
    yield from attribute_finding_words.FIXES.values()
    for guide in guides.load().values():
        yield from (place.note for place in guide.fixes.values() if place.note)
    for path in sorted(SOURCE.rglob("*.py")):
        yield from _spoken_facts(ast.parse(path.read_text(encoding="utf-8")))


def _spoken_facts(tree: ast.AST) -> Iterator[str]:
    """What is wrong with a field, and the reason that stands in a refusal's message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = {each.arg: each.value for each in node.keywords}
            spoken = [named.get("reason")]
            if isinstance(node.func, ast.Name) and node.func.id == "FieldError":
                spoken.append(named.get("message") or (node.args[2] if len(node.args) > 2 else None))
            for value in spoken:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value:
                    yield value.value


def path_of(code: str) -> Path:
    return language.FOLDER / f"{code}.po"


def read(code: str) -> Catalog:
    with path_of(code).open("rb") as file:
        return read_po(file, locale=code)


def missing(code: str) -> list[str]:
    """Sentences that this language cannot say yet."""
    catalogue = read(code)
    found = []
    for one in messages():
        entry = catalogue.get(one)
        said = entry.string if entry is not None else ""
        if not said or (isinstance(said, tuple | list) and not all(said)):
            found.append(one)
    return found


def said_no_more(code: str) -> list[str]:
    return [one for one in _known(read(code)) if one not in messages()]


def _known(catalogue: Catalog) -> list[str]:
    return [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue if entry.id]


def update(code: str) -> str:
    """The file as it should be."""
    before = read(code)
    after = Catalog(locale=code)
    for one, several in messages().items():
        entry = before.get(one)
        said = entry.string if entry is not None else ""
        if several is None:
            after.add(one, said if isinstance(said, str) else "")
        else:
            after.add((one, several), said if isinstance(said, tuple | list) else ("", ""))
    out = BytesIO()
    write_po(out, after, width=116, omit_header=True)
    text = path_of(code).read_text(encoding="utf-8")
    head = text[: text.index("\n\n", text.index('msgid ""'))]
    return f"{head}\n\n{out.getvalue().decode().strip()}\n"


def placeholders(text: str) -> list[str]:
    """What has to stand in a translation as it stands in the sentence: facts, code, and tags."""
    return sorted(re.findall(r"%\(\w+\)s|%%|\{\w*\}|`[^`]*`|</?\w+[^>]*>", text))


if __name__ == "__main__":
    for code in language.NAMES:
        if code != language.SOURCE:
            path_of(code).write_text(update(code), encoding="utf-8")
            print(code, len(messages()), "sentences,", len(missing(code)), "not translated")
