"""OpenID Connect answers that must not become a sign-in: each ends in its own stable code, at the right door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc.jwk import OctKey

from latchstring.model.fetch import Fetched, Unreachable
from latchstring.protocols import rfc6749
from tests.house_for_tests import Rig
from tests.idp_for_tests import OidcIdp, decoded, jose_key, oidc_idp
from tests.web.doors import is_page, is_redirect


def forge(idp: OidcIdp) -> None:
    idp.key = jose_key("rsa 2")
    idp.header["kid"] = "rsa"


OIDC: list[tuple[str, Callable[[Any], None], str, str]] = [
    ("wrong nonce", lambda idp: idp.claims.update(nonce="another"), "server_error", "id_token_nonce_mismatch"),
    ("alg none", lambda idp: idp.header.update(alg="none"), "server_error", "id_token_algorithm_not_allowed"),
    (
        "another algorithm",
        lambda idp: setattr(idp, "algorithm", "RS512"),
        "server_error",
        "id_token_algorithm_not_allowed",
    ),
    (
        "wrong issuer",
        lambda idp: idp.claims.update(iss="https://evil.example"),
        "server_error",
        "id_token_issuer_mismatch",
    ),
    ("wrong audience", lambda idp: idp.claims.update(aud="other"), "server_error", "id_token_audience_mismatch"),
    ("expired", lambda idp: idp.claims.update(exp=1_700_000_000), "server_error", "id_token_expired"),
    ("unknown key", lambda idp: setattr(idp, "key", jose_key("rsa 2")), "server_error", "id_token_key_unknown"),
    (
        "another key under a known name",
        forge,
        "server_error",
        "id_token_signature_invalid",
    ),
    (
        "userinfo of somebody else",
        lambda idp: idp.userinfo.update(sub="u2"),
        "server_error",
        "userinfo_subject_mismatch",
    ),
    (
        "no ID token",
        lambda idp: setattr(idp, "token_answer", {"access_token": "x"}),
        "server_error",
        "id_token_missing",
    ),
    (
        "the provider refuses the code",
        lambda idp: setattr(idp, "token_answer", {"error": "invalid_grant"}),
        "oauth_failed",
        "token_endpoint_refused",
    ),
    (
        "the provider refuses us",
        lambda idp: setattr(idp, "token_answer", {"error": "invalid_client"}),
        "oauth_failed",
        "oidc_client_authentication_failed",
    ),
    ("e-mail not verified", lambda idp: idp.claims.update(email_verified=False), "server_error", "email_unverified"),
    (
        "e-mail outside",
        lambda idp: idp.claims.update(email="joe@elsewhere.example"),
        "profile_not_allowed_outside_organization",
        "email_outside_organization",
    ),
]


@pytest.mark.parametrize(("spoil", "error", "code"), [row[1:] for row in OIDC], ids=[row[0] for row in OIDC])
def test_oidc_answer(rig: Rig, spoil: Callable[[Any], None], error: str, code: str) -> None:
    idp = oidc_idp(rig)
    spoil(idp)
    is_redirect(rig, idp.sign_in(rig.browser()), error, code)


def test_oidc_12_19_the_provider_says_no(rig: Rig) -> None:
    idp = oidc_idp(rig)
    browser = rig.browser()
    denied = {"state": idp.depart(browser)["state"], "error": "access_denied", "error_description": "No.<script>"}
    answer = browser.get(idp.connection["callback_endpoint"], query=denied)
    is_redirect(rig, answer, "access_denied", "provider_denied")
    assert "No." not in answer.location  # the application hears our words, not the provider's
    without = {"state": idp.depart(browser)["state"]}
    answer = browser.get(idp.connection["callback_endpoint"], query=without)
    is_redirect(rig, answer, "server_error", "callback_without_code")
    mixed = {"state": idp.depart(browser)["state"], "code": "c", "iss": "https://evil.example"}
    answer = browser.get(idp.connection["callback_endpoint"], query=mixed)
    is_redirect(rig, answer, "server_error", "issuer_parameter_mismatch")
    assert idp.exchanges == []


@pytest.mark.parametrize("iss", [None, "", "https://evil.example", OidcIdp.issuer + "/", OidcIdp.issuer.upper()])
def test_oidc_12_a_promised_iss_is_there_and_equal(rig: Rig, iss: str | None) -> None:
    idp = oidc_idp(rig, discovery={"authorization_response_iss_parameter_supported": True})
    returned = idp.sign_in(rig.browser(), **({} if iss is None else {"iss": iss}))
    is_redirect(rig, returned, "server_error", "issuer_parameter_mismatch")
    assert idp.exchanges == []  # the code stays here
    assert "code" in idp.sign_in(rig.browser(), iss=idp.issuer).returned


def test_oidc_12_a_code_goes_only_to_the_provider_of_the_connection_that_asked(rig: Rig) -> None:
    """Two connections, two callbacks: an answer to one that comes to the other's address is nobody's."""
    one, other = oidc_idp(rig), oidc_idp(rig)
    assert one.connection["callback_endpoint"] != other.connection["callback_endpoint"]
    browser = rig.browser()
    state = one.depart(browser)["state"]
    answer = browser.get(other.connection["callback_endpoint"], query={"code": "c", "state": state})
    is_page(answer, "answer_unknown")
    assert (one.exchanges, other.exchanges) == ([], [])


def test_oidc_11_state_of_nobody_and_of_another_browser(rig: Rig) -> None:
    idp = oidc_idp(rig)
    thief = rig.browser()
    state = idp.depart(thief)["state"]
    url = idp.connection["callback_endpoint"]
    is_page(rig.browser().get(url, query={"code": "c", "state": state}), "browser_mismatch")
    victim = rig.browser()
    idp.depart(victim)  # who has a sign-in of their own on its way
    is_page(victim.get(url, query={"code": "c", "state": state}), "browser_mismatch")
    for query in ({"state": "unknown"}, {"state": state.upper()}, {"state": state + "0"}, {"state": ""}, {}):
        is_page(thief.get(url, query={"code": "c", **query}), "answer_unknown")
    assert idp.exchanges == []  # the code of a stranger never leaves the house


def test_oidc_11_state_is_good_once_and_for_ten_minutes(rig: Rig) -> None:
    idp = oidc_idp(rig)
    browser = rig.browser()
    query = {"code": "c", "state": idp.depart(browser)["state"]}
    cookies = dict(browser.cookies)
    url = idp.connection["callback_endpoint"]
    assert "code" in browser.get(url, query=query).returned
    browser.cookies = dict(cookies)  # as if they had been kept
    is_redirect(rig, browser.get(url, query=query), "server_error", "attempt_already_used")
    late = {"code": "c", "state": idp.depart(browser)["state"]}
    rig.clock.forward(minutes=10)
    is_redirect(rig, browser.get(url, query=late), "server_error", "attempt_expired")
    assert len(idp.exchanges) == 1


def test_oidc_07_each_sign_in_has_a_nonce_and_a_state_of_its_own(rig: Rig) -> None:
    idp = oidc_idp(rig)
    asked = [idp.depart(rig.browser()) for _ in range(5)]
    assert len({each["nonce"] for each in asked}) == len({each["state"] for each in asked}) == 5
    assert all(len(each["nonce"]) >= 43 and len(each["state"]) >= 32 for each in asked)


def test_oidc_07_a_nonce_admits_once_whatever_sign_in_it_comes_back_in(rig: Rig) -> None:
    """A provider that says the same ID token twice: the second sign-in has another nonce."""
    idp = oidc_idp(rig)
    browser = rig.browser()
    assert "code" in idp.sign_in(browser).returned
    used = idp.nonce
    asked = idp.depart(browser)
    idp.nonce = used
    answer = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    is_redirect(rig, answer, "server_error", "id_token_nonce_mismatch")


@pytest.mark.parametrize(
    ("advertised", "wanted", "sent"),
    [(None, True, True), (["S256"], True, True), (["plain", "S256"], False, True), (["plain"], False, False)],
)
def test_oidc_13_pkce_with_s256_wherever_it_is_known(
    rig: Rig, advertised: list[str] | None, wanted: bool, sent: bool
) -> None:
    discovery = {} if advertised is None else {"code_challenge_methods_supported": advertised}
    idp = oidc_idp(rig, discovery=discovery, pkce=wanted)
    challenges, verifiers = [], []
    for _ in range(2):
        browser = rig.browser()
        asked = idp.depart(browser)
        assert (asked.get("code_challenge_method"), "code_challenge" in asked) == ("S256" if sent else None, sent)
        browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
        form = parse_qs((idp.exchanges[-1].body or b"").decode())
        assert ("code_verifier" in form) is sent
        if sent:
            assert rfc6749.challenge(form["code_verifier"][0]) == asked["code_challenge"]
            challenges.append(asked["code_challenge"])
            verifiers.append(form["code_verifier"][0])
    assert len(set(challenges)) == len(set(verifiers)) == (2 if sent else 0)


def test_oidc_03_with_a_shared_secret_no_published_key_is_asked_for(rig: Rig) -> None:
    """Where the key is the client secret, the provider's JWKS has no say, and is not even fetched."""
    idp = oidc_idp(rig, id_token_signature_algorithm="HS256")
    idp.algorithm, idp.key = "HS256", OctKey.import_key("a client secret of thirty-two characters and more")
    assert "code" in idp.sign_in(rig.browser()).returned
    idp.key = OctKey.import_key(json.dumps(jose_key("rsa").as_dict(private=False)))
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_signature_invalid")
    assert [fetch for fetch in rig.network.calls if fetch.url.endswith("/jwks")] == []


