"""The authorization endpoint against those who bend its parameters (OAUTH-01 to OAUTH-16, RFC 9700)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from io import StringIO
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
import structlog

from latchstring.app import doors
from latchstring.effects import log
from latchstring.flows import api_keys
from latchstring.protocols.rfc6749 import challenge
from latchstring.web.kit.route import Route
from tests.house_for_tests import CALLBACK, Answer, Rig, call
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.web.doors import is_page, is_redirect

EVIL = "https://evil.example/"


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, at every level."""
    stream = StringIO()
    before = structlog.get_config()
    log.set_up(level=0, stream=stream)
    yield stream
    structlog.configure(**before)


def asked(rig: Rig, query: str) -> Answer:
    """A query as it stands."""
    return call(rig.endpoint, "GET", f"/sso/authorize?{query}", headers={"accept": "text/html"})


def good(rig: Rig, idp: SamlIdp, **changed: str) -> str:
    fields = {
        "client_id": rig.environment.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "connection": idp.connection["id"],
        **changed,
    }
    return urlencode(fields)


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK.replace("localhost", "LOCALHOST"),
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK + "#x",
        CALLBACK + "/..",
        "http://localhost:3000/x/%2e%2e/callback",
        "http://localhost:3000@evil.example/callback",
        "http://localhost:3000\\@evil.example/callback",
        "http://loc\u0430lhost:3000/callback",
        "http://localhost:3000/callback\x00",
        " " + CALLBACK,
        EVIL,
    ],
    ids=ascii,
)
def test_oauth_01_03_an_unregistered_redirect_uri_is_a_page_and_receives_nothing(rig: Rig, uri: str) -> None:
    idp = saml_idp(rig)
    for wrong in ({}, {"response_type": "token"}, {"connection": "conn_unknown"}, {"state": "x" * 3000}):
        answer = asked(rig, good(rig, idp, redirect_uri=uri, **wrong))
        is_page(answer, "redirect_uri_unregistered")
        assert answer.header("set-cookie") is None


@pytest.mark.parametrize("client_id", ["client_unknown", "", "client_unknown\x00", "' OR 1=1 --", "\ufffd" * 100])
def test_oauth_03_an_unknown_client_is_a_page_whatever_else_is_asked(rig: Rig, client_id: str) -> None:
    idp = saml_idp(rig)
    for redirect_uri in (CALLBACK, EVIL):
        is_page(asked(rig, good(rig, idp, client_id=client_id, redirect_uri=redirect_uri)), "client_unknown")


def test_oauth_03_a_redirect_uri_of_another_environment_is_unregistered(rig: Rig) -> None:
    idp = saml_idp(rig)
    other, theirs = rig.another_environment()
    theirs("POST", "/user_management/redirect_uris", {"uri": "https://theirs.example.com/"})
    is_page(asked(rig, good(rig, idp, redirect_uri="https://theirs.example.com/")), "redirect_uri_unregistered")
    is_page(asked(rig, good(rig, idp, client_id=other.client_id)), "redirect_uri_unregistered")


def test_oauth_03_later_errors_go_to_the_application_with_its_state(rig: Rig) -> None:
    idp = saml_idp(rig)
    for wrong, error, code in (
        ({"response_type": "token"}, "unsupported_response_type", "response_type_unsupported"),
        ({"connection": "conn_unknown"}, "connection_invalid", "connection_unknown"),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request", "code_challenge_invalid"),
    ):
        answer = asked(rig, good(rig, idp, state="a b&c=d", **wrong))
        is_redirect(rig, answer, error, code)
        assert answer.returned["state"] == "a b&c=d"


@pytest.mark.parametrize(
    "pkce",
    [
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        {"code_challenge": "x" * 43},  # without a method it means plain (RFC 7636, 4.3)
        {"code_challenge": "x" * 43, "code_challenge_method": "s256"},
        {"code_challenge": "x" * 43, "code_challenge_method": ""},
        {"code_challenge": "x" * 42, "code_challenge_method": "S256"},
        {"code_challenge": "x" * 44, "code_challenge_method": "S256"},
        {"code_challenge": "x" * 42 + "=", "code_challenge_method": "S256"},
        {"code_challenge": "x" * 42 + "+", "code_challenge_method": "S256"},
        {"code_challenge": "", "code_challenge_method": "S256"},
        {"code_challenge": ""},
        {"code_challenge_method": "S256"},
    ],
    ids=str,
)
def test_oauth_08_a_challenge_is_s256_or_the_request_is_refused(rig: Rig, pkce: dict[str, str]) -> None:
    is_redirect(rig, asked(rig, good(rig, saml_idp(rig), **pkce)), "invalid_request", "code_challenge_invalid")


