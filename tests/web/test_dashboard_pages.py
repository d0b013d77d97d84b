"""The pages of the Dashboard: environments, the team, organizations with their domains; and nobody else's in any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from latchstring import app
from latchstring.effects import mail
from latchstring.effects.settings import Settings
from latchstring.flows import domains, operators, organizations
from latchstring.flows.organizations import OrganizationWish
from latchstring.model.dns import TxtRecords
from latchstring.model.environment import EnvironmentKind
from latchstring.model.mail import Mail
from latchstring.model.operator import Role
from latchstring.model.organization import DomainState, Organization
from latchstring.model.secret import Secret
from latchstring.storage import front_door
from tests.events_for_tests import told
from tests.house_for_tests import Browser, Rig
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in
from tests.web.html import Element


def admin(rig: Rig) -> Browser:
    return signed_in(rig, hire(rig, Role.ADMIN, "ann@example.com"))


def organization(rig: Rig, name: str = "Acme", *names: str, environment: Any = None) -> Organization:
    pass_ = rig.pass_ if environment is None else front_door.by_operator(environment)
    made = organizations.create(rig.house, pass_, OrganizationWish(name=name))
    for domain in names:
        domains.add(rig.house, pass_, made.id, name=domain)
    return organizations.get(rig.house, pass_, made.id)


def addresses(shown: Element) -> set[str]:
    return {link.attributes["href"] for link in shown.every("a")}


# --- the frame ---


def test_production_is_unmistakable_and_each_environment_is_one_click_away(rig: Rig) -> None:
    production, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    browser = admin(rig)
    for environment in (rig.environment, production):
        path = f"/dashboard/{environment.id}/organizations"
        shown = page(browser.get(path))
        bar = shown.one("header")
        assert bar.attributes["class"] == f"bar {environment.kind.value}"
        assert environment.kind.value.capitalize() in bar.every("summary")[0].text
        assert {f"/dashboard/{each.id}" for each in (rig.environment, production)} <= addresses(bar)
        (here,) = [link for link in bar.every("a") if link.attributes.get("aria-current") == "true"]
        assert here.attributes["href"] == f"/dashboard/{environment.id}"


def test_every_link_of_every_page_leads_somewhere(rig: Rig) -> None:
    """No page promises another one that is not there."""
    organization(rig, "Acme", "acme.example")
    browser = admin(rig)
    waiting, seen = ["/dashboard"], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path)
        assert answer.status == 200, path
        html = (answer.header("content-type") or "").startswith("text/html")  # the audit log can be had as a file
        if path.startswith("/dashboard") and html:
            waiting += [link.partition("#")[0] or path for link in addresses(page(answer))]
    assert len(seen) > 6


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.SUPPORT])
def test_nobody_is_shown_a_way_that_is_closed_to_them(rig: Rig, role: Role) -> None:
    acme = organization(rig, "Acme", "acme.example")
    browser = signed_in(rig, hire(rig, role))
    shown = page(browser.get(f"/dashboard/{rig.environment.id}/organizations/{acme.id}"))
    assert "/dashboard/team" not in addresses(shown)
    assert bool([form for form in shown.every("form") if "/verify" in form.attributes["action"]]) is (
        role is Role.DEVELOPER
    )


# --- the team ---


def test_somebody_is_invited_and_comes(rig: Rig) -> None:
    browser = admin(rig)
    answer = send(
        browser,
        browser.get("/dashboard/team/invite"),
        "/dashboard/team/invite",
        email="sue@example.com",
        role="developer",
    )
    assert answer.status == 200
    url = page(answer).by_id("link").text
    (mailed,) = rig.house.kept_mail()
    assert mailed.mail.to == "sue@example.com" and url in mailed.mail.text and url in mailed.mail.html
    assert "It was mailed to sue@example.com" in answer.text
    team = page(browser.get("/dashboard/team"))
    assert "sue@example.com" in team.every("table")[1].text and url not in team.text
    sue = rig.browser()
    sue.get(url)
    assert send(sue, sue.get("/dashboard/welcome"), "/dashboard/welcome", name="Sue", password=PASSWORD).status == 302
    team = page(browser.get("/dashboard/team"))
    assert len(team.every("table")) == 1 and "Sue" in team.one("table").text


@pytest.mark.parametrize(
    ("email", "words"), [("sue", "one plain e-mail address"), ("ANN@example.com", "has an account already")]
)
def test_an_invitation_that_cannot_be_says_why_and_keeps_what_was_typed(rig: Rig, email: str, words: str) -> None:
    browser = admin(rig)
    shown = browser.get("/dashboard/team/invite")
    answer = send(browser, shown, "/dashboard/team/invite", email=email, role="developer")
    assert answer.status == 422
    found = page(answer)
    assert words in found.by_id("email-error").text and found.by_id("email").attributes["value"] == email
    assert "checked" in found.by_id("role-developer").attributes
    assert operators.invitations(rig.house) == []


def test_a_mail_that_cannot_be_sent_leaves_the_link(rig: Rig) -> None:
    hire(rig)

    def broken(_mail: Mail) -> None:
        raise mail.RecipientRefused

    house = replace(rig.house, postbox=lambda: broken)
    done = operators.hand_over(house, lambda: operators.invite(house, email="sue@example.com", role=Role.SUPPORT))
    assert not done.mailed and isinstance(done.failure, mail.RecipientRefused)
    settings = Settings(
        base_url=house.base_url,
        database=rig.folder / "house.db",
        secret_key=Secret("0123456789abcdefghijklmnopqrstuvwxyz"),
        development=True,
    )
    browser = signed_in(replace(rig, house=house, endpoint=app.application(settings, house)), operators.every(house)[0])
    shown = browser.get("/dashboard/team/invite")
    answer = send(browser, shown, "/dashboard/team/invite", email="sue@example.com", role="support")
    assert "It could not be mailed" in answer.text and page(answer).by_id("link").text


def test_where_no_mail_is_set_up_the_link_is_handed_over(rig: Rig) -> None:
    house = replace(rig.house, postbox=mail.closed)
    done = operators.hand_over(house, lambda: operators.invite(house, email="sue@example.com", role=Role.SUPPORT))
    assert (done.mailed, done.failure) == (False, None)


def test_a_role_a_password_and_a_way_in(rig: Rig) -> None:
    browser = admin(rig)
    sue = hire(rig, Role.SUPPORT, "sue@example.com")
    hers = signed_in(rig, sue)
    path = f"/dashboard/team/{sue.id}"
    assert send(browser, browser.get(path), f"{path}/role", role="developer").location == path
    assert operators.named(rig.house, sue.id).role is Role.DEVELOPER
    assert hers.get("/dashboard").status == 302  # signed out

    unsure = send(browser, browser.get(path), f"{path}/disable", typed="somebody@example.com")
    assert unsure.status == 422 and "aria-invalid" in page(unsure).by_id("typed").attributes
    assert operators.named(rig.house, sue.id).disabled_at is None
    assert send(browser, unsure, f"{path}/disable", typed="SUE@example.com").location == path
    assert operators.named(rig.house, sue.id).disabled_at == rig.clock.now()
    assert send(browser, browser.get(path), f"{path}/enable").location == path
    assert signed_in(rig, sue).get("/dashboard").status == 200

    link = page(send(browser, browser.get(path), f"{path}/reset")).by_id("link").text
    assert post(rig.browser(), "/dashboard/sign-in", {"email": sue.email, "password": PASSWORD}).status == 401
    fresh = rig.browser()
    fresh.get(link)
    assert (
        send(fresh, fresh.get("/dashboard/welcome"), "/dashboard/welcome", password="three green doors 4").status == 302
    )


def test_the_last_administrator_stays(rig: Rig) -> None:
    browser = admin(rig)
    first = operators.named(rig.house, "first@example.com")
    operators.disable(rig.house, first.id)
    ann = operators.named(rig.house, "ann@example.com")
    path = f"/dashboard/team/{ann.id}"
    shown = page(browser.get(path))
    actions = {form.attributes["action"] for form in shown.every("form")}
    assert actions == {"/dashboard/sign-out", "/language", f"{path}/reset"}
    csrf = shown.every("input", name="csrf")[0].attributes["value"]
    for verb, form in (("role", {"role": "support"}), ("disable", {"typed": ann.email})):
        answer = post(browser, f"{path}/{verb}", {"csrf": csrf, **form})
        assert answer.status == 409 and "last_administrator" in answer.text
    assert operators.named(rig.house, ann.id) == ann


def test_web_11_the_team_is_changed_with_a_fresh_password_alone(rig: Rig) -> None:
    browser = admin(rig)
    path = f"/dashboard/team/{operators.named(rig.house, 'first@example.com').id}"
    old = browser.get(path)
    rig.clock.forward(minutes=10)
    assert browser.get("/dashboard/team").status == 200  # looking is not changing
    for where in (path, "/dashboard/team/invite"):
        assert browser.get(where).location == f"/dashboard/confirm?next={where}"
    late = send(browser, old, f"{path}/role", role="support")
    assert late.location == f"/dashboard/confirm?next={path}"
    assert operators.named(rig.house, "first@example.com").role is Role.ADMIN
    asked = browser.get(late.location)
    assert send(browser, asked, "/dashboard/confirm", password=PASSWORD).location == path
    assert send(browser, browser.get(path), f"{path}/role", role="support").location == path
    assert operators.named(rig.house, "first@example.com").role is Role.SUPPORT


def test_a_role_that_there_is_not(rig: Rig) -> None:
    browser = admin(rig)
    answer = send(
        browser, browser.get("/dashboard/team/invite"), "/dashboard/team/invite", email="a@b.example", role="god"
    )
    assert answer.status == 400 and "operator_role_unknown" in answer.text


# --- organizations ---


def test_organizations_are_listed_searched_and_leafed_through(rig: Rig) -> None:
    for number in range(30):
        rig.clock.forward(seconds=1)
        organization(rig, f"Customer {number:02}")
    browser = admin(rig)
    path = f"/dashboard/{rig.environment.id}/organizations"

    def names(shown: Element) -> list[str]:
        return [row.one("th").text for row in shown.one("tbody").every("tr")]

    first = page(browser.get(path))
    assert names(first) == [f"Customer {number:02}" for number in range(29, 4, -1)]
    (older,) = [link.attributes["href"] for link in first.every("a") if link.text == "Older"]
    second = page(browser.get(older))
    assert names(second)[:5] == [f"Customer {number:02}" for number in range(4, -1, -1)]
    (newer,) = [link.attributes["href"] for link in second.every("a") if link.text == "Newer"]
    assert names(page(browser.get(newer))) == names(first)
    found = page(browser.get(f"{path}?search=customer+1"))
    assert names(found) == [f"Customer {number:02}" for number in range(19, 9, -1)]
    assert found.by_id("search").attributes["value"] == "customer 1"


def test_what_there_is_not_is_said(rig: Rig) -> None:
    empty, _ = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    browser = admin(rig)
    shown = page(browser.get(f"/dashboard/{empty.id}/organizations"))
    assert "No organization yet" in shown.text and "latchstring organization create" in shown.text
    nothing = page(browser.get(f"/dashboard/{empty.id}/organizations?search=%3Cb%3E"))
    assert "Nothing found" in nothing.text and "<b>" in nothing.text
    wrong = browser.get(f"/dashboard/{empty.id}/organizations?after=org_nobody")
    assert wrong.status == 422 and "invalid_request_parameters" in wrong.text
    bare = organization(rig)
    shown = page(browser.get(f"/dashboard/{rig.environment.id}/organizations/{bare.id}"))
    assert "No domain yet" in shown.text and "nobody of Acme can sign in yet" in shown.text


def test_a_domain_is_looked_for_at_the_press_of_a_button(rig: Rig) -> None:
    acme = organization(rig, "Acme", "acme.example")
    (domain,) = acme.domains
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    path = f"/dashboard/{rig.environment.id}/organizations/{acme.id}"
    verify = f"{path}/domains/{domain.id}/verify"
    shown = browser.get(path)
    value = page(shown).by_id("value-1").text
    assert page(shown).by_id("name-1").text == "acme.example" and str(domain.verification_token) in value

    answer = send(browser, shown, verify)
    assert (answer.status, answer.location) == (302, f"{path}#{domain.id}")
    assert rig.names.asked == ["acme.example"]
    missing = page(browser.get(path))
    assert "The record is not there yet" in missing.text and "DNS knows no name" in missing.text
    rig.names.records["acme.example"] = TxtRecords(exists=True, texts=(value,))
    assert send(browser, browser.get(path), verify).status == 302
    assert organizations.get(rig.house, rig.pass_, acme.id).domains[0].state is DomainState.VERIFIED
    proven = page(browser.get(path))
    assert "Proven by a record in DNS" in proven.text and not proven.every("form", action=verify)
    assert send(browser, shown, verify).status == 302  # an old page does no harm
    assert len(told(rig, "organization_domain.verified")) == 1


def test_web_11_who_may_only_look_changes_no_domain(rig: Rig) -> None:
    acme = organization(rig, "Acme", "acme.example")
    browser = signed_in(rig, hire(rig, Role.SUPPORT))
    csrf = page(browser.get("/dashboard")).every("input", name="csrf")[0].attributes["value"]
    path = f"/dashboard/{rig.environment.id}/organizations/{acme.id}/domains/{acme.domains[0].id}/verify"
    assert post(browser, path, {"csrf": csrf}).status == 403
    assert rig.names.asked == []


def test_oauth_14_an_address_reaches_no_other_environment_and_no_other_organization(rig: Rig) -> None:
    other, _ = rig.another_environment()
    mine, theirs = organization(rig, "Mine", "mine.example"), organization(rig, "Theirs", "theirs.example")
    foreign = organization(rig, "Foreign", "foreign.example", environment=other)
    browser = admin(rig)
    csrf = page(browser.get("/dashboard")).every("input", name="csrf")[0].attributes["value"]
    here, there = f"/dashboard/{rig.environment.id}/organizations", f"/dashboard/{other.id}/organizations"
    assert "Foreign" not in browser.get(here).text and "Mine" not in browser.get(there).text
    for path in (f"{here}/{foreign.id}", f"{there}/{mine.id}", f"/dashboard/{rig.environment.name}/organizations"):
        answer = browser.get(path)
        assert answer.status == 404 and "entity_not_found" in answer.text
    for path in (
        f"{here}/{foreign.id}/domains/{foreign.domains[0].id}/verify",
        f"{here}/{mine.id}/domains/{foreign.domains[0].id}/verify",
        f"{there}/{foreign.id}/domains/{mine.domains[0].id}/verify",
        f"{here}/{mine.id}/domains/{theirs.domains[0].id}/verify",
    ):
        assert post(browser, path, {"csrf": csrf}).status == 404
    assert rig.names.asked == []


# --- the components ---


def test_the_kitchen_sink_shows_every_component(rig: Rig) -> None:
    templates = app.__file__.removesuffix("app.py") + "web/templates/"
    with open(templates + "ui.html", encoding="utf-8") as file:  # noqa: PTH123
        macros = {line.split()[2].partition("(")[0] for line in file if line.startswith("{% macro ")}
    with open(templates + "dev_components.html", encoding="utf-8") as file:  # noqa: PTH123
        source = file.read()
    assert macros and [name for name in sorted(macros) if f"ui.{name}(" not in source] == []
    assert rig.browser().get("/dev/components").status == 200


def test_the_kitchen_sink_is_for_development(rig: Rig) -> None:
    settings = Settings(
        base_url="https://sso.example.com",
        database=rig.folder / "house.db",
        secret_key=Secret("0123456789abcdefghijklmnopqrstuvwxyz"),
    )
    house = replace(rig.house, base_url=settings.base_url, development=False)
    assert Browser(app.application(settings, house)).get("/dev/components").status == 404


def test_a_page_of_the_dashboard_is_light(rig: Rig) -> None:
    """At most 45 kB travel with everything that it loads (D5)."""
    acme = organization(rig, "Acme", "acme.example", "acme-holding.example")
    browser = admin(rig)
    answer = browser.get(f"/dashboard/{rig.environment.id}/organizations/{acme.id}")
    shown = page(answer)
    loaded = {found.attributes["src"] for found in shown.every("script") + shown.every("img")}
    loaded |= {found.attributes["href"] for found in shown.every("link")}
    assert len(answer.body) + sum(len(browser.get(path, accept_encoding="gzip").body) for path in loaded) < 45_000
