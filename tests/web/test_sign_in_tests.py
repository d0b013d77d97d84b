"""Testing a sign-in: over the real way, with every check shown, and without anybody being let in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latchstring.flows import connection_health, operators, overview, trace, upkeep
from latchstring.flows.overview import Trouble
from latchstring.model.operator import Role
from latchstring.model.sign_in_test import Result
from latchstring.protocols.saml import issue, request
from latchstring.storage import attempts, events
from tests.events_for_tests import told
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.idp_for_tests import ATTRIBUTES, OidcIdp, SamlIdp, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, post, send, signed_in
from tests.web.html import Element

Idp = SamlIdp | OidcIdp
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
MAKERS: dict[str, Callable[..., Idp]] = {"saml": saml_idp, "oidc": oidc_idp}


@dataclass
class Bench:
    """A connection, somebody in the Dashboard, and another browser, in which the test is run."""

    rig: Rig
    idp: Idp
    desk: Browser
    other: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.other = self.rig.browser()

    @property
    def tab(self) -> str:
        return f"/dashboard/{self.rig.environment.id}/connections/{self.idp.connection['id']}/test"

    @property
    def state(self) -> str:
        return str(self.rig.client("GET", f"/connections/{self.idp.connection['id']}").json["state"])

    def begin(self) -> str:
        """The address of a new test."""
        answer = send(self.desk, self.desk.get(self.tab), self.tab)
        assert answer.status == 302, answer.text
        return answer.location.removeprefix(BASE)

    def depart(self, address: str, browser: Browser | None = None) -> Answer:
        browser = browser or self.other
        return browser.post(address, {})

    def run(self, **changed: Any) -> Answer:
        """A whole test; the result as its own browser sees it."""
        address = self.begin()
        away = self.depart(address)
        assert away.status == 302, away.text
        back = self.come_back(away, **changed)
        assert (back.status, back.location.removeprefix(BASE)) == (302, address), back.text
        return self.other.get(address)

    def come_back(self, away: Answer, **changed: Any) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(away.location).query).items()}
        if isinstance(self.idp, OidcIdp):
            self.idp.nonce = asked["nonce"]
            fields = {"code": "provider code", "state": asked["state"], **changed}
            return self.other.get(self.idp.connection["callback_endpoint"], query=fields)
        asking = request.read(request.inflate(asked["SAMLRequest"]))
        document = self.refusal(asking, **changed) if "status" in changed else self.idp.response(asking, **changed)
        return self.idp.arrive(self.other, document, asked["RelayState"])

    def refusal(self, asked: request.AuthnRequest, **changed: str) -> bytes:
        """What a provider answers that lets nobody in."""
        assert isinstance(self.idp, SamlIdp)
        return issue.refuse(
            entity_id=self.idp.entity_id,
            acs_url=self.idp.acs,
            response_id="_r1",
            in_response_to=asked.id,
            now=self.rig.clock.now(),
            **changed,
        )

    def nobody_came_in(self) -> None:
        """Neither a code, nor a profile, nor a session, nor an event."""
        for table in ("grants", "profiles", "idp_sessions", "reconciliations"):
            assert rows(self.rig, table) == 0, table
        with self.rig.house.database.read(self.rig.pass_) as scope:
            assert not [each for each in events.after(scope, "", 1000) if each.event.startswith("authentication.")]
        assert self.rig.news == []


def rows(rig: Rig, table: str) -> int:
    engine: Any = rig.house.database._engine
    return int(engine.one(f"SELECT count(*) FROM {table}", {})[0])  # noqa: S608 - our own names


def bench(rig: Rig, idp: Idp, role: Role = Role.DEVELOPER) -> Bench:
    return Bench(rig, idp, signed_in(rig, hire(rig, role)))


@pytest.fixture(params=["saml", "oidc"])
def any_bench(request: pytest.FixtureRequest, rig: Rig) -> Bench:
    return bench(rig, MAKERS[request.param](rig))


@pytest.fixture
def saml(rig: Rig) -> Bench:
    return bench(rig, saml_idp(rig))


def checks(shown: Element) -> dict[str, str]:
    """Label -> state of each check."""
    found = {}
    for item in shown.one("ol", **{"class": "timeline"}).every("li"):
        line = re.fullmatch(r"(.*) [✓✕·] (passed|failed|not reached|fits, not trusted)", item.every("p")[0].text)
        assert line, item.text
        found[line[1]] = line[2]
    return found


def test_no_figure_counts_a_test(saml: Bench) -> None:
    rig = saml.rig
    for _ in range(4):
        saml.run(audience="https://somebody.example")
        rig.clock.forward(seconds=1)
    saml.run()
    saml.depart(saml.begin())
    with rig.house.database.read(rig.pass_) as scope:
        assert len(attempts.recent(scope, 10)) == 6
    seen = overview.of(rig.house, rig.pass_)
    figures = seen.figures
    assert (figures.begun, figures.refused, figures.under_way, figures.percent) == (0, 0, 0, None)
    assert not [each for each in seen.concerns if each.trouble is Trouble.FAILING]
    assert not seen.started.sign_in
    assert [one.attempt.is_test for one in seen.latest] == [True] * 6
    shown = saml.desk.get(f"/dashboard/{rig.environment.id}")
    assert [row.text for row in page(shown).every("table")[-1].every("tr")[1:] if "test" not in row.text] == []
    assert isinstance(saml.idp, SamlIdp)
    saml.idp.sign_in(rig.browser(), audience="https://somebody.example")
    seen = overview.of(rig.house, rig.pass_)
    assert (seen.figures.begun, seen.figures.refused) == (1, 1), "a real one counts"


# --- a good test ---


def test_a_good_test_shows_every_check_and_lets_nobody_in(any_bench: Bench) -> None:
    before = any_bench.state
    answer = any_bench.run()
    shown = page(answer)
    assert shown.one("title").text.startswith("Test successful")
    found = checks(shown)
    assert len(found) >= 11 and set(found.values()) == {"passed"}
    for word in ("ann@acme.example", "Ann", "Example", "u1", "203.0.113.7"):
        assert word in shown.text, word
    any_bench.nobody_came_in()
    assert any_bench.state == before == "validating"  # a real sign-in, or somebody, turns it on


def test_the_first_tab_waits_and_then_shows_the_same(saml: Bench) -> None:
    assert "None yet." in page(saml.desk.get(saml.tab)).text
    address = saml.begin()
    waiting = page(saml.desk.get(saml.tab))
    assert "Waiting for the sign-in to come back" in waiting.text
    away = saml.depart(address)
    assert "Waiting for the sign-in to come back" in page(saml.desk.get(saml.tab)).text
    saml.come_back(away)
    done = page(saml.desk.get(saml.tab))
    assert "Test successful" in done.text and "Signed in as ann@acme.example." in done.text
    (path,) = {
        link.attributes["href"] for link in done.every("a") if link.attributes["href"].startswith(f"{saml.tab}/")
    }
    theirs, ours = page(saml.other.get(address)), page(saml.desk.get(path))
    assert checks(theirs) == checks(ours)
    assert [table.text for table in ours.every("table")] == [table.text for table in theirs.every("table")]


def test_somebody_who_is_not_assigned_is_guessed_after_three_minutes(saml: Bench) -> None:
    address = saml.begin()
    saml.depart(address)
    assert "No answer for three minutes" not in saml.desk.get(saml.tab).text
    saml.rig.clock.forward(minutes=3)
    assert "No answer for three minutes" in saml.desk.get(saml.tab).text
    assert "No answer for three minutes" in saml.other.get(address).text


def test_saml_32_a_test_waits_for_an_hour_and_a_sign_in_for_ten_minutes(saml: Bench) -> None:
    assert isinstance(saml.idp, SamlIdp)
    browser = saml.rig.browser()
    asked = saml.idp.depart(browser)
    address = saml.begin()
    away = saml.depart(address)
    saml.rig.clock.forward(minutes=59)
    assert saml.come_back(away).location.endswith(address)
    assert "Test successful" in saml.other.get(address).text
    assert saml.idp.arrive(browser, saml.idp.response(asked)).returned["error"] == "server_error"
    late = saml.begin()
    away = saml.depart(late)
    saml.rig.clock.forward(minutes=60)
    saml.come_back(away)
    assert "attempt_expired" in saml.other.get(late).text


def test_a_test_that_nobody_ends_is_swept_without_a_word(saml: Bench) -> None:
    saml.depart(saml.begin())
    saml.rig.clock.forward(hours=2)
    assert upkeep.time_out(saml.rig.house, saml.rig.pass_) == 1
    saml.nobody_came_in()
    assert "no answer" in page(saml.desk.get(saml.tab)).one("table").text
    saml.rig.clock.forward(days=31)
    upkeep.sweep(saml.rig.house, saml.rig.pass_, lambda: False)
    assert rows(saml.rig, "sign_in_tests") == 0


# --- broken set-ups: each shows its cause and its remedy ---


NO_EMAIL = {name: values for name, values in ATTRIBUTES.items() if name != "email"}
DENIED = {"status": f"{STATUS}Responder", "detail": f"{STATUS}RequestDenied"}
# what is changed -> the code, the check that failed, a word of the remedy
BROKEN: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "certificate": (
        {"key": "other"},
        "certificate_unknown",
        "The signature is of the identity provider",
        "certificate",
    ),
    "audience": ({"audience": "https://a.example"}, "audience_mismatch", "It is meant for us (audience)", "entity ID"),
    "email": (
        {"attributes": NO_EMAIL},
        "attributes_missing",
        "Everything that has to be there has arrived",
        "email",
    ),
    "clock": ({"shift": timedelta(minutes=-20)}, "response_too_old", "It was made just now", "clock"),
    "unassigned": (DENIED, "idp_refused", "The identity provider answered with a sign-in", "Assign"),
}


@pytest.mark.parametrize("row", BROKEN)
def test_each_broken_set_up_names_its_cause_and_its_remedy(saml: Bench, row: str) -> None:
    changed, code, label, remedy = BROKEN[row]
    shown = page(saml.run(**changed))
    assert shown.one("title").text.startswith("Test failed")
    assert checks(shown)[label] == "failed"
    card = shown.every("div", **{"class": "card"})[0].text
    assert code in card and remedy.lower() in card.lower() and "Who can mend it:" in card
    saml.nobody_came_in()
    assert code in page(saml.desk.get(saml.tab)).one("table").text
    with saml.rig.house.database.read(saml.rig.pass_) as scope:
        (attempt,) = attempts.recent(scope, 1)
    assert attempt.is_test and attempt.steps[-1].facts["code"] == code


def test_one_test_shows_all_that_is_wrong_and_trusts_none_of_what_follows(saml: Bench) -> None:
    shown = page(
        saml.run(
            audience="https://other.example",
            recipient="https://other.example/acs",
            attributes={**ATTRIBUTES, "email": ("ann@elsewhere.example",)},
        )
    )
    found = checks(shown)
    failed = {label for label, state in found.items() if state == "failed"}
    assert failed == {
        "It is meant for our address (Recipient)",
        "It is meant for us (audience)",
        "The e-mail address is the organization's",
    }
    states = list(found.values())
    first = states.index("failed")
    assert set(states[:first]) == {"passed"} and "passed" not in states[first:]
    assert found["It answers our request"] == "fits, not trusted" and found["It was not used before"] == "not reached"
    assert "2 more things are wrong" in shown.text
    assert shown.text.count("Not trusted: a check has failed.") == 2 and "ann@elsewhere.example" in shown.text
    assert rows(saml.rig, "attribute_samples") == rows(saml.rig, "used_messages") == 0
    saml.nobody_came_in()


def test_what_is_not_signed_by_the_provider_is_not_looked_at(saml: Bench) -> None:
    shown = page(saml.run(key="other", audience="https://other.example"))
    states = list(checks(shown).values())
    assert states[states.index("failed") + 1 :] == ["not reached"] * (len(states) - states.index("failed") - 1)
    assert "ann@acme.example" not in shown.text and not shown.every("table")


@pytest.mark.parametrize(
    ("claims", "code", "failed"),
    [
        ({"aud": "another", "nonce": "wrong"}, "id_token_audience_mismatch", 2),
        ({"email": None}, "attributes_missing", 1),
        ({"email": "ann@elsewhere.example"}, "email_outside_organization", 1),
    ],
)
def test_oidc_02_a_broken_provider_names_its_cause(rig: Rig, claims: dict[str, Any], code: str, failed: int) -> None:
    idp = oidc_idp(rig)
    idp.claims = claims
    at = bench(rig, idp)
    shown = page(at.run())
    assert list(checks(shown).values()).count("failed") == failed
    assert code in shown.every("div", **{"class": "card"})[0].text
    at.nobody_came_in()


def test_oidc_14_a_provider_that_cannot_be_asked_is_a_result_too(rig: Rig) -> None:
    at = bench(rig, oidc_idp(rig))
    del rig.network.answers["https://op.acme.example/.well-known/openid-configuration"]
    address = at.begin()
    answer = at.depart(address)
    assert (answer.status, answer.location.removeprefix(BASE)) == (302, address)
    shown = page(at.other.get(address))
    assert checks(shown) == {"The identity provider can be asked": "failed"}
    at.nobody_came_in()


def test_oidc_19_a_person_whom_the_provider_denies_is_a_result_too(rig: Rig) -> None:
    at = bench(rig, oidc_idp(rig))
    address = at.begin()
    state = parse_qs(urlsplit(at.depart(address).location).query)["state"][0]
    fields = {"error": "access_denied", "error_description": "<b>not assigned</b>", "state": state}
    back = at.other.get(at.idp.connection["callback_endpoint"], query=fields)
    assert back.location.removeprefix(BASE) == address
    shown = page(at.other.get(address))
    assert shown.one("title").text.startswith("Test failed") and not shown.every("b")


# --- warnings ---


def test_what_stops_nobody_is_said_all_the_same(rig: Rig) -> None:
    at = bench(rig, saml_idp(rig))
    only = {"id": ("u1",), "email": ("ann@acme.example",)}
    shown = page(at.run(attributes=only))
    warned = " ".join(notice.text for notice in shown.every("div", **{"class": "notice warn"}))
    assert "No name arrived for first_name, last_name." in warned and "No groups arrived." in warned
    assert shown.one("title").text.startswith("Test successful")
    rig.clock.forward(days=3650 - 20)  # of the provider's certificate
    at.desk = signed_in(rig, operators.every(rig.house)[-1])
    warned = " ".join(notice.text for notice in page(at.run()).every("div", **{"class": "notice warn"}))
    assert re.search(r"The signing certificate ends on \d\d \w+ \d{4}\.", warned)


def test_a_foreign_address_is_a_warning_only_where_it_is_let_in(rig: Rig) -> None:
    at = bench(rig, saml_idp(rig))
    foreign = {**ATTRIBUTES, "email": ("ann@elsewhere.example",)}

    def result() -> tuple[bool, bool]:
        shown = page(at.run(attributes=foreign))
        return shown.one("title").text.startswith("Test successful"), "It is let in because" in shown.text

    assert result() == (False, False)
    organization = at.idp.organization["id"]
    rig.client("PUT", f"/organizations/{organization}", {"allow_profiles_outside_organization": True})
    assert result() == (True, True)


# --- in every state, and bound to one browser ---


@pytest.mark.parametrize("state", ["validating", "active", "inactive"])
def test_it_works_in_every_state_and_leaves_it(saml: Bench, state: str) -> None:
    if state != "validating":
        saml.rig.client("POST", f"/connections/{saml.idp.connection['id']}/activate")
    if state == "inactive":
        saml.rig.client("POST", f"/connections/{saml.idp.connection['id']}/deactivate")
    assert "Test successful" in saml.run().text
    assert saml.state == state


def test_saml_35_a_connection_that_is_off_admits_nobody_while_it_is_tested(saml: Bench) -> None:
    assert isinstance(saml.idp, SamlIdp)
    browser = saml.rig.browser()
    asked = saml.idp.depart(browser)
    saml.rig.client("POST", f"/connections/{saml.idp.connection['id']}/deactivate")
    saml.depart(saml.begin())
    answer = saml.idp.arrive(browser, saml.idp.response(asked))
    assert answer.status == 400 and "connection_unlinked" in answer.text
    assert "connection_unlinked" in saml.idp.arrive(browser, b"nonsense").text


def test_there_is_nothing_to_test_in_a_draft(rig: Rig) -> None:
    organization = rig.client("POST", "/organizations", {"name": "Acme"}).json
    body = {"organization_id": organization["id"], "connection_type": "OktaSAML", "draft": True}
    made = rig.client("POST", "/connections", body).json
    desk = signed_in(rig, hire(rig, Role.DEVELOPER))
    path = f"/dashboard/{rig.environment.id}/connections/{made['id']}/test"
    shown = desk.get(path)
    assert "nothing to test yet" in shown.text and not page(shown).every("form", action=path)
    answer = post(desk, path, {"csrf": page(shown).every("input", name="csrf")[0].attributes["value"]})
    assert answer.status == 409 and "connection_not_testable" in answer.text


def test_saml_34_its_assertion_is_used_up(saml: Bench) -> None:
    assert isinstance(saml.idp, SamlIdp)
    assert "Test successful" in saml.run(assertion_id="_once").text
    shown = page(saml.run(assertion_id="_once"))
    assert checks(shown)["It was not used before"] == "failed" and "assertion_replayed" in shown.text
    assert saml.idp.sign_in(saml.rig.browser(), assertion_id="_once").returned["error"] == "server_error"


def test_the_answer_of_a_test_is_no_sign_in_however_often_it_comes(saml: Bench) -> None:
    address = saml.begin()
    away = saml.depart(address)
    for _ in range(2):
        assert saml.come_back(away).location.removeprefix(BASE) == address
    assert "Test successful" in saml.other.get(address).text
    saml.nobody_came_in()


def test_saml_32_a_test_is_bound_to_the_browser_that_started_it(saml: Bench) -> None:
    address = saml.begin()
    away = saml.depart(address)
    stranger = saml.rig.browser()
    own, saml.other = saml.other, stranger
    assert saml.come_back(away).status == 400
    for browser in (stranger, saml.desk):  # whoever has a session reads it in the Dashboard
        shown = browser.get(address)
        assert shown.status == 403 and "started in another browser" in shown.text
        assert browser.post(address, {}).location.removeprefix(BASE) == address  # a link starts one test
        assert browser.post(f"{address}/again", {}).location.removeprefix(BASE) == address
    saml.other = own
    saml.come_back(away)
    assert "Test successful" in own.get(address).text
    assert "ann@acme.example" not in stranger.get(address).text


def test_it_is_repeated_from_its_own_browser_for_an_hour(saml: Bench) -> None:
    first = saml.begin()
    saml.come_back(saml.depart(first))
    second = saml.other.post(f"{first}/again", {}).location.removeprefix(BASE)
    assert second != first
    saml.come_back(saml.depart(second))
    assert "Test successful" in saml.other.get(second).text
    saml.rig.clock.forward(minutes=61)
    assert saml.other.post(f"{second}/again", {}).location.removeprefix(BASE) == second


def test_a_link_that_nobody_followed_ends(saml: Bench) -> None:
    address = saml.begin()
    saml.rig.clock.forward(minutes=61)
    assert "hour of this test is over" in saml.other.get(address).text
    assert saml.depart(address).location.removeprefix(BASE) == address
    assert saml.other.get(f"{address[:-1]}x").status == 404
    assert saml.other.get("/sso/test/nothing/0123").status == 404


@pytest.mark.parametrize("answered", [None, "_of_somebody_else"])
def test_saml_33_an_answer_that_names_no_request_of_ours_ends_the_test_and_lets_nobody_in(
    saml: Bench, answered: str | None
) -> None:
    """By what its browser brings along unsigned, a test may be told a refusal, and nothing else."""
    for at in (saml.other, saml.rig.browser()):
        address = saml.begin()
        away = saml.depart(address)
        relay_state = parse_qs(urlsplit(away.location).query)["RelayState"][0]
        assert isinstance(saml.idp, SamlIdp)
        document = saml.idp.response(None, in_response_to=answered)
        answer = saml.idp.arrive(at, document, relay_state)
        if at is saml.other:
            assert answer.location.removeprefix(BASE) == address
            assert "Test failed" in at.get(address).text
        else:
            assert answer.status in (302, 400) and "/sso/test/" not in (answer.header("location") or "")
    assert rows(saml.rig, "grants") == rows(saml.rig, "profiles") == 0


def test_saml_03_an_answer_that_cannot_be_read_ends_the_test(saml: Bench) -> None:
    address = saml.begin()
    relay_state = parse_qs(urlsplit(saml.depart(address).location).query)["RelayState"][0]
    assert isinstance(saml.idp, SamlIdp)
    assert saml.idp.arrive(saml.other, "%%%", relay_state).location.removeprefix(BASE) == address
    assert "document_not_base64" in saml.other.get(address).text


# --- turning it on ---


def turn_on(at: Bench, **fields: str) -> Answer:
    return send(at.desk, at.desk.get(at.tab), f"{at.tab}/turn-on", **fields)


def test_a_good_test_is_the_reason_to_turn_it_on(saml: Bench) -> None:
    answer = turn_on(saml, untested="")
    assert answer.status == 422 and "connection_untested" not in page(answer).text
    assert "No test sign-in has succeeded" in answer.text and saml.state == "validating"
    saml.run()
    assert turn_on(saml).status == 302 and saml.state == "active"
    (turned,) = told(saml.rig, "connection.turned_on")
    assert (turned["reason"], turned["turned_on_by"]) == ("test", "developer@example.com")
    assert len(told(saml.rig, "connection.activated")) == 1


def test_a_test_of_another_set_up_is_no_reason(saml: Bench) -> None:
    saml.run()
    body = {"saml_options": {"idp_sso_url": "https://idp.acme.example/other"}}
    assert saml.rig.client("PATCH", f"/connections/{saml.idp.connection['id']}", body).status == 200
    assert turn_on(saml, untested="").status == 422 and saml.state == "validating"


def test_a_test_with_another_client_secret_is_no_reason(rig: Rig) -> None:
    oidc = bench(rig, oidc_idp(rig))
    oidc.run()
    secret = {"client_secret": "another client secret of thirty-two characters and more"}
    changed = oidc.rig.client("PATCH", f"/connections/{oidc.idp.connection['id']}", {"oidc_options": secret})
    assert changed.status == 200
    assert turn_on(oidc, untested="").status == 422 and oidc.state == "validating"


def test_whoever_turns_it_on_untested_says_so_and_it_is_recorded(saml: Bench) -> None:
    assert turn_on(saml, untested="yes").status == 302 and saml.state == "active"
    (turned,) = told(saml.rig, "connection.turned_on")
    assert (turned["reason"], turned["test_id"], turned["turned_on_by"]) == ("untested", None, "developer@example.com")


def test_the_api_turns_on_as_before(saml: Bench) -> None:
    assert saml.rig.client("POST", f"/connections/{saml.idp.connection['id']}/activate").json["state"] == "active"


# --- what else tells of sign-ins ---


def test_a_test_is_no_sign_in_in_the_health_of_a_connection(saml: Bench) -> None:
    saml.run()
    saml.run(audience="https://other.example")
    assert connection_health.of(saml.rig.house, saml.rig.pass_, saml.idp.connection["id"]).ended == 0
    assert isinstance(saml.idp, SamlIdp)
    saml.idp.sign_in(saml.rig.browser())
    assert connection_health.of(saml.rig.house, saml.rig.pass_, saml.idp.connection["id"]).ended == 1


def test_a_test_has_a_trace_that_says_what_it_is(saml: Bench) -> None:
    saml.run()
    with saml.rig.house.database.read(saml.rig.pass_) as scope:
        (attempt,) = attempts.recent(scope, 1)
    found = trace.of(saml.rig.house, saml.rig.pass_, attempt.id, trace.Sight.VALUES)
    assert "Nobody was signed in" in found.sentence
    assert [moment.name for moment in found.moments] == ["begun", "departed", "tested"]
    assert ("Test, made by", "developer@example.com") in found.moments[0].facts
    assert found.kept and found.proven and found.attributes["email"] == ("ann@acme.example",)
    saml.run(audience=f"{saml.idp.connection['saml_options']['sp_entity_id']}/")
    with saml.rig.house.database.read(saml.rig.pass_) as scope:
        (attempt,) = attempts.recent(scope, 1)
    found = trace.of(saml.rig.house, saml.rig.pass_, attempt.id, trace.Sight.VALUES)
    assert found.remedy is not None and found.remedy.code == "audience_mismatch"
    assert found.differences[0].note


def test_the_trace_of_a_test_shows_what_its_result_shows(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims = {"aud": "another", "nonce": "wrong"}
    bench(rig, idp).run()
    with rig.house.database.read(rig.pass_) as scope:
        (attempt,) = attempts.recent(scope, 1)
    found = trace.of(rig.house, rig.pass_, attempt.id, trace.Sight.VALUES)
    by_name = {check.name: check for moment in found.moments for check in moment.checks}
    wrong = by_name["nonce_is_ours"]
    assert wrong.remedy is not None and wrong.remedy.code == "id_token_nonce_mismatch" and not wrong.trusted
    assert by_name["times_hold"].result is Result.PASSED and not by_name["times_hold"].trusted
    assert by_name["unused"].result is Result.NOT_REACHED


# --- who may see what ---


def test_web_14_support_reads_results_and_starts_nothing(saml: Bench) -> None:
    saml.run()
    support = signed_in(saml.rig, hire(saml.rig, Role.SUPPORT))
    shown = page(support.get(saml.tab))
    assert "Test successful" in shown.text and "a…@acme.example" in shown.text
    with saml.rig.house.database.read(saml.rig.pass_) as scope:
        (attempt,) = attempts.recent(scope, 1)
    result = page(support.get(f"{saml.tab}/{attempt.id}"))
    assert "firstName" in result.text and set(checks(result).values()) == {"passed"}
    for value in ("ann@acme.example", "Ann", "Staff", "203.0.113.7"):
        assert value in page(saml.desk.get(f"{saml.tab}/{attempt.id}")).text
        assert value not in result.text and value not in shown.text
    assert not [form for form in shown.every("form") if "/test" in form.attributes["action"]]
    csrf = shown.every("input", name="csrf")[0].attributes["value"]
    assert post(support, saml.tab, {"csrf": csrf}).status == 403
    assert post(support, f"{saml.tab}/turn-on", {"csrf": csrf}).status == 403


def test_web_09_what_a_provider_says_stays_text(saml: Bench) -> None:
    hostile = "<script>alert(1)</script>"
    attributes = {**ATTRIBUTES, "firstName": (hostile,), hostile: ("x",), "email": (f"{hostile}@a.example",)}
    shown = page(saml.run(attributes=attributes, name_id=hostile))
    assert hostile in shown.text
    assert all(script.attributes.get("src", "").startswith("/assets/") for script in shown.every("script"))


def test_where_no_raw_attributes_are_kept_a_test_keeps_names_alone(saml: Bench) -> None:
    assert saml.rig.client("PATCH", "/environment", {"raw_attributes": "empty"}).status == 200
    shown = page(saml.run())
    arrived = next(table for table in shown.every("table") if "Attributes" in table.text)
    assert "firstName" in arrived.text and "Ann" not in arrived.text
