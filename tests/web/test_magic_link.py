"""A link by mail: made by the back end, opened by anybody, confirmed by its reader, good once (contract 9)."""

from __future__ import annotations

import io
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from latchstring.effects import log
from latchstring.flows import environment_settings, sign_ins, upkeep
from latchstring.flows.environment_settings import SettingsWish
from latchstring.storage import attempts, front_door
from tests.events_for_tests import told
from tests.house_for_tests import BASE, CALLBACK, START, Rig, call
from tests.links_for_tests import EMAIL, mailed, make, organization_link, press, send, signed_in, token_of
from tests.web.declared import matches
from tests.web.doors import is_page, is_redirect
from tests.web.html import read

SESSIONS = "/passwordless/sessions"


def instant(**later: float) -> str:
    return (START + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%S.437Z")


def stories(rig: Rig) -> list[Any]:
    with rig.house.database.read(rig.pass_) as scope:
        return attempts.recent(scope, 100)


def test_a_link_is_made_mailed_and_signs_in(rig: Rig) -> None:
    body = {"email": EMAIL, "type": "MagicLink", "state": "s t/ä", "redirect_uri": CALLBACK}
    answer = rig.client("POST", SESSIONS, body)
    made = matches(f"POST {SESSIONS}", answer, 201)
    assert list(made) == ["object", "id", "email", "expires_at", "link"]
    assert (made["object"], made["email"], made["expires_at"]) == ("passwordless_session", EMAIL, instant(minutes=15))
    assert re.fullmatch(r"passwordless_session_[0-9A-HJKMNP-TV-Z]{26}", made["id"])
    assert re.fullmatch(BASE + r"/passwordless/[A-Za-z0-9_-]{43}/confirm", made["link"])
    sent = matches(f"POST {SESSIONS}/{{id}}/send", send(rig, made), 201)
    assert sent == {"success": True}
    link = mailed(rig)
    assert link != made["link"]  # the first one is known by its hash alone, so the mail has one of its own
    browser = rig.browser()
    page = browser.get(link)
    assert page.status == 200
    form = read(page.text).one("form", action=link.removeprefix(BASE))
    assert (form.attributes["method"], BASE + form.attributes["action"]) == ("post", link)
    assert form.one("button").text == "Sign in"
    assert "localhost:3000 as ann@acme.example" in read(page.text).one("main").text
    back = press(browser, link)
    assert back.status == 302 and back.location.startswith(CALLBACK + "?code=")
    assert back.location.endswith("&state=s%20t%2F%C3%A4")
    profile = rig.swap(back.returned["code"]).json["profile"]
    connection = rig.client("GET", "/connections?connection_type=MagicLink").json["data"][0]
    assert profile == {
        "object": "profile",
        "id": profile["id"],
        "organization_id": None,
        "connection_id": connection["id"],
        "connection_type": "MagicLink",
        "idp_id": EMAIL,
        "email": EMAIL,
        "email_domain_verified": False,
        "first_name": None,
        "last_name": None,
        "name": None,
        "role": None,
        "roles": None,
        "groups": [],
        "custom_attributes": {},
        "raw_attributes": {"email": EMAIL},
    }


@pytest.mark.parametrize("which", ["the answer's", "the mail's"])
def test_with_one_of_its_links_used_the_other_is_used_too(rig: Rig, which: str) -> None:
    session = make(rig)
    send(rig, session)
    links = [session["link"], mailed(rig)]
    if which == "the mail's":
        links.reverse()
    signed_in(rig, links[0])
    is_redirect(rig, press(rig.browser(), links[1]), "access_denied", "magic_link_used")


def test_the_same_person_keeps_the_profile(rig: Rig) -> None:
    first = signed_in(rig, make(rig)["link"])
    second = signed_in(rig, make(rig, email="ann@ACME.example")["link"])
    assert (second["id"], second["idp_id"], second["email"]) == (first["id"], EMAIL, "ann@ACME.example")
    other = signed_in(rig, make(rig, email="Ann@acme.example")["link"])
    assert (other["idp_id"], other["email"]) == ("Ann@acme.example", "Ann@acme.example")
    assert other["id"] != first["id"]  # what stands before the @ is the mail server's to read


def test_a_domain_has_one_spelling_in_the_identifier(rig: Rig) -> None:
    profile = signed_in(rig, make(rig, email=" ann@Bücher.example ")["link"])
    assert (profile["idp_id"], profile["email"]) == ("ann@xn--bcher-kva.example", "ann@Bücher.example")


def test_nulls_mean_nothing(rig: Rig) -> None:
    session = make(rig, redirect_uri=None, state=None, connection=None, expires_in=None)
    assert session["expires_at"] == instant(minutes=15)
    back = press(rig.browser(), session["link"])
    default = rig.client("GET", "/user_management/redirect_uris").json["data"]
    assert back.location.startswith(next(uri["uri"] for uri in default if uri["default"]) + "?code=")
    assert "state" not in back.returned


@pytest.mark.parametrize("seconds", [900, 901, 86_400])
def test_its_life_is_as_long_as_was_asked(rig: Rig, seconds: int) -> None:
    session = make(rig, expires_in=seconds)
    assert session["expires_at"] == instant(seconds=seconds)
    rig.clock.forward(seconds=seconds - 1)
    signed_in(rig, session["link"])


FAULTS = [
    ({}, {"email": "email must be a string", "type": "type must be a valid enum value"}),
    ({"email": None, "type": None}, {"email": "email must be a string", "type": "type must be a valid enum value"}),
    ({"email": EMAIL, "type": "magiclink"}, {"type": "type must be a valid enum value"}),
    ({"email": "", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": "ann", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": "a@b.example, c@d.example", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": "Ann <ann@acme.example>", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": "ann@acme.example\r\nBcc: x@evil.example", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": "ann@acme.example\nX: y", "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": EMAIL, "type": "MagicLink", "expires_in": 899}, {"expires_in": "expires_in_out_of_range"}),
    ({"email": EMAIL, "type": "MagicLink", "expires_in": 86_401}, {"expires_in": "expires_in_out_of_range"}),
    ({"email": EMAIL, "type": "MagicLink", "expires_in": 0}, {"expires_in": "expires_in_out_of_range"}),
    ({"email": EMAIL, "type": "MagicLink", "expires_in": "900"}, {"expires_in": "expires_in_invalid"}),
    ({"email": 7, "type": "MagicLink"}, {"email": "email_invalid"}),
    ({"email": EMAIL, "type": "MagicLink", "state": "x" * 2049}, {"state": "state_too_long"}),
    ({"email": EMAIL, "type": "MagicLink", "redirect_uri": ""}, {"redirect_uri": "redirect_uri_unregistered"}),
    (
        {"email": EMAIL, "type": "MagicLink", "redirect_uri": "https://evil.example/"},
        {"redirect_uri": "redirect_uri_unregistered"},
    ),
    ({"email": EMAIL, "type": "MagicLink", "connection": "conn_1"}, {"connection": "connection_unknown"}),
    ({"email": EMAIL, "type": "MagicLink", "connection": "conn_test_idp"}, {"connection": "connection_type_mismatch"}),
]


IDS = [f"{number}-{'-'.join(row[1])}" for number, row in enumerate(FAULTS)]


@pytest.mark.parametrize(("body", "faults"), FAULTS, ids=IDS)
def test_what_is_wrong_is_named(rig: Rig, body: dict[str, Any], faults: dict[str, str]) -> None:
    answer = rig.client("POST", SESSIONS, body)
    assert answer.status == 422
    assert answer.json["message"] == "Validation failed"
    assert {error["field"]: error["code"] for error in answer.json["errors"]} == faults
    assert all(error["message"] for error in answer.json["errors"])


def test_oauth_09_state_comes_back_byte_for_byte(rig: Rig) -> None:
    for state in ("", "&code=x", "ä€😀", "x" * 2048, '{"a": 1}\r\n'):
        back = press(rig.browser(), make(rig, state=state)["link"])
        assert back.returned["state"] == state


def test_an_environment_without_a_redirect_uri_needs_one(rig: Rig) -> None:
    _, client = rig.another_environment()
    answer = client("POST", SESSIONS, {"email": EMAIL, "type": "MagicLink"})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "default_redirect_uri_missing")


@pytest.mark.parametrize("path", [SESSIONS, f"{SESSIONS}/passwordless_session_1/send"])
def test_only_with_an_api_key(rig: Rig, path: str) -> None:
    answer = call(rig.endpoint, "POST", path, body=b"{}")
    assert (answer.status, answer.json["message"]) == (401, "Unauthorized")


# -- the link


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_of_mail_spends_nothing(rig: Rig, method: str) -> None:
    send(rig, make(rig))
    link = mailed(rig)
    for number in range(50):
        headers = {"sec_purpose": "prefetch;prerender"} if number % 2 else {}
        answer = rig.browser().call(method, link, headers=headers)
        assert (answer.status, answer.header("set-cookie")) == (200, None)
    assert stories(rig) == [] and told(rig, "authentication.sso_started") == []
    assert signed_in(rig, link)["email"] == EMAIL


def test_oauth_12_the_page_tells_nobody_where_it_stands(rig: Rig) -> None:
    link = make(rig)["link"]
    for answer in (rig.browser().get(link), press(rig.browser(), link), rig.browser().get(link)):
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cache-control") == "no-store"
        assert answer.status in (200, 302)


def test_a_link_is_good_once_whatever_the_concurrency(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    links = [session["link"], mailed(rig)] * 8
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda link: press(rig.browser(), link), links))
    assert sorted("code" in answer.returned for answer in answers) == [False] * 15 + [True]
    assert {answer.returned.get("error") for answer in answers} == {None, "access_denied"}
    assert len(stories(rig)) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_link_is_an_error_for_the_application(rig: Rig, method: str) -> None:
    session = make(rig, state="s")
    rig.clock.forward(minutes=15)
    for _ in range(3):
        answer = rig.browser().call(method, session["link"])
        is_redirect(rig, answer, "access_denied", "magic_link_expired")
        assert answer.returned["state"] == "s"
    (story,) = stories(rig)  # once, however often it is opened
    assert (story.steps[-1].name, story.steps[-1].facts["code"]) == ("refused", "magic_link_expired")
    (failed,) = told(rig, "authentication.sso_failed")
    assert failed["error"]["code"] == "magic_link_expired"


def test_looking_at_the_head_of_an_expired_link_leaves_no_trace(rig: Rig) -> None:
    session = make(rig)
    rig.clock.forward(minutes=15)
    is_redirect(rig, rig.browser().call("HEAD", session["link"]), "access_denied", "magic_link_expired")
    assert stories(rig) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "%00", "sessions", "%C3%A4%ff"])
