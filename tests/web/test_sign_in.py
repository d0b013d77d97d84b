"""Whole sign-ins that succeed: what each door receives and gives (contract 2 and 11)."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import parse_qs, urlsplit

import pytest

from latchstring.protocols import rfc6749
from latchstring.protocols.saml import request
from latchstring.storage import events
from tests.house_for_tests import BASE, CALLBACK, Rig, call
from tests.idp_for_tests import oidc_idp, saml_idp
from tests.web.declared import matches


def test_saml(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    landed = idp.sign_in(browser)
    assert landed.status == 302
    assert landed.location.startswith(CALLBACK + "?code=")
    assert landed.location.endswith("&state=s%20t%2F%C3%A4")
    assert browser.cookies == {}  # bound to this one sign-in, and gone with it
    answer = matches("POST /sso/token", rig.swap(landed.returned["code"]), 200)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 600)
    profile = answer["profile"]
    assert profile == {
        "object": "profile",
        "id": profile["id"],
        "organization_id": idp.organization["id"],
        "connection_id": idp.connection["id"],
        "connection_type": "GenericSAML",
        "idp_id": "u1",
        "email": "ann@acme.example",
        "email_domain_verified": True,
        "first_name": "Ann",
        "last_name": "Example",
        "name": "Ann Example",
        "role": None,
        "roles": None,
        "groups": ["Staff", "Admins"],
        "custom_attributes": {},
        "raw_attributes": {
            "id": "u1",
            "email": "ann@acme.example",
            "firstName": "Ann",
            "lastName": "Example",
            "groups": ["Staff", "Admins"],
        },
    }
    asked = call(rig.endpoint, "GET", "/sso/profile", headers={"authorization": f"Bearer {answer['access_token']}"})
    assert matches("GET /sso/profile", asked, 200) == profile


def test_the_story_is_kept(rig: Rig) -> None:
    idp = saml_idp(rig)
    rig.swap(idp.sign_in(rig.browser()).returned["code"])
    with rig.house.database.read(rig.pass_) as scope:
        told = [event.event for event in events.after(scope, "", 100)]
    assert told == [
        "organization.created",
        "organization_domain.created",
        "authentication.sso_started",
        "connection.activated",
        "authentication.sso_succeeded",
    ]
    (news,) = rig.news
    assert (news.email, news.connection, news.refusal) == ("ann@acme.example", "Acme", None)


def test_the_first_sign_in_makes_a_connection_active(rig: Rig) -> None:
    idp = saml_idp(rig)
    assert idp.connection["state"] == "validating"
    idp.sign_in(rig.browser())
    assert rig.client("GET", f"/connections/{idp.connection['id']}").json["state"] == "active"


def test_who_returns_keeps_the_profile_id(rig: Rig) -> None:
    idp = saml_idp(rig)
    first = rig.swap(idp.sign_in(rig.browser()).returned["code"]).json["profile"]
    changed = {"id": ("u1",), "email": ("anna@acme.example",)}
    second = rig.swap(idp.sign_in(rig.browser(), attributes=changed).returned["code"]).json["profile"]
    assert second["id"] == first["id"]
    assert (second["email"], second["first_name"], second["groups"]) == ("anna@acme.example", None, [])
    other = rig.swap(
        idp.sign_in(rig.browser(), attributes={**changed, "id": ("u2",)}, name_id="u2").returned["code"]
    ).json["profile"]
    assert other["id"] != first["id"]


def test_the_request_asks_for_nothing_that_a_provider_might_refuse(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    document = request.inflate(parse_qs(urlsplit(answer.location).query)["SAMLRequest"][0])
    assert b"NameIDPolicy" not in document
    assert b"RequestedAuthnContext" not in document
    assert b"ForceAuthn" not in document
    asked = request.read(document)
    assert (asked.destination, asked.acs_url) == ("https://idp.acme.example/sso", idp.acs)
    again = rig.authorize(rig.browser(), connection=idp.connection["id"], prompt="login")
    assert b'ForceAuthn="true"' in request.inflate(parse_qs(urlsplit(again.location).query)["SAMLRequest"][0])


def test_post_binding_is_a_page_that_sends_itself(rig: Rig) -> None:
    idp = saml_idp(rig, sso_binding="post")
    page = rig.authorize(rig.browser(), connection=idp.connection["id"])
    assert page.status == 200
    assert 'action="https://idp.acme.example/sso"' in page.text
    assert "data-auto-submit" in page.text
    field = page.text.split('name="SAMLRequest" value="')[1].split('"')[0]
    assert request.read(b64decode(field)).acs_url == idp.acs
    assert "form-action" in (page.header("content-security-policy") or "")


def test_two_sign_ins_at_once_in_one_browser(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    first, second = idp.depart(browser), idp.depart(browser, state="two")
    assert idp.arrive(browser, idp.response(second)).returned["state"] == "two"
    assert idp.arrive(browser, idp.response(first)).status == 302


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_whatever_is_signed(rig: Rig, sign: str) -> None:
    assert "code" in saml_idp(rig).sign_in(rig.browser(), sign=sign).returned


def test_by_organization_and_by_default_redirect_uri(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    asked = idp.depart(browser, connection="", organization=idp.organization["id"], redirect_uri="", state="")
    landed = idp.arrive(browser, idp.response(asked))
    assert landed.location.startswith(CALLBACK + "?code=")
    assert "state" not in landed.returned


@pytest.mark.parametrize("name", ["connection_id", "organization_id"])
def test_the_other_spelling_of_the_selector(rig: Rig, name: str) -> None:
    idp = saml_idp(rig)
    value = idp.connection["id"] if name == "connection_id" else idp.organization["id"]
    assert rig.authorize(rig.browser(), **{name: value}).status == 302


@pytest.mark.parametrize("state", ["", " ", "a b+c%&=#", "ä€😀", '{"next": "/x?y=1&z"}', "x" * 2000])
def test_state_comes_back_as_it_came(rig: Rig, state: str) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    answer = browser.get(
        "/sso/authorize",
        query={
            "client_id": rig.environment.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "connection": idp.connection["id"],
            "state": state,
        },
    )
    fields = parse_qs(urlsplit(answer.location).query)
    asked = request.read(request.inflate(fields["SAMLRequest"][0]))
    assert state not in answer.location or not state.strip()  # our own handle travels, not the application's state
    assert idp.arrive(browser, idp.response(asked)).returned["state"] == state


def test_a_program_gets_the_url_and_a_link_checker_starts_nothing(rig: Rig) -> None:
    idp = saml_idp(rig)
    query = f"client_id={rig.environment.client_id}&response_type=code&connection={idp.connection['id']}"
    answer = rig.client("GET", f"/sso/authorize?{query}")
    assert answer.status == 200
    assert answer.json["url"].startswith("https://idp.acme.example/sso?SAMLRequest=")
    head = call(rig.endpoint, "HEAD", f"/sso/authorize?{query}")
    assert (head.status, head.body) == (200, b"")
    assert head.header("set-cookie") is None


def test_cookies_survive_the_post_from_another_site(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = rig.authorize(rig.browser(), connection=idp.connection["id"])
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    assert any("SameSite=None" in value and "Secure" in value for value in cookies)
    assert any("SameSite=Lax" in value for value in cookies)  # for plain http in development
    assert all("HttpOnly" in value and "Max-Age=600" in value for value in cookies)


def test_oidc(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.userinfo = {"groups": ["Staff"], "phone_number": "1"}
    browser = rig.browser()
    asked = idp.depart(browser, login_hint="ann@acme.example", prompt="login")
    assert asked["scope"] == "openid profile email"
    assert (asked["login_hint"], asked["prompt"], asked["response_type"]) == ("ann@acme.example", "login", "code")
    assert asked["redirect_uri"] == idp.connection["callback_endpoint"]
    landed = browser.get(idp.connection["callback_endpoint"], query={"code": "c", "state": asked["state"]})
    profile = rig.swap(landed.returned["code"]).json["profile"]
    assert (profile["idp_id"], profile["email"], profile["first_name"]) == ("u1", "ann@acme.example", "Ann")
    assert profile["groups"] == ["Staff"]
    assert profile["raw_attributes"]["phone_number"] == "1"
    (exchange,) = idp.exchanges
    form = parse_qs((exchange.body or b"").decode())
    assert rfc6749.challenge(form["code_verifier"][0]) == asked["code_challenge"]
    assert exchange.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in form


def test_oidc_with_the_secret_in_the_body_and_without_pkce_and_userinfo(rig: Rig) -> None:
    idp = oidc_idp(rig, token_authentication_method="client_secret_post", pkce=False, fetch_user_info=False)
    browser = rig.browser()
    assert "code" in idp.sign_in(browser).returned
    form = parse_qs((idp.exchanges[0].body or b"").decode())
    assert (form["client_id"], "code_verifier" in form) == (["our-client"], False)
    assert "authorization" not in idp.exchanges[0].headers
    assert not any(fetch.url.endswith("/userinfo") for fetch in rig.network.calls)


def test_the_token_endpoint_reads_every_way_in_which_sdks_write(rig: Rig) -> None:
    idp = saml_idp(rig)
    client_id, secret = rig.environment.client_id, rig.key.secret.reveal()
    import json
    from urllib.parse import urlencode

    for way in ("form", "json", "json without a type", "query and json", "header ignored"):
        code = idp.sign_in(rig.browser()).returned["code"]
        fields = {"grant_type": "authorization_code", "client_id": client_id, "client_secret": secret, "code": code}
        headers, path, body = {"accept": "text/plain"}, "/sso/token", json.dumps(fields).encode()
        if way == "form":
            headers["content_type"], body = (
                "application/x-www-form-urlencoded; charset=utf-8",
                urlencode(fields).encode(),
            )
        elif way == "json":
            headers["content_type"] = "application/json"
        elif way == "query and json":
            path, body = f"/sso/token?code={code}", json.dumps({**fields, "code": None}).encode()
        elif way == "header ignored":
            headers["authorization"] = "Bearer sk_test_of_somebody_else"
        answer = call(rig.endpoint, "POST", path, body=body, headers=headers)
        assert answer.status == 200, (way, answer.body)
        assert answer.header("cache-control") == "no-store"


def test_pkce_of_the_application(rig: Rig) -> None:
    idp = saml_idp(rig)
    verifier = "v" * 64
    query = {"code_challenge": rfc6749.challenge(verifier), "code_challenge_method": "S256"}
    for changed, status in (
        ({"code_verifier": verifier, "client_secret": ""}, 200),  # a public client
        ({"code_verifier": verifier}, 200),
        ({"code_verifier": "w" * 64}, 400),
        ({}, 400),
        ({"code_verifier": verifier, "client_secret": "sk_test_wrong"}, 400),
    ):
        browser = rig.browser()
        landed = idp.arrive(browser, idp.response(idp.depart(browser, **query)))
        assert rig.swap(landed.returned["code"], **changed).status == status, changed
    landed = idp.sign_in(rig.browser())
    assert rig.swap(landed.returned["code"], client_secret="").json["error"] == "invalid_request"


def test_a_lost_answer_may_be_asked_for_again(rig: Rig) -> None:
    code = saml_idp(rig).sign_in(rig.browser()).returned["code"]
    from urllib.parse import urlencode

    fields = {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
        "code": code,
    }
    headers = {"content_type": "application/x-www-form-urlencoded", "idempotency_key": "retry-1"}
    first = call(rig.endpoint, "POST", "/sso/token", body=urlencode(fields).encode(), headers=headers)
    rig.clock.forward(seconds=20)
    again = call(rig.endpoint, "POST", "/sso/token", body=urlencode(fields).encode(), headers=headers)
    assert (first.status, again.status) == (200, 200)
    assert first.json["profile"] == again.json["profile"]
    rig.clock.forward(seconds=61)
    late = call(rig.endpoint, "POST", "/sso/token", body=urlencode(fields).encode(), headers=headers)
    assert late.json["error"] == "invalid_grant"


def test_published_documents(rig: Rig) -> None:
    idp = saml_idp(rig)
    metadata = call(rig.endpoint, "GET", idp.connection["saml_options"]["sp_metadata_url"].removeprefix(BASE))
    assert metadata.header("content-type") == "application/samlmetadata+xml; charset=utf-8"
    assert f'Location="{idp.acs}"' in metadata.text
    jwks = call(rig.endpoint, "GET", f"/sso/jwks/{rig.environment.client_id}")
    (key,) = jwks.json["keys"]
    assert set(key) == {"alg", "kty", "use", "kid", "n", "e", "x5c", "x5t#S256"}
    assert call(rig.endpoint, "GET", "/sso/jwks/client_unknown").status == 404
    assert call(rig.endpoint, "GET", "/sso/saml/metadata/unknown").status == 400
