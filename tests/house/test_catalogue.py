"""Every sentence that a page can say is said in every language, with its facts, its code and its marks in place."""

from __future__ import annotations

import pytest

from latchstring.web.kit import language
from tests.house import catalogue

OTHERS = [code for code in language.NAMES if code != language.SOURCE]


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_said_in_every_language(code: str) -> None:
    missing = catalogue.missing(code)
    assert not missing, f"translate them: python -m tests.house.catalogue\n{missing}"


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_nothing_that_nobody_says(code: str) -> None:
    gone = catalogue.said_no_more(code)
    assert not gone, f"take them out: python -m tests.house.catalogue\n{gone}"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_facts_code_and_marks(code: str) -> None:
    for entry in catalogue.read(code):
        if not entry.id or not entry.string:
            continue
        names = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        said = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        if not all(said):
            continue  # not said yet
        # A form for one thing may say it in words instead of a number; the last form stands for all numbers.
        assert catalogue.placeholders(said[-1]) == catalogue.placeholders(names[-1]), names
        for text in filter(None, said):
            assert (text[0] == " ", text[-1] == " ") == (names[0][0] == " ", names[0][-1] == " "), names
            assert not entry.fuzzy


def test_the_gathering_finds_what_templates_code_and_tables_say() -> None:
    found = catalogue.messages()
    for sentence in (
        "Page not found",  # a template
        "Enter one e-mail address, such as ann@example.com.",  # Python
        "The assertion is meant for another application.",  # a refusal
        "Organizations",  # the menu
        "(your app)",  # guides
        "it is not an X.509 certificate",  # a reason
    ):
        assert sentence in found
    assert found["%(num)s check passed"] == "%(num)s checks passed"