def test_an_unknown_link_is_a_page(rig: Rig, method: str, token: str) -> None:
    make(rig)
    is_page(rig.browser().call(method, f"/passwordless/{token}/confirm"), "magic_link_unknown")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_saml_32_no_other_page_signs_its_visitors_in(rig: Rig, site: str) -> None:
    link = make(rig)["link"]
    is_page(press(rig.browser(), link, sec_fetch_site=site), "magic_link_confirmed_elsewhere")
    assert stories(rig) == []
    signed_in(rig, link)


def test_an_older_browser_says_nothing_of_the_page_and_signs_in(rig: Rig) -> None:
    assert press(rig.browser(), make(rig)["link"], sec_fetch_site="same-origin").status == 302
    assert "code" in rig.browser().post(make(rig)["link"], {}).returned


def test_oauth_13_a_redirect_uri_that_was_taken_away_since_is_not_gone_to(rig: Rig) -> None:
    made = rig.client("POST", "/user_management/redirect_uris", {"uri": "http://localhost:3000/other"}).json
    session = make(rig, redirect_uri=made["uri"])
    rig.client("DELETE", f"/user_management/redirect_uris/{made['id']}")
    for method in ("GET", "POST"):
        is_page(rig.browser().call(method, session["link"]), "redirect_uri_unregistered")
    assert [story.steps[-1].facts["code"] for story in stories(rig)] == ["redirect_uri_unregistered"] * 2


