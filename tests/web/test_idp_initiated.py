"""Sign-ins that begin at the identity provider: where they land, what a RelayState may do, and who is asked first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from latchstring.flows import environment_settings, environments, sign_ins, strays
from latchstring.flows.environment_settings import SettingsWish
from latchstring.model.sign_in import Wanted
from latchstring.storage.paging import Window
from tests.house_for_tests import CALLBACK, Answer, Browser, Rig
from tests.idp_for_tests import SamlIdp, oidc_idp, saml_idp
from tests.web.doors import is_page, is_redirect
from tests.web.html import Element, read

OTHER = "http://127.0.0.1:3000/callback"  # registered with a wildcard for the port


def portal(rig: Rig, **options: Any) -> SamlIdp:
    """A connection that people may enter from their provider's own portal."""
    return saml_idp(rig, **{"idp_initiated": "allow", **options})


def switch(rig: Rig, **settings: Any) -> None:
    environment_settings.change(rig.house, rig.environment.id, SettingsWish(**settings))


def events(rig: Rig) -> list[tuple[str, dict[str, Any]]]:
    with sqlite3.connect(rig.folder / "house.db") as database:
        rows = database.execute("SELECT event, data FROM events ORDER BY id")
        return [(name, json.loads(data)) for name, data in rows]


def lands(answer: Answer, where: str = CALLBACK) -> str:
    """The code; there is nothing beside it."""
    assert answer.status == 302, answer.text
    assert answer.location.partition("?")[0] == where
    assert set(answer.returned) == {"code"}
    return answer.returned["code"]


def test_it_lands_on_the_default_redirect_uri_with_a_code_and_no_state(rig: Rig) -> None:
    idp = portal(rig)
    code = lands(idp.arrive(rig.browser(), idp.response(None)))
    profile = rig.swap(code).json["profile"]
    assert (profile["email"], profile["organization_id"]) == ("ann@acme.example", idp.organization["id"])
    assert rig.client("GET", f"/connections/{idp.connection['id']}").json["state"] == "active"
    names = [name for name, _ in events(rig) if name.startswith("authentication.")]
    assert names == ["authentication.sso_started", "authentication.sso_succeeded"]


def test_the_same_person_is_the_same_profile_from_either_side(rig: Rig) -> None:
    idp = portal(rig)
    unasked = rig.swap(lands(idp.arrive(rig.browser(), idp.response(None)))).json["profile"]["id"]
    asked = rig.swap(idp.sign_in(rig.browser()).returned["code"]).json["profile"]["id"]
    assert asked == unasked


def test_saml_33_it_is_refused_unless_the_connection_allows_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    answer = idp.arrive(rig.browser(), idp.response(None))
    is_redirect(rig, answer, "idp_initiated_sso_disabled", "idp_initiated_sso_disabled")
    mine, theirs = idp.connection["id"], idp.organization["id"]
    ids = {"connection": mine, "connection_id": mine, "organization": theirs, "organization_id": theirs}
    assert {name: answer.returned[name] for name in ids} == ids
    (told,) = sign_ins.page(rig.house, rig.pass_, Window(limit=5), Wanted()).items
    assert (told.refusal, told.email) == ("idp_initiated_sso_disabled", "ann@acme.example")
    assert told.attempt.idp_initiated and told.attempt.connection_id == mine
    body = {"saml_options": {"idp_initiated": "allow"}}
    assert rig.client("PATCH", f"/connections/{mine}", body).json["saml_options"]["idp_initiated"] == "allow"
    lands(idp.arrive(rig.browser(), idp.response(None)))
    body = {"saml_options": {"idp_initiated": "refuse"}}
    rig.client("PATCH", f"/connections/{mine}", body)
    assert "error" in idp.arrive(rig.browser(), idp.response(None)).returned


