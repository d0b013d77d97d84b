"""Bad input at the front door: each case ends in its own stable code, at the right door, in words that help.

`page` is a page in the browser (nobody is redirected), `redirect` the application's redirect URI, `json` an API answer.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from latchstring.adapters.saml import SamlAdapter
from latchstring.flows import upkeep
from latchstring.protocols.saml import refusals
from latchstring.storage import front_door
from tests.house_for_tests import CALLBACK, Rig, call
from tests.idp_for_tests import ATTRIBUTES, pair, saml_idp
from tests.web.doors import is_page, is_redirect

AUTHORIZE: list[tuple[str, dict[str, str], str, str]] = [
    # what is wrong, the query over a good one, door, code (behind the WorkOS code where it is a redirect)
    ("unknown client", {"client_id": "client_unknown"}, "page", "client_unknown"),
    ("no client", {"client_id": ""}, "page", "client_unknown"),
    ("unregistered redirect URI", {"redirect_uri": "https://evil.example/"}, "page", "redirect_uri_unregistered"),
    ("registered one with a query", {"redirect_uri": CALLBACK + "?x=1"}, "page", "redirect_uri_unregistered"),
    ("registered one with a slash", {"redirect_uri": CALLBACK + "/"}, "page", "redirect_uri_unregistered"),
    (
        "look-alike host",
        {"redirect_uri": "http://localhost.evil.example:3000/callback"},
        "page",
        "redirect_uri_unregistered",
    ),
    ("script", {"redirect_uri": "javascript:alert(1)"}, "page", "redirect_uri_unregistered"),
    ("no selector", {"connection": ""}, "page", "selector_missing"),
    ("two selectors", {"organization": "org_test_idp"}, "invalid_connection_selector", "selector_ambiguous"),
    ("unknown connection", {"connection": "conn_unknown"}, "connection_invalid", "connection_unknown"),
    (
        "unknown organization",
        {"connection": "", "organization": "org_unknown"},
        "organization_invalid",
        "organization_unknown",
    ),
    ("unknown provider", {"connection": "", "provider": "FaxOAuth"}, "invalid_connection_selector", "provider_unknown"),
    (
        "provider that is not set up",
        {"connection": "", "provider": "GoogleOAuth"},
        "connection_strategy_invalid",
        "provider_not_set_up",
    ),
    (
        "domain as a selector",
        {"connection": "", "domain": "acme.example"},
        "domain_connection_selector_not_allowed",
        "domain_selector_not_allowed",
    ),
    ("response type", {"response_type": "token"}, "unsupported_response_type", "response_type_unsupported"),
    ("no response type", {"response_type": ""}, "unsupported_response_type", "response_type_unsupported"),
    (
        "plain PKCE",
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        "invalid_request",
        "code_challenge_invalid",
    ),
    (
        "short challenge",
        {"code_challenge": "x", "code_challenge_method": "S256"},
        "invalid_request",
        "code_challenge_invalid",
    ),
]


@pytest.mark.parametrize(("query", "door", "code"), [row[1:] for row in AUTHORIZE], ids=[row[0] for row in AUTHORIZE])
def test_authorize(rig: Rig, query: dict[str, str], door: str, code: str) -> None:
    idp = saml_idp(rig)
    answer = rig.authorize(rig.browser(), **({"connection": idp.connection["id"]} | query))
    if door == "page":
        is_page(answer, code)
    else:
        is_redirect(rig, answer, door, code)
        assert answer.returned["state"] == "s t/ä"
    assert answer.header("set-cookie") is None


def test_a_parameter_given_twice(rig: Rig) -> None:
    query = f"client_id={rig.environment.client_id}&client_id=client_other&response_type=code"
    answer = rig.browser().get(f"/sso/authorize?{query}")
    is_page(answer, "parameter_repeated")


def test_an_organization_with_two_connections_and_with_none(rig: Rig) -> None:
    idp = saml_idp(rig)
    organization = idp.organization["id"]
    body = {
        "organization_id": organization,
        "saml_options": {
            "idp_entity_id": "urn:second",
            "idp_sso_url": "https://second.example/sso",
            "idp_signing_certs": [pair("acme")[0]],
        },
    }
    second = rig.client("POST", "/connections", body).json["id"]
    answer = rig.authorize(rig.browser(), organization=organization)
    is_redirect(rig, answer, "ambiguous_connection_selector", "organization_ambiguous")
    rig.client("POST", f"/connections/{second}/deactivate")
    assert "code" not in rig.authorize(rig.browser(), organization=organization).returned
    assert rig.authorize(rig.browser(), organization=organization).location.startswith("https://idp.acme.example/sso")
    rig.client("DELETE", f"/connections/{second}")
    rig.client("DELETE", f"/connections/{idp.connection['id']}")
    answer = rig.authorize(rig.browser(), organization=organization)
    is_redirect(rig, answer, "organization_invalid", "organization_unknown")
    assert answer.returned["error_description"] == f"No Connection associated with Organization '{organization}'"


def test_an_inactive_connection(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    rig.client("POST", f"/connections/{idp.connection['id']}/deactivate")
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    is_redirect(rig, answer, "connection_unlinked", "connection_unlinked")
    # An answer that was on its way is refused, too (SAML-35), and so is one after the deletion.
    late = idp.arrive(browser, idp.response(asked))
    assert "code=" not in (late.header("location") or "")
    rig.client("DELETE", f"/connections/{idp.connection['id']}")
    is_page(idp.arrive(browser, idp.response(asked)), "connection_address_unknown")


RESPONSES: list[tuple[str, dict[str, Any], str, str]] = [
    ("unsigned", {"sign": "none"}, "server_error", "signature_missing"),
    ("wrong certificate", {"key": "other"}, "server_error", "certificate_unknown"),
    ("wrong audience", {"audience": "https://sp.evil.example"}, "server_error", "audience_mismatch"),
    ("wrong issuer", {"entity_id": "https://evil.example"}, "server_error", "issuer_mismatch"),
    ("wrong destination", {"destination": "https://sp.evil.example/acs"}, "server_error", "destination_mismatch"),
    ("wrong recipient", {"recipient": "https://sp.evil.example/acs"}, "server_error", "recipient_mismatch"),
    ("expired", {"shift": timedelta(minutes=-7)}, "server_error", "assertion_expired"),
    ("not yet valid", {"shift": timedelta(minutes=5)}, "server_error", "assertion_not_yet_valid"),
    (
        "outside the organization",
        {"attributes": {**ATTRIBUTES, "email": ("joe@elsewhere.example",)}},
        "profile_not_allowed_outside_organization",
        "email_outside_organization",
    ),
    (
        "one address of several outside",
        {"attributes": {**ATTRIBUTES, "email": ("ann@acme.example", "joe@elsewhere.example")}},
        "profile_not_allowed_outside_organization",
        "email_outside_organization",
    ),
    ("no e-mail address", {"attributes": {"id": ("u1",)}}, "server_error", "attributes_missing"),
    (
        "no e-mail address in the e-mail",
        {"attributes": {**ATTRIBUTES, "email": ("ann@acme.example@evil.example",)}},
        "server_error",
        "email_invalid",
    ),
    (
        "the identity provider says no",
        {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
        "server_error",
        "idp_error",
    ),
]


@pytest.mark.parametrize(
    ("changed", "error", "code"), [row[1:] for row in RESPONSES], ids=[row[0] for row in RESPONSES]
)
def test_saml_response(rig: Rig, changed: dict[str, Any], error: str, code: str) -> None:
    answer = saml_idp(rig).sign_in(rig.browser(), **dict(changed))
    is_redirect(rig, answer, error, code)
    (news,) = rig.news
    assert news.refusal is not None and news.refusal.code == code


def test_saml_32_34_a_replayed_response(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    kept = dict(browser.cookies)
    document = idp.response(asked)
    assert "code" in idp.arrive(browser, document).returned
    is_page(idp.arrive(browser, document), "browser_mismatch")  # the cookie is gone
    browser.cookies = kept
    is_redirect(rig, idp.arrive(browser, document), "server_error", "attempt_already_used")
    # The same assertion inside another sign-in: its ID was used.
    second = idp.depart(browser)
    reused = idp.response(second, assertion_id="_used")
    assert "code" in idp.arrive(browser, reused).returned
    third = idp.depart(browser)
    is_redirect(
        rig, idp.arrive(browser, idp.response(third, assertion_id="_used")), "server_error", "assertion_replayed"
    )


def test_saml_32_another_browsers_response(rig: Rig) -> None:
    idp = saml_idp(rig)
    victim, thief = rig.browser(), rig.browser()
    document = idp.response(idp.depart(thief))
    is_page(idp.arrive(victim, document), "browser_mismatch")
    idp.depart(victim)
    is_page(idp.arrive(victim, document), "browser_mismatch")
    assert "code" in idp.arrive(thief, document).returned  # it is still good where it belongs


def test_saml_32_a_late_response_and_one_to_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    rig.clock.forward(minutes=10)
    is_redirect(rig, idp.arrive(browser, idp.response(asked)), "server_error", "attempt_expired")
    is_page(idp.arrive(browser, idp.response(asked, in_response_to="_" + "0" * 32)), "answer_unknown")


def test_saml_28_the_address_is_the_configured_one_whatever_the_host_header_says(rig: Rig) -> None:
    idp = saml_idp(rig)
    evil = idp.acs.replace("localhost:4100", "evil.example")
    poison = {"host": "evil.example", "x_forwarded_host": "evil.example", "x_forwarded_proto": "https"}
    for destination, code in ((evil, "destination_mismatch"), (idp.acs, None)):
        browser = rig.browser()
        asked = idp.depart(browser)
        assert asked.acs_url == idp.acs
        document = idp.response(asked, destination=destination)
        landed = browser.post(idp.acs, {"SAMLResponse": b64encode(document).decode()}, **poison)
        if code is None:
            assert "code" in landed.returned
        else:
            is_redirect(rig, landed, "server_error", code)


def test_saml_32_an_answer_to_nothing_is_refused_in_a_browser_that_waits_for_one(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser)
    answer = idp.arrive(browser, idp.response(None), relay_state=asked.id.removeprefix("_"))
    is_redirect(rig, answer, "idp_initiated_sso_disabled", "idp_initiated_sso_disabled")
    assert "code" in idp.arrive(browser, idp.response(asked)).returned


def test_an_answer_that_nobody_asked_for(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = idp.arrive(rig.browser(), idp.response(None), relay_state="https://evil.example")
    is_redirect(rig, answer, "idp_initiated_sso_disabled", "idp_initiated_sso_disabled")
    for name in ("connection", "connection_id"):
        assert answer.returned[name] == idp.connection["id"]
    for name in ("organization", "organization_id"):
        assert answer.returned[name] == idp.organization["id"]
    assert "state" not in answer.returned


def test_saml_32_36_a_response_at_another_connections_address(rig: Rig) -> None:
    mine = saml_idp(rig)
    body = {
        "organization_id": mine.organization["id"],
        "saml_options": {
            "idp_entity_id": mine.entity_id,
            "idp_sso_url": "https://idp.acme.example/sso",
            "idp_signing_certs": [pair("acme")[0]],
        },
    }
    other = rig.client("POST", "/connections", body).json["saml_options"]["acs_url"]
    browser = rig.browser()
    document = mine.response(mine.depart(browser))
    is_page(browser.post(other, {"SAMLResponse": b64encode(document).decode()}), "answer_unknown")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("", "document_not_base64"),
        ("%%%", "document_not_base64"),
        ("bm90IHhtbA==", "document_not_xml"),
        (b64encode(b"<a>").decode(), "document_not_xml"),
        (b64encode(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>').decode(), "document_has_dtd"),
        (b64encode(b"<a/>").decode(), "not_a_response"),
        (b64encode(b"<a>" + b"x" * 300_000 + b"</a>").decode(), "document_too_large"),
    ],
    ids=["empty", "no base64", "no xml", "unclosed", "dtd", "other xml", "300 kB"],
)
def test_malformed_responses(rig: Rig, field: str, code: str) -> None:
    idp = saml_idp(rig)
    is_page(idp.arrive(rig.browser(), field), code)


def test_a_body_of_megabytes(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = idp.arrive(rig.browser(), "A" * 3_000_000)
    assert answer.status == 413


def test_saml_02_larger_responses_can_be_allowed_up_to_a_mebibyte(rig: Rig) -> None:
    padding = "<!--" + "x" * 900_000 + "-->"
    field = b64encode(
        saml_idp(rig).response(None).replace(b"</samlp:Response>", f"{padding}</samlp:Response>".encode())
    )
    large = SamlAdapter(max_bytes=1_048_576)
    assert large.receive({"SAMLResponse": field.decode()}).handle is None
    with pytest.raises(refusals.DocumentTooLarge):
        SamlAdapter(max_bytes=900_000).receive({"SAMLResponse": field.decode()})


def test_saml_43_a_request_beside_the_response_and_a_response_twice(rig: Rig) -> None:
    idp = saml_idp(rig)
    for body, code in (
        (b"SAMLResponse=x&SAMLRequest=y", "saml_request_beside_response"),
        (b"SAMLResponse=x&SAMLResponse=y", "parameter_repeated"),
    ):
        answer = rig.browser().call(
            "POST", idp.acs, body=body, headers={"content_type": "application/x-www-form-urlencoded"}
        )
        is_page(answer, code)
    assert rig.browser().get(idp.acs).status == 405


TOKENS: list[tuple[str, dict[str, str], str]] = [
    ("wrong secret", {"client_secret": "sk_test_wrong"}, "invalid_client"),
    ("no secret", {"client_secret": ""}, "invalid_request"),
    ("unknown client", {"client_id": "client_unknown"}, "invalid_client"),
    ("no client", {"client_id": ""}, "invalid_request"),
    ("no code", {"code": ""}, "invalid_request"),
    ("unknown code", {"code": "01E2RJ4C05B52KKZ8FSRDAP23J"}, "invalid_grant"),
    ("another redirect URI", {"redirect_uri": "https://evil.example"}, "invalid_grant"),
    ("a verifier where none was asked for", {"code_verifier": "v" * 43}, "invalid_grant"),
    ("grant type", {"grant_type": "password"}, "unsupported_grant_type"),
    ("no grant type", {"grant_type": ""}, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "error"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_token(rig: Rig, changed: dict[str, str], error: str) -> None:
    code = saml_idp(rig).sign_in(rig.browser()).returned["code"]
    answer = rig.swap(**({"code": code} | changed))
    assert (answer.status, answer.json["error"]) == (400, error)
    assert answer.json["error_description"]
    assert answer.header("cache-control") == "no-store"


def test_codes_are_good_once_for_ten_minutes_in_their_own_environment(rig: Rig) -> None:
    idp = saml_idp(rig)
    code = idp.sign_in(rig.browser()).returned["code"]
    environment, theirs = rig.another_environment()
    foreign = rig.swap(code, client_id=environment.client_id, client_secret=theirs.key)
    assert foreign.json["error"] == "invalid_grant"
    first = rig.swap(code)
    assert first.status == 200
    again = rig.swap(code)
    assert again.json["error"] == "invalid_grant"
    assert again.json["error_description"].endswith("has expired or is invalid.")
    # A code that is tried twice was stolen by somebody: what it gave is taken back (RFC 6749, 4.1.2).
    token = {"authorization": f"Bearer {first.json['access_token']}"}
    assert call(rig.endpoint, "GET", "/sso/profile", headers=token).status == 401
    late = idp.sign_in(rig.browser()).returned["code"]
    rig.clock.forward(minutes=10)
    assert rig.swap(late).json["error"] == "invalid_grant"


def test_access_tokens_end(rig: Rig) -> None:
    idp = saml_idp(rig)
    token = rig.swap(idp.sign_in(rig.browser()).returned["code"]).json["access_token"]
    good = {"authorization": f"Bearer {token}"}
    assert call(rig.endpoint, "GET", "/sso/profile", headers=good).status == 200
    for wrong in ({}, {"authorization": f"Bearer {rig.key.secret.reveal()}"}, {"authorization": "Bearer x"}):
        answer = call(rig.endpoint, "GET", "/sso/profile", headers=wrong)
        assert (answer.status, answer.json) == (401, {"message": "Unauthorized", "error": "Unauthorized"})
    rig.clock.forward(minutes=10)
    assert call(rig.endpoint, "GET", "/sso/profile", headers=good).status == 401


@pytest.mark.parametrize("swept", [False, True], ids=["just now", "swept up"])
def test_web_02_who_comes_back_too_late_is_told_so_although_the_cookie_is_gone_as_well(rig: Rig, swept: bool) -> None:
    idp = saml_idp(rig)
    browser, other = rig.browser(), rig.browser()
    asked = idp.depart(browser)
    document = idp.response(asked)
    rig.clock.forward(minutes=9, seconds=59)
    is_page(idp.arrive(other, document), "browser_mismatch")
    rig.clock.forward(seconds=1)
    if swept:
        upkeep.time_out(rig.house, front_door.by_worker(rig.environment))
    is_page(idp.arrive(other, document), "attempt_expired")
    is_redirect(rig, idp.arrive(browser, document), "server_error", "attempt_expired")


def test_web_02_a_sign_in_that_came_to_an_end_is_not_late_in_another_browser(rig: Rig) -> None:
    idp, browser = saml_idp(rig), rig.browser()
    document = idp.response(idp.depart(browser))
    assert "code" in idp.arrive(browser, document).returned
    rig.clock.forward(minutes=10)
    is_page(idp.arrive(rig.browser(), document), "browser_mismatch")