def test_a_native_application_is_come_back_to(rig: Rig) -> None:
    rig.client("POST", "/user_management/redirect_uris", {"uri": "com.example.app://callback"})
    session = make(rig, redirect_uri="com.example.app://callback")
    page = rig.browser().get(session["link"])
    policy = page.header("content-security-policy") or ""
    assert policy.endswith("form-action 'self' https: http: com.example.app:")
    assert press(rig.browser(), session["link"]).location.startswith("com.example.app://callback?code=")


def test_oauth_07_the_file_holds_no_token(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    retried = rig.client("POST", SESSIONS, {"email": EMAIL, "type": "MagicLink"}, idempotency_key="k").json
    links = (session["link"], mailed(rig), retried["link"])
    everything = b"".join(path.read_bytes() for path in rig.folder.glob("house.db*"))
    assert EMAIL.encode() in everything
    assert [link for link in links if token_of(link).encode() in everything] == []


def test_ops_03_the_log_holds_no_token(rig: Rig) -> None:
    link = make(rig)["link"]
    stream = io.StringIO()
    log.set_up(level=logging.INFO, stream=stream)
    try:
        press(rig.browser(), link, sec_fetch_site="cross-site")
        rig.browser().call("DELETE", link)
    finally:
        log.set_up(level=logging.WARNING)
    assert "magic_link_confirmed_elsewhere" in stream.getvalue() and "/passwordless/***" in stream.getvalue()
    assert token_of(link) not in stream.getvalue()


# -- its connection


def test_the_connection_is_made_with_the_first_link_and_kept(rig: Rig) -> None:
    assert rig.client("GET", "/connections?connection_type=MagicLink").json["data"] == []
    make(rig)
    make(rig, email="joe@other.example")
    (connection,) = rig.client("GET", "/connections?connection_type=magiclink").json["data"]
    assert "organization_id" not in connection
    expected = {"connection_type": "MagicLink", "state": "active", "status": "linked"}
    assert {name: connection[name] for name in expected} == expected
    assert (connection["saml_options"], connection["oidc_options"], connection["domains"]) == (None, None, [])
    (event,) = told(rig, "connection.activated")
    assert event["id"] == connection["id"]


def test_saml_35_switched_off_it_lets_nobody_in(rig: Rig) -> None:
    session = make(rig)
    (connection,) = rig.client("GET", "/connections?connection_type=MagicLink").json["data"]
    rig.client("POST", f"/connections/{connection['id']}/deactivate")
    for method in ("GET", "POST"):
        is_redirect(rig, rig.browser().call(method, session["link"]), "connection_unlinked", "connection_unlinked")
    refused = rig.client("POST", SESSIONS, {"email": EMAIL, "type": "MagicLink"})
    assert (refused.status, refused.json["code"]) == (400, "connection_unlinked")
    assert (send(rig, session).status, rig.house.kept_mail()) == (400, ())
    rig.client("POST", f"/connections/{connection['id']}/activate")
    signed_in(rig, session["link"])  # that was no use of it


def test_saml_35_deleted_it_takes_its_links_along(rig: Rig) -> None:
    session = make(rig)
    (connection,) = rig.client("GET", "/connections?connection_type=MagicLink").json["data"]
    rig.client("DELETE", f"/connections/{connection['id']}")
    is_page(rig.browser().get(session["link"]), "magic_link_unknown")
    is_page(press(rig.browser(), session["link"]), "magic_link_unknown")
    assert send(rig, session).status == 422
    assert make(rig)["id"] != session["id"]  # and the next link brings another one


def test_a_connection_of_an_organization(rig: Rig) -> None:
    organization, connection = organization_link(rig)
    profile = signed_in(rig, make(rig, connection=connection)["link"])
    assert (profile["organization_id"], profile["connection_id"]) == (organization["id"], connection)
    assert profile["email_domain_verified"] is True
    assert rig.client("GET", f"/connections/{connection}").json["state"] == "active"  # the first good sign-in did that
    with_no_name = signed_in(rig, make(rig)["link"])
    assert with_no_name["organization_id"] is None and with_no_name["id"] != profile["id"]


def test_saml_37_the_domains_of_the_organization_count(rig: Rig) -> None:
    organization, connection = organization_link(rig)
    answer = rig.client("POST", SESSIONS, {"email": "joe@other.example", "type": "MagicLink", "connection": connection})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "email_outside_organization")
    session = make(rig, connection=connection)
    (domain,) = rig.client("GET", f"/organizations/{organization['id']}").json["domains"]
    rig.client("DELETE", f"/organization_domains/{domain['id']}")
    answer = press(rig.browser(), session["link"])
    is_redirect(rig, answer, "profile_not_allowed_outside_organization", "email_outside_organization")


