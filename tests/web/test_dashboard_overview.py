"""The overview of an environment: what needs somebody, how sign-ins go, the first steps; and the go-live checklist."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchstring.flows import (
    api_keys,
    connection_life,
    domains,
    environments,
    go_live,
    organizations,
    overview,
    request_log,
    upkeep,
)
from latchstring.flows.go_live import Item, Tick
from latchstring.flows.organizations import OrganizationWish
from latchstring.flows.overview import Concern, Started, Trouble
from latchstring.model.connection import SamlConfig
from latchstring.model.environment import EnvironmentKind, Pass
from latchstring.model.operator import Role
from latchstring.storage import connections, front_door
from tests.house_for_tests import Browser, Rig
from tests.idp_for_tests import ATTRIBUTES, SamlIdp, saml_idp
from tests.operators_for_tests import hire, page, signed_in
from tests.web.test_pages_try import signed_in as tried


def developer(rig: Rig, role: Role = Role.DEVELOPER) -> Browser:
    return signed_in(rig, hire(rig, role))


def home(rig: Rig) -> str:
    return f"/dashboard/{rig.environment.id}"


def concerns(rig: Rig, trouble: Trouble) -> list[Concern]:
    return [one for one in overview.of(rig.house, rig.pass_).concerns if one.trouble is trouble]


def refused(rig: Rig, idp: SamlIdp) -> None:
    """Somebody whose address is nobody's."""
    idp.sign_in(rig.browser(), attributes={**ATTRIBUTES, "email": ("ann@elsewhere.example",)})


def elsewhere(rig: Rig, idp: SamlIdp, **query: str) -> None:
    """A good sign-in in another environment."""
    browser = rig.browser()
    assert idp.arrive(browser, idp.response(idp.depart(browser, **query))).returned["code"]


# --- figures ---


