"""Every sentence that a page can say is said in every language, with its facts, its code and its marks in place."""

from __future__ import annotations

import pytest

from tests.house import catalogue


@pytest.mark.parametrize("code", catalogue.CODES)
def test_every_sentence_is_said_in_every_language(code: str) -> None:
    missing = catalogue.missing(code)
    assert not missing, f"translate them: python -m tests.house.catalogue\n{missing}"


@pytest.mark.parametrize("code", catalogue.CODES)
def test_a_catalogue_holds_nothing_that_nobody_says(code: str) -> None:
    gone = catalogue.said_no_more(code)
    assert not gone, f"take them out: python -m tests.house.catalogue\n{gone}"


@pytest.mark.parametrize("code", catalogue.CODES)
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


def test_a_language_of_the_portal_knows_what_is_said_there_and_at_a_sign_in_and_nothing_of_the_dashboard() -> None:
    portal, everywhere = catalogue.messages("fr"), catalogue.messages("de")
    for sentence in (
        "Is this you?",  # a page
        "Copy",  # a macro that one of the pages uses
        "The assertion is meant for another application.",  # a refusal that a sign-in meets
        "The identity provider can be asked",  # the result of a test
        "The application asked for a sign-in",  # a trace, of which links are given away
        "In %(product)s, open %(where)s and choose %(what)s.",  # what guides say
    ):
        assert sentence in portal
    for sentence in ("Environments", "Find something", "Invite somebody"):
        assert sentence in everywhere and sentence not in portal
    assert set(portal) < set(everywhere)


@pytest.mark.parametrize("code", catalogue.CODES)
def test_a_number_has_the_forms_of_its_language(code: str) -> None:
    forms = {"de": 2, "es": 2, "fr": 2, "pt": 2, "ja": 1}[code]
    found = catalogue.read(code)
    assert found.num_plurals == forms
    assert all(len(entry.string or ()) == forms for entry in found if isinstance(entry.id, tuple | list))


def test_the_gathering_finds_what_templates_code_and_tables_say() -> None:
    found = catalogue.messages("de")
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
