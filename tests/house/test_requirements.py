"""Every requirement of SAML, OpenID Connect, OAuth and the web has a test of its name, and SECURITY.md says which."""

from __future__ import annotations

from tests.house.requirements import OAUTH, OIDC, REQUIREMENTS, SAML, WEB
from tests.house.requirements_table import PAGE, holders, page


def test_no_requirement_is_forgotten() -> None:
    assert (list(SAML), list(OIDC), list(OAUTH)) == ([*range(1, 47)], [*range(1, 20)], [*range(1, 17)])
    assert list(WEB) == [*range(1, 15)]
    assert [each for each in REQUIREMENTS if each not in holders()] == []


def test_no_test_claims_a_requirement_that_does_not_exist() -> None:
    assert sorted(set(holders()) - set(REQUIREMENTS)) == []


def test_the_table_in_security_md_is_what_the_tests_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "write it anew: python -m tests.house.requirements_table"
