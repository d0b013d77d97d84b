"""What is switched off, unfinished or gone lets nobody in, at whatever step of a sign-in it happens (SAML-35)."""

from __future__ import annotations

import re

import msgspec
import pytest

from latchstring.flows import domains, environment_settings, environments
from latchstring.flows.environment_settings import SettingsWish
from latchstring.model.connection import ConnectionState
from latchstring.model.fetch import Fetch, Fetched
from latchstring.storage import connections, events
from tests.house_for_tests import CALLBACK, Rig
from tests.idp_for_tests import OidcIdp, SamlIdp, oidc_idp, saml_idp
from tests.oauth_for_tests import scene
from tests.web.codes import code_of, is_spent, profile, token
from tests.web.doors import is_page, is_redirect

CLOSED = [state for state in ConnectionState if not state.admits_logins]
UNFINISHED = (ConnectionState.REQUIRES_TYPE, ConnectionState.DRAFT)
states = pytest.mark.parametrize("state", CLOSED, ids=lambda state: state.value)


def put(rig: Rig, idp: SamlIdp | OidcIdp | str, state: ConnectionState) -> None:
    """The connection into that state, whatever way leads there."""
    with rig.house.database.write(rig.pass_) as scope:
        found = connections.get(scope, rig.house.vault, idp if isinstance(idp, str) else idp.connection["id"])
        assert found is not None
        config = None if state in UNFINISHED else found.config
        connections.save(scope, rig.house.vault, msgspec.structs.replace(found, state=state, config=config))


def successes(rig: Rig) -> int:
    with rig.house.database.read(rig.pass_) as scope:
        return sum(event.event == "authentication.sso_succeeded" for event in events.after(scope, "", 1000))


def test_saml_35_four_states_are_closed_and_two_are_open() -> None:
    assert [state.value for state in CLOSED] == ["requires_type", "draft", "inactive", "deleting"]


@states
def test_saml_35_no_sign_in_begins(rig: Rig, state: ConnectionState) -> None:
    idp = saml_idp(rig)
    put(rig, idp, state)
    gone = state is ConnectionState.DELETING  # to the organization, which is as if it had none
    of_organization = ("organization_invalid", "organization_unknown") if gone else ("connection_unlinked",) * 2
    for selector, (error, code) in (
        ({"connection": idp.connection["id"]}, ("connection_unlinked", "connection_unlinked")),
        ({"organization": idp.organization["id"]}, of_organization),
    ):
        answer = rig.authorize(rig.browser(), **selector)
        is_redirect(rig, answer, error, code)
        assert answer.header("set-cookie") is None


@states
def test_saml_35_an_answer_to_a_request_of_before_is_refused(rig: Rig, state: ConnectionState) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    document = idp.response(idp.depart(browser))
    put(rig, idp, state)
    is_page(idp.arrive(browser, document), "connection_unlinked")
    assert successes(rig) == 0


@states
def test_saml_35_an_openid_connect_answer_is_refused_before_anything_is_asked(rig: Rig, state: ConnectionState) -> None:
    idp = oidc_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    before = len(rig.network.calls)
    put(rig, idp, state)
    landed = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    is_page(landed, "connection_address_unknown" if state in UNFINISHED else "connection_unlinked")
    assert (idp.exchanges, len(rig.network.calls)) == ([], before)


@states
def test_saml_35_an_answer_that_nobody_asked_for_is_refused(rig: Rig, state: ConnectionState) -> None:
    idp = saml_idp(rig, idp_initiated="allow")
    document = idp.response(None)
    put(rig, idp, state)
    is_page(idp.arrive(rig.browser(), document), "connection_unlinked")


def test_saml_35_a_yes_to_the_question_comes_too_late(rig: Rig) -> None:
    idp = saml_idp(rig, idp_initiated="allow")
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(idp_initiated_consent=True))
    browser = rig.browser()
    page = idp.arrive(browser, idp.response(None))
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    action = re.search(r'action="([^"]*/consent/[^"]*)"', page.text)
    assert page.status == 200 and action is not None
    put(rig, idp, ConnectionState.INACTIVE)
    answer = browser.post(action[1], fields | {"decision": "continue"})
    assert "code=" not in (answer.header("location") or "")
    assert "connection_unlinked" in (answer.header("location") or answer.text)


def test_saml_35_switched_off_while_the_provider_is_being_asked(rig: Rig) -> None:
    idp = oidc_idp(rig)
    ask = rig.network.answers[f"{idp.issuer}/token"]
    assert not isinstance(ask, Exception)

    def switched_off_meanwhile(fetch: Fetch) -> Fetched:
        put(rig, idp, ConnectionState.INACTIVE)
        return ask(fetch)

    rig.network.answers[f"{idp.issuer}/token"] = switched_off_meanwhile
    browser = rig.browser()
    asked = idp.depart(browser)
    landed = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    is_redirect(rig, landed, "connection_unlinked", "connection_unlinked")
    assert len(idp.exchanges) == 1


