"""What the search of the Dashboard finds, as a page and for the command palette; and nothing of other environments."""

from __future__ import annotations

import pytest

from latchstring.flows import domains, organizations
from latchstring.flows.organizations import OrganizationWish
from latchstring.model import ids
from latchstring.model.operator import Role
from tests.house_for_tests import Browser, Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import hire, page, signed_in


def found(rig: Rig, browser: Browser, wanted: str) -> dict[str, str]:
    """Address -> title."""
    where = f"/dashboard/{rig.environment.id}/search"
    answer = browser.get(where, query={"q": wanted}, accept="application/json")
    shown = page(browser.get(where, query={"q": wanted})).one("main")
    entries = {one["url"]: one["title"] for one in answer.json["found"]}
    assert entries.items() <= {link.attributes["href"]: link.text for link in shown.every("a")}.items()
    assert answer.json["said"]
    return entries


def test_things_are_found_by_name_domain_id_and_reference(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    sign_in = rig.news[-1].attempt_id
    browser, here = signed_in(rig, hire(rig, Role.DEVELOPER)), f"/dashboard/{rig.environment.id}"
    organization = f"{here}/organizations/{idp.organization['id']}"
    connection = f"{here}/connections/{idp.connection['id']}"
    assert organization in found(rig, browser, "aCM")
    assert organization in found(rig, browser, "acme.example")
    assert list(found(rig, browser, idp.organization["id"])) == [organization]
    assert list(found(rig, browser, idp.connection["id"])) == [connection]
    assert found(rig, browser, sign_in) == {f"{here}/sign-ins/{sign_in}": ids.reference(sign_in)}
    assert f"{here}/sign-ins/{sign_in}" in found(rig, browser, ids.reference(sign_in))
    assert found(rig, browser, "redirect") == {f"{here}/developers/redirects": "Redirect URIs"}
    assert len(found(rig, browser, "")) > 5
    assert found(rig, browser, "<b>%") == {}


def test_nobody_finds_a_page_that_is_closed_to_them(rig: Rig) -> None:
    hire(rig, Role.ADMIN, "first@example.com")
    assert found(rig, signed_in(rig, hire(rig, Role.SUPPORT)), "team") == {}
    assert "/dashboard/team" in found(rig, signed_in(rig, hire(rig, Role.ADMIN, "ann@example.com")), "team")


def test_oauth_14_nothing_of_another_environment_is_found(rig: Rig) -> None:
    other, client = rig.another_environment()
    idp = saml_idp(rig, client)
    assert other.id != rig.environment.id
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    for wanted in ("acme", "acme.example", idp.organization["id"], idp.connection["id"]):
        assert found(rig, browser, wanted) == {}, wanted


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>'])
def test_web_09_names_stay_names(rig: Rig, name: str) -> None:
    made = organizations.create(rig.house, rig.pass_, OrganizationWish(name=name))
    domains.add(rig.house, rig.pass_, made.id, name="a.example")
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    assert name in found(rig, browser, name[:6]).values()
    assert page(browser.get(f"/dashboard/{rig.environment.id}/search?q=a.example")).every("img", src="x") == []