def test_oauth_08_a_client_without_a_secret_must_send_a_challenge(rig: Rig) -> None:
    idp = saml_idp(rig)
    api_keys.revoke(rig.house, rig.pass_, rig.key.key.id)
    is_page(asked(rig, good(rig, idp)), "code_challenge_missing")
    pkce = {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}
    browser = rig.browser()
    landed = idp.arrive(browser, idp.response(idp.depart(browser, **pkce)))
    assert rig.swap(landed.returned["code"], client_secret="", code_verifier="v" * 43).status == 200


STATES = [
    "",
    " ",
    "+",
    "%2B%20",
    "a+b c%20d",
    '{"next":"/x?y=1&z#w"}',
    "\x00\x01\x7f\r\nSet-Cookie: a=b",
    "\u00e4\u20ac\U0001f600",
    "~!*'();:@&=+$,/?#[]",
    "x" * 2048,
]


@pytest.mark.parametrize("state", STATES, ids=ascii)
def test_oauth_09_state_comes_back_byte_for_byte(rig: Rig, state: str) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    answer = browser.get("/sso/authorize?" + good(rig, idp, state=state))
    handle = dict(parse_qsl(urlsplit(answer.location).query))["RelayState"]
    landed = idp.arrive(browser, idp.response(None, in_response_to="_" + handle))
    assert dict(parse_qsl(urlsplit(landed.location).query, keep_blank_values=True))["state"] == state
    assert "\n" not in landed.location and "\x00" not in landed.location