def test_saml_37_unless_the_organization_takes_all(rig: Rig) -> None:
    _, connection = organization_link(rig, allow_profiles_outside_organization=True)
    joe = make(rig, connection=connection, email="joe@other.example")
    assert signed_in(rig, joe["link"])["email"] == "joe@other.example"


def test_an_organization_is_not_selected_by_it(rig: Rig) -> None:
    organization, connection = organization_link(rig)
    answer = rig.authorize(rig.browser(), organization=organization["id"])
    is_redirect(rig, answer, "organization_invalid", "organization_unknown")
    answer = rig.authorize(rig.browser(), connection=connection)
    is_redirect(rig, answer, "invalid_connection_selector", "magic_link_needs_a_mail")


def test_saml_46_it_has_no_address_at_an_identity_provider(rig: Rig) -> None:
    _, connection = organization_link(rig)
    key = rig.client("GET", f"/connections/{connection}").json["external_key"]
    browser = rig.browser()
    assert browser.get(f"/sso/saml/metadata/{key}").status == 400
    assert browser.post(f"/sso/saml/acs/{key}", {"SAMLResponse": "x"}).status == 400
    assert browser.post(f"/sso/saml/slo/{key}", {"SAMLRequest": "x"}).status in (400, 404)
    assert browser.get(f"/sso/oidc/{key}/callback?state=x&code=y").status == 400
    assert browser.get(f"/test-idp/start/{key}").status in (400, 404)


