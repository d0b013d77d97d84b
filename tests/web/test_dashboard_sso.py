"""Operators sign in through latchstring's own SSO: there and back, and everybody who must not come in that way."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latchstring.flows import audit, dashboard_settings, environments, operator_sessions, operator_sso, operators
from latchstring.model.environment import EnvironmentKind
from latchstring.model.operator import Operator, Role, Way
from latchstring.model.refusal import InvalidFields, NotFound
from latchstring.protocols.saml import request
from latchstring.storage.audit import Filter
from tests.house_for_tests import BASE, CALLBACK, Answer, Browser, Rig
from tests.idp_for_tests import ATTRIBUTES, SamlIdp, oidc_idp, saml_idp
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in
from tests.web.doors import is_page
from tests.web.test_dashboard_second_factors import ASKED, code, set_up

START = "/dashboard/sign-in/sso"
BACK = f"{START}/return"
TEAM = "/dashboard/team"


def chosen(rig: Rig, *, creates: bool = False, **options: Any) -> SamlIdp:
    """An organization whose identity provider lets operators in."""
    idp = saml_idp(rig, **options)
    environment, organization = rig.environment.id, idp.organization["id"]
    operator_sso.choose(rig.house, environment=environment, organization=organization, creates=creates)
    return idp


def there(browser: Browser, path: str = f"{START}?next={TEAM}") -> request.AuthnRequest:
    departed = browser.get(path)
    assert departed.status == 302, departed.text
    fields = parse_qs(urlsplit(departed.location).query)
    return request.read(request.inflate(fields["SAMLRequest"][0]))


def and_back(idp: SamlIdp, browser: Browser, *, path: str = f"{START}?next={TEAM}", **said: str) -> Answer:
    attributes = {**ATTRIBUTES, **{name: (value,) for name, value in said.items()}}
    landed = idp.arrive(browser, idp.response(there(browser, path), attributes=attributes))
    assert landed.location.startswith(f"{BASE}{BACK}?"), landed.location
    return browser.get(landed.location)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/dashboard").status == 200


def ann(rig: Rig, role: Role = Role.DEVELOPER) -> Operator:
    hire(rig)
    return hire(rig, role, "ann@acme.example")


def test_web_11_an_operator_comes_in_through_their_identity_provider(rig: Rig) -> None:
    operator, idp = ann(rig), chosen(rig)
    browser = rig.browser()
    ways = {link.attributes["href"] for link in page(browser.get("/dashboard/sign-in")).every("a")}
    assert f"{START}?next=/dashboard" in ways
    back = and_back(idp, browser, email="Ann@ACME.example")
    assert (back.status, back.location) == (302, TEAM)
    assert "ann@acme.example" in browser.get("/dashboard").text
    assert set(browser.cookies) == {"latchstring_session"}
    session = operator_sessions.current(rig.house, browser.cookies["latchstring_session"])
    assert (session.operator.id, session.way) == (operator.id, Way.SSO)
    told = [entry.actor for entry in audit.export(rig.house, Filter()) if entry.action == "operator.signed_in"]
    assert told[-1] == f"operator:{operator.id}"


def test_web_11_of_whom_the_identity_provider_let_in_no_second_factor_is_asked(rig: Rig) -> None:
    ann(rig)
    idp = chosen(rig)
    dashboard_settings.need_second_factor(rig.house, needed=True)
    browser = rig.browser()
    and_back(idp, browser)
    assert is_signed_in(browser)


def test_web_11_an_identity_provider_alone_makes_nobody_an_administrator(rig: Rig) -> None:
    """A developer may change its connection, and so could name whom they like."""
    operator, idp = ann(rig, Role.ADMIN), chosen(rig)
    browser = rig.browser()
    refused = and_back(idp, browser)
    assert refused.status == 403 and "a second factor of their own" in refused.text  # operator_sso_needs_factor
    assert not is_signed_in(browser)
    secret, _codes = set_up(rig, signed_in(rig, operator))
    back = and_back(idp, browser, id="again")
    assert back.location == f"{ASKED}?next={TEAM}" and not is_signed_in(browser)
    done = send(browser, browser.get(back.location), ASKED, code=code(rig, secret))
    assert done.location == TEAM and is_signed_in(browser)


@pytest.mark.parametrize("email", ["eve@evil.example", "ann@acme.example.evil.example", "first@example.com"])
def test_saml_37_whoever_is_in_no_verified_domain_is_nobody_here(rig: Rig, email: str) -> None:
    """Not even where the organization lets in whom it likes, and an account of that address exists ("nOAuth")."""
    ann(rig)
    idp = chosen(rig, creates=True)
    changed = {"allow_profiles_outside_organization": True}
    assert rig.client("PUT", f"/organizations/{idp.organization['id']}", changed).status == 200
    browser = rig.browser()
    refused = and_back(idp, browser, email=email)
    assert refused.status == 403 and "no verified domain" in refused.text  # operator_sso_outside
    assert not is_signed_in(browser)
    assert "evil.example" not in str(operators.every(rig.house)) and len(operators.every(rig.house)) == 3


def test_oidc_16_an_address_that_the_provider_does_not_vouch_for_is_nobodys(rig: Rig) -> None:
    ann(rig)
    idp = oidc_idp(rig)
    changed = {"allow_profiles_outside_organization": True}
    assert rig.client("PUT", f"/organizations/{idp.organization['id']}", changed).status == 200
    operator_sso.choose(rig.house, environment=rig.environment.id, organization=idp.organization["id"], creates=True)

    def comes(**claims: Any) -> bool:
        idp.claims = claims
        browser = rig.browser()
        asked = parse_qs(urlsplit(browser.get(START).location).query)
        idp.nonce = asked["nonce"][0]
        query = {"code": "provider code", "state": asked["state"][0]}
        back = browser.get(idp.connection["callback_endpoint"], query=query)
        browser.get(back.location)
        return is_signed_in(browser)

    assert [comes(), comes(email_verified=False), comes(email_verified="true")] == [True, False, False]


def test_whoever_has_no_account_stays_out_or_gets_one(rig: Rig) -> None:
    hire(rig)
    idp = chosen(rig)
    browser = rig.browser()
    refused = and_back(idp, browser)
    assert refused.status == 403 and "may come in here" in refused.text  # operator_sso_stranger
    assert not is_signed_in(browser)
    operator_sso.choose(rig.house, environment="Staging", organization=idp.organization["id"], creates=True)
    back = and_back(idp, browser, path=START)
    assert (back.status, back.location) == (302, "/dashboard")
    made = operators.named(rig.house, "ann@acme.example")
    assert (made.name, made.role, made.has_password) == ("Ann Example", Role.SUPPORT, False)
    and_back(idp, rig.browser(), path=START)
    assert len([one for one in operators.every(rig.house) if one.email == made.email]) == 1
    without = post(rig.browser(), "/dashboard/sign-in", {"email": made.email, "password": PASSWORD})
    assert without.status == 401


def test_web_11_who_is_locked_out_stays_out(rig: Rig) -> None:
    operator, idp = ann(rig), chosen(rig, creates=True)
    operators.disable(rig.house, operator.id)
    browser = rig.browser()
    refused = and_back(idp, browser)
    assert refused.status == 403 and not is_signed_in(browser)


def test_web_03_a_return_belongs_to_the_browser_that_left(rig: Rig) -> None:
    ann(rig)
    idp = chosen(rig)
    browser, victim = rig.browser(), rig.browser()
    landed = idp.arrive(browser, idp.response(there(browser)))
    for other in (victim, Browser(rig.endpoint, {"latchstring_half": "x" * 43})):
        planted = other.get(landed.location)
        assert planted.status == 401 and "another browser" in planted.text  # operator_sso_foreign
        assert not is_signed_in(other)
    there(victim)  # who has left on a way of their own does not take another one back
    assert victim.get(landed.location).status == 401
    query = landed.returned
    bent = browser.get(BACK, query={**query, "state": query["state"].replace("/dashboard/team", "/dashboard")})
    assert bent.status == 401
    assert browser.get(landed.location).status == 302  # and the real one still works
    again = browser.get(landed.location)
    assert again.status == 401 and is_signed_in(browser)


def test_web_03_words_of_an_answer_are_shown_only_if_they_are_ours(rig: Rig) -> None:
    ann(rig)
    idp = chosen(rig)
    browser = rig.browser()
    there(browser)
    planted = browser.get(BACK, query={"error": "x", "error_description": "Call +1 555 0100", "state": "x"})
    assert planted.status == 401 and "555" not in page(planted).text
    asked = there(browser)
    failed = idp.arrive(browser, idp.response(asked, audience="https://elsewhere.example"))
    assert failed.location.startswith(f"{BASE}{BACK}?error=")
    told = browser.get(failed.location)
    assert told.status == 401 and "did not come to a good end" in told.text  # operator_sso_failed
    assert not is_signed_in(browser)


def test_web_11_a_return_is_over_after_ten_minutes(rig: Rig) -> None:
    ann(rig)
    idp = chosen(rig)
    browser = rig.browser()
    landed = idp.arrive(browser, idp.response(there(browser)))
    rig.clock.forward(minutes=10)
    assert browser.get(landed.location).status == 401 and not is_signed_in(browser)


def test_oauth_08_an_applications_code_is_none_of_ours_and_ours_none_of_its(rig: Rig) -> None:
    ann(rig)
    idp = chosen(rig)
    browser = rig.browser()
    there(browser)
    half = browser.cookies["latchstring_half"]
    theirs = idp.sign_in(rig.browser()).returned["code"]
    state = operator_sso._state(half, "/dashboard")
    assert browser.get(BACK, query={"code": theirs, "state": state}).status == 401
    assert not is_signed_in(browser)
    ours = idp.arrive(browser, idp.response(there(browser))).returned["code"]
    assert rig.swap(ours).status == 400
    assert rig.swap(ours, redirect_uri=CALLBACK).status == 400


@pytest.mark.parametrize(
    "uri",
    [f"{BASE}{BACK}", f"{BASE}/dashboard", f"{BASE}/dashboard/x", f"http://localhost:*{BACK}"],
)
def test_oauth_02_no_application_may_have_an_address_of_the_dashboard(rig: Rig, uri: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        environments.create_redirect_uri(rig.house, rig.pass_, uri=uri)
    assert [error.code for error in caught.value.errors] == ["redirect_uri_reserved"]
    idp = saml_idp(rig)
    if "*" not in uri:
        is_page(
            rig.authorize(rig.browser(), connection=idp.connection["id"], redirect_uri=uri), "redirect_uri_reserved"
        )


def test_the_address_of_the_dashboard_stands_in_no_list(rig: Rig) -> None:
    chosen(rig)
    assert [one.uri for one in environments.redirect_uris(rig.house, rig.pass_) if "/dashboard" in one.uri] == []
    environments.create_redirect_uri(rig.house, rig.pass_, uri=f"{BASE}/dashboards/callback")  # a neighbour's


def test_where_it_is_off_nobody_leaves_and_nobody_comes_back(rig: Rig) -> None:
    ann(rig)
    assert "single sign-on" not in rig.browser().get("/dashboard/sign-in").text
    refused = rig.browser().get(START)
    assert refused.status == 400 and "do not sign in through" in refused.text  # operator_sso_off
    idp = chosen(rig)
    browser = rig.browser()
    landed = idp.arrive(browser, idp.response(there(browser)))
    operator_sso.switch_off(rig.house)
    assert browser.get(landed.location).status == 400 and not is_signed_in(browser)
    operator_sso.choose(rig.house, environment=rig.environment.id, organization=idp.organization["id"], creates=False)
    rig.client("DELETE", f"/organizations/{idp.organization['id']}")
    assert operator_sso.chosen(rig.house) is None and rig.browser().get(START).status == 400


def test_an_organization_without_a_usable_connection_says_so(rig: Rig) -> None:
    ann(rig)
    made = rig.client("POST", "/organizations", {"name": "Bare", "domains": ["bare.example"]}).json["id"]
    operator_sso.choose(rig.house, environment=rig.environment.id, organization=made, creates=False)
    refused = rig.browser().get(START)
    assert refused.status == 401 and "No Connection associated" in refused.text


# --- once more ---


def test_web_11_who_has_no_password_shows_once_more_who_they_are_by_single_sign_on(rig: Rig) -> None:
    hire(rig)
    idp = chosen(rig, creates=True)
    browser = rig.browser()
    and_back(idp, browser, path=START)
    rig.clock.forward(minutes=10)
    factors = "/dashboard/account/second-factors"
    asked = browser.get(browser.get(factors).location)
    assert page(asked).every("input", name="password") == []
    before = Browser(rig.endpoint, dict(browser.cookies))
    once_more = f"/dashboard/confirm/sso?next={factors}"
    assert once_more in {link.attributes["href"] for link in page(asked).every("a")}
    back = and_back(idp, browser, path=once_more)
    assert (back.status, back.location) == (302, factors)
    assert browser.get(factors).status == 200
    assert not is_signed_in(before)  # rotated (WEB-01)


def test_web_11_once_more_the_identity_provider_asks_anew(rig: Rig) -> None:
    operator, idp = ann(rig, Role.ADMIN), chosen(rig)
    browser = signed_in(rig, operator)
    departed = browser.get("/dashboard/confirm/sso")
    document = request.inflate(parse_qs(urlsplit(departed.location).query)["SAMLRequest"][0])
    assert b'ForceAuthn="true"' in document
    rig.clock.forward(minutes=10)
    refused = and_back(idp, browser, path="/dashboard/confirm/sso", id="u2", email="sue@acme.example")
    assert refused.status == 403 and "operator_sso_somebody_else" in refused.text
    assert browser.get(f"{TEAM}/invite").location.startswith("/dashboard/confirm")


def test_web_11_a_confirmation_is_no_sign_in(rig: Rig) -> None:
    operator, idp = ann(rig), chosen(rig)
    browser = signed_in(rig, operator)
    landed = idp.arrive(browser, idp.response(there(browser, "/dashboard/confirm/sso")))
    browser.cookies.pop("latchstring_session")
    assert browser.get(landed.location).location.startswith("/dashboard/sign-in")
    assert not is_signed_in(browser)


# --- where it is chosen ---


def test_an_administrator_chooses_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = signed_in(rig, hire(rig))
    shown = browser.get(f"{TEAM}/sso")
    assert "decides who comes in" in shown.text
    wrong = send(browser, shown, f"{TEAM}/sso", sso_environment=rig.environment.id, organization="org_x", creates="no")
    assert wrong.status == 422 and page(wrong).by_id("organization").attributes["value"] == "org_x"
    organization = idp.organization["id"]
    done = send(
        browser, wrong, f"{TEAM}/sso", sso_environment=rig.environment.id, organization=organization, creates="yes"
    )
    assert done.location == f"{TEAM}/sso"
    found = operator_sso.chosen(rig.house)
    assert found is not None and (found.organization.id, found.creates) == (organization, True)
    assert "Acme" in page(browser.get(f"{TEAM}/sso")).one("dl").text
    assert send(browser, browser.get(f"{TEAM}/sso"), f"{TEAM}/sso/off").location == f"{TEAM}/sso"
    assert operator_sso.chosen(rig.house) is None
    told = [entry for entry in audit.export(rig.house, Filter()) if entry.action == "house_settings.changed"]
    assert "sso.organization_id" in {change.field for change in told[0].changes}


def test_oauth_14_the_organization_is_one_of_that_environment(rig: Rig) -> None:
    idp = saml_idp(rig)
    other, _client = rig.another_environment(kind=EnvironmentKind.PRODUCTION)
    with pytest.raises(NotFound):
        operator_sso.choose(rig.house, environment=other.id, organization=idp.organization["id"], creates=False)
    with pytest.raises(NotFound):
        operator_sso.choose(rig.house, environment="x", organization=idp.organization["id"], creates=False)