def test_oauth_09_bytes_that_are_no_text_come_back_too(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    answer = browser.get("/sso/authorize?" + good(rig, idp) + "&state=%ff%FE%80%00%c3%28")
    handle = dict(parse_qsl(urlsplit(answer.location).query))["RelayState"]
    landed = idp.arrive(browser, idp.response(None, in_response_to="_" + handle))
    assert landed.location.endswith("&state=%FF%FE%80%00%C3%28")


@pytest.mark.parametrize("state", ["x" * 2049, "\u00e4" * 1025])
def test_oauth_09_a_state_beyond_2_kib_is_refused(rig: Rig, state: str) -> None:
    answer = asked(rig, good(rig, saml_idp(rig), state=state))
    is_redirect(rig, answer, "invalid_request", "state_too_long")
    assert "state" not in answer.returned


def test_oauth_09_11_nothing_that_lets_somebody_in_is_logged(rig: Rig, logged: StringIO) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    secrets = {"state": "marker-state", "nonce": "marker-nonce", "login_hint": "marker-hint", "unknown": "marker-x"}
    document = idp.response(idp.depart(browser, **secrets))
    landed = idp.arrive(browser, document)
    code = landed.returned["code"]
    for wrong in ({"client_id": "client_unknown"}, {"redirect_uri": EVIL}, {"connection": "conn_unknown"}):
        asked(rig, good(rig, idp, **(secrets | wrong)))
    # In the query, as one SDK does it, well and badly.
    fields = {"grant_type": "authorization_code", "client_id": rig.environment.client_id, "code": code}
    for query, body in (
        ({**fields, "client_secret": "sk_test_marker"}, b""),
        ({**fields, "code_verifier": "marker-verifier"}, b"{"),
        (fields, urlencode({"client_secret": rig.key.secret.reveal()}).encode()),
    ):
        answer = call(rig.endpoint, "POST", "/sso/token?" + urlencode(query), body=body)
    token = answer.json["access_token"]
    call(rig.endpoint, "GET", f"/sso/profile?access_token={token}")
    call(rig.endpoint, "GET", f"/sso/token?{urlencode(fields)}")
    call(rig.endpoint, "GET", f"/nowhere?code={code}")
    idp.arrive(browser, document)
    lines = logged.getvalue()
    assert '"client_unknown"' in lines and '"invalid_client"' in lines  # it was listened to
    for secret in (
        *secrets.values(),
        code,
        token,
        rig.key.secret.reveal(),
        "marker",
        b64encode(document).decode()[:60],
    ):
        assert secret not in lines, secret
    assert "?" not in lines


def test_oauth_12_every_redirect_is_a_302_without_a_body_and_no_page_tells_where_it_was(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    departed = rig.authorize(browser, connection=idp.connection["id"])
    again = rig.browser()
    landed = idp.sign_in(again)
    refused = idp.sign_in(rig.browser(), audience="https://other.example")
    failed = asked(rig, good(rig, idp, connection="conn_unknown"))
    for answer in (departed, landed, refused, failed):
        assert (answer.status, answer.body) == (302, b"")
    page = asked(rig, good(rig, idp, redirect_uri=EVIL))
    form = rig.authorize(rig.browser(), connection=post_binding(rig, idp))
    assert (page.status, form.status) == (400, 200)
    for answer in (departed, landed, refused, failed, page, form):
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cache-control") == "no-store"


def post_binding(rig: Rig, idp: SamlIdp) -> str:
    identifier: str = idp.connection["id"]
    rig.client("PATCH", f"/connections/{identifier}", {"saml_options": {"sso_binding": "post"}})
    return identifier


ROUTES = [route for door in doors(development=True) for route in door.routes]


@pytest.mark.parametrize("route", ROUTES, ids=[f"{route.method} {route.path}" for route in ROUTES])
def test_oauth_13_no_route_leads_where_a_parameter_or_a_header_says(rig: Rig, route: Route) -> None:
    idp = saml_idp(rig)
    names = (
        "next return return_to return_url redirect redirect_url redirect_uri target url goto continue RelayState state "
        "client_id token post_logout_redirect_uri success_url origin error_uri code SAMLRequest SAMLResponse handle"
    )
    fields = dict.fromkeys(names.split(), EVIL)
    values = {
        "external_key": idp.connection["external_key"] if "external_key" in idp.connection else idp.acs.split("/")[-1],
        "client_id": rig.environment.client_id,
        "id": idp.connection["id"],
    }
    path = re.sub(r"{(\w+)}", lambda match: quote(values.get(match[1], EVIL), safe=""), route.path)
    for good_ones in ({}, {"client_id": rig.environment.client_id, "connection": idp.connection["id"]}):
        answer = call(
            rig.endpoint,
            route.method,
            f"{path}?{urlencode(fields | good_ones)}",
            body=urlencode(fields | good_ones).encode(),
            headers={
                "accept": "text/html",
                "authorization": f"Bearer {rig.client.key}",
                "content_type": "application/x-www-form-urlencoded",
                "host": "evil.example",
                "origin": EVIL,
                "referer": EVIL,
                "x_forwarded_host": "evil.example",
                "x_forwarded_proto": "https",
                "forwarded": "host=evil.example",
            },
        )
        assert "evil" not in urlsplit(answer.header("location") or "").netloc
        assert not re.search(r"""(href|action|src|content)\s*=\s*["']?[^"'>\s]*evil\.example""", answer.text)


def test_oauth_13_neither_relay_state_nor_a_host_moves_the_landing(rig: Rig) -> None:
    idp = saml_idp(rig)
    browser = rig.browser()
    document = idp.response(idp.depart(browser))
    answer = browser.post(
        idp.acs,
        {"SAMLResponse": b64encode(document).decode(), "RelayState": EVIL, "redirect_uri": EVIL, "next": EVIL},
        host="evil.example",
        referer=EVIL,
        x_forwarded_host="evil.example",
    )
    assert answer.location.startswith(CALLBACK + "?code=")


def test_oauth_14_an_id_of_another_environment_looks_like_one_that_never_was(rig: Rig) -> None:
    idp = saml_idp(rig)
    environment, theirs = rig.another_environment()
    theirs("POST", "/user_management/redirect_uris", {"uri": CALLBACK})
    for selector, foreign, unknown in (
        ("connection", idp.connection["id"], "conn_" + "0" * 26),
        ("organization", idp.organization["id"], "org_" + "0" * 26),
    ):
        answers = []
        for value in (foreign, unknown):
            query = good(
                rig, idp, client_id=environment.client_id, state="s", **({"connection": ""} | {selector: value})
            )
            answer = asked(rig, query)
            assert answer.status == 302
            shown = {name: text.replace(value, "ID") for name, text in answer.returned.items()}
            headers = sorted(name for name, _ in answer.headers)
            answers.append((answer.location.partition("?")[0], shown, headers, answer.body))
        assert answers[0] == answers[1]
    for value in ("GoogleOAuth", "MicrosoftOAuth"):
        assert "code" not in asked(rig, good(rig, idp, connection="", provider=value)).returned
    # domain_hint selects nothing.
    hinted = asked(rig, good(rig, idp, connection="", domain_hint="acme.example"))
    is_page(hinted, "selector_missing")


INJECTIONS = ["a&client_id=evil", "a#fragment", "a%26prompt%3Dnone", "a\r\nb", "a?b=c;d", "a\x00", '"><script>', "=&=&"]


@pytest.mark.parametrize("text", INJECTIONS, ids=ascii)
def test_oauth_15_hints_and_scopes_become_no_other_parameter(rig: Rig, text: str) -> None:
    idp = oidc_idp(rig)
    plain = idp.depart(rig.browser())
    sent = idp.depart(
        rig.browser(),
        login_hint=text,
        domain_hint=text,
        provider_scopes=text,
        **{"provider_query_params[hd]": text, "provider_query_params[redirect_uri]": EVIL},
    )
    assert set(sent) == {*plain, "login_hint", "domain_hint", "hd"}
    assert (sent["login_hint"], sent["domain_hint"], sent["hd"]) == (text, text, text)
    for name in ("client_id", "redirect_uri", "response_type", "code_challenge_method"):
        assert sent[name] == plain[name]
    assert set(sent["scope"].split(" ")) == {*plain["scope"].split(), *text.replace(",", " ").split()}


def test_oauth_15_a_hint_for_a_saml_provider_stays_one_value(rig: Rig) -> None:
    for text in INJECTIONS:
        location = rig.authorize(rig.browser(), connection="conn_test_idp", login_hint=text).location
        found = parse_qsl(urlsplit(location).query)
        assert [name for name, _ in found] == ["SAMLRequest", "RelayState", "login_hint"]
        assert found[-1] == ("login_hint", text)


@pytest.mark.parametrize(
    "name", "client_id redirect_uri response_type connection state code_challenge unheard_of".split()
)
@pytest.mark.parametrize("second", ["the same", "another", ""])
def test_oauth_16_a_parameter_given_twice_is_an_error(rig: Rig, name: str, second: str) -> None:
    idp = saml_idp(rig)
    first = dict(parse_qsl(good(rig, idp, state="s"))).get(name, "x")
    query = good(rig, idp, state="s") + f"&{name}={quote(first)}" * (
        2 if name in ("code_challenge", "unheard_of") else 1
    )
    if second != "the same":
        query += f"&{name}={second}"
    is_page(asked(rig, query), "parameter_repeated")


def test_oauth_16_two_spellings_of_one_selector_are_one_parameter_twice(rig: Rig) -> None:
    idp = saml_idp(rig)
    is_page(asked(rig, good(rig, idp, connection_id="conn_other")), "parameter_repeated")


def test_oauth_16_unknown_parameters_and_those_without_a_value_are_ignored(rig: Rig) -> None:
    idp = saml_idp(rig)
    more = {
        "utm_source": "mail",
        "SAMLRequest": "x",
        "__proto__": "x",
        "provider": "",
        "organization": "",
        "prompt": "",
    }
    answer = asked(rig, good(rig, idp, **more))
    assert answer.location.startswith("https://idp.acme.example/sso?SAMLRequest=")
    assert "utm_source" not in answer.location
    omitted = asked(rig, good(rig, idp, redirect_uri=""))  # so it is the default
    assert omitted.location.startswith("https://idp.acme.example/sso?")


def test_oauth_16_a_query_has_8_kib_and_not_one_byte_more(rig: Rig) -> None:
    idp = saml_idp(rig)
    query = good(rig, idp) + "&unheard_of="
    full = query + "x" * (8192 - len(query))
    assert asked(rig, full).status == 302
    is_page(asked(rig, full + "x"), "query_too_long")
    many = good(rig, idp) + "".join(f"&p{number}=" for number in range(200))
    is_page(asked(rig, many), "too_many_parameters")
