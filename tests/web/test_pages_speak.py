"""No page says a word that does not come from the catalogue: a pseudo-locale shows what was not marked."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from latchstring import guides
from latchstring.web.kit import language, languages, pages, pseudo
from tests.house import catalogue
from tests.house_for_tests import Rig, call
from tests.house_for_tests import rig as build
from tests.web.test_pages_looks import VALUES

# Names, which no language changes, and pages for the developers of latchstring.
NAMES = set("latchstring API UTC SAML OpenID Connect Flask Express JSON CSV DNS RSA ECDSA Ctrl".split())
ADDRESSES = {"dev", "mail", "email"}  # of a page, and of a field
OURS_ALONE = {"dev_components.html"}


# Pages without an account, with the words of theirs that no language changes: in development, the names of facts.
# Those of the portal belong here too.
PAGES = (
    ("/try", "Example Organization"),
    ("/no/such/page", ""),
    ("/sso/authorize", "client_unknown received"),
    ("/callback?error=access_denied", "access_denied error"),
    ("/errors/audience_mismatch", "audience_mismatch"),
    ("/errors/code_invalid", "code_invalid"),
    ("/dashboard/sign-in", ""),
    ("/t/nothing", ""),
    ("/sso/test/nothing", ""),
    ("/sso/logout?token=nothing", "logout_token_invalid kind Logout token"),
)
GUIDES = [guide.name for guide in guides.load().values()]
SPEAKS_PSEUDO = {"accept": "text/html", "cookie": f"{language.COOKIE}={languages.PSEUDO}"}


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


def outside(text: str) -> str:
    """What is in no brackets of the pseudo-locale; sentences stand in others as their facts."""
    inside = re.compile(f"{pseudo.OPENS}[^{pseudo.OPENS}{pseudo.CLOSES}]*{pseudo.CLOSES}")
    while (shorter := inside.sub(" ", text)) != text:
        text = shorter
    return text


def bare_words(page: str, values: Any) -> list[str]:
    """What stands outside of brackets and is neither a value nor a name."""
    body = re.sub(r"<(code|pre|var|script|time)\b.*?</\1>", " ", page, flags=re.DOTALL)
    body = re.sub(r"<(\w+) [^>]*\blang=\"[^>]*>.*?</\1>", " ", body.partition("<head>")[2], flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|alt|title|placeholder|data-label|data-copied|data-failed)="([^"]*)"', body)
    text = re.sub(r"<[^>]*>", " ", body) + " " + " ".join(said)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", " ", html.unescape(text))
    text = outside(text)
    for value in sorted(set(texts(values)), key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, " ")
    return [word for word in re.findall(r"[A-Za-z][A-Za-z'-]{2,}", text) if word not in NAMES | ADDRESSES]


@pytest.mark.parametrize("template", sorted(set(VALUES) - OURS_ALONE))
def test_every_word_of_a_page_is_marked(rig: Rig, monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    monkeypatch.setattr(language, "current", lambda: languages.PSEUDO)
    values = VALUES[template]
    shown = pages.render(rig.house, template, **values).body.decode()
    assert bare_words(shown, values) == []


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Copy", "⟦Çöpý ~~⟧"),
        ("Open %(name)s in `a_b`.", "⟦Öpéñ %(name)s îñ `a_b`. ~~~~⟧"),
        ("Issuer {expected}: <code>%(x)s</code>", "⟦Îššûéř {expected}: <code>%(x)s</code> ~~~~⟧"),
        (" at the end", " ⟦åt thé éñd ~~~~⟧"),
        ("", ""),
    ],
)
def test_the_pseudo_locale_keeps_facts_code_and_marks(message: str, expected: str) -> None:
    said = pseudo.said(message)
    assert said == expected.replace("ř", "r")
    assert catalogue.placeholders(said) == catalogue.placeholders(message)


@pytest.mark.parametrize(("path", "known"), PAGES)
def test_a_page_of_a_running_house_says_nothing_but_what_is_in_the_catalogue(rig: Rig, path: str, known: str) -> None:
    """What its handler says in Python, too."""
    answer = call(rig.endpoint, "GET", path, headers=SPEAKS_PSEUDO)
    assert answer.status in (200, 400, 401, 403, 404)
    assert f'lang="{languages.PSEUDO}"' in answer.text
    assert bare_words(answer.text, [*GUIDES, *known.split()]) == []