def test_saml_37_a_domain_that_is_taken_away_while_the_provider_is_asked_lets_nobody_in(rig: Rig) -> None:
    idp = oidc_idp(rig)
    ask = rig.network.answers[f"{idp.issuer}/token"]
    assert not isinstance(ask, Exception)
    organization = rig.client("GET", f"/organizations/{idp.organization['id']}").json

    def meanwhile(fetch: Fetch) -> Fetched:
        for domain in organization["domains"]:
            domains.delete(rig.house, rig.pass_, domain["id"])
        return ask(fetch)

    rig.network.answers[f"{idp.issuer}/token"] = meanwhile
    browser = rig.browser()
    asked = idp.depart(browser)
    landed = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    is_redirect(rig, landed, "profile_not_allowed_outside_organization", "email_outside_organization")


@states
def test_saml_35_an_oauth_answer_is_refused_before_anything_is_asked(rig: Rig, state: ConnectionState) -> None:
    with scene(rig, "GoogleOAuth") as played:
        browser = rig.browser()
        left = played.depart(browser)
        before = len(rig.network.calls)
        put(rig, played.provider["connection_id"], state)
        landed = played.arrive(browser, left)
        is_page(landed, "connection_address_unknown" if state in UNFINISHED else "connection_unlinked")
        assert len(rig.network.calls) == before
        assert "code" not in (landed.header("location") or "")


@states
def test_saml_35_a_magic_link_is_refused_before_and_at_the_button(rig: Rig, state: ConnectionState) -> None:
    made = rig.client("POST", "/passwordless/sessions", {"email": "ann@acme.example", "type": "MagicLink"}).json
    connection = next(
        one for one in rig.client("GET", "/connections").json["data"] if one["connection_type"] == "MagicLink"
    )
    put(rig, connection["id"], state)
    for method in ("GET", "POST"):
        is_redirect(rig, rig.browser().call(method, made["link"]), "connection_unlinked", "connection_unlinked")
    refused = rig.client("POST", f"/passwordless/sessions/{made['id']}/send")
    assert (refused.status, refused.json["code"]) == (400, "connection_unlinked")


@states
def test_saml_35_codes_and_tokens_of_before_give_no_profile(rig: Rig, state: ConnectionState) -> None:
    idp = saml_idp(rig)
    code, redeemed = code_of(rig, idp), token(rig, code_of(rig, idp), "retry-1")
    access_token = redeemed.json["access_token"]
    put(rig, idp, state)
    assert is_spent(token(rig, code))
    assert profile(rig, access_token) == 401


def test_saml_35_switched_on_again_it_was_a_slip(rig: Rig) -> None:
    idp = saml_idp(rig)
    path = f"/connections/{idp.connection['id']}"
    lost, waiting = code_of(rig, idp), code_of(rig, idp)
    first = token(rig, lost, "retry-1")
    assert rig.client("POST", f"{path}/deactivate").status == 200
    assert is_spent(token(rig, waiting))
    assert rig.client("POST", f"{path}/activate").status == 200
    assert profile(rig, first.json["access_token"]) == 200
    assert token(rig, waiting).status == 200


def test_saml_35_a_lost_answer_is_not_given_again_once_it_is_switched_off(rig: Rig) -> None:
    idp = saml_idp(rig)
    code = code_of(rig, idp)
    access_token = token(rig, code, "retry-1").json["access_token"]
    put(rig, idp, ConnectionState.INACTIVE)
    assert is_spent(token(rig, code, "retry-1"))
    put(rig, idp, ConnectionState.ACTIVE)
    assert profile(rig, access_token) == 401  # asked for twice, which takes it back


@pytest.mark.parametrize("gone", ["connection", "organization", "environment"])
def test_saml_35_what_is_deleted_takes_everything_with_it(rig: Rig, gone: str) -> None:
    idp = saml_idp(rig, idp_initiated="allow")
    code, redeemed = code_of(rig, idp), code_of(rig, idp)
    access_token = token(rig, redeemed).json["access_token"]
    browser = rig.browser()
    away = idp.response(idp.depart(browser))
    if gone == "environment":
        environments.delete(rig.house, rig.environment.id)
    else:
        identifier = idp.connection["id"] if gone == "connection" else idp.organization["id"]
        assert rig.client("DELETE", f"/{gone}s/{identifier}").status in (200, 202, 204)
    is_page(idp.arrive(browser, away), "connection_address_unknown")
    is_page(idp.arrive(rig.browser(), idp.response(None)), "connection_address_unknown")
    refused = token(rig, code)
    assert refused.json["error"] == ("invalid_client" if gone == "environment" else "invalid_grant")
    assert profile(rig, access_token) == 401
    begun = rig.authorize(rig.browser(), connection=idp.connection["id"])
    if gone == "environment":
        is_page(begun, "client_unknown")
    else:
        assert begun.location.startswith(CALLBACK + "?error=connection_invalid")