def test_web_10_a_flood_of_answers_that_nobody_asked_for_leaves_only_so_many_rows(rig: Rig) -> None:
    idp, other = portal(rig), portal(rig)

    def kept(of: SamlIdp) -> tuple[int, int]:
        with sqlite3.connect(rig.folder / "house.db") as database:
            count = "SELECT count(*) FROM attempts WHERE connection_id = ?"
            rows: int = database.execute(count, (of.connection["id"],)).fetchone()[0]
        failed = [data for name, data in events(rig) if name == "authentication.sso_failed"]
        return rows, sum(data["sso"]["connection_id"] == of.connection["id"] for data in failed)

    most = strays.KEPT_REFUSALS
    for _ in range(most + 5):
        answer = idp.arrive(rig.browser(), idp.response(None, key="stranger"))
        is_redirect(rig, answer, "server_error", "certificate_unknown")  # explained, kept or not
    assert kept(idp) == (most, most)
    other.arrive(rig.browser(), other.response(None, key="stranger"))
    assert kept(other) == (1, 1), "each connection for itself"
    lands(idp.arrive(rig.browser(), idp.response(None)))
    asked = idp.sign_in(rig.browser(), key="stranger")
    is_redirect(rig, asked, "server_error", "certificate_unknown")
    assert kept(idp) == (most + 2, most + 1), "what we asked for is always kept, and so is a success"
    rig.clock.forward(seconds=strays.KEPT_WITHIN.total_seconds())
    idp.arrive(rig.browser(), idp.response(None, key="stranger"))
    assert kept(idp) == (most + 3, most + 2)


@pytest.mark.parametrize("invented", ["_" + "0" * 32, "x", "", " "])
@pytest.mark.parametrize("where", ["response", "confirmation", "both"])
def test_saml_33_an_unknown_in_response_to_is_never_taken_for_unsolicited(rig: Rig, invented: str, where: str) -> None:
    idp = portal(rig)
    text = idp.response(None, sign="none").decode()
    if where != "confirmation":
        text = text.replace("<samlp:Response ", f'<samlp:Response InResponseTo="{invented}" ', 1)
    if where != "response":
        data = "<saml:SubjectConfirmationData "
        text = text.replace(data, f'{data}InResponseTo="{invented}" ')
    answer = idp.arrive(rig.browser(), idp.signed(text))
    if where == "confirmation":  # known only once the signature was looked at
        is_redirect(rig, answer, "server_error", "in_response_to_unknown")
    else:
        is_page(answer, "answer_unknown")


def test_saml_33_the_answer_to_a_request_of_another_browser_is_not_unsolicited(rig: Rig) -> None:
    idp = portal(rig)
    asked = idp.depart(rig.browser())
    is_page(idp.arrive(rig.browser(), idp.response(asked)), "browser_mismatch")


def test_saml_34_an_unsolicited_answer_works_once(rig: Rig) -> None:
    idp = portal(rig)
    document = idp.response(None)
    lands(idp.arrive(rig.browser(), document))
    is_redirect(rig, idp.arrive(rig.browser(), document), "server_error", "assertion_replayed")


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"key": "evil"}, "server_error", "certificate_unknown"),
        ({"sign": "none"}, "server_error", "signature_missing"),
        ({"audience": "https://elsewhere.example"}, "server_error", "audience_mismatch"),
        (
            {"attributes": {"id": ("u1",), "email": ("ann@evil.example",)}},
            "profile_not_allowed_outside_organization",
            "email_outside_organization",
        ),
    ],
)
def test_every_check_is_made_as_ever(rig: Rig, changed: dict[str, Any], error: str, code: str) -> None:
    idp = portal(rig)
    is_redirect(rig, idp.arrive(rig.browser(), idp.response(None, **changed)), error, code)
    failed = [data for name, data in events(rig) if name == "authentication.sso_failed"]
    assert [data["error"]["code"] for data in failed] == [code]
    assert failed[0]["sso"]["connection_id"] == idp.connection["id"]


