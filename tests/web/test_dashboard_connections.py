"""A connection's pages in the Dashboard: what they show, to whom, and that they reach nobody else's."""

from __future__ import annotations

import pytest

from latchstring.model.operator import Role
from tests.house_for_tests import Rig
from tests.idp_for_tests import oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, signed_in
from tests.web.html import Element


def at(rig: Rig, connection: str, tail: str = "") -> str:
    return f"/dashboard/{rig.environment.id}/connections/{connection}{tail}"


def figures(row: Element) -> tuple[int, int]:
    """Sign-ins of a stretch of the chart's table, and those of them that were refused."""
    ended, refused = row.every("td")
    return int(ended.text), int(refused.text)


def test_the_overview_says_what_goes_out_what_came_in_and_how_it_goes(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    path = at(rig, idp.connection["id"])
    fresh = page(browser.get(path))
    assert fresh.one("h1").text == "Acme"
    assert fresh.by_id("id").text == idp.connection["id"]
    assert "It becomes active on the first good sign-in" in fresh.text
    assert fresh.by_id("give-acs_url").text == idp.acs
    assert fresh.by_id("give-sp_entity_id").text == idp.connection["saml_options"]["sp_entity_id"]
    assert "Nobody has signed in" in fresh.text

    assert idp.sign_in(rig.browser()).status == 302
    assert idp.sign_in(rig.browser()).status == 302
    assert idp.sign_in(rig.browser(), audience="https://elsewhere.example").status == 302
    worn = page(browser.get(path))
    assert "People can sign in through it." in worn.text
    assert "3 sign-ins in 30 days, 66.6 % good." in worn.text
    assert [figures(row) for row in worn.one("main").one("details").one("tbody").every("tr")][-2:] == [(0, 0), (3, 1)]
    chart = worn.one("svg", **{"class": "chart spark"})
    assert chart.attributes["aria-label"] == "Sign-ins of the last 30 days: 3, of which 1 were refused"
    rig.clock.forward(days=1, minutes=1)
    next_day = page(signed_in(rig, hire(rig, Role.ADMIN, "next@example.com")).get(path))
    assert [figures(row) for row in next_day.one("main").one("details").one("tbody").every("tr")][-2:] == [
        (3, 1),
        (0, 0),
    ]
    assert [link.text for link in worn.one("nav", **{"class": "tabs"}).every("a", **{"aria-current": "page"})] == [
        "Overview"
    ]
    rig.clock.forward(days=31)
    assert "Nobody has signed in" in page(signed_in(rig, hire(rig, Role.ADMIN)).get(path)).text


def test_what_came_from_the_provider_is_shown_and_no_secret(rig: Rig) -> None:
    saml, oidc = saml_idp(rig), oidc_idp(rig)
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    seen = page(browser.get(at(rig, saml.connection["id"])))
    assert saml.entity_id in seen.text and "https://idp.acme.example/sso" in seen.text and "RSA 2048" in seen.text
    answer = browser.get(at(rig, oidc.connection["id"]))
    assert oidc.issuer in answer.text and "Set, and never shown" in answer.text
    assert "client secret" not in answer.text and page(answer).by_id("give-redirect_uri").text


def test_oauth_14_an_address_reaches_no_connection_of_another_environment(rig: Rig) -> None:
    other, client = rig.another_environment()
    mine, foreign = saml_idp(rig), saml_idp(rig, client)
    browser = signed_in(rig, hire(rig))
    assert browser.get(at(rig, mine.connection["id"])).status == 200
    assert browser.get(at(rig, foreign.connection["id"])).status == 404
    assert browser.get(f"/dashboard/{other.id}/connections/{mine.connection['id']}").status == 404


@pytest.mark.parametrize("wish", [{}, {"connection_type": "OktaSAML"}, {"connection_type": "OktaOIDC"}])
def test_a_draft_has_its_page(rig: Rig, wish: dict[str, str]) -> None:
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    made = rig.client("POST", "/connections", {"organization_id": organization, "draft": True, **wish}).json
    answer = signed_in(rig, hire(rig)).get(at(rig, made["id"]))
    assert answer.status == 200 and "Nothing yet." in answer.text
