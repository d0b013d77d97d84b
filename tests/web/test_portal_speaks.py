"""The portal says nothing but what is in the catalogue: each of its pages, in the pseudo-locale."""

from __future__ import annotations

import re

import pytest

from latchstring import guides
from latchstring.guides import snippet, wording
from latchstring.web.kit import language, languages
from latchstring.web.portal.places import HOME
from latchstring.web.portal.routes import PAGES
from tests.house_for_tests import Rig
from tests.web.test_pages_speak import GUIDES, bare_words, texts
from tests.web.test_portal_set_up import ENTITY, admin, choose, metadata, send, upload

SHOWN = sorted(
    page.path for page in PAGES if page.method == "GET" and "{" not in page.path and page.path != f"{HOME}/launch"
)


@pytest.mark.parametrize("type_", ["AdfsSAML", "GenericOIDC"])
def test_every_page_of_the_portal_is_in_the_catalogue(rig: Rig, type_: str) -> None:
    browser, _globex = admin(rig)
    send(browser, f"{HOME}/domain", domain="globex.example")
    choose(browser, type_)
    guide = guides.guide(type_)
    assert guide is not None
    if guide.protocol == "saml":
        upload(browser, metadata())
    facts = {"Globex", "globex", "globex.example", ENTITY, f"{ENTITY}/sso", "API"}
    known = sorted(set(texts(guide)) - set(wording.sentences(guide)) | facts | {*GUIDES, *snippet.NAMES.values()})
    browser.cookies[language.COOKIE] = languages.PSEUDO
    seen = 0
    for path in SHOWN:
        answer = browser.get(path)
        if answer.status == 200:
            seen += 1
            assert f'lang="{languages.PSEUDO}"' in answer.text
            drawn = re.sub(r"<text\b.*?</text>", " ", answer.text, flags=re.DOTALL)  # the provider's own, line by line
            assert (path, bare_words(drawn, known)) == (path, [])
    assert seen > 8, "most of them stand open"