def test_saml_35_a_connection_that_is_switched_off_refuses_unasked_answers_too(rig: Rig) -> None:
    idp = portal(rig)
    rig.client("POST", f"/connections/{idp.connection['id']}/deactivate")
    answer = idp.arrive(rig.browser(), idp.response(None))
    assert "code=" not in (answer.header("location") or "")
    assert answer.status in (302, 400)


def test_without_a_default_redirect_uri_there_is_nowhere_to_go(rig: Rig) -> None:
    _, client = rig.another_environment()
    idp = saml_idp(rig, client, idp_initiated="allow")
    is_page(idp.arrive(rig.browser(), idp.response(None)), "default_redirect_uri_missing")


# RelayState (guide G-21, G-22).

ANYTHING = ["https://evil.example", "x", "target=/home", f"redirect_uri={quote(CALLBACK, safe='')}", "%00", "<script>"]


@pytest.mark.parametrize("relay_state", ANYTHING)
def test_saml_41_any_relay_state_is_an_error_unless_the_environment_says_otherwise(rig: Rig, relay_state: str) -> None:
    idp = portal(rig)
    answer = idp.arrive(rig.browser(), idp.response(None), relay_state=relay_state)
    is_redirect(rig, answer, "server_error", "relay_state_not_allowed")
    assert answer.location.startswith(CALLBACK + "?")
    assert "evil" not in answer.location


def test_saml_41_an_empty_relay_state_is_none(rig: Rig) -> None:
    idp = portal(rig)
    lands(idp.arrive(rig.browser(), idp.response(None), relay_state=""))


CHOOSING = [f"redirect_uri={OTHER}", f"redirect_uri={quote(OTHER, safe='')}", f"a=b&redirect_uri={OTHER}&c"]


@pytest.mark.parametrize("text", CHOOSING)
def test_saml_41_a_registered_redirect_uri_in_the_relay_state_is_chosen(rig: Rig, text: str) -> None:
    switch(rig, relay_state="redirect_uri")
    idp = portal(rig)
    lands(idp.arrive(rig.browser(), idp.response(None), relay_state=text), OTHER)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK + "#",
        "javascript:alert(1)",
        "//evil.example",
        "http://localhost:3000@evil.example/callback",
        "http://localhost:3000\\@evil.example/callback",
        "",
        " ",
    ],
)
def test_saml_41_one_that_is_not_registered_is_an_error_and_goes_nowhere(rig: Rig, uri: str) -> None:
    switch(rig, relay_state="redirect_uri")
    idp = portal(rig)
    answer = idp.arrive(rig.browser(), idp.response(None), relay_state="redirect_uri=" + quote(uri, safe=""))
    if uri == "":  # no value, no wish
        lands(answer)
        return
    is_redirect(rig, answer, "server_error", "relay_state_unregistered")
    assert answer.location.startswith(CALLBACK + "?")
    assert "evil" not in answer.location


OTHER_WORDS = ["https://evil.example", "/home", "x=y", "REDIRECT_URI=http://x", "&" * 100, "%", "é\u202e"]


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_saml_41_anything_else_is_ignored(rig: Rig, text: str) -> None:
    switch(rig, relay_state="redirect_uri")
    idp = portal(rig)
    lands(idp.arrive(rig.browser(), idp.response(None), relay_state=text))


def test_saml_41_the_relay_state_of_an_answer_that_was_asked_for_decides_nothing(rig: Rig) -> None:
    switch(rig, relay_state="redirect_uri")
    idp = portal(rig)
    browser = rig.browser()
    document = idp.response(idp.depart(browser))
    answer = idp.arrive(browser, document, relay_state=f"redirect_uri={OTHER}")
    assert answer.location.startswith(CALLBACK + "?code=")
    assert "state" in answer.returned


# Consent, against login CSRF (guide G-20).


@pytest.fixture
def asking(rig: Rig) -> SamlIdp:
    switch(rig, idp_initiated_consent=True)
    return portal(rig)


def question(answer: Answer) -> Element:
    assert answer.status == 200, answer.text
    return read(answer.text)


