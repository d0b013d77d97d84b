"""A real browser on the page of every error code: what it says, who can mend it and how, and that all can read it."""

from __future__ import annotations

import urllib.request

from playwright.sync_api import Browser

from latchstring import guides
from latchstring.model.refusal import LoginRefused, Refusal
from latchstring.web.kit import words
from tests.house.errors_page import refusals
from tests.real.chromium import page, unfit
from tests.real.product import Product
from tests.web import html

# One for each shape of such a page: who can mend it, with and without names, facts, code, and a public code.
_SHAPES = (
    "address_taken",
    "audience_mismatch",
    "code_challenge_missing",
    "decryption_failed",
    "entity_not_found",
    "id_token_encryption_mismatch",
    "idp_initiated_sso_disabled",
    "idp_session_unknown",
    "invalid_grant",
    "logout_return_unregistered",
    "relay_state_not_allowed",
    "setting_unreadable",
    "signature_missing",
    "signin_consent_denied",
)


def _plain(text: str) -> str:
    """As a person reads it: without the marks of code and of facts."""
    for mark in "`{}":
        text = text.replace(mark, "")
    return text


def _said(kind: type[Refusal], *, unfolded: bool) -> list[str]:
    lines = [kind.code, _facts_apart(kind.meaning()), "How to mend it", kind.fix.replace("`", "")]
    lines.append(f"This can be mended by {words.MENDERS[kind.mender]}.")
    lines.append(words.reach(kind) + (" Trying again may help." if kind.retryable else ""))
    if issubclass(kind, LoginRefused):
        lines.append(f"The application's redirect URI receives it as error={kind.public}.")
    if "{" in kind.meaning():
        lines.append("Words in italics stand for what was found in the particular case.")
    fixes = [(guide.name, guides.fix(kind.code, guide.type)) for guide in guides.load().values()]
    found = [(name, fix) for name, fix in fixes if fix]
    if found:
        lines.append("At your identity provider")
    for name, fix in found:
        lines += [name, fix.replace("`", "")] if unfolded else [name]
    return lines


def _facts_apart(meaning: str) -> str:
    return _plain("".join(part.replace("_", " ") if at % 2 else part for at, part in enumerate(_split(meaning))))


def _split(meaning: str) -> list[str]:
    """Words and names of facts in turn."""
    return meaning.replace("{", "\0").replace("}", "\0").split("\0")


def test_every_code_has_a_page_that_says_who_can_mend_it_and_how(product: Product) -> None:
    for kind in refusals():
        with urllib.request.urlopen(f"{product.base_url}/errors/{kind.code}") as answer:
            found = html.read(answer.read().decode())
        assert found.one("title").text == kind.code
        assert found.one("main").text == " ".join(" ".join(_said(kind, unfolded=True)).split())


def test_a_browser_shows_each_thing_in_a_line_of_its_own(browser: Browser, product: Product) -> None:
    with page(browser, javascript=False) as opened:
        for kind in refusals():
            if kind.code in _SHAPES:
                opened.goto(f"{product.base_url}/errors/{kind.code}")
                lines = [line for line in opened.get_by_role("main").inner_text().split("\n") if line]
                assert lines == _said(kind, unfolded=False)


def test_pages_of_every_shape_are_fit_for_everybody(browser: Browser, product: Product) -> None:
    with page(browser) as opened:
        for code in _SHAPES:
            opened.goto(f"{product.base_url}/errors/{code}")
            assert unfit(opened, f"error-{code}") == [], code
