"""The words of the mail that carries a magic link: the same in both parts, and names stay names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latchstring.model.mail import Mail
from latchstring.protocols.sign_in_mail import compose, within
from tests.web.html import read

URL = f"https://sso.example.com/passwordless/{'x' * 43}/confirm"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x>',
    "</title></style><b>",
    "Acme\r\nBcc: joe@evil.example\r\n\r\nhttps://evil.example/",
    "{url}{0}%s",
    "\u202eemca\u2028\x00",
]


def mail(**changed: str) -> Mail:
    words = {"application": "Acme", "place": "app.example", "email": "ann@acme.example", "url": URL, **changed}
    return compose(**words, remaining=timedelta(minutes=15))  # type: ignore[arg-type]  # all of them are texts


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("field", ["application", "place", "email"])
def test_values_stay_values(field: str, words: str) -> None:
    soiled = mail(**{field: words})
    assert read(soiled.html).skeleton() == read(mail().html).skeleton()
    assert soiled.html.count(URL) == mail().html.count(URL)
    assert soiled.subject.isprintable()


def test_a_name_of_several_lines_is_one_line() -> None:
    soiled = mail(application="Acme\r\n\r\nhttps://evil.example/" + "x" * 1000)
    assert soiled.subject == "Sign in to Acme https://evil.example/" + "x" * 54
    assert len(soiled.text.splitlines()) == len(mail().text.splitlines())


def test_without_a_name_the_place_speaks() -> None:
    assert mail(application=" \n ").subject == "Sign in to app.example"


def test_both_parts_say_the_same() -> None:
    plain, page = mail().text, read(mail().html)
    assert plain.count(URL) == 1
    assert [link.attributes["href"] for link in page.every("a")] == [URL, URL]
    for words in ("Acme", "(app.example)", "ann@acme.example", "once, within 15 minutes", "do not forward this mail"):
        assert words in plain and words in page.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 minute"),
        (59, "1 minute"),
        (61, "2 minutes"),
        (899.9, "15 minutes"),
        (7199, "2 hours"),
        (7200, "2 hours"),
        (10_799, "3 hours"),
        (10_700, "2 hours"),
        (86_400, "24 hours"),
    ],
)
def test_how_long_in_plain_words(seconds: float, words: str) -> None:
    assert within(timedelta(seconds=seconds)) == f"within {words}"
