"""What is too easy to guess, and what is not."""

from __future__ import annotations

import pytest

from latchstring.protocols import password
from latchstring.protocols.password import PasswordUnfit

UNFIT = {
    "": "fewer than",
    "a" * 11: "fewer than",
    "x9$Kv!27pQz": "fewer than",
    "ab" * 129: "more than",
    "aaaaaaaaaaaa": "repeats",
    "abababababab": "repeats",
    "123412341234": "repeats",
    "abcdefghijkl": "row",
    "ABCDEFGHIJKLM": "row",
    "mlkjihgfedcba": "row",
    "012345678901": "row",
    "qwertyuiopas": "row",
    "password1234": "everybody",
    "Passw0rd2026!": "everybody",
    "administrator1!": "everybody",
    "ann.arbour2026": "your address",
    "Latchstring2026": "this product",
    "acme-acme-2026-9": "your address",
}
FIT = (
    "violet harbour tango nine",
    "x9$Kv!27pQzR",
    "päßwörter sind öde",
    "my secret garden",
    "correct horse 99",
    "漢字" * 3 + "仮名文字平片",
)


@pytest.mark.parametrize(("given", "why"), UNFIT.items(), ids=lambda value: value[:20] or "none")
def test_web_11_what_anybody_would_try_first_is_no_password(given: str, why: str) -> None:
    with pytest.raises(PasswordUnfit) as refused:
        password.check(given, email="ann@acme.example", name="Ann Arbour")
    assert why in refused.value.message
    assert given == "" or given not in refused.value.message


@pytest.mark.parametrize("given", FIT)
def test_web_11_no_kind_of_character_is_asked_for(given: str) -> None:
    password.check(given, email="ann@acme.example", name="Ann Arbour")
