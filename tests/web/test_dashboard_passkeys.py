"""Passkeys: added, used after a password and without one, and every answer that must not be taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from latchstring.flows import operators, second_factors
from latchstring.model.operator import Operator, Role
from tests.house_for_tests import Answer, Browser, Rig
from tests.operators_for_tests import PASSWORD, hire, page, post, send, signed_in
from tests.passkey_for_tests import Authenticator

FACTORS = "/dashboard/account/second-factors"
PASSKEYS = "/dashboard/account/passkeys"
ALONE = "/dashboard/sign-in/passkey"
AFTER = "/dashboard/sign-in/second-factor"


def options(shown: Answer) -> Any:
    (form,) = [form for form in page(shown).every("form") if "data-passkey" in form.attributes]
    return json.loads(form.attributes["data-options"])


def add(rig: Rig, browser: Browser, authenticator: Authenticator, name: str = "Telephone") -> Answer:
    shown = browser.get(f"{PASSKEYS}/new")
    return send(browser, shown, PASSKEYS, name=name, answer=authenticator.create(options(shown)))


def owner(rig: Rig, role: Role = Role.ADMIN, **kind: Any) -> tuple[Operator, Authenticator, Browser]:
    """Somebody with one passkey."""
    operator, authenticator = hire(rig, role), Authenticator(**kind)
    browser = signed_in(rig, operator)
    assert add(rig, browser, authenticator).status == 200
    return operator, authenticator, browser


def half_way(rig: Rig, operator: Operator) -> tuple[Browser, Answer]:
    browser = rig.browser()
    answer = post(browser, "/dashboard/sign-in", {"email": operator.email, "password": PASSWORD})
    assert answer.location.startswith(AFTER)
    return browser, browser.get(answer.location)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/dashboard").status == 200


def test_web_11_a_passkey_is_a_second_factor(rig: Rig) -> None:
    ann, authenticator, _ = owner(rig)
    browser, shown = half_way(rig, ann)
    assert not is_signed_in(browser)
    asked = options(shown)["publicKey"]
    assert asked["rpId"] == "localhost" and len(asked["allowCredentials"]) == 1
    done = send(browser, shown, f"{AFTER}/passkey", answer=authenticator.get(options(shown)))
    assert (done.status, done.location) == (302, "/dashboard")
    assert is_signed_in(browser)


def test_web_11_a_passkey_alone_signs_somebody_in_who_was_verified(rig: Rig) -> None:
    ann, authenticator, _ = owner(rig)
    browser = rig.browser()
    shown = browser.get(f"{ALONE}?next=/dashboard/team")
    asked = options(shown)["publicKey"]
    assert asked["userVerification"] == "required" and "allowCredentials" not in asked
    authenticator.verifies = False
    refused = send(browser, shown, ALONE, answer=authenticator.get(options(shown)))
    assert refused.status == 401 and "did not make sure that it is you" in refused.text
    authenticator.verifies = True
    done = send(browser, refused, ALONE, answer=authenticator.get(options(refused)))
    assert (done.status, done.location) == (302, "/dashboard/team")
    assert ann.name in browser.get("/dashboard").text
    (kept,) = second_factors.of(rig.house, ann).passkeys
    assert kept.last_used_at == rig.clock.now()


def other_site(authenticator: Authenticator) -> None:
    authenticator.origin = "https://evil.example"


def other_origin(authenticator: Authenticator) -> None:
    authenticator.origin = "http://app.localhost:4100"


def other_party(authenticator: Authenticator) -> None:
    authenticator.rp_id = "evil.example"


def other_key(authenticator: Authenticator) -> None:
    authenticator.key = Authenticator().key


def untouched(authenticator: Authenticator) -> None:
    authenticator.present = False


WRONG = [
    (other_site, "another site"),
    (other_origin, "another site"),
    (other_party, "another site"),
    (other_key, "signature does not fit"),
    (untouched, "nobody has touched it"),
]


@pytest.mark.parametrize(("spoil", "words"), WRONG, ids=lambda one: getattr(one, "__name__", ""))
def test_web_11_an_answer_that_is_not_to_our_question_signs_nobody_in(
    rig: Rig, spoil: Callable[[Authenticator], None], words: str
) -> None:
    ann, authenticator, _ = owner(rig)
    spoil(authenticator)
    alone = rig.browser()
    shown = alone.get(ALONE)
    refused = send(alone, shown, ALONE, answer=authenticator.get(options(shown)))
    half, shown = half_way(rig, ann)
    refused_too = send(half, shown, f"{AFTER}/passkey", answer=authenticator.get(options(shown)))
    for answer in (refused, refused_too):
        assert answer.status == 401 and words in answer.text
    assert not is_signed_in(alone) and not is_signed_in(half)


@pytest.mark.parametrize(("spoil", "words"), WRONG[:3], ids=lambda one: getattr(one, "__name__", ""))
def test_web_11_a_passkey_that_was_made_elsewhere_is_not_added(
    rig: Rig, spoil: Callable[[Authenticator], None], words: str
) -> None:
    ann, authenticator = hire(rig), Authenticator()
    browser = signed_in(rig, ann)
    spoil(authenticator)
    refused = add(rig, browser, authenticator)
    assert refused.status == 422 and words in refused.text
    assert not second_factors.of(rig.house, ann)


def test_web_11_an_answer_is_good_once_and_for_one_question(rig: Rig) -> None:
    _ann, authenticator, _ = owner(rig)
    browser, other = rig.browser(), rig.browser()
    shown = browser.get(ALONE)
    answer = authenticator.get(options(shown))
    held = Browser(rig.endpoint, dict(browser.cookies))
    assert send(browser, shown, ALONE, answer=answer).status == 302
    replayed = send(held, shown, ALONE, answer=answer)
    assert replayed.status == 401 and "operator_half_session_over" in replayed.text
    elsewhere = send(other, other.get(ALONE), ALONE, answer=answer)
    assert elsewhere.status == 401 and "older question" in elsewhere.text
    assert not is_signed_in(held) and not is_signed_in(other)


def test_web_11_what_is_half_of_one_thing_is_half_of_nothing_else(rig: Rig) -> None:
    """The password's half-session is no passkey's, and the other way round."""
    ann, authenticator, _ = owner(rig)
    browser, shown = half_way(rig, ann)
    csrf = page(shown).every("input", name="csrf")[0].attributes["value"]
    assert post(browser, ALONE, {"csrf": csrf, "answer": authenticator.get(options(shown))}).status == 401
    browser = rig.browser()
    shown = browser.get(ALONE)
    csrf = page(shown).one("input", name="csrf").attributes["value"]
    answer = authenticator.get(options(shown))
    assert post(browser, f"{AFTER}/passkey", {"csrf": csrf, "answer": answer}).status == 401
    assert post(browser, AFTER, {"csrf": csrf, "code": "000000"}).status == 401
    assert not is_signed_in(browser)


def test_web_03_the_form_of_a_passkey_needs_the_token_of_its_half_session(rig: Rig) -> None:
    _ann, authenticator, _ = owner(rig)
    browser = rig.browser()
    answer = authenticator.get(options(browser.get(ALONE)))
    assert post(browser, ALONE, {"answer": answer}).status == 403
    assert not is_signed_in(browser)


def test_a_counter_that_stands_still_may_be_a_copy(rig: Rig) -> None:
    ann, authenticator, _ = owner(rig)
    statuses, texts = [], []
    for count in (6, 6, 3, 7):
        authenticator.count = count - 1
        browser, shown = half_way(rig, ann)
        answer = send(browser, shown, f"{AFTER}/passkey", answer=authenticator.get(options(shown)))
        statuses.append(answer.status)
        texts.append(answer.text)
    assert statuses == [302, 401, 401, 302]
    assert "there may be a copy" in texts[1]  # operator_passkey_copied


def test_one_that_keeps_no_counter_is_taken(rig: Rig) -> None:
    ann, authenticator, _ = owner(rig, counts=False)
    for _ in range(2):
        browser, shown = half_way(rig, ann)
        assert send(browser, shown, f"{AFTER}/passkey", answer=authenticator.get(options(shown))).status == 302


@pytest.mark.parametrize("act", ["disable", "reset", "remove"])
def test_web_11_a_passkey_ends_with_its_account_or_when_it_is_removed(rig: Rig, act: str) -> None:
    hire(rig)
    dev, authenticator, browser = owner(rig, Role.DEVELOPER)
    if act == "remove":
        (kept,) = second_factors.of(rig.house, dev).passkeys
        action = f"{PASSKEYS}/{kept.id}/remove"
        assert send(browser, browser.get(FACTORS), action).location == f"{FACTORS}?done=removed"
    else:
        {"disable": operators.disable, "reset": operators.reset}[act](rig.house, dev.id)
    alone = rig.browser()
    shown = alone.get(ALONE)
    refused = send(alone, shown, ALONE, answer=authenticator.get(options(shown)))
    assert refused.status == 401 and "not known here" in refused.text  # operator_passkey_unknown
    assert not is_signed_in(alone)


def test_web_01_a_passkey_ends_every_other_session_and_brings_recovery_codes(rig: Rig) -> None:
    ann = hire(rig)
    browser, other = signed_in(rig, ann), signed_in(rig, ann)
    before = Browser(rig.endpoint, dict(browser.cookies))
    answer = add(rig, browser, Authenticator())
    codes = page(answer).by_id("codes").text.split()
    assert [is_signed_in(each) for each in (browser, other, before)] == [True, False, False]
    half, shown = half_way(rig, ann)
    assert send(half, shown, AFTER, code=codes[3]).status == 302
    second = add(rig, browser, Authenticator(id=b"credential-two"), name="Blue <key>")
    assert second.location == f"{FACTORS}?done=passkey"  # and the codes stay
    names = [row.one("th").text for row in page(browser.get(FACTORS)).one("tbody").every("tr")]
    assert names == ["Telephone", "Blue <key>"]


def test_one_passkey_is_not_added_twice_and_has_a_name(rig: Rig) -> None:
    _ann, authenticator, browser = owner(rig)
    again = add(rig, browser, authenticator)
    assert again.status == 422 and "was added already" in again.text  # operator_passkey_exists
    nameless = add(rig, browser, Authenticator(id=b"credential-two"), name=" ")
    assert nameless.status == 422 and "aria-invalid" in page(nameless).by_id("name").attributes
    late = browser.get(f"{PASSKEYS}/new")
    rig.clock.forward(minutes=10)
    assert browser.get(f"{PASSKEYS}/new").location == f"/dashboard/confirm?next={PASSKEYS}/new"
    sent = send(browser, late, PASSKEYS, name="x", answer=Authenticator(id=b"three").create(options(late)))
    assert sent.location == f"/dashboard/confirm?next={PASSKEYS}/new"


def test_oauth_14_nobody_removes_the_passkey_of_somebody_else(rig: Rig) -> None:
    ann, _authenticator, _ = owner(rig)
    (kept,) = second_factors.of(rig.house, ann).passkeys
    sue = signed_in(rig, hire(rig, Role.SUPPORT))
    csrf = page(sue.get(FACTORS)).every("input", name="csrf")[0].attributes["value"]
    assert post(sue, f"{PASSKEYS}/{kept.id}/remove", {"csrf": csrf}).status == 302
    assert second_factors.of(rig.house, ann).passkeys == (kept,)


def test_web_11_a_passkey_takes_the_place_of_the_password_once_more(rig: Rig) -> None:
    _ann, authenticator, browser = owner(rig)
    rig.clock.forward(minutes=10)
    before = Browser(rig.endpoint, dict(browser.cookies))
    shown = browser.get(browser.get(FACTORS).location)
    authenticator.verifies = False
    refused = send(browser, shown, "/dashboard/confirm/passkey", answer=authenticator.get(options(shown)))
    assert refused.status == 401 and browser.get(FACTORS).status == 302
    authenticator.verifies = True
    done = send(browser, refused, "/dashboard/confirm/passkey", answer=authenticator.get(options(refused)))
    assert done.location == FACTORS or done.location == "/dashboard"
    assert browser.get(FACTORS).status == 200
    assert not is_signed_in(before)  # rotated (WEB-01)


def test_web_11_somebody_elses_passkey_confirms_nothing(rig: Rig) -> None:
    _ann, authenticator, _ = owner(rig)
    sue = hire(rig, Role.DEVELOPER)
    browser = signed_in(rig, sue)
    add(rig, browser, Authenticator(id=b"credential-two"))
    rig.clock.forward(minutes=10)
    shown = browser.get("/dashboard/confirm")
    refused = send(browser, shown, "/dashboard/confirm/passkey", answer=authenticator.get(options(shown)))
    assert refused.status == 401 and "operator_passkey_refused" not in refused.text
    assert browser.get(FACTORS).status == 302


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "x" * 30_000,
        '{"id":"a","rawId":"b"}',
        "\ud800",
        '{"rawId":"YQ","id":"YQ","response":{}}',
    ],
)
def test_what_is_no_answer_is_refused(rig: Rig, answer: str) -> None:
    ann, _authenticator, browser = owner(rig)
    answer = answer.encode("utf-8", "replace").decode()
    alone, (half, asked) = rig.browser(), half_way(rig, ann)
    found = [
        send(alone, alone.get(ALONE), ALONE, answer=answer),
        send(half, asked, f"{AFTER}/passkey", answer=answer),
        send(browser, browser.get(f"{PASSKEYS}/new"), PASSKEYS, name="x", answer=answer),
    ]
    assert [each.status for each in found] == [401, 401, 422]
    assert not is_signed_in(alone) and not is_signed_in(half)


def test_without_javascript_the_page_says_what_is_needed(rig: Rig) -> None:
    ann, _authenticator, _ = owner(rig)
    for shown in (rig.browser().get(ALONE), half_way(rig, ann)[1]):
        assert "This needs JavaScript" in page(shown).text
    (form,) = [form for form in page(half_way(rig, ann)[1]).every("form") if form.attributes["action"] == AFTER]
    assert form.every("input", name="code")  # a recovery code still can
