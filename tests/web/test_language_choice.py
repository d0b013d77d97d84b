"""Choosing a language, and pages that are in it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from latchstring.web.kit import language
from tests.house_for_tests import START, Rig, call
from tests.web.html import read

FORM = {"content_type": "application/x-www-form-urlencoded"}


def test_a_page_offers_the_other_languages_and_remembers_the_choice(rig: Rig) -> None:
    browser = rig.browser()
    page = read(browser.get("/try?x=1").text)
    form = page.one("form", action="/language")
    assert form.sends() == {"back": "/try?x=1"}
    assert [(button.attributes["value"], button.text) for button in form.every("button")] == [("de", "Deutsch")]
    chosen = browser.post("/language", {**form.sends(), "language": "de"})
    assert (chosen.status, chosen.location) == (303, "/try?x=1")
    assert read(browser.get("/try").text).one("html").attributes["lang"] == "de"
    assert read(browser.get("/no/such/page").text).one("html").attributes["lang"] == "de"


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nSet-Cookie: x=1"],
)
def test_oauth_13_choosing_a_language_leads_to_no_other_site(rig: Rig, back: str) -> None:
    body = urlencode({"back": back, "language": "de"}).encode()
    chosen = call(rig.endpoint, "POST", "/language", body=body, headers=FORM)
    assert (chosen.status, chosen.location) == (303, "/")


def test_a_language_that_nobody_speaks_here_changes_nothing(rig: Rig) -> None:
    body = urlencode({"back": "/try", "language": "tlh"}).encode()
    chosen = call(rig.endpoint, "POST", "/language", body=body, headers=FORM)
    assert chosen.location == "/try" and chosen.header("set-cookie") is None


@pytest.mark.parametrize("path", ["/callback?error=x", "/sso/logout?token=abc"])
def test_what_is_used_up_by_being_looked_at_offers_no_second_look(rig: Rig, path: str) -> None:
    answer = call(rig.endpoint, "GET", path, headers={"accept": "text/html"})
    assert read(answer.text).every("form", action="/language") == []


def test_times_are_written_as_the_language_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert language.moment(START).endswith(" UTC")
    monkeypatch.setattr(language, "current", lambda: "de")
    assert language.moment(START) == f"{START:%d.%m.%Y, %H:%M} UTC"
    monkeypatch.setattr(language, "current", lambda: "ja")
    assert language.day(START) == f"{START:%Y/%m/%d}"
