"""OpenID Connect answers that must not become a sign-in: each ends in its own stable code, at the right door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from latchstring.model.fetch import Fetched, Unreachable
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


def test_the_provider_says_no(rig: Rig) -> None:
    idp = oidc_idp(rig)
    browser = rig.browser()
    denied = {"state": idp.depart(browser)["state"], "error": "access_denied", "error_description": "No.<script>"}
    is_redirect(rig, browser.get(idp.connection["callback_endpoint"], query=denied), "access_denied", "provider_denied")
    without = {"state": idp.depart(browser)["state"]}
    answer = browser.get(idp.connection["callback_endpoint"], query=without)
    is_redirect(rig, answer, "server_error", "callback_without_code")
    mixed = {"state": idp.depart(browser)["state"], "code": "c", "iss": "https://evil.example"}
    answer = browser.get(idp.connection["callback_endpoint"], query=mixed)
    is_redirect(rig, answer, "server_error", "issuer_parameter_mismatch")


def test_oidc_state_of_nobody_and_of_another_browser(rig: Rig) -> None:
    idp = oidc_idp(rig)
    thief = rig.browser()
    state = idp.depart(thief)["state"]
    url = idp.connection["callback_endpoint"]
    is_page(rig.browser().get(url, query={"code": "c", "state": state}), "browser_mismatch")
    is_page(rig.browser().get(url, query={"code": "c", "state": "unknown"}), "answer_unknown")
    is_page(rig.browser().get(url, query={"code": "c"}), "answer_unknown")
    assert idp.exchanges == []  # the code of a stranger never leaves the house


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


def test_discovery_that_changes_its_issuer(rig: Rig) -> None:
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


def test_keys_are_fetched_anew_when_the_provider_has_rotated_them(rig: Rig) -> None:
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


def test_the_token_helper_reads_its_own_parts() -> None:
    assert decoded("eyJhIjoxfQ") == {"a": 1}