def test_its_name_can_be_changed_and_nothing_of_other_protocols(rig: Rig) -> None:
    _, connection = organization_link(rig)
    assert rig.client("PATCH", f"/connections/{connection}", {"name": "Mail"}).json["name"] == "Mail"
    for options in ("saml_options", "oidc_options"):
        answer = rig.client("PATCH", f"/connections/{connection}", {options: {}})
        assert (answer.status, answer.json["errors"][0]["code"]) == (422, "options_mismatch")


def test_there_is_nothing_to_sign_out_of(rig: Rig) -> None:
    profile = signed_in(rig, make(rig)["link"])
    answer = rig.client("POST", "/sso/logout/authorize", {"profile_id": profile["id"]})
    assert (answer.status, answer.json["error"]) == (400, "connection_invalid")


# -- sending


def test_the_mail_says_what_it_is(rig: Rig) -> None:
    send(rig, make(rig))
    (kept,) = rig.house.kept_mail()
    mail = kept.mail
    assert (mail.to, mail.subject) == (EMAIL, "Sign in to Staging")
    html = read(mail.html)
    assert {link.attributes["href"] for link in html.every("a")} == {mailed(rig)}
    for text in (mail.text, html.text):
        words = " ".join(text.split())
        assert "Staging (localhost:3000) as ann@acme.example" in words
        assert "once, within 15 minutes." in words
        assert "do not forward this mail" in words
    assert not [element for element in html.all() if element.tag in ("img", "link", "script", "iframe")]
    assert "url(" not in mail.html and "@import" not in mail.html


