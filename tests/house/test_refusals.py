"""Every refusal is an answer: a code of its own, words, somebody who can mend it, and how."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from string import Formatter

import pytest

from latchstring.model.refusal import LoginRefused, Refusal
from tests.house.errors_page import FIXES, PAGE, fixes, page, refusals

ALL = refusals()
# What WorkOS applications know (contract 2.1.2), and two of RFC 6749 for requests that are not well-formed.
PUBLIC = frozenset(
    "access_denied ambiguous_connection_selector connection_domain_invalid connection_invalid "
    "connection_strategy_invalid connection_unlinked domain_connection_selector_not_allowed "
    "idp_initiated_sso_disabled invalid_connection_selector organization_invalid oauth_failed "
    "profile_not_allowed_outside_organization server_error signin_consent_denied invalid_request "
    "unsupported_response_type".split()
)


def test_there_are_many() -> None:
    assert len(ALL) > 60


def test_each_code_belongs_to_one_refusal() -> None:
    assert [code for code, count in Counter(kind.code for kind in ALL).items() if count > 1] == []


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_is_wrong_and_what_can_be_done(kind: type[Refusal]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.code)
    assert kind.meaning(), "the docstring is the message"
    assert kind.fix, "a refusal says how it is mended"
    assert not kind.fix.startswith(" ") and kind.fix.rstrip().endswith((".", "`", "URI"))
    if issubclass(kind, LoginRefused):
        assert kind.public in PUBLIC


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_what_a_machine_reads_stands_in_backticks(kind: type[Refusal]) -> None:
    words = re.sub(r"`[^`]*`", "", kind.fix)
    assert re.findall(r"(?<![\w@./-])(?:[a-z][a-z0-9]*_\w+|--[a-z]+[\w-]*|(?:GET|POST|PATCH|DELETE) /\S*)", words) == []


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_message_names_only_facts_that_the_refusal_has(kind: type[Refusal]) -> None:
    named = {name for _, name, _, _ in Formatter().parse(kind.meaning()) if name}
    assert named <= {field.name for field in fields(kind)}  # type: ignore[arg-type]


def test_the_errors_page_is_what_the_refusals_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.house.errors_page"


def test_the_page_of_fixes_is_what_the_guides_say() -> None:
    assert FIXES.read_text(encoding="utf-8") == fixes(), "write it anew: python -m tests.house.errors_page"