@pytest.mark.parametrize("reason", ["connect", "timeout", "tls", "too_large", "dns"])
@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"])
def test_an_identity_provider_that_is_down_or_slow(rig: Rig, where: str, reason: str) -> None:
    idp = oidc_idp(rig)
    url = idp.issuer + where
    browser = rig.browser()
    if where.startswith("/.well-known"):
        rig.network.answers[url] = Unreachable(url=url, reason=reason)
        answer = rig.authorize(browser, connection=idp.connection["id"])
    else:
        asked = idp.depart(browser)
        rig.network.answers[url] = Unreachable(url=url, reason=reason)
        answer = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    is_redirect(rig, answer, "oauth_failed", "idp_unreachable")


def test_oidc_14_discovery_that_changes_its_issuer(rig: Rig) -> None:
    idp = oidc_idp(rig)
    url = f"{idp.issuer}/.well-known/openid-configuration"
    document = {
        "issuer": "https://evil.example",
        "authorization_endpoint": "https://evil.example/a",
        "token_endpoint": "https://evil.example/t",
        "jwks_uri": "https://evil.example/j",
    }
    rig.network.put(url, document)
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    is_redirect(rig, answer, "oauth_failed", "discovery_issuer_mismatch")
    rig.network.put(url, b"<html>sign in", content_type="text/html")
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    is_redirect(rig, answer, "oauth_failed", "discovery_invalid")
    rig.network.put(url, {}, status=503)
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    is_redirect(rig, answer, "oauth_failed", "idp_bad_answer")


def test_oidc_05_keys_are_fetched_anew_when_the_provider_has_rotated_them(rig: Rig) -> None:
    idp = oidc_idp(rig)
    seen: list[bool] = []

    def jwks(fetch: Any) -> Fetched:
        seen.append(fetch.fresh)
        kinds = ("rsa", "rsa 2") if fetch.fresh else ("rsa",)
        body = json.dumps({"keys": [jose_key(kind).as_dict(private=False) for kind in kinds]}).encode()
        return Fetched(status=200, headers={}, body=body)

    rig.network.answers[f"{idp.issuer}/jwks"] = jwks
    idp.key = jose_key("rsa 2")
    assert "code" in idp.sign_in(rig.browser()).returned
    assert seen == [False, True]
    idp.key = jose_key("rsa 3")  # which is in no copy: one look, and that is it
    is_redirect(rig, idp.sign_in(rig.browser()), "server_error", "id_token_key_unknown")
    assert seen == [False, True, False, True]


def test_the_token_helper_reads_its_own_parts() -> None:
    assert decoded("eyJhIjoxfQ") == {"a": 1}