@pytest.mark.parametrize(
    ("expires_in", "later", "words"),
    [
        (900, 0, "15 minutes"),
        (900, 870, "1 minute"),
        (900, 0.5, "15 minutes"),
        (3600, 0, "60 minutes"),
        (7200, 0, "2 hours"),
        (86_400, 0, "24 hours"),
    ],
)
def test_the_mail_says_how_long_it_still_can_be_used(rig: Rig, expires_in: int, later: float, words: str) -> None:
    session = make(rig, expires_in=expires_in)
    rig.clock.forward(seconds=later)
    send(rig, session)
    assert f"once, within {words}." in rig.house.kept_mail()[0].mail.text


def test_values_in_the_mail_stay_values(rig: Rig) -> None:
    session = make(rig, email="a'b&c@acme.example")
    send(rig, session)
    html = rig.house.kept_mail()[0].mail.html
    assert "a&#x27;b&amp;c@acme.example" in html and "a'b&c@" not in html


def test_another_mail_leaves_the_one_before_it_good(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    first = mailed(rig)
    send(rig, session)
    assert mailed(rig) != first
    signed_in(rig, first)
    answer = send(rig, session)
    assert (answer.status, answer.json["message"]) == (
        422,
        f"The passwordless session '{session['id']}' has expired or is invalid.",
    )


def test_nothing_is_sent_for_what_is_over_or_unknown(rig: Rig) -> None:
    session = make(rig)
    rig.clock.forward(minutes=15)
    for id_ in (session["id"], "x"):
        answer = rig.client("POST", f"{SESSIONS}/{id_}/send")
        assert (answer.status, answer.json["message"]) == (
            422,
            f"The passwordless session '{id_}' has expired or is invalid.",
        )
    assert rig.house.kept_mail() == ()


def test_one_address_gets_so_many_mails_an_hour(rig: Rig) -> None:
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(magic_links_per_hour=2))
    session = make(rig, expires_in=86_400)
    assert send(rig, session).status == 201
    rig.clock.forward(minutes=10)
    assert send(rig, make(rig, email="ANN@Acme.example")).status == 201  # the same mailbox, as far as anybody knows
    answer = send(rig, session)
    assert (answer.status, answer.header("retry-after")) == (429, "3000")
    assert answer.json["code"] == "rate_limited" and answer.json["message"]
    assert len(rig.house.kept_mail()) == 2
    assert send(rig, make(rig, email="joe@acme.example")).status == 201
    rig.clock.forward(minutes=50)
    assert send(rig, session).status == 201
    assert send(rig, session).status == 429


def test_the_limit_is_a_setting_of_the_environment(rig: Rig) -> None:
    assert rig.client("GET", "/environment").json["magic_links_per_hour"] == 10
    for wrong in (-1, 1001, "5"):
        answer = rig.client("PATCH", "/environment", {"magic_links_per_hour": wrong})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "magic_links_per_hour")
    assert rig.client("PATCH", "/environment", {"magic_links_per_hour": 0}).status == 200
    answer = send(rig, make(rig))
    assert (answer.status, answer.header("retry-after"), rig.house.kept_mail()) == (429, "3600", ())


def test_the_limit_holds_whatever_the_concurrency(rig: Rig) -> None:
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(magic_links_per_hour=3))
    session = make(rig)
    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(lambda _: send(rig, session).status, range(12)))
    assert statuses == [201] * 3 + [429] * 9