def decide(browser: Browser, page: Element, decision: str) -> Answer:
    form = page.one("form")
    assert form.attributes["method"] == "post"
    return browser.post(form.attributes["action"], {**form.sends(), "decision": decision})


def test_the_person_is_asked_before_anything_happens(rig: Rig, asking: SamlIdp) -> None:
    answer = asking.arrive(rig.browser(), asking.response(None))
    page = question(answer)
    for words in (
        "ann@acme.example",
        "Acme",
        "idp.acme.example",
        urlsplit(CALLBACK).netloc,
        "Continue",
        "This is not me",
    ):
        assert words in page.text
    assert "location" not in dict(answer.headers)
    assert "code" not in page.one("form").sends()
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-frame-options") == "DENY" or "frame-ancestors 'none'" in str(
        answer.header("content-security-policy")
    )
    assert rig.client("GET", f"/connections/{asking.connection['id']}").json["state"] == "validating"


def test_continue_leads_to_the_application(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    code = lands(decide(browser, page, "continue"))
    assert rig.swap(code).json["profile"]["email"] == "ann@acme.example"
    assert list(browser.cookies) == [f"latchstring_consent_{asking.connection['external_key']}"]


def test_who_said_yes_is_not_asked_again_in_this_browser(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    decide(browser, question(asking.arrive(browser, asking.response(None))), "continue")
    lands(asking.arrive(browser, asking.response(None)))
    question(asking.arrive(rig.browser(), asking.response(None)))
    rig.clock.forward(days=180)
    question(asking.arrive(browser, asking.response(None)))


def test_somebody_elses_profile_is_asked_about_all_the_same(rig: Rig, asking: SamlIdp) -> None:
    """Login CSRF: the browser of a victim who once said yes is given the attacker's own answer."""
    browser = rig.browser()
    decide(browser, question(asking.arrive(browser, asking.response(None))), "continue")
    mallory = {"id": ("u2",), "email": ("mallory@acme.example",)}
    page = question(asking.arrive(browser, asking.response(None, attributes=mallory, name_id="u2")))
    assert "mallory@acme.example" in page.text


@pytest.mark.parametrize(
    "spoil", [lambda token: "", lambda token: token[:-4], lambda token: "A" * 60, lambda token: "é!"]
)
def test_a_spoilt_memory_is_none(rig: Rig, asking: SamlIdp, spoil: Callable[[str], str]) -> None:
    browser = rig.browser()
    decide(browser, question(asking.arrive(browser, asking.response(None))), "continue")
    browser.cookies = {name: spoil(token) for name, token in browser.cookies.items()}
    question(asking.arrive(browser, asking.response(None)))


def test_the_memory_of_one_connection_is_none_at_another(rig: Rig, asking: SamlIdp) -> None:
    browser, other = rig.browser(), portal(rig)
    decide(browser, question(asking.arrive(browser, asking.response(None))), "continue")
    ours, theirs = asking.connection["external_key"], other.connection["external_key"]
    browser.cookies = {name.replace(ours, theirs): token for name, token in browser.cookies.items()}
    question(other.arrive(browser, other.response(None)))


def test_no_is_told_to_the_application(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    answer = decide(browser, page, "deny")
    is_redirect(rig, answer, "signin_consent_denied", "signin_consent_denied")
    assert answer.returned["error_description"] == "User cancelled the authentication request"
    is_redirect(rig, decide(browser, page, "continue"), "server_error", "attempt_already_used")


def test_whatever_is_not_continue_is_a_no(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    is_redirect(rig, decide(browser, page, "maybe"), "signin_consent_denied", "signin_consent_denied")


def test_an_answer_is_good_once(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    kept = dict(browser.cookies)
    lands(decide(browser, page, "continue"))
    browser.cookies = kept
    is_redirect(rig, decide(browser, page, "continue"), "server_error", "attempt_already_used")


def test_another_browser_cannot_answer(rig: Rig, asking: SamlIdp) -> None:
    page = question(asking.arrive(rig.browser(), asking.response(None)))
    is_page(decide(rig.browser(), page, "continue"), "browser_mismatch")


def test_the_question_waits_for_ten_minutes(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    rig.clock.forward(minutes=10)
    is_page(decide(rig.browser(), page, "continue"), "attempt_expired")  # a browser has forgotten the cookie by then
    is_redirect(rig, decide(browser, page, "continue"), "server_error", "attempt_expired")


def test_saml_35_a_connection_switched_off_meanwhile_lets_nobody_in(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    page = question(asking.arrive(browser, asking.response(None)))
    rig.client("POST", f"/connections/{asking.connection['id']}/deactivate")
    is_redirect(rig, decide(browser, page, "continue"), "connection_unlinked", "connection_unlinked")


def test_the_answer_belongs_to_its_own_connection(rig: Rig, asking: SamlIdp) -> None:
    browser = rig.browser()
    other = portal(rig)
    page = question(asking.arrive(browser, asking.response(None)))
    form = page.one("form")
    elsewhere = form.attributes["action"].replace(asking.connection["external_key"], other.connection["external_key"])
    is_page(browser.post(elsewhere, {**form.sends(), "decision": "continue"}), "answer_unknown")


def test_saml_34_a_question_asked_is_an_assertion_used(rig: Rig, asking: SamlIdp) -> None:
    document = asking.response(None)
    question(asking.arrive(rig.browser(), document))
    is_redirect(rig, asking.arrive(rig.browser(), document), "server_error", "assertion_replayed")


def test_who_began_at_the_application_is_not_asked(rig: Rig, asking: SamlIdp) -> None:
    assert "code" in asking.sign_in(rig.browser()).returned


def test_the_question_of_a_native_application_leads_back_to_it(rig: Rig, asking: SamlIdp) -> None:
    """Chromium holds the redirect behind a form to form-action, too."""
    made = rig.client("POST", "/user_management/redirect_uris", {"uri": "com.example.app://callback"}).json
    environments.make_default_redirect_uri(rig.house, rig.pass_, made["id"])
    browser = rig.browser()
    page = asking.arrive(browser, asking.response(None))
    assert (page.header("content-security-policy") or "").endswith("form-action 'self' https: http: com.example.app:")
    assert decide(browser, question(page), "continue").location.startswith("com.example.app://callback?code=")


def test_the_consent_of_a_sign_in_is_no_answer_to_a_request(rig: Rig, asking: SamlIdp) -> None:
    """The handle of a question may not be used as that of a request."""
    browser = rig.browser()
    handle = question(asking.arrive(browser, asking.response(None))).one("form").sends()["handle"]
    text = asking.response(None, sign="none").decode()
    text = text.replace("<samlp:Response ", f'<samlp:Response InResponseTo="_{handle}" ', 1)
    text = text.replace("<saml:SubjectConfirmationData ", f'<saml:SubjectConfirmationData InResponseTo="_{handle}" ')
    is_redirect(rig, asking.arrive(browser, asking.signed(text)), "server_error", "attempt_already_used")


# The other kinds of connection.


def test_openid_connect_always_begins_here(rig: Rig) -> None:
    idp = oidc_idp(rig)
    is_page(rig.browser().get(idp.connection["callback_endpoint"], query={"code": "x"}), "answer_unknown")


def test_the_test_idp_has_a_portal_of_its_own(rig: Rig) -> None:
    connection = rig.client("GET", "/connections/conn_test_idp").json
    browser = rig.browser()
    page = question(browser.get(f"/test-idp/start/{connection['external_key']}"))
    handed = question(browser.post("/test-idp/answer", page.every("form")[0].sends())).one("form")
    assert "RelayState" not in handed.sends()
    code = lands(browser.post(handed.attributes["action"], handed.sends()))
    assert rig.swap(code).json["profile"]["connection_type"] == "TestIdp"
