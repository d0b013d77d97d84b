"""A sign-in that is refused before its connection is known leaves a trace too, which its error page names."""

from __future__ import annotations

import re

import pytest

from latchstring.flows import sign_ins, strays, trace, upkeep
from latchstring.flows.trace import Sight
from latchstring.model.operator import Role
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.storage.paging import Window
from tests.house_for_tests import BASE, CALLBACK, START, Answer, Rig
from tests.idp_for_tests import saml_idp
from tests.operators_for_tests import hire, page, send, signed_in
from tests.web.test_api_connections import values

REFUSED = {
    "an organization that is unknown": ({"organization": "org_none"}, "organization_unknown"),
    "a connection that is unknown": ({"connection": "conn_none"}, "connection_unknown"),
    "a provider that is unknown": ({"provider": "NoSuchOAuth"}, "provider_unknown"),
    "a provider that is not set up": ({"provider": "GoogleOAuth"}, "provider_not_set_up"),
    "two selectors": ({"organization": "org_none", "connection": "conn_none"}, "selector_ambiguous"),
    "no selector": ({}, "selector_missing"),
    "a domain": ({"domain": "acme.example"}, "domain_selector_not_allowed"),
    "a redirect URI that is not registered": ({"redirect_uri": CALLBACK + "/"}, "redirect_uri_unregistered"),
    "no response_type": ({"response_type": ""}, "response_type_unsupported"),
    "a state that is too long": ({"state": "x" * 2049}, "state_too_long"),
    "PKCE that proves nothing": ({"code_challenge": "plain"}, "code_challenge_invalid"),
}


def every(rig: Rig, **wanted: object) -> list[SignIn]:
    return list(sign_ins.page(rig.house, rig.pass_, Window(limit=50), Wanted(**wanted)).items)  # type: ignore[arg-type]


def reference(answer: Answer) -> str:
    """What an error page tells the person to pass on."""
    found = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", answer.text)
    assert found is not None, answer.text
    return found.group()


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_every_refusal_of_a_known_client_leaves_a_trace(rig: Rig, asked: dict[str, str], code: str) -> None:
    answer = rig.authorize(rig.browser(), **asked)
    (one,) = every(rig)
    assert (one.refusal, one.outcome) == (code, Outcome.REFUSED)
    assert (one.attempt.connection_id, one.connection_name) == (None, "")
    found = trace.of(rig.house, rig.pass_, one.id, Sight.VALUES)
    assert found.remedy is not None and found.remedy.fix and found.sentence == found.remedy.message
    assert [moment.name for moment in found.moments] == ["begun", "refused"]
    assert dict(found.moments[0].facts)["Redirect URI"] == asked.get("redirect_uri", CALLBACK)
    if answer.status == 400:  # a page, since nobody can be sent anywhere
        assert reference(answer) == found.reference


def test_without_an_environment_there_is_no_place_to_keep_it(rig: Rig) -> None:
    answer = rig.authorize(rig.browser(), client_id="client_none")
    assert answer.status == 400 and "client_unknown" in answer.text
    assert every(rig) == []


def test_a_link_checker_leaves_no_trace(rig: Rig) -> None:
    query = f"client_id={rig.environment.client_id}&response_type=code&organization=org_none"
    rig.browser().call("HEAD", f"/sso/authorize?{query}")
    assert every(rig) == []


def test_an_organization_finds_what_named_it_in_vain(rig: Rig) -> None:
    lonely = rig.client("POST", "/organizations", {"name": "Lonely"}).json
    idp = saml_idp(rig)
    rig.authorize(rig.browser(), organization=lonely["id"])
    rig.clock.forward(minutes=1)
    idp.sign_in(rig.browser())
    (one,) = every(rig, organization_id=lonely["id"])
    assert (one.refusal, one.organization_name) == ("organization_unknown", "Lonely")
    assert every(rig, organization_id=lonely["id"], refusal="organization_unknown") == [one]
    assert every(rig, organization_id=lonely["id"], outcome=Outcome.OPEN) == []
    mine = every(rig, organization_id=idp.organization["id"])
    assert [each.outcome for each in mine] == [Outcome.GOOD]


def test_of_several_connections_none_is_blamed_and_a_single_one_is(rig: Rig) -> None:
    idp = saml_idp(rig)
    asked = {"organization": idp.organization["id"], "redirect_uri": CALLBACK + "/"}
    rig.authorize(rig.browser(), **asked)
    assert every(rig)[0].attempt.connection_id == idp.connection["id"]
    body = {"name": "Second", "organization_id": idp.organization["id"], "saml_options": values()}
    made = rig.client("POST", "/connections", body)
    assert made.status == 201, made.text
    rig.clock.forward(minutes=1)
    rig.authorize(rig.browser(), **asked)
    newest = every(rig)[0]
    assert (newest.attempt.connection_id, newest.attempt.organization_id) == (None, idp.organization["id"])