def test_a_retried_request_is_one_request_for_a_minute(rig: Rig) -> None:
    body = {"email": EMAIL, "type": "MagicLink"}
    first = rig.client("POST", SESSIONS, body, idempotency_key="a")
    assert rig.client("POST", SESSIONS, body, idempotency_key="a").body == first.body
    changed = rig.client("POST", SESSIONS, {**body, "state": "x"}, idempotency_key="a")
    assert (changed.status, changed.json["code"]) == (400, "idempotency_key_reused")
    for _ in range(2):
        assert send(rig, first.json, idempotency_key="b").json == {"success": True}
    assert len(rig.house.kept_mail()) == 1
    rig.clock.forward(seconds=61)  # a day later the same request wants a link of its own (contract 1.8)
    assert rig.client("POST", SESSIONS, body, idempotency_key="a").json["id"] != first.json["id"]
    send(rig, first.json, idempotency_key="b")
    assert len(rig.house.kept_mail()) == 2


# -- what is told, and what is forgotten


def test_the_story_of_a_sign_in(rig: Rig) -> None:
    session = make(rig, state="s")
    send(rig, session)
    rig.clock.forward(minutes=5)
    answer = press(rig.browser(), mailed(rig), user_agent="Lynx")
    (story,) = stories(rig)
    assert [step.name for step in story.steps] == ["begun", "arrived", "granted"]
    begun, arrived = story.steps[0].facts, story.steps[1].facts
    assert (begun["magic_link"], begun["user_agent"], begun["ip_address"]) == (session["id"], "Lynx", "203.0.113.7")
    assert (arrived["mails"], arrived["sources"]["email"]) == (1, "email")
    assert rig.swap(answer.returned["code"]).status == 200
    assert sign_ins.find(rig.house, rig.pass_, story.id).attempt.steps[-1].name == "redeemed"
    (started,) = told(rig, "authentication.sso_started")
    (succeeded,) = told(rig, "authentication.sso_succeeded")
    assert (
        started["sso"]
        == succeeded["sso"]
        == {
            "organization_id": None,
            "connection_id": story.connection_id,
            "session_id": story.id,
        }
    )
    assert succeeded["email"] == EMAIL
    (news,) = rig.news
    assert (news.email, news.connection, news.refusal) == (EMAIL, "Magic Link", None)


def test_links_are_swept_a_day_after_their_end(rig: Rig) -> None:
    session = make(rig)
    send(rig, session)
    rig.clock.forward(hours=24)
    upkeep.sweep(rig.house, rig.pass_, lambda: False)
    is_redirect(rig, rig.browser().get(session["link"]), "access_denied", "magic_link_expired")
    rig.clock.forward(minutes=16)
    upkeep.sweep(rig.house, rig.pass_, lambda: False)
    is_page(rig.browser().get(session["link"]), "magic_link_unknown")
    assert front_door.by_magic_link(rig.house.database, token_of(session["link"])) is None


def test_oauth_14_environments_do_not_see_each_others_links(rig: Rig) -> None:
    session = make(rig)
    (connection,) = rig.client("GET", "/connections?connection_type=MagicLink").json["data"]
    other, client = rig.another_environment()
    client("POST", "/user_management/redirect_uris", {"uri": "http://localhost:9/callback"})
    assert client("POST", f"{SESSIONS}/{session['id']}/send").status == 422
    asked = {"email": EMAIL, "type": "MagicLink"}
    wrong = client("POST", SESSIONS, {**asked, "connection": connection["id"]})
    assert (wrong.status, wrong.json["errors"][0]["code"]) == (422, "connection_unknown")
    twin = client("POST", SESSIONS, asked).json
    (others,) = client("GET", "/connections?connection_type=MagicLink").json["data"]
    assert others["id"] != connection["id"]
    for _ in range(2):  # mails to the same address are counted for each environment on its own
        environment_settings.change(rig.house, rig.environment.id, SettingsWish(magic_links_per_hour=1))
        environment_settings.change(rig.house, other.id, SettingsWish(magic_links_per_hour=1))
    assert send(rig, session).status == 201
    assert client("POST", f"{SESSIONS}/{twin['id']}/send").status == 201
    code = press(rig.browser(), twin["link"]).returned["code"]
    refused = rig.swap(code)
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    assert stories(rig) == [] and told(rig, "authentication.sso_started") == []
    assert signed_in(rig, session["link"])["connection_id"] == connection["id"]
