"""What OAuth providers, and people who play one, must not get through."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from latchstring.effects.outbound import Limits
from latchstring.flows import oauth_providers
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.model.fetch import Unreachable
from tests.house_for_tests import BASE, Answer, Rig
from tests.oauth_for_tests import Scene, scene
from tests.oauth_player import Answered, Elsewhere, say
from tests.web import doors

TOKEN = {"GoogleOAuth": "oauth2.googleapis.com/token", "GitHubOAuth": "github.com/login/oauth/access_token"}
MICROSOFT = "login.microsoftonline.com"
USER, EMAILS = "api.github.com/user", "api.github.com/user/emails"
OTHER_TENANT, CONSUMERS = "11111111-2222-3333-4444-555555555555", "9188040d-6c67-4c5b-b112-36a304b66dad"
TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"


def refused(rig: Rig, answer: Answer, error: str, code: str) -> None:
    doors.is_redirect(rig, answer, error, code)
    assert answer.returned["state"] == "s t/ä"


def exchanged(played: Scene) -> bool:
    return any(method == "POST" for method, _ in played.player.asked)


def test_oidc_11_an_answer_in_another_browser_asks_nobody_for_a_token(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        left = played.depart(rig.browser())
        doors.is_page(played.arrive(rig.browser(), left), "browser_mismatch")
        assert not exchanged(played)


@pytest.mark.parametrize("state", ["", "0" * 32, "none"])
def test_oidc_11_an_answer_without_a_state_of_ours_is_nobodys(rig: Rig, state: str) -> None:
    with scene(rig, "GoogleOAuth") as played:
        browser = rig.browser()
        left = played.depart(browser)
        left.fields["state"] = state
        doors.is_page(played.arrive(browser, left), "answer_unknown")
        del left.fields["state"]
        doors.is_page(played.arrive(browser, left), "answer_unknown")
        assert not exchanged(played)


def test_oidc_12_the_state_of_one_provider_is_worth_nothing_at_another(rig: Rig) -> None:
    """Mix-up: GitHub's answer is taken to Google's address, and the code with it."""
    with scene(rig, "GitHubOAuth") as github, scene(rig, "GoogleOAuth") as google:
        browser = rig.browser()
        left = github.depart(browser)
        left.url = google.provider["redirect_uri"]
        doors.is_page(google.arrive(browser, left), "answer_unknown")
        assert not exchanged(github) and not exchanged(google)


def test_oidc_12_an_answer_that_names_another_issuer(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        browser = rig.browser()
        left = played.depart(browser)
        left.fields["iss"] = "https://evil.example"
        refused(rig, played.arrive(browser, left), "oauth_failed", "oauth_issuer_parameter_mismatch")
        assert not exchanged(played)


def test_oauth_05_an_answer_counts_once(rig: Rig) -> None:
    with scene(rig, "GitHubOAuth") as played:
        browser = rig.browser()
        left = played.depart(browser)
        assert "code" in played.arrive(browser, left).returned
        doors.is_page(played.arrive(browser, left), "browser_mismatch")  # the cookie went with the first answer
        browser = rig.browser()
        left = played.depart(browser)
        kept = dict(browser.cookies)
        assert "code" in played.arrive(browser, left).returned
        browser.cookies = kept
        refused(rig, played.arrive(browser, left), "server_error", "attempt_already_used")


def test_addresses_belong_to_their_protocol_and_provider(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        right = played.provider["redirect_uri"].removeprefix(BASE)
        key = right.split("/")[4]
        assert right == f"/sso/oauth/google/{key}/callback"
        for wrong in (
            f"/sso/oauth/github/{key}/callback",
            f"/sso/oidc/{key}/callback",
            "/sso/oauth/google/no/callback",
        ):
            browser = rig.browser()
            left = played.depart(browser)
            left.url = wrong
            doors.is_page(played.arrive(browser, left), "connection_address_unknown")
        doors.is_page(rig.browser().post(f"/sso/saml/acs/{key}", {"SAMLResponse": "x"}), "connection_address_unknown")


@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"error": "access_denied", "error_description": "no\n<b>"}, "access_denied", "oauth_denied"),
        ({"error": "user_cancelled_authorize"}, "access_denied", "oauth_denied"),
        ({"error": "redirect_uri_mismatch"}, "oauth_failed", "oauth_provider_error"),
        ({"error": 'a"b'}, "oauth_failed", "oauth_provider_error"),
        ({"nothing": "at all"}, "oauth_failed", "oauth_callback_without_code"),
    ],
)
def test_oidc_19_no_is_an_error_for_the_application(rig: Rig, fields: dict[str, str], error: str, code: str) -> None:
    with scene(rig, "GitHubOAuth") as played:
        played.player.denies = fields
        answer = played.sign_in()
        refused(rig, answer, error, code)
        assert not exchanged(played)
        assert "<b>" not in answer.location and "%0A" not in answer.location


@pytest.mark.parametrize("type_", ["GitHubOAuth", "GoogleOAuth"])
def test_a_wrong_secret_or_code_is_named_whatever_the_status(rig: Rig, type_: str) -> None:
    with scene(rig, type_) as played:
        browser = rig.browser()
        left = played.depart(browser)
        left.fields["code"] = "made up"
        refused(rig, played.arrive(browser, left), "oauth_failed", "oauth_exchange_refused")
        assert rig.client("PUT", f"/oauth_providers/{type_}", {"client_secret": "an old one"}).status == 200
        refused(rig, played.sign_in(), "oauth_failed", "oauth_client_refused")
        assert played.player.faults == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answered(200, b"<html>maintenance</html>", "text/html"), "oauth_answer_invalid"),
        (Answered(502, b"<html>bad gateway</html>", "text/html"), "oauth_exchange_refused"),
        (Answered(200, b""), "oauth_answer_invalid"),
        (
            Answered(200, b"access_token=gho_x&token_type=bearer", "application/x-www-form-urlencoded"),
            "oauth_answer_invalid",
        ),
        (Answered(200, b'{"access_token": "a", "access_token": "b"}'), "oauth_answer_invalid"),
        (Answered(200, b"[" * 5000), "oauth_answer_invalid"),
        (Answered(302, b"", location="http://127.0.0.1:1/"), "idp_unreachable"),
        (Answered(200, b'{"x": "' + b"y" * 300_000 + b'"}'), "idp_unreachable"),
        (say({}), "oauth_answer_invalid"),
        (say({"access_token": ""}), "oauth_answer_invalid"),
        (say({"access_token": 7}), "oauth_answer_invalid"),
        (say({"access_token": "a b"}), "oauth_answer_invalid"),
        (say({"access_token": "a\r\nx-evil: 1"}), "oauth_answer_invalid"),
        (say({"access_token": "a", "token_type": "mac"}), "oauth_answer_invalid"),
        (say({"access_token": "a", "token_type": ["bearer"]}), "oauth_answer_invalid"),
        (say({"error": "slow_down"}), "oauth_exchange_refused"),
        (say({"error": {"message": "no"}}, 400), "oauth_exchange_refused"),
        (say({"message": "not here"}, 404), "oauth_exchange_refused"),
        (say({"message": "who?"}, 401), "oauth_client_refused"),
    ],
)
def test_oidc_17_token_answers_that_are_none(rig: Rig, answer: Answered, code: str) -> None:
    with scene(rig, "GitHubOAuth") as played:
        played.player.says[TOKEN["GitHubOAuth"]] = answer
        refused(rig, played.sign_in(), "oauth_failed", code)


@pytest.mark.parametrize(
    ("address", "answer", "error", "code"),
    [
        (USER, Answered(200, b"<html>", "text/html"), "oauth_failed", "oauth_answer_invalid"),
        (USER, say({"message": "Bad credentials"}, 401), "oauth_failed", "oauth_answer_invalid"),
        (USER, say([{"id": 1}]), "oauth_failed", "oauth_answer_invalid"),
        (USER, say({"error": "x", "id": 1}), "oauth_failed", "oauth_answer_invalid"),
        (USER, say({"login": "octo-ann"}), "oauth_failed", "oauth_subject_missing"),
        (USER, say({"id": True}), "oauth_failed", "oauth_subject_missing"),
        (USER, say({"id": " "}), "oauth_failed", "oauth_subject_missing"),
        (USER, say({"id": ["583231"]}), "oauth_failed", "oauth_subject_missing"),
        (USER, say({"id": "9" * 256}), "oauth_failed", "oauth_subject_missing"),
        (EMAILS, Answered(200, b"<html>", "text/html"), "oauth_failed", "oauth_answer_invalid"),
        (EMAILS, say({"email": "ann@acme.example"}), "oauth_failed", "oauth_answer_invalid"),
        (EMAILS, say([1, 2]), "oauth_failed", "oauth_answer_invalid"),
        (EMAILS, say({"message": "down"}, 503), "oauth_failed", "oauth_answer_invalid"),
        (EMAILS, say({"message": "Not Found"}, 404), "server_error", "oauth_email_missing"),
        (EMAILS, say({"message": "Forbidden"}, 403), "server_error", "oauth_email_missing"),
        (EMAILS, say([]), "server_error", "oauth_email_missing"),
        (EMAILS, say([{"email": 7, "primary": True, "verified": True}]), "server_error", "oauth_email_missing"),
        (EMAILS, say([{"email": "ann@acme.example", "primary": True}]), "server_error", "email_unverified"),
        (EMAILS, say([{"email": "a@a.example", "primary": True, "verified": 1}]), "server_error", "email_unverified"),
        (EMAILS, say([{"email": "a@a.example", "verified": "true"}]), "server_error", "email_unverified"),
        (EMAILS, say([{"email": "a@a.example, b@b.example", "verified": True}]), "server_error", "email_invalid"),
    ],
)
def test_people_that_cannot_be_told(rig: Rig, address: str, answer: Answered, error: str, code: str) -> None:
    with scene(rig, "GitHubOAuth") as played:
        played.player.says[address] = answer
        refused(rig, played.sign_in(), error, code)


def test_a_missing_address_says_which_permission_is_lacking(rig: Rig) -> None:
    with scene(rig, "GitHubOAuth") as played:
        played.player.says[EMAILS] = say({"message": "Not Found"}, 404)
        description = played.sign_in().returned["error_description"]
    assert "GitHub" in description and "user:email" in description


def test_a_provider_that_is_away(rig: Rig) -> None:
    with scene(rig, "GitHubOAuth") as played:
        rig.network.answers[f"https://{USER}"] = Unreachable(url=f"https://{USER}", reason="timeout")
        refused(rig, played.sign_in(), "oauth_failed", "idp_unreachable")
        assert exchanged(played)


def test_ops_09_a_provider_that_does_not_come_to_an_end_is_not_waited_for(rig: Rig) -> None:
    with scene(rig, "GitHubOAuth") as played:
        rig.network.elsewhere = Elsewhere(played.player, limits=Limits(read=0.2, total=0.5))
        played.player.waits = Event()
        try:
            refused(rig, played.sign_in(), "oauth_failed", "idp_unreachable")
        finally:
            played.player.waits.set()


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://accounts.google.com/"}, "id_token_issuer_mismatch"),
        ({"iss": "accounts.google.com"}, "id_token_issuer_mismatch"),
        ({"aud": "another-app"}, "id_token_audience_mismatch"),
        ({"azp": "another-app"}, "id_token_audience_mismatch"),
        ({"nonce": "of another sign-in"}, "id_token_nonce_mismatch"),
        ({"nonce": None}, "id_token_nonce_mismatch"),
        ({"exp": 1}, "id_token_expired"),
        ({"iat": 1}, "id_token_issued_at_invalid"),
        ({"sub": None}, "id_token_claim_invalid"),
        ({"email": None}, "oauth_email_missing"),
        ({"email": ["ann@acme.example"]}, "oauth_email_missing"),
        ({"email_verified": False}, "email_unverified"),
        ({"email_verified": None}, "email_unverified"),
        ({"email_verified": "true"}, "email_unverified"),
        ({"email_verified": 1}, "email_unverified"),
    ],
)
def test_oidc_09_an_id_token_is_held_to_every_rule_of_openid_connect(
    rig: Rig, claims: dict[str, Any], code: str
) -> None:
    with scene(rig, "GoogleOAuth") as played:
        played.player.claims = claims
        assert played.outcome() == code


def test_oidc_03_an_id_token_that_somebody_else_signed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with scene(rig, "GoogleOAuth") as played:
        real = played.player.id_token
        for forge, code in (
            (lambda asked: real(asked)[:-6] + "AAAAAA", "id_token_signature_invalid"),
            (lambda asked: real(asked).rpartition(".")[0] + ".", "id_token_signature_invalid"),
            (lambda asked: "eyJhbGciOiJub25lIn0." + real(asked).split(".")[1] + ".", "id_token_algorithm_not_allowed"),
            (lambda asked: None, "id_token_missing"),
        ):
            monkeypatch.setattr(played.player, "id_token", forge)
            assert played.outcome() == code


@pytest.mark.parametrize(
    ("tenant", "from_", "code"),
    [
        (None, TENANT, "ok"),
        (None, CONSUMERS, "ok"),
        ("common", OTHER_TENANT, "ok"),
        ("organizations", TENANT, "ok"),
        ("organizations", CONSUMERS, "oauth_tenant_not_admitted"),
        ("consumers", CONSUMERS, "ok"),
        ("consumers", TENANT, "oauth_tenant_not_admitted"),
        (TENANT, TENANT, "ok"),
        (TENANT, OTHER_TENANT, "oauth_tenant_not_admitted"),
        (TENANT, CONSUMERS, "oauth_tenant_not_admitted"),
    ],
)
def test_oidc_01_microsofts_tenants(rig: Rig, tenant: str | None, from_: str, code: str) -> None:
    with scene(rig, "MicrosoftOAuth", {"tenant": tenant}) as played:
        played.player.serve_under(
            "login.microsoftonline.com/common/", f"login.microsoftonline.com/{tenant or 'common'}/"
        )
        played.player.claims = {"tid": from_, "iss": f"https://login.microsoftonline.com/{from_}/v2.0"}
        assert played.outcome() == code
        assert played.player.faults == []


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"}, "id_token_issuer_mismatch"),
        ({"tid": OTHER_TENANT}, "id_token_issuer_mismatch"),
        ({"tid": None}, "id_token_claim_invalid"),
        ({"tid": "../common"}, "id_token_claim_invalid"),
        ({"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "id_token_issuer_mismatch"),
    ],
)
def test_oidc_01_a_microsoft_token_names_one_tenant(rig: Rig, claims: dict[str, Any], code: str) -> None:
    with scene(rig, "MicrosoftOAuth") as played:
        played.player.claims = claims
        assert played.outcome() == code


@pytest.mark.parametrize(
    ("tenant", "claims", "user", "code"),
    [
        (None, {"xms_edov": None}, {}, "email_unverified"),  # what every app has without the optional claim (nOAuth)
        (None, {"xms_edov": False}, {}, "email_unverified"),
        (None, {"xms_edov": "0"}, {}, "email_unverified"),
        (None, {"xms_edov": "1"}, {}, "ok"),
        (None, {"xms_edov": 1}, {}, "ok"),
        (None, {"xms_edov": None, "email_verified": True}, {}, "email_unverified"),
        (None, {"xms_edov": None}, {"xms_edov": True}, "email_unverified"),  # the signed address has the token's word
        (None, {"email": None}, {"email": "victim@acme.example"}, "email_unverified"),  # userinfo's has userinfo's
        (TENANT, {"xms_edov": None}, {}, "ok"),  # its administrator vouches
    ],
)
def test_oidc_16_whose_word_counts_for_microsofts_addresses(
    rig: Rig, tenant: str | None, claims: dict[str, Any], user: dict[str, Any], code: str
) -> None:
    with scene(rig, "MicrosoftOAuth", {"tenant": tenant}) as played:
        played.player.serve_under(
            "login.microsoftonline.com/common/", f"login.microsoftonline.com/{tenant or 'common'}/"
        )
        played.player.claims, played.player.user = claims, user
        assert played.outcome() == code


def test_oidc_10_userinfo_about_somebody_else(rig: Rig) -> None:
    with scene(rig, "MicrosoftOAuth") as played:
        played.player.user = {"sub": "somebody else"}
        assert played.outcome() == "userinfo_subject_mismatch"


def test_oidc_16_an_operator_may_trust_addresses_all_the_same(rig: Rig) -> None:
    with scene(rig, "MicrosoftOAuth", {"trust_email": True}) as played:
        played.player.claims = {"xms_edov": None}
        assert played.outcome() == "ok"


def test_saml_35_credentials_that_were_switched_off_or_deleted_on_the_way(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        assert played.outcome() == "ok"
        browser = rig.browser()
        left = played.depart(browser)
        assert rig.client("PUT", "/oauth_providers/GoogleOAuth", {"enabled": False}).json["state"] == "inactive"
        before = len(played.player.asked)
        doors.is_page(played.arrive(browser, left), "connection_unlinked")
        refused(rig, rig.authorize(rig.browser(), provider="GoogleOAuth"), "connection_unlinked", "connection_unlinked")
        assert rig.client("PUT", "/oauth_providers/GoogleOAuth", {"enabled": True}).json["state"] == "active"
        left = played.depart(browser)
        assert rig.client("DELETE", "/oauth_providers/GoogleOAuth").status == 204
        doors.is_page(played.arrive(browser, left), "connection_address_unknown")
        assert not any(method == "POST" for method, _ in played.player.asked[before:])


def test_saml_35_switched_off_while_the_provider_thinks(rig: Rig) -> None:
    with scene(rig, "GitHubOAuth") as played:
        elsewhere = rig.network.elsewhere
        assert elsewhere is not None

        def slow(fetch: Any) -> Any:
            if fetch.url.endswith("/user/emails"):
                oauth_providers.put(rig.house, rig.pass_, "GitHubOAuth", ProviderWish(enabled=False))
            return elsewhere(fetch)

        rig.network.elsewhere = slow
        refused(rig, played.sign_in(), "connection_unlinked", "connection_unlinked")
