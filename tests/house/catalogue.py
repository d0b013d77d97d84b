"""Brings locale/*.po up to the sentences that pages say: `python -m tests.house.catalogue`.

What is new stands there with an empty msgstr, what is said no more goes. `missing` are those without a translation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from latchstring.web.kit import language, languages
from tests.house import sentences

CODES = tuple(each.code for each in languages.LANGUAGES if each.code != languages.SOURCE)


def messages(code: str) -> Mapping[str, str | None]:
    """What the catalogue of a language holds: a sentence -> its plural, if it has one."""
    spoken = languages.of(code)
    found = sentences.gathered()
    return {one: sentence.several for one, sentence in found.items() if sentence.concerns(spoken)}


def path_of(code: str) -> Path:
    return language.FOLDER / f"{code}.po"


def read(code: str) -> Catalog:
    with path_of(code).open("rb") as file:
        return read_po(file, locale=code)


def missing(code: str) -> list[str]:
    """Sentences that this language has to know and cannot say yet."""
    catalogue = read(code)
    found = []
    for one in messages(code):
        entry = catalogue.get(one)
        said = entry.string if entry is not None else ""
        if not said or (isinstance(said, tuple | list) and not all(said)):
            found.append(one)
    return found


def said_no_more(code: str) -> list[str]:
    asked = messages(code)
    return [one for one in _known(read(code)) if one not in asked]


def _known(catalogue: Catalog) -> list[str]:
    return [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue if entry.id]


def update(code: str) -> str:
    """The file as it should be."""
    before = read(code)
    text = path_of(code).read_text(encoding="utf-8")
    head = text[: text.index("\n\n", text.index('msgid ""'))]
    after = read_po(BytesIO(head.encode()), locale=code)  # knows how many forms a number has
    forms = after.num_plurals
    for one, several in messages(code).items():
        entry = before.get(one)
        said = entry.string if entry is not None else ""
        if several is None:
            after.add(one, said if isinstance(said, str) else "")
        else:
            told = tuple(said)[:forms] if isinstance(said, tuple | list) else ()
            after.add((one, several), told + ("",) * (forms - len(told)))
    out = BytesIO()
    write_po(out, after, width=116, omit_header=True)
    return f"{head}\n\n{out.getvalue().decode().strip()}\n"


def placeholders(text: str) -> list[str]:
    """What has to stand in a translation as it stands in the sentence: facts, code, and tags."""
    return sorted(re.findall(r"%\(\w+\)s|%%|\{\w*\}|`[^`]*`|</?\w+[^>]*>", text))


if __name__ == "__main__":
    for code in CODES:
        path_of(code).write_text(update(code), encoding="utf-8")
        print(code, len(messages(code)), "sentences,", len(missing(code)), "not translated")