def test_the_last_24_hours_are_counted_hour_by_hour(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    rig.clock.forward(hours=22, minutes=30)
    refused(rig, idp)
    rig.clock.forward(hours=1)
    idp.sign_in(rig.browser())
    rig.authorize(rig.browser(), connection=idp.connection["id"])
    figures = overview.of(rig.house, rig.pass_).figures
    assert [(hour.begun, hour.refused) for hour in figures.hours if hour.begun] == [(1, 0), (1, 1), (2, 0)]
    assert (figures.begun, figures.refused, figures.under_way, figures.percent) == (4, 1, 1, "66.6")
    rig.clock.forward(minutes=31)
    assert overview.of(rig.house, rig.pass_).figures.begun == 3


def test_the_picture_has_the_same_numbers_as_the_table_behind_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    refused(rig, idp)
    shown = page(developer(rig).get(home(rig)))
    picture = shown.one("svg")
    assert "2, of which 1 were refused" in picture.attributes["aria-label"]
    heights = [int(bar.attributes["height"]) for bar in picture.every("rect")]
    assert [height for height in heights if height] == [60, 60]
    rows = [[cell.text for cell in row.every("td")] for row in shown.every("table")[0].every("tr")[1:]]
    assert len(rows) == 24 and rows[-1] == ["2", "1"] and rows[0] == ["0", "0"]


def test_the_latest_sign_ins_are_listed_and_shortened_for_support(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    rig.clock.forward(seconds=1)
    refused(rig, idp)
    rows = [row.text for row in page(developer(rig).get(home(rig))).every("table")[1].every("tr")[1:]]
    assert "elsewhere.example" in rows[0] and "email_outside_organization" in rows[0]
    assert "ann@acme.example" in rows[1] and "signed in" in rows[1]
    assert "ann@" not in developer(rig, Role.SUPPORT).get(home(rig)).text


def test_a_try_of_the_test_idp_is_counted_and_is_no_first_sign_in(rig: Rig) -> None:
    assert tried(rig.browser()).status == 200
    seen = overview.of(rig.house, rig.pass_)
    assert (seen.figures.begun, seen.figures.percent, seen.started.sign_in) == (1, "100", False)
    ticks = {item.name: item.tick for item in go_live.checklist(rig.house, rig.pass_)}
    assert ticks["signed_in"] is Tick.OPEN
    saml_idp(rig).sign_in(rig.browser())
    ticks = {item.name: item.tick for item in go_live.checklist(rig.house, rig.pass_)}
    assert ticks["signed_in"] is Tick.DONE and overview.of(rig.house, rig.pass_).started.sign_in


def test_a_sign_in_without_a_connection_is_counted_and_blames_none(rig: Rig) -> None:
    for _ in range(4):
        rig.authorize(rig.browser(), organization="org_none")
    seen = overview.of(rig.house, rig.pass_)
    assert (seen.figures.begun, seen.figures.refused, seen.concerns) == (4, 4, ())
    assert "organization_unknown" in page(developer(rig).get(home(rig))).text


# --- what needs somebody ---


def test_a_connection_that_fails_is_told_while_it_fails(rig: Rig) -> None:
    idp = saml_idp(rig)
    for _ in range(12):
        idp.sign_in(rig.browser())
    for _ in range(2):
        refused(rig, idp)
    assert concerns(rig, Trouble.FAILING) == []
    refused(rig, idp)
    assert concerns(rig, Trouble.FAILING) == []  # 3 of 15 are not more than a fifth
    refused(rig, idp)
    (found,) = concerns(rig, Trouble.FAILING)
    assert (found.connection_id, found.count, found.of) == (idp.connection["id"], 4, 16)
    assert "4 of 16 sign-ins of the last hour were refused" in page(developer(rig).get(home(rig))).text
    rig.clock.forward(hours=1, seconds=1)
    assert concerns(rig, Trouble.FAILING) == []


def test_a_certificate_that_ends_is_told_until_it_is_replaced(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    with rig.house.database.read(rig.pass_) as scope:
        connection = connections.get(scope, rig.house.vault, idp.connection["id"])
    assert connection is not None and isinstance(connection.config, SamlConfig)
    end = connection.config.idp_certificates[0].not_after
    rig.clock.at = end - timedelta(days=91)
    upkeep.inspect(rig.house, rig.pass_, lambda: False)
    assert concerns(rig, Trouble.CERTIFICATE) == []
    rig.clock.at = end - timedelta(days=5)
    upkeep.inspect(rig.house, rig.pass_, lambda: False)
    (found,) = concerns(rig, Trouble.CERTIFICATE)
    assert (found.connection_id, found.count, found.at) == (connection.id, 5, end)
    operator = hire(rig, Role.DEVELOPER)
    assert "a certificate ends in 5 days" in page(signed_in(rig, operator).get(home(rig))).text
    rig.clock.at = end + timedelta(hours=1)
    assert "a certificate is over since" in page(signed_in(rig, operator).get(home(rig))).text
    connection_life.switch(rig.house, rig.pass_, connection.id, "off")
    assert concerns(rig, Trouble.CERTIFICATE) == []


def test_people_who_wait_domains_that_failed_and_set_ups_left_alone_are_told(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser(), attributes={**ATTRIBUTES, "email": ("nonsense",)})
    added = domains.add(rig.house, rig.pass_, idp.organization["id"], name="waits.example")
    assert rig.client("POST", "/connections", {"organization_id": idp.organization["id"], "draft": True}).status == 201
    assert concerns(rig, Trouble.STUCK) == concerns(rig, Trouble.DOMAIN) == []
    (waits,) = concerns(rig, Trouble.WAITING)
    assert (waits.connection_id, waits.count) == (idp.connection["id"], 1)
    rig.clock.forward(days=7, seconds=1)
    assert {one.state for one in concerns(rig, Trouble.STUCK)} == {"requires_type", "validating"}
    rig.clock.forward(days=24)
    upkeep.round_(rig.house, rig.pass_, lambda: False)
    (failed,) = concerns(rig, Trouble.DOMAIN)
    assert (failed.name, failed.organization_id) == (added.domain.domain, idp.organization["id"])
    browser = developer(rig)
    links = [
        one.attributes["href"] for one in page(browser.get(home(rig))).one("ul", **{"class": "concerns"}).every("a")
    ]
    assert links and all(browser.get(link).status == 200 for link in links)


# --- the first steps ---


def test_the_first_steps_tick_themselves_one_by_one(rig: Rig) -> None:
    staging, client = rig.another_environment()
    pass_ = front_door.by_operator(staging)

    def started() -> Started:
        return overview.of(rig.house, pass_).started

    assert started() == Started(redirect_uri=False, api_key=False, organization=False, connection=False, sign_in=False)
    path = f"/dashboard/{staging.id}"
    browser = developer(rig)
    assert len(page(browser.get(path)).one("ol", **{"class": "ticks"}).every("a")) == 5
    environments.create_redirect_uri(rig.house, pass_, uri="http://localhost:3000/callback")
    idp = saml_idp(rig, client)
    assert started() == Started(redirect_uri=True, api_key=False, organization=True, connection=True, sign_in=False)
    request_log.write_down(rig.house)
    assert started().api_key
    assert [one.text for one in page(browser.get(path)).one("ol", **{"class": "ticks"}).every("a")] == ["Sign in once"]
    elsewhere(rig, idp, client_id=staging.client_id)
    assert started().done
    assert not page(browser.get(path)).every("ol", **{"class": "ticks"})


# --- the go-live checklist (guide G-23) ---


def ticks(rig: Rig, pass_: Pass, **changed: Any) -> dict[str, Tick]:
    return {item.name: item.tick for item in go_live.checklist(replace(rig.house, **changed), pass_)}


def test_the_checklist_of_staging_leads_to_production(rig: Rig) -> None:
    assert ticks(rig, rig.pass_)["environment"] is Tick.OPEN
    browser = developer(rig)
    assert "environment create --name Production" in page(browser.get(f"{home(rig)}/go-live")).text
    production, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    shown = page(browser.get(f"{home(rig)}/go-live"))
    assert f"/dashboard/{production.id}/go-live" in [one.attributes["href"] for one in shown.every("a")]


def test_the_checklist_of_production_ticks_what_is_true(rig: Rig) -> None:
    production, client = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    pass_ = front_door.by_operator(production)
    live = {"base_url": "https://sso.example.com", "development": False}
    assert ticks(rig, pass_, **live) == {
        "environment": Tick.DONE,
        "base_url": Tick.DONE,
        "keys": Tick.OPEN,
        "secured": Tick.UNKNOWN,
        "redirects": Tick.OPEN,
        "reachable": Tick.UNKNOWN,
        "connections": Tick.OPEN,
        "domains": Tick.OPEN,
        "idp_initiated": Tick.UNKNOWN,
        "signed_in": Tick.OPEN,
        "entrance": Tick.UNKNOWN,
        "backups": Tick.UNKNOWN,
    }
    assert ticks(rig, pass_)["base_url"] is Tick.OPEN
    environments.create_redirect_uri(rig.house, pass_, uri="https://app.example.com/callback")
    idp = saml_idp(rig, client)
    request_log.write_down(rig.house)
    found = ticks(rig, pass_, **live)
    assert (found["keys"], found["redirects"], found["domains"]) == (Tick.DONE, Tick.DONE, Tick.DONE)
    assert (found["connections"], found["signed_in"]) == (Tick.OPEN, Tick.OPEN)
    elsewhere(rig, idp, client_id=production.client_id, redirect_uri="https://app.example.com/callback")
    found = ticks(rig, pass_, **live)
    assert (found["connections"], found["signed_in"]) == (Tick.DONE, Tick.DONE)
    lonely = organizations.create(rig.house, pass_, OrganizationWish(name="Lonely"))
    found = ticks(rig, pass_, **live)
    assert (found["connections"], found["domains"]) == (Tick.OPEN, Tick.OPEN)
    shown = page(developer(rig).get(f"/dashboard/{production.id}/go-live"))
    assert [one.text for one in shown.every("a") if lonely.id in one.attributes["href"]] == ["Lonely", "Lonely"]


def test_the_checklist_tells_which_connections_let_a_sign_in_begin_elsewhere(rig: Rig) -> None:
    def item() -> Item:
        return next(item for item in go_live.checklist(rig.house, rig.pass_) if item.name == "idp_initiated")

    idp = saml_idp(rig)
    idp.sign_in(rig.browser())
    assert (item().tick, item().facts["allowing"]) == (Tick.UNKNOWN, 0)
    allowed = {"saml_options": {"idp_initiated": "allow"}}
    assert rig.client("PATCH", f"/connections/{idp.connection['id']}", allowed).status == 200
    assert (item().tick, item().facts["allowing"]) == (Tick.DONE, 1)


def test_a_key_that_nobody_has_used_for_a_month_is_named(rig: Rig) -> None:
    api_keys.create(rig.house, rig.pass_, name="forgotten one")
    rig.clock.forward(days=31)
    rig.client("GET", "/organizations")
    request_log.write_down(rig.house)
    (item,) = [item for item in go_live.checklist(rig.house, rig.pass_) if item.name == "secured"]
    assert (item.tick, item.facts["forgotten"]) == (Tick.OPEN, ["forgotten one"])


@pytest.mark.parametrize("tail", ["", "/go-live"])
def test_oauth_14_an_overview_is_of_its_own_environment(rig: Rig, tail: str) -> None:
    other, client = rig.another_environment()
    saml_idp(rig, client)
    browser = developer(rig)
    assert "Acme" not in browser.get(home(rig) + tail).text
    assert browser.get(f"/dashboard/environment_nobody{tail}").status == 404
    assert browser.get(f"/dashboard/{other.id}{tail}").status == 200
