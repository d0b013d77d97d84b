"""Ways that single providers have of their own, and rules that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from latchstring.flows import oauth_providers
from latchstring.flows.oauth_providers import ProviderWish
from latchstring.protocols.oauth import apple
from latchstring.protocols.oauth.providers import PROVIDERS
from latchstring.protocols.oauth.refusals import OAuthKeyUnusable
from tests.house_for_tests import START, Rig
from tests.oauth_acts import ACTS
from tests.oauth_for_tests import APPLE_KEY, Scene, credentials, scene
from tests.oauth_player import CLIENT_ID, CLIENT_SECRET, say
from tests.web import doors


def profile(rig: Rig, played: Scene) -> dict[str, Any]:
    found: dict[str, Any] = rig.swap(played.sign_in().returned["code"]).json["profile"]
    return found


def test_apples_name_comes_once_and_stays(rig: Rig) -> None:
    with scene(rig, "AppleOAuth") as played:
        first = profile(rig, played)
        assert (first["first_name"], first["last_name"], first["name"]) == ("Ann", "Example", "Ann Example")
        played.player.first_time = False
        again = profile(rig, played)
        for name in ("id", "first_name", "last_name", "name"):
            assert again[name] == first[name]
        played.player.first_time = True  # the person took the app away at Apple and came back, married
        married = {"name": {"firstName": "Ann", "lastName": "Married"}}
        played.player.act = replace(played.player.act, form_user=married)
        assert profile(rig, played)["last_name"] == "Married"


def test_a_required_name_may_have_come_long_ago_but_has_to_have_come(rig: Rig) -> None:
    with scene(rig, "AppleOAuth") as played:
        answer = rig.client(
            "PATCH", f"/connections/{played.provider['connection_id']}", {"required_attributes": ["last_name"]}
        )
        assert answer.status == 200, answer.body
        played.player.first_time = False
        doors.is_redirect(rig, played.sign_in(), "server_error", "attributes_missing")
        played.player.first_time = True
        first = profile(rig, played)
        played.player.first_time = False
        assert profile(rig, played)["last_name"] == first["last_name"] == "Example"


def test_oidc_10_the_form_of_apple_brings_a_name_and_never_an_address(rig: Rig) -> None:
    """The browser brings it: whoever sits there writes into it what they like."""
    with scene(rig, "AppleOAuth") as played:
        found = profile(rig, played)
        assert found["email"] == "ann@acme.example" and "forged@" not in str(found)
        played.player.claims = {"email": None}
        doors.is_redirect(rig, played.sign_in(), "server_error", "oauth_email_missing")


@pytest.mark.parametrize(
    "user", ["", "no json", "[]", '{"name": "Ann"}', '{"name": {"firstName": 7, "lastName": " "}}', "[" * 5000]
)
def test_a_name_that_cannot_be_read_is_none(rig: Rig, user: str) -> None:
    with scene(rig, "AppleOAuth") as played:
        browser = rig.browser()
        left = played.depart(browser)
        left.fields["user"] = user
        code = played.arrive(browser, left).returned["code"]
        found = rig.swap(code).json["profile"]
        assert (found["first_name"], found["last_name"], found["name"]) == (None, None, None)


def test_apples_client_secret_is_a_token_for_this_request() -> None:
    pem = APPLE_KEY.as_pem(private=True).decode()
    secret = apple.client_secret(client_id="com.acme.web", team_id="T", key_id="K", private_key=pem, now=START)
    found = jwt.decode(secret, APPLE_KEY, algorithms=["ES256"])
    seconds = int(START.timestamp())
    assert found.header == {"alg": "ES256", "kid": "K", "typ": "JWT"}
    assert found.claims == {
        "iss": "T",
        "iat": seconds,
        "exp": seconds + 300,
        "aud": "https://appleid.apple.com",
        "sub": "com.acme.web",
    }


@pytest.mark.parametrize("pem", ["", "-----BEGIN PRIVATE KEY-----", ECKey.generate_key("P-384").as_pem().decode()])
def test_a_key_that_is_not_apples_is_refused(pem: str) -> None:
    with pytest.raises(OAuthKeyUnusable):
        apple.load_key(pem)


def test_the_person_cancels_at_apple(rig: Rig) -> None:
    with scene(rig, "AppleOAuth") as played:
        played.player.denies = {"error": "user_cancelled_authorize"}
        doors.is_redirect(rig, played.sign_in(), "access_denied", "oauth_denied")


def test_slack_says_no_with_200(rig: Rig) -> None:
    with scene(rig, "SlackOAuth") as played:
        played.player.says["slack.com/api/openid.connect.token"] = say({"ok": False, "error": "invalid_code"})
        doors.is_redirect(rig, played.sign_in(), "oauth_failed", "oauth_exchange_refused")


@pytest.mark.parametrize(
    ("type_", "documented", "base_url"),
    [
        ("GitLabOAuth", "gitlab.com/", "https://gitlab.acme.example"),
        ("GitLabOAuth", "gitlab.com/", "https://acme.example/gitlab"),
        ("SalesforceOAuth", "login.salesforce.com/", "https://acme.my.salesforce.com"),
        ("GitHubOAuth", "github.com/", "https://ghe.acme.example"),
    ],
)
def test_a_server_of_ones_own_is_asked_and_nobody_else(rig: Rig, type_: str, documented: str, base_url: str) -> None:
    own = base_url.removeprefix("https://") + "/"
    with scene(rig, type_, {"base_url": base_url}) as played:
        played.player.serve_under(documented, own)
        played.player.serve_under("api.github.com/", f"{own}api/v3/")
        if played.player.act.issuer:
            played.player.claims = {"iss": base_url}
        assert played.outcome() == "ok"
        assert {address.startswith(own) for _, address in played.player.asked} == {True}
        if played.player.act.issuer:  # the public service's tokens are none of this server's
            played.player.claims = {}
            assert played.outcome() == "id_token_issuer_mismatch"


def without_address(played: Scene) -> None:
    act, row = played.player.act, PROVIDERS[played.type]
    played.player.claims = {row.email: None}
    played.player.user = {row.email: None}
    if act.emails:
        played.player.emails = {"values": []} if row.emails and row.emails.member else []


@pytest.mark.parametrize("type_", sorted(ACTS))
def test_each_provider_without_an_address_names_what_is_lacking(rig: Rig, type_: str) -> None:
    with scene(rig, type_, {"trust_email": True}) as played:
        without_address(played)
        answer = played.sign_in()
        doors.is_redirect(rig, answer, "server_error", "oauth_email_missing")
        said = answer.returned["error_description"]
        assert PROVIDERS[type_].name in said and PROVIDERS[type_].email_permission in said


UNVERIFIED: dict[str, dict[str, Any]] = {
    "AppleOAuth": {"email_verified": "false"},
    "BitbucketOAuth": {"is_confirmed": False},
    "DiscordOAuth": {"verified": False},
    "GitHubOAuth": {"verified": False},
    "IntuitOAuth": {"emailVerified": False},
    "MicrosoftOAuth": {"xms_edov": False},
    "VercelOAuth": {"email_verified": True},  # a claim that it does not have says nothing
    "VercelMarketplaceOAuth": {"email_verified": True},
    "XeroOAuth": {"email_verified": True},
}


@pytest.mark.parametrize("type_", sorted(set(ACTS) - {"XOAuth"}))
def test_oidc_16_an_address_that_a_provider_does_not_vouch_for_lets_nobody_in(rig: Rig, type_: str) -> None:
    said = UNVERIFIED.get(type_, {"email_verified": False})
    with scene(rig, type_) as played:
        played.player.claims, played.player.user = dict(said), dict(said)
        act = played.player.act
        if act.emails:
            entries: Any = act.resources[act.emails].value
            entries = entries["values"] if isinstance(entries, dict) else entries
            changed = [{**entry, **said} for entry in entries]
            played.player.emails = {"values": changed} if type_ == "BitbucketOAuth" else changed
        assert played.outcome() == "email_unverified"
        assert rig.client("PUT", f"/oauth_providers/{type_}", {"trust_email": True}).status == 200
        assert played.outcome() == "ok"


def test_only_confirmed_addresses_come_from_x(rig: Rig) -> None:
    with scene(rig, "XOAuth") as played:
        played.player.user = {"confirmed_email": None, "email": "somebody@else.example"}
        assert played.outcome() == "oauth_email_missing"


def of_a_customer(rig: Rig, played: Scene, *, outside: bool = False) -> dict[str, str]:
    """The same credentials as a connection of an organization with the domain acme.example."""
    made = rig.client(
        "POST",
        "/organizations",
        {
            "name": "Acme",
            "allow_profiles_outside_organization": outside,
            "domain_data": [{"domain": "acme.example", "state": "verified"}],
        },
    ).json
    theirs = rig.client(
        "POST",
        "/connections",
        {
            "organization_id": made["id"],
            "connection_type": played.type,
            "oauth_options": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        },
    )
    assert theirs.status == 201, theirs.text
    played.player.redirect_uri = theirs.json["callback_endpoint"]
    return {"connection": theirs.json["id"], "provider": ""}


@pytest.mark.parametrize(
    ("claims", "outside", "code"),
    [
        ({}, False, "ok"),
        ({"email": "eve@elsewhere.example"}, False, "email_outside_organization"),
        ({"email": "eve@elsewhere.example"}, True, "ok"),
        ({"email_verified": False}, False, "email_unverified"),
        ({"email_verified": None}, False, "email_unverified"),
    ],
)
def test_saml_37_the_domain_rule_holds_for_a_customers_connection(
    rig: Rig, claims: dict[str, Any], outside: bool, code: str
) -> None:
    with scene(rig, "GoogleOAuth") as played:
        asked = of_a_customer(rig, played, outside=outside)
        played.player.claims = claims
        assert played.outcome(**asked) == code


def test_saml_38_a_customers_connection_and_the_environments_own_keep_their_people_apart(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        mine = profile(rig, played)
        asked = of_a_customer(rig, played)
        theirs = rig.swap(played.sign_in(**asked).returned["code"]).json["profile"]
        assert theirs["idp_id"] == mine["idp_id"] and theirs["id"] != mine["id"]
        assert (theirs["connection_id"], mine["organization_id"]) == (asked["connection"], None)
        # `provider=` means the environment's own, whatever customers have
        assert rig.client("DELETE", "/oauth_providers/GoogleOAuth").status == 204
        doors.is_redirect(
            rig,
            rig.authorize(rig.browser(), provider="GoogleOAuth"),
            "connection_strategy_invalid",
            "provider_not_set_up",
        )


def test_ops_03_no_secret_in_what_is_logged_or_remembered(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    with scene(rig, "GitHubOAuth") as played:
        played.player.token_answer = {"access_token": "gho_marker-of-a-token"}
        played.player.tokens.add("gho_marker-of-a-token")
        browser = rig.browser()
        left = played.depart(browser)
        left.fields["code"] = "marker-of-a-code"
        played.player.codes["marker-of-a-code"] = played.player.request
        assert "code" in played.arrive(browser, left).returned
        rig.client("PUT", "/oauth_providers/GitHubOAuth", {"client_secret": "marker-of-a-secret"})
        assert played.outcome() == "oauth_client_refused"
    said = "".join(capsys.readouterr())
    kept = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    for marker in ("marker-of-a-token", "marker-of-a-code", "marker-of-a-secret", "a secret of 30%"):
        assert marker not in said and marker.encode() not in kept


def test_a_wish_names_the_type_in_any_case_and_keeps_its_spelling(rig: Rig) -> None:
    made, _ = oauth_providers.put(rig.house, rig.pass_, "GithubOAuth", ProviderWish())
    assert made.type == "GitHubOAuth" and made.name == "GitHub"


def test_a_customers_connection_is_made_shown_and_changed_like_any_other(rig: Rig) -> None:
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    body = {"organization_id": organization, "connection_type": "gitlaboauth"}
    draft = rig.client("POST", "/connections", {**body, "draft": True}).json
    assert (draft["state"], draft["connection_type"]) == ("draft", "GitLabOAuth")
    assert "/sso/oauth/gitlab/" in draft["callback_endpoint"] == draft["oauth_options"]["redirect_uri"]
    path = f"/connections/{draft['id']}"
    options = {"client_id": "c", "client_secret": "marker-of-a-secret", "base_url": "https://gitlab.acme.example"}
    made = rig.client("PATCH", path, {"oauth_options": options})
    assert made.status == 200, made.text
    assert made.json["state"] == "validating" and "marker-of-a-secret" not in made.text
    shown = made.json["oauth_options"]
    assert (shown["client_id"], shown["has_secret"], shown["base_url"]) == ("c", True, "https://gitlab.acme.example")
    assert rig.client("PATCH", path, {"oauth_options": {"base_url": None}}).json["oauth_options"]["base_url"] is None
    location = rig.authorize(rig.browser(), connection=draft["id"]).location
    assert location.startswith("https://gitlab.com/oauth/authorize?client_id=c&") or "client_id=c&" in location
    assert rig.client("GET", "/oauth_providers").json["data"] == []  # those are the environment's own


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"connection_type": "GoogleOAuth", "oauth_options": {"client_id": "c"}}, "oauth_options.client_secret"),
        ({"connection_type": "GoogleOAuth", "saml_options": {}}, "connection_type"),
        ({"connection_type": "OktaOIDC", "oauth_options": {}}, "connection_type"),
        ({"oauth_options": {"client_id": "c", "client_secret": "s"}}, "connection_type"),
        ({"connection_type": "GoogleOAuth"}, "saml_options"),
        ({"connection_type": "GoogleOAuth", "oauth_options": {}, "oidc_options": {}}, "saml_options"),
    ],
)
def test_a_customers_connection_that_cannot_be(rig: Rig, body: dict[str, Any], field: str) -> None:
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json["id"]
    answer = rig.client("POST", "/connections", {"organization_id": organization, **body})
    assert answer.status == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_the_environments_own_connection_can_be_mapped_and_switched_but_not_turned_into_another(rig: Rig) -> None:
    with scene(rig, "GoogleOAuth") as played:
        path = f"/connections/{played.provider['connection_id']}"
        assert rig.client("PATCH", path, {"saml_options": {}}).status == 422
        assert rig.client("PATCH", path, {"connection_type": "GitHubOAuth"}).status == 400
        maps = {"standard_attributes": {"first_name": "hd"}}
        assert rig.client("PATCH", path, {"attribute_maps": maps}).status == 200
        assert profile(rig, played)["first_name"] == "acme.example"
        assert rig.client("POST", f"{path}/deactivate").status == 200
        assert rig.client("GET", "/oauth_providers/GoogleOAuth").json["state"] == "inactive"
        assert played_refusal(rig) == "connection_unlinked"
        for part in ("saml_idp_signing_certs", "saml_sp_signing_certs", "oidc_jwt_signing_certs"):
            assert rig.client("GET", f"{path}/{part}").status in (200, 400, 404, 409, 422)
        assert rig.client("DELETE", path).status == 204
        assert rig.client("GET", "/oauth_providers/GoogleOAuth").status == 404


def played_refusal(rig: Rig) -> str:
    returned = rig.authorize(rig.browser(), provider="GoogleOAuth").returned
    return returned["error_uri"].rpartition("/")[2]


def test_a_provider_can_be_set_up_anew_while_its_old_people_still_go(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latchstring.flows.connection_life.AT_ONCE", 1)
    with scene(rig, "GoogleOAuth") as played:
        old = profile(rig, played)
        assert rig.client("DELETE", "/oauth_providers/GoogleOAuth").status == 204
        assert rig.client("GET", f"/connections/{old['connection_id']}").json["state"] == "deleting"
        assert rig.client("GET", "/oauth_providers/GoogleOAuth").status == 404
        made = rig.client("PUT", "/oauth_providers/GoogleOAuth", credentials("GoogleOAuth"))
        assert made.status == 201 and made.json["connection_id"] != old["connection_id"]
        played.player.redirect_uri = made.json["redirect_uri"]
        new = profile(rig, played)
        assert new["id"] != old["id"] and new["idp_id"] == old["idp_id"]
