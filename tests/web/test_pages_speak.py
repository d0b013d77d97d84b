"""No page says a word that does not come from the catalogue: a language of brackets shows what was not marked."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from latchstring.web.kit import language, pages
from tests.house_for_tests import Rig
from tests.house_for_tests import rig as build
from tests.web.test_pages_looks import VALUES

# Names, which no language changes, and pages for the developers of latchstring.
NAMES = set("latchstring UTC SAML OpenID Connect Flask Express Deutsch English JSON CSV DNS RSA ECDSA Ctrl".split())
ADDRESSES = {"dev", "mail", "email"}  # of a page, and of a field
OURS_ALONE = {"dev_components.html"}


class Brackets(dict[str, Any]):
    """Says everything in double brackets."""

    def get(self, name: str, default: Any = None) -> Any:
        return f"[[{name}]]"


class Pairs(dict[str, Any]):
    def __init__(self, several: dict[str, str]) -> None:
        self.several = several

    def get(self, name: str, default: Any = None) -> Any:
        return (f"[[{name}]]", f"[[{self.several.get(name, name)}]]")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    built = build(tmp_path_factory.mktemp("house"))
    pages.render(
        built.house, "not_found.html"
    )  # templates are set up once, and before anything here is put in brackets
    yield built
    built.house.database.close()


def texts(value: Any) -> Iterator[str]:
    """Every text in the values of a page."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from texts(inner)
    elif hasattr(value, "value"):
        yield str(value.value)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name))


def bare_words(page: str, values: Any) -> list[str]:
    """What stands outside of brackets and is neither a value nor a name."""
    body = re.sub(r"<(code|pre|var|script|time)\b.*?</\1>", " ", page, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|alt|title|placeholder|data-label|data-copied|data-failed)="([^"]*)"', body)
    text = re.sub(r"<[^>]*>", " ", body) + " " + " ".join(said)
    text = html.unescape(text)
    while (shorter := re.sub(r"\[\[(?:(?!\[\[|\]\]).)*\]\]", " ", text, flags=re.DOTALL)) != text:
        text = shorter
    for value in sorted(set(texts(values)), key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, " ")
    return [word for word in re.findall(r"[A-Za-z][A-Za-z'-]{2,}", text) if word not in NAMES | ADDRESSES]


@pytest.mark.parametrize("template", sorted(set(VALUES) - OURS_ALONE))
def test_every_word_of_a_page_is_marked(rig: Rig, monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    monkeypatch.setattr(language, "current", lambda: "xx")
    monkeypatch.setattr(language, "_catalogue", lambda code: Brackets())
    monkeypatch.setattr(language, "_plurals", lambda code: Pairs({}))
    values = VALUES[template]
    shown = pages.render(rig.house, template, **values).body.decode()
    assert bare_words(shown, values) == []
