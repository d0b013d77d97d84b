"""Mails are in a language: of the page from which they were asked for, or the one that is set."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from latchstring.effects.settings import SettingsWrong, from_environment
from latchstring.model.mail import Mail
from latchstring.protocols import invitation_mail, sign_in_mail, trial_mail
from latchstring.web.kit import language, languages, pseudo
from tests.web.html import read
from tests.web.test_pages_speak import outside

URL = "https://sso.example/link"
KNOWN = {"https", "sso", "example", "link", "Acme", "app", "ann", "acme", "html", "doctype"}


def _mails(code: str) -> list[Mail]:
    voice = language.voice(code)
    say, code = voice.say, voice.language
    life = timedelta(minutes=15)
    return [
        sign_in_mail.compose(
            application="Acme",
            place="app.example",
            email="ann@acme.example",
            url=URL,
            remaining=life,
            say=say,
            language=code,
        ),
        invitation_mail.compose(
            to="ann@acme.example", invited=True, place="sso.example", url=URL, remaining=life, say=say, language=code
        ),
        invitation_mail.compose(
            to="ann@acme.example", invited=False, place="sso.example", url=URL, remaining=life, say=say, language=code
        ),
        trial_mail.compose(to="ann@acme.example", place="sso.example", say=say, language=code),
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_mail_says_nothing_but_what_is_in_the_catalogue(which: int) -> None:
    mail = _mails(languages.PSEUDO)[which]
    page = re.sub("<style>.*?</style>", "", mail.html, flags=re.DOTALL)
    for text in (mail.subject, mail.text, read(page).text):
        assert pseudo.OPENS in text
        words = outside(text).replace(URL, " ").replace("latchstring", " ")
        assert set("".join(c if c.isalpha() else " " for c in words).split()) <= KNOWN
    assert f'lang="{languages.PSEUDO}"' in mail.html


def test_a_mail_is_in_german_whole() -> None:
    sign_in = _mails("de")[0]
    assert "innerhalb von 15 Minuten" in sign_in.text
    assert 'lang="de"' in sign_in.html


def test_the_language_of_mails_is_two_letters() -> None:
    with pytest.raises(SettingsWrong) as caught:
        from_environment({"LATCHSTRING_MAIL_LANGUAGE": "Deutsch"})
    assert any("LATCHSTRING_MAIL_LANGUAGE" in problem for problem in caught.value.problems)
    assert language.voice("xx").language == "en"
