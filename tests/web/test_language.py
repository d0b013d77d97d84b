"""Pages in the language of whoever reads them."""

from __future__ import annotations

import pytest

from latchstring.web.kit import language, languages
from latchstring.web.kit.message import Inbound


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, None, "en"),
        ("fr", "de, en;q=0.5", "de"),
        (None, "de", "de"),
        (None, "de-CH, en;q=0.8", "de"),
        (None, "fr, en;q=0.5, de;q=0.9", "de"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "fr;q=nonsense, *", "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("xx", "de", "de"),
    ],
)
def test_a_browser_is_answered_in_its_own_language(cookie: str | None, accepted: str | None, expected: str) -> None:
    assert language.chosen(cookie, accepted, ("en", "de")) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/sso/authorize", "fr"),
        ("/errors/audience_mismatch", "fr"),
        ("/t/abc", "fr"),
        ("/portal/abc", "fr"),
        ("/dashboard", "de"),
        ("/dashboard/sign-in", "de"),
        ("/try", "de"),
        ("/", "de"),
        ("/dashboards", "fr"),
    ],
)
def test_the_dashboard_is_in_the_next_language_of_whoever_chose_one_of_the_portal(path: str, expected: str) -> None:
    headers = ((b"accept-language", b"ja, de;q=0.8"), (b"cookie", f"{language.COOKIE}=fr".encode()))
    with language.spoken_to(Inbound(method="GET", path=path, headers=headers)):
        assert language.current() == expected
        assert (set(language.offered()) == {"en", "de"}) == (expected == "de")


@pytest.mark.parametrize(("code", "forms"), [("de", "oss"), ("fr", "oos"), ("pt", "oos"), ("ja", "ooo"), ("en", "oss")])
def test_a_number_is_said_by_the_rule_of_its_language(monkeypatch: pytest.MonkeyPatch, code: str, forms: str) -> None:
    """French and Brazilian Portuguese say nothing in the form for one, Japanese has one form."""
    found = language._read(code)[1] if code != "en" else lambda count: int(count != 1)
    said = ("one",) if code == "ja" else ("one", "several")
    monkeypatch.setattr(language, "current", lambda: code)
    monkeypatch.setattr(language, "_plurals", lambda _: {"one": said})
    monkeypatch.setattr(language, "_form", lambda _: found)
    assert "".join(language.many("one", "several", number)[0] for number in (1, 0, 2)) == forms


def test_a_language_that_is_read_from_the_right_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    arabic = languages.Language(code="ar", name="العربية", days="%d/%m/%Y", right_to_left=True)
    monkeypatch.setitem(languages._BY_CODE, "ar", arabic)
    assert language.direction() == "ltr"
    monkeypatch.setattr(language, "current", lambda: "ar")
    assert language.direction() == "rtl"


def test_a_sentence_is_said_in_the_language_of_the_request_and_only_inside_of_it() -> None:
    inbound = Inbound(method="GET", path="/", headers=((b"accept-language", b"de"),))
    with language.spoken_to(inbound):
        assert language._("Organizations") == "Organisationen"
        assert language._("Nobody has said this in German.") == "Nobody has said this in German."
    assert language._("Organizations") == "Organizations"
