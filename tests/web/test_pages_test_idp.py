"""The Test IdP's page: whom it offers, what its forms send, and what happens to a form that is not right."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest

from latchstring.flows import test_idp as flow
from tests.house_for_tests import BASE, CALLBACK, Answer, Browser, Rig
from tests.idp_for_tests import saml_idp
from tests.web.html import Element, read

ORGANIZATION = "org_test_idp"
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onfocus='alert(1)"]


def departed(rig: Rig, browser: Browser, **query: str) -> str:
    """Where the browser goes to sign in."""
    return rig.authorize(browser, organization=ORGANIZATION, **query).location


def asked(rig: Rig, browser: Browser, **query: str) -> Element:
    answer = browser.get(departed(rig, browser, **query))
    assert answer.status == 200
    return read(answer.text)


def forms(page: Element) -> list[Element]:
    """One for each person offered, and at last the one to fill in."""
    return page.every("form", action="/test-idp/answer", method="post")


def ticket(page: Element) -> str:
    return forms(page)[0].sends()["ticket"]


def decide(browser: Browser, page: Element, **changed: str) -> Answer:
    """Presses a button of the last form."""
    form = {**forms(page)[-1].sends(), "decision": "sign_in", **changed}
    return browser.post("/test-idp/answer", form)


def hand_on(browser: Browser, answer: Answer) -> Answer:
    """What the page with Continue sends."""
    assert answer.status == 200, answer.text
    form = read(answer.text).one("form")
    assert "data-auto-submit" in form.attributes
    return browser.post(form.attributes["action"], form.sends())


def profile(rig: Rig, landed: Answer) -> dict[str, object]:
    found: dict[str, object] = rig.swap(landed.returned["code"]).json["profile"]
    return found


def test_three_persons_and_somebody_else(rig: Rig) -> None:
    page = asked(rig, rig.browser())
    assert page.one("h1").text == "Who signs in at Test Organization?"
    *offered, other = (form.sends() for form in forms(page))
    assert [(one["email"], one["first_name"], one["last_name"], one["groups"]) for one in offered] == [
        ("ann@example.com", "Ann", "Example", ""),
        ("zoe@example.com", "Zoe", "Admin", "Admins, Engineering"),
        ("joe@elsewhere.example", "Joe", "Guest", ""),
    ]
    assert other == {"ticket": other["ticket"], "email": "", "first_name": "", "last_name": "", "groups": ""}
    for form in forms(page):
        button = form.every("button")[0]
        assert (button.attributes["name"], button.attributes["value"]) == ("decision", "sign_in")
    assert [button.attributes["value"] for button in forms(page)[-1].every("button")] == ["sign_in", "deny"]


def test_one_press_signs_a_whole_person_in(rig: Rig) -> None:
    browser = rig.browser()
    page = asked(rig, browser)
    sent = {**forms(page)[1].sends(), "decision": "sign_in"}
    landed = hand_on(browser, browser.post("/test-idp/answer", sent))
    found = profile(rig, landed)
    assert (found["email"], found["name"], found["groups"]) == (
        "zoe@example.com",
        "Zoe Admin",
        ["Admins", "Engineering"],
    )


@pytest.mark.parametrize(
    ("written", "groups"),
    [("", []), ("Staff", ["Staff"]), (" A , B,,C ", ["A", "B", "C"]), ("A\r\nB\nC D", ["A", "B", "C D"])],
)
def test_groups_are_separated_by_commas_or_lines(rig: Rig, written: str, groups: list[str]) -> None:
    browser = rig.browser()
    answer = decide(browser, asked(rig, browser), email="new@example.com", groups=written)
    assert profile(rig, hand_on(browser, answer))["groups"] == groups


def test_the_same_address_is_the_same_person(rig: Rig) -> None:
    found = []
    for address in ("new@example.com", "NEW@example.com"):
        browser = rig.browser()
        found.append(profile(rig, hand_on(browser, decide(browser, asked(rig, browser), email=address))))
    assert found[0]["id"] == found[1]["id"]


def test_whoever_is_expected_is_filled_in(rig: Rig) -> None:
    assert forms(asked(rig, rig.browser(), login_hint="zoe@example.com"))[-1].sends()["email"] == "zoe@example.com"
    long = forms(asked(rig, rig.browser(), login_hint="x" * 300))[-1].sends()["email"]
    assert len(long) <= 254


def test_a_denial_goes_back_to_the_application(rig: Rig) -> None:
    browser = rig.browser()
    landed = hand_on(browser, decide(browser, asked(rig, browser), decision="deny", email="not an address"))
    assert landed.location.startswith(CALLBACK)
    assert (landed.returned["error"], landed.returned["state"]) == ("access_denied", "s t/ä")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "", "Enter one e-mail address"),
        ("email", "nobody", "Enter one e-mail address"),
        ("email", "a@example.com, b@example.com", "Enter one e-mail address"),
        ("email", "a\x00@example.com", "Enter one e-mail address"),
        ("email", "a@example.com\r\nb", "Enter one e-mail address"),
        ("first_name", "x" * 101, "at most 100 characters"),
        ("first_name", "a\x01b", "on one line"),
        ("last_name", "a\nb", "on one line"),
        ("groups", ",".join(f"g{number}" for number in range(501)), "At most 500 groups"),
        ("groups", "x" * 101, "at most 100 characters"),
        ("groups", "a\x02b", "at most 100 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(rig: Rig, field: str, value: str, says: str) -> None:
    browser = rig.browser()
    typed = {"email": "new@example.com", "first_name": "New", "last_name": "Person", "groups": "A, B", field: value}
    first = asked(rig, browser)
    answer = decide(browser, first, **typed)
    assert answer.status == 422
    page = read(answer.text)
    entry = page.by_id(field)
    assert entry.attributes["aria-invalid"] == "true"
    assert says in page.by_id(entry.attributes["aria-describedby"].split()[0]).text
    assert len([entry for entry in page.every("input") if "aria-invalid" in entry.attributes]) == 1
    kept = forms(page)[-1].sends()
    assert {name: kept[name] for name in typed if name != field} == {
        name: typed[name] for name in typed if name != field
    }
    assert ticket(page) == ticket(first)


def test_a_form_put_right_signs_in(rig: Rig) -> None:
    browser = rig.browser()
    again = read(decide(browser, asked(rig, browser), email="new", first_name="New").text)
    found = profile(rig, hand_on(browser, decide(browser, again, email="new@example.com")))
    assert (found["email"], found["first_name"]) == ("new@example.com", "New")


def test_missing_fields_are_empty_fields(rig: Rig) -> None:
    browser = rig.browser()
    page = asked(rig, browser)
    assert browser.post("/test-idp/answer", {"ticket": ticket(page)}).status == 422
    landed = hand_on(browser, browser.post("/test-idp/answer", {"ticket": ticket(page), "email": "new@example.com"}))
    assert profile(rig, landed)["first_name"] is None


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("field", ["email", "first_name", "last_name", "groups"])
def test_what_was_typed_stays_words(rig: Rig, field: str, words: str) -> None:
    browser = rig.browser()
    first = asked(rig, browser)
    page = read(decide(browser, first, **{"email": "new", field: words}).text)
    plain = read(decide(browser, first, **{"email": "new", field: "plain"}).text)
    assert page.skeleton() == plain.skeleton()
    assert forms(page)[-1].sends()[field] == words


@pytest.mark.parametrize("words", HOSTILE)
def test_names_of_others_stay_words(rig: Rig, words: str) -> None:
    rig.client("PUT", f"/organizations/{ORGANIZATION}", {"name": words})
    plain = asked(rig, rig.browser())
    assert words in plain.one("h1").text and plain.every("script") == [] and plain.every("img")[1:] == []
    hinted = asked(rig, rig.browser(), login_hint=words)
    assert hinted.skeleton() == plain.skeleton()
    relayed = {**_query(departed(rig, rig.browser())), "RelayState": words}
    assert read(rig.browser().get(f"/test-idp/sso?{urlencode(relayed)}").text).skeleton() == plain.skeleton()


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_relay_state_comes_back_as_it_was(rig: Rig) -> None:
    browser = rig.browser()
    for words in (*HOSTILE, "ä €", ""):
        sent = {**_query(departed(rig, browser)), "RelayState": words}
        page = read(browser.get(f"/test-idp/sso?{urlencode(sent)}").text)
        handing = read(decide(browser, page, email="new@example.com").text)
        assert handing.one("form").sends()["RelayState"] == words


def _damaged() -> list[str]:
    def packed(*parts: object) -> str:
        return urlsafe_b64encode(msgspec.json.encode(parts)).decode()

    return [
        "",
        "!",
        "ä",
        "AAAA",
        packed("x"),
        packed(1, 2, 3),
        urlsafe_b64encode(b"[").decode(),
        urlsafe_b64encode(b"\xff\xfe").decode(),
    ]


@pytest.mark.parametrize("broken", _damaged())
@pytest.mark.parametrize("decision", ["sign_in", "deny"])
@pytest.mark.parametrize("email", ["ann@example.com", "nobody"])
def test_a_damaged_form(rig: Rig, broken: str, decision: str, email: str) -> None:
    answer = rig.browser().post("/test-idp/answer", {"ticket": broken, "decision": decision, "email": email})
    assert answer.status == 400
    assert "test_idp_ticket_invalid" in answer.text


@pytest.mark.parametrize("request_id", ["", "\x00", "<b>", '"', "a b", "x" * 5000, "\ufffe"])
@pytest.mark.parametrize("decision", ["sign_in", "deny"])
def test_a_ticket_of_somebodys_own_making(rig: Rig, request_id: str, decision: str) -> None:
    """Whatever request it names, the answer is a page, and our own side lets nobody in."""
    browser = rig.browser()
    real = flow.Ticket(*msgspec.json.decode(urlsafe_b64decode(ticket(asked(rig, browser)))))
    made = msgspec.json.encode(msgspec.structs.replace(real, request_id=request_id))
    form = {"ticket": urlsafe_b64encode(made).decode(), "decision": decision, "email": "ann@example.com"}
    answer = browser.post("/test-idp/answer", form)
    assert answer.status in (200, 400), answer.text
    if answer.status == 200:
        landed = hand_on(browser, answer)
        assert landed.status in (302, 400), landed.text
        assert "code" not in (landed.returned if landed.status == 302 else {})


def test_it_answers_for_its_own_connections_alone(rig: Rig) -> None:
    """A connection with another provider does not believe it, so it does not even ask."""
    key = saml_idp(rig).connection["saml_options"]["acs_url"].rpartition("/")[2]
    browser = rig.browser()
    real = msgspec.json.decode(urlsafe_b64decode(ticket(asked(rig, browser))))
    made = urlsafe_b64encode(msgspec.json.encode([key, *real[1:]])).decode()
    answer = browser.post("/test-idp/answer", {"ticket": made, "email": "ann@example.com"})
    assert answer.status == 400 and "test_idp_unaware" in answer.text


@pytest.mark.parametrize(
    "query", ["", "SAMLRequest=", "SAMLRequest=!!!", "SAMLRequest=AAAA", "SAMLRequest=a&SAMLRequest=b"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_request_is_a_page(rig: Rig, method: str, query: str) -> None:
    browser = rig.browser()
    if method == "GET":
        answer = browser.get(f"/test-idp/sso?{query}")
    else:
        headers = {"content_type": "application/x-www-form-urlencoded"}
        answer = browser.call("POST", "/test-idp/sso", body=query.encode(), headers=headers)
    assert answer.status == 400
    assert (answer.header("content-type") or "").startswith("text/html")
    assert read(answer.text).one("h1").text == "We could not sign you in"


def test_metadata(rig: Rig) -> None:
    answer = rig.browser().get("/test-idp/metadata")
    assert answer.header("content-type") == "application/samlmetadata+xml; charset=utf-8"
    assert f'entityID="{BASE}/test-idp/metadata"' in answer.text
    assert f"{BASE}/test-idp/sso" in answer.text


def test_pages_are_not_kept(rig: Rig) -> None:
    browser = rig.browser()
    url = departed(rig, browser)
    answer = browser.get(url)
    assert answer.header("cache-control") == "no-store"
    assert decide(browser, read(answer.text), email="new@example.com").header("cache-control") == "no-store"
