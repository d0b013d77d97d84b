"""Signing out from the application: the link, the way to the identity provider, and back (contract 2.4)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from latchstring.flows import api_keys
from latchstring.protocols.saml import names
from latchstring.storage import events, front_door
from tests.house_for_tests import BASE, CALLBACK, Answer, Rig, call
from tests.idp_for_tests import oidc_idp, saml_idp
from tests.slo_for_tests import IDP_SLO, LOGOUT_URI, set_logout_uri, slo_idp
from tests.web.html import read


def link(rig: Rig, profile_id: str, **headers: str) -> Answer:
    return rig.client("POST", "/sso/logout/authorize", {"profile_id": profile_id}, **headers)


def told(rig: Rig) -> list[dict[str, Any]]:
    with rig.house.database.read(rig.pass_) as scope:
        every = events.after(scope, "", 1000)
    return [dict(event.data) for event in every if event.event == "authentication.sso_session_ended"]


def test_a_back_end_gets_a_link_and_the_browser_goes_to_the_provider_and_back(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser, "index-1")
    made = link(rig, token["profile"]["id"])
    assert made.status == 200
    assert made.json["logout_url"] == f"{BASE}/sso/logout?token={made.json['logout_token']}"
    assert idp.lives(token)
    left = browser.get(made.json["logout_url"])
    asked, relay_state = idp.received(left, IDP_SLO)
    assert asked.tag == names.LOGOUT_REQUEST and relay_state is None
    name = asked.find(names.NAME_ID)
    assert name is not None and (name.text, name.get("Format")) == ("u1", names.FORMAT_UNSPECIFIED)
    assert [one.text for one in asked.findall(names.SESSION_INDEX)] == ["index-1"]
    assert not idp.lives(token), "what is ours ends at once"
    assert [(one["ended_by"], one["profile_id"]) for one in told(rig)] == [("application", token["profile"]["id"])]
    back = idp.redirected(browser, idp.response(asked.get("ID", "")), kind="SAMLResponse")
    assert back.status == 200 and read(back.text).one("h1").text == "You are signed out"
    assert browser.cookies == {}


@pytest.mark.parametrize("binding", ["redirect", "post"])
@pytest.mark.parametrize("back", ["redirected", "posted"])
def test_the_way_back_leads_to_a_registered_address(rig: Rig, binding: str, back: str) -> None:
    idp, browser = slo_idp(rig, slo_binding=binding), rig.browser()
    url = idp.link(idp.signed_in(browser)["profile"]["id"])
    asked, _ = idp.received(browser.get(f"{url}&return_to={CALLBACK}"), IDP_SLO)
    arrived = getattr(idp, back)(browser, idp.response(asked.get("ID", "")), kind="SAMLResponse")
    assert (arrived.status, arrived.location) == (302, CALLBACK)


def test_the_logout_uri_may_be_returned_to(rig: Rig) -> None:
    set_logout_uri(rig)
    idp, browser = slo_idp(rig), rig.browser()
    url = idp.link(idp.signed_in(browser)["profile"]["id"])
    asked, _ = idp.received(browser.get(f"{url}&return_to={LOGOUT_URI}"), IDP_SLO)
    arrived = idp.redirected(browser, idp.response(asked.get("ID", "")), kind="SAMLResponse")
    assert arrived.location == LOGOUT_URI


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://localhost:3000/callback?x=1",
        "http://localhost:3000/callback/",
        "http://localhost:3000/callback#x",
        "//evil.example/callback",
        "javascript:alert(1)",
        "http://localhost:3000@evil.example/callback",
        "",
    ],
)
def test_oauth_13_nobody_is_sent_to_an_unregistered_address_after_a_logout(rig: Rig, url: str) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    way = idp.link(token["profile"]["id"])
    refused = browser.get(way + "&" + "return_to=" + url.replace("#", "%23").replace("?", "%3F"))
    assert refused.status == 400 and refused.header("location") is None
    assert "logout_return_unregistered" in refused.text
    assert read(refused.text).one("h1").text == "We could not sign you out"
    assert idp.lives(token), "refused before anything happens"
    assert browser.get(way).status == 302, "and the token is as good as before"


def test_a_logout_token_is_good_once_and_for_five_minutes(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    first, second = idp.link(token["profile"]["id"]), idp.link(token["profile"]["id"])
    rig.clock.forward(minutes=4, seconds=59)
    assert browser.get(first).status == 302
    again = browser.get(first)
    assert (again.status, again.header("location")) == (404, None)
    assert "The sign-out link has expired or was used." in again.text
    rig.clock.forward(seconds=1)
    late = browser.call("GET", second, headers={"accept": "application/json"})
    assert (late.status, late.json["message"]) == (404, "The sign-out link has expired or was used.")


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=" + "a" * 43])
def test_a_made_up_logout_token_is_nothing(rig: Rig, query: str) -> None:
    answer = call(rig.endpoint, "GET", f"/sso/logout{query}", headers={"accept": "application/json"})
    assert answer.status == 404 and answer.json["message"]


def test_oauth_16_a_repeated_parameter_is_refused(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    way = idp.link(idp.signed_in(browser)["profile"]["id"])
    twice = browser.get(f"{way}&return_to={CALLBACK}&return_to={CALLBACK}")
    assert (twice.status, "parameter_repeated" in twice.text) == (400, True)


def test_a_link_checker_ends_nothing(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    way = idp.link(token["profile"]["id"])
    assert browser.call("HEAD", way).status == 200
    assert browser.call("HEAD", "/sso/logout?token=x").status == 404
    assert idp.lives(token)
    assert browser.get(way).status == 302


def test_the_token_is_kept_as_a_hash_and_the_session_sealed(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser, "index-of-a-session", name="name-of-a-person")
    made = link(rig, token["profile"]["id"]).json["logout_token"]
    rig.house.database.close()
    everything = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    assert b"idp_sessions" in everything
    for secret in (made, "index-of-a-session"):
        assert secret.encode() not in everything


def test_who_cannot_be_signed_out_is_said_so(rig: Rig) -> None:
    plain, browser = saml_idp(rig), rig.browser()
    profile = rig.swap(plain.sign_in(browser).returned["code"]).json["profile"]
    refused = link(rig, profile["id"])
    assert (refused.status, refused.json["error"]) == (400, "connection_invalid")
    assert "Single Logout" in refused.json["error_description"]
    unknown = link(rig, "prof_00000000000000000000000000")
    assert (unknown.status, unknown.json["message"]) == (404, "Profile not found: 'prof_00000000000000000000000000'.")
    assert link(rig, profile["id"], authorization="Bearer sk_test_wrong").status == 401
    assert rig.client("POST", "/sso/logout/authorize", {}).status == 422


def test_nothing_is_kept_where_the_provider_offers_no_logout(rig: Rig) -> None:
    plain, browser = saml_idp(rig), rig.browser()
    plain.sign_in(browser)
    assert sessions_of(rig) == 0
    idp = slo_idp(rig)
    idp.signed_in(browser)
    assert sessions_of(rig) == 1


def sessions_of(rig: Rig) -> int:
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        count: int = connection.execute("SELECT count(*) FROM idp_sessions").fetchone()[0]
    return count


def test_a_profile_without_a_session_is_said_so(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    profile = idp.signed_in(browser)["profile"]
    browser.get(idp.link(profile["id"]))
    ended = link(rig, profile["id"])
    assert (ended.status, ended.json["code"]) == (404, "idp_session_unknown")


def test_a_switched_off_connection_signs_nobody_out(rig: Rig) -> None:
    """SAML-35 goes for logout as well."""
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    way = idp.link(token["profile"]["id"])
    rig.client("POST", f"/connections/{idp.connection['id']}/deactivate")
    refused = link(rig, token["profile"]["id"])
    assert (refused.status, refused.json["error"]) == (400, "connection_invalid")
    assert browser.get(way).status == 400
    assert idp.redirected(browser, idp.request()).status == 404


def test_i5_a_profile_of_another_environment_is_nobody(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    token = idp.signed_in(browser)
    _, stranger = rig.another_environment()
    answer = stranger("POST", "/sso/logout/authorize", {"profile_id": token["profile"]["id"]})
    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")
    assert idp.lives(token)


def test_i5_the_same_person_of_the_same_provider_stays_signed_in_in_another_environment(rig: Rig) -> None:
    environment, stranger = rig.another_environment()
    assert stranger("POST", "/user_management/redirect_uris", {"uri": CALLBACK}).status == 201
    key = api_keys.create(rig.house, front_door.by_operator(environment), name="its own")
    other = replace(rig, environment=environment, key=key, pass_=front_door.by_operator(environment))
    here, there = slo_idp(rig), slo_idp(other)
    browser = rig.browser()
    mine, theirs = here.signed_in(browser), there.signed_in(browser)
    here.redirected(browser, here.request())  # the provider signs the person out, by name
    assert (here.lives(mine), there.lives(theirs)) == (False, True)
    assert (len(told(rig)), told(other)) == (1, [])
    mine = here.signed_in(browser, "s2")
    browser.get(here.link(mine["profile"]["id"]))  # and so does the application
    assert (here.lives(mine), there.lives(theirs)) == (False, True)
    asked, _ = there.received(browser.get(there.link(theirs["profile"]["id"])), IDP_SLO)
    assert asked.find(names.NAME_ID) is not None, "its session is as it was"
    assert (here.lives(mine), there.lives(theirs)) == (False, False)
    assert [one["profile_id"] for one in told(other)] == [theirs["profile"]["id"]]


def test_every_session_by_the_same_name_is_named(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    first = idp.signed_in(browser, "one")
    rig.clock.forward(seconds=1)
    second = idp.signed_in(rig.browser(), "two")
    rig.clock.forward(seconds=1)
    other = idp.signed_in(rig.browser(), "three", name="another name of u1")
    assert first["profile"]["id"] == second["profile"]["id"] == other["profile"]["id"]
    asked, _ = idp.received(browser.get(idp.link(first["profile"]["id"])), IDP_SLO)
    assert [one.text for one in asked.findall(names.SESSION_INDEX)] == ["three"]
    assert not idp.lives(first) and not idp.lives(second) and not idp.lives(other)
    assert {one["sso"]["connection_id"] for one in told(rig)} == {idp.connection["id"]}
    assert len(told(rig)) == 3


def test_a_code_that_is_not_swapped_yet_dies_with_the_session(rig: Rig) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    profile = idp.signed_in(browser)["profile"]
    code = idp.idp.sign_in(browser).returned["code"]
    browser.get(idp.link(profile["id"]))
    assert rig.swap(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("status", "detail", "words"),
    [
        (names.STATUS_SUCCESS, None, "You can close this window."),
        (names.STATUS_SUCCESS, names.STATUS_PARTIAL_LOGOUT, "Some other applications"),
        (names.STATUS_RESPONDER, None, "did not confirm it"),
        ("urn:whatever", names.STATUS_SUCCESS, "did not confirm it"),
    ],
)
def test_what_the_provider_says_is_shown(rig: Rig, status: str, detail: str | None, words: str) -> None:
    idp, browser = slo_idp(rig), rig.browser()
    asked, _ = idp.received(browser.get(idp.link(idp.signed_in(browser)["profile"]["id"])), IDP_SLO)
    document = idp.response(asked.get("ID", ""), status=status, detail=detail)
    assert words in idp.redirected(browser, document, kind="SAMLResponse").text


# OpenID Connect

END = "https://op.acme.example/end"
REVOKE = "https://op.acme.example/revoke"


def test_oidc_logout_goes_to_the_end_session_endpoint_and_back(rig: Rig) -> None:
    idp, browser = oidc_idp(rig, discovery={"end_session_endpoint": END, "revocation_endpoint": REVOKE}), rig.browser()
    rig.network.put(REVOKE, {})
    token = rig.swap(idp.sign_in(browser).returned["code"]).json
    way = link(rig, token["profile"]["id"]).json["logout_url"].removeprefix(BASE)
    rig.network.calls.clear()
    left = browser.get(f"{way}&return_to={CALLBACK}")
    assert left.status == 302 and left.location.startswith(f"{END}?")
    sent = left.returned
    back = f"{BASE}/sso/oidc/{idp.connection['external_key']}/logout"
    assert idp.connection["oidc_options"]["post_logout_redirect_uri"] == back
    assert (sent["client_id"], sent["post_logout_redirect_uri"]) == ("our-client", back)
    assert sent["id_token_hint"].count(".") == 2 and len(sent["state"]) == 32
    revoked = [fetch for fetch in rig.network.calls if fetch.url == REVOKE]
    assert [fetch.body for fetch in revoked] == [b"token=opaque&token_type_hint=access_token"]
    assert revoked[0].headers["authorization"].startswith("Basic ")
    assert rig.client("GET", "/sso/profile", authorization=f"Bearer {token['access_token']}").status == 401
    arrived = browser.get(back, query={"state": sent["state"]})
    assert (arrived.status, arrived.location) == (302, CALLBACK)
    again = browser.get(back, query={"state": sent["state"]})
    assert (again.status, again.header("location")) == (200, None)


@pytest.mark.parametrize("state", ["", "0" * 32, "x"])
def test_oauth_13_a_return_without_our_state_goes_nowhere(rig: Rig, state: str) -> None:
    idp = oidc_idp(rig, discovery={"end_session_endpoint": END})
    answer = rig.browser().get(f"/sso/oidc/{idp.connection['external_key']}/logout", query={"state": state})
    assert (answer.status, answer.header("location")) == (200, None)


def test_oidc_11_another_browser_does_not_go_on_with_a_logout(rig: Rig) -> None:
    idp, browser = oidc_idp(rig, discovery={"end_session_endpoint": END}), rig.browser()
    profile = rig.swap(idp.sign_in(browser).returned["code"]).json["profile"]
    way = link(rig, profile["id"]).json["logout_url"].removeprefix(BASE)
    state = browser.get(f"{way}&return_to={CALLBACK}").returned["state"]
    path = f"/sso/oidc/{idp.connection['external_key']}/logout"
    assert rig.browser().get(path, query={"state": state}).header("location") is None
    assert browser.get(path, query={"state": state}).location == CALLBACK


def test_a_provider_that_cannot_end_sessions_is_said_so(rig: Rig) -> None:
    idp, browser = oidc_idp(rig), rig.browser()
    profile = rig.swap(idp.sign_in(browser).returned["code"]).json["profile"]
    refused = link(rig, profile["id"])
    assert (refused.status, refused.json["error"]) == (400, "connection_invalid")
    assert "end_session_endpoint" in refused.json["error_description"]


def test_revocation_that_fails_stops_nobody(rig: Rig) -> None:
    idp, browser = oidc_idp(rig, discovery={"end_session_endpoint": END, "revocation_endpoint": REVOKE}), rig.browser()
    profile = rig.swap(idp.sign_in(browser).returned["code"]).json["profile"]
    way = link(rig, profile["id"]).json["logout_url"].removeprefix(BASE)
    assert browser.get(way).location.startswith(END)
    assert any(fetch.url == REVOKE for fetch in rig.network.calls)


def test_an_id_token_too_long_for_an_address_goes_as_a_form(rig: Rig) -> None:
    idp, browser = oidc_idp(rig, discovery={"end_session_endpoint": END}), rig.browser()
    idp.claims["groups"] = [f"a group with a long name and the number {number}" for number in range(200)]
    profile = rig.swap(idp.sign_in(browser).returned["code"]).json["profile"]
    left = browser.get(link(rig, profile["id"]).json["logout_url"].removeprefix(BASE))
    form = read(left.text).one("form")
    assert form.attributes["action"] == END
    assert set(form.sends()) == {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}


def test_the_provider_tells_and_the_browser_goes_to_the_logout_uri(rig: Rig) -> None:
    idp, browser = oidc_idp(rig, discovery={"end_session_endpoint": END}), rig.browser()
    idp.claims["sid"] = "session at the provider"
    token = rig.swap(idp.sign_in(browser).returned["code"]).json
    path = f"/sso/oidc/idp-logout/{idp.connection['external_key']}"
    assert "may not have noticed" in browser.get(path).text
    set_logout_uri(rig)
    plain = browser.get(path)
    assert (plain.status, plain.location.partition("?")[0]) == (302, LOGOUT_URI)
    assert plain.returned == {"connection_id": idp.connection["id"]}
    for wrong in ({"sid": "another"}, {"sid": "session at the provider", "iss": "https://evil.example"}):
        assert browser.get(path, query=wrong).returned == {"connection_id": idp.connection["id"]}
        assert rig.client("GET", "/sso/profile", authorization=f"Bearer {token['access_token']}").status == 200
    ended = browser.get(path, query={"sid": "session at the provider", "iss": idp.issuer}).returned
    assert (ended["profile_id"], ended["session_id"][:5]) == (token["profile"]["id"], "sess_")
    assert rig.client("GET", "/sso/profile", authorization=f"Bearer {token['access_token']}").status == 401
    assert [one["ended_by"] for one in told(rig)] == ["identity_provider"]


def test_an_address_of_nobody_is_not_found(rig: Rig) -> None:
    plain = saml_idp(rig)
    for key in ("x" * 25, plain.connection["external_key"]):
        for path in (f"/sso/oidc/idp-logout/{key}", f"/sso/oidc/{key}/logout"):
            assert rig.browser().get(path).status == 404