def test_oauth_01_the_trace_of_an_unregistered_redirect_uri_compares_it_with_the_nearest(rig: Rig) -> None:
    uri = "https://app.example.com/auth/callback"
    rig.client("POST", "/user_management/redirect_uris", {"uri": uri})
    rig.authorize(rig.browser(), redirect_uri="http://app.example.com/auth/callback/", organization="org_none")
    (one,) = every(rig)
    found = trace.of(rig.house, rig.pass_, one.id, Sight.VALUES)
    (row,) = found.differences
    assert row.label == "Redirect URI"
    assert row.expected[0] == uri and CALLBACK in row.expected
    assert row.received == ("http://app.example.com/auth/callback/",)
    assert row.note is not None and "scheme" in row.note and 'a "/" too many' in row.note, row.note
    spoken = trace.of(rig.house, rig.pass_, one.id, Sight.SHARED, lambda text: f"<{text}>").differences[0]
    assert spoken.note is not None and spoken.note.startswith("<Compared with the first one:> <The scheme")


def test_the_error_pages_reference_opens_the_trace_in_the_dashboard(rig: Rig) -> None:
    shown = reference(rig.authorize(rig.browser(), redirect_uri=CALLBACK + "/", organization="org_none"))
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    answer = browser.get(f"/dashboard/sign-ins/{shown.lower()}")
    assert answer.status == 302
    text = page(browser.get(answer.location)).text
    for words in ("redirect_uri_unregistered", "too many at the end", "before it was clear which connection", CALLBACK):
        assert words in text, words
    assert "Test again" not in text
    listed = page(browser.get(f"/dashboard/{rig.environment.id}/sign-ins"))
    (row,) = [row for row in listed.every("tr") if row.every("td")]
    assert row.every("td")[2].text == "–"
    assert page(browser.get(f"/dashboard/{rig.environment.id}")).text.count(shown) == 1


def test_it_can_be_shared_and_not_run_again(rig: Rig) -> None:
    rig.authorize(rig.browser(), organization="org_none")
    (one,) = every(rig)
    browser = signed_in(rig, hire(rig, Role.DEVELOPER))
    address = f"/dashboard/{rig.environment.id}/sign-ins/{one.id}"
    made = page(send(browser, browser.get(address), f"{address}/share"))
    link = made.one("code", id="link").text.removeprefix(BASE)
    assert "organization_unknown" in rig.browser().get(link).text
    assert "/replay" not in browser.get(address).text
    assert browser.get(f"{address}/raw").status == 404


def test_web_10_a_flood_leaves_only_so_many_rows_and_each_page_names_one_that_is_alike(rig: Rig) -> None:
    most = strays.KEPT_REFUSALS
    seen = {reference(rig.authorize(rig.browser(), organization="", connection="")) for _ in range(2)}
    assert len(seen) == 2
    for number in range(most):
        rig.clock.forward(seconds=1)
        rig.authorize(rig.browser(), redirect_uri=f"https://evil.example/{number}", connection="conn_x")
    assert len(every(rig)) == most
    again = rig.authorize(rig.browser(), organization="", connection="")
    assert reference(again) in seen, "told of one that was refused for the same"
    other = rig.authorize(rig.browser(), redirect_uri="https://evil.example/another", connection="conn_x")
    assert not re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", other.text), "nothing like it is kept"
    idp = saml_idp(rig)
    rig.authorize(rig.browser(), connection=idp.connection["id"], redirect_uri=CALLBACK + "/")
    assert len(every(rig)) == most + 1, "each connection for itself"
    rig.clock.forward(seconds=strays.KEPT_WITHIN.total_seconds())
    rig.authorize(rig.browser(), organization="org_none")
    assert len(every(rig)) == most + 2


def test_web_10_what_is_kept_of_a_long_request_is_short(rig: Rig) -> None:
    rig.authorize(rig.browser(), organization="org_" + "x" * 4000)
    rig.authorize(rig.browser(), redirect_uri="https://evil.example/" + "y" * 4000, provider="z" * 2000)
    sizes = [len(repr(one.attempt.steps)) for one in every(rig)]
    assert len(sizes) == 2 and max(sizes) < 4000


def test_they_go_after_their_time_like_every_other(rig: Rig) -> None:
    rig.authorize(rig.browser(), organization="org_none")
    rig.clock.forward(days=31)
    assert rig.clock.at > START
    upkeep.sweep(rig.house, rig.pass_, lambda: False)
    assert every(rig) == []


def test_another_environment_does_not_see_them(rig: Rig) -> None:
    shown = reference(rig.authorize(rig.browser(), redirect_uri=CALLBACK + "/", organization="org_none"))
    other, _ = rig.another_environment()
    browser = signed_in(rig, hire(rig, Role.ADMIN))
    assert browser.get(f"/dashboard/{other.id}/sign-ins?named={shown}").status == 422
    assert "organization_unknown" not in browser.get(f"/dashboard/{other.id}/sign-ins").text


def test_saml_35_an_answer_to_a_connection_that_is_switched_off_leaves_a_trace(rig: Rig) -> None:
    idp = saml_idp(rig)
    asked = idp.depart(browser := rig.browser())
    rig.client("POST", f"/connections/{idp.connection['id']}/deactivate")
    answer = idp.arrive(browser, idp.response(asked), "state")
    assert answer.status == 400
    one = every(rig)[0]
    assert (one.refusal, one.attempt.connection_id) == ("connection_unlinked", idp.connection["id"])
    assert reference(answer) == trace.of(rig.house, rig.pass_, one.id, Sight.VALUES).reference
