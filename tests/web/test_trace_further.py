"""Behind the check that failed, a trace shows the others for information: on the kept answer; nobody is let in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from latchstring.cli import explain_sign_in, sign_in_json
from latchstring.flows import sign_ins, trace, trace_letter, trace_links, trace_remedy, upkeep
from latchstring.flows.trace import Sight, Trace
from latchstring.flows.trace_checks import Check
from latchstring.model.operator import Role
from latchstring.model.sign_in import Wanted
from latchstring.model.sign_in_test import SILENCE, Result
from latchstring.storage import front_door
from latchstring.storage.paging import Window
from tests.house_for_tests import BASE, Rig
from tests.idp_for_tests import ATTRIBUTES, oidc_idp, saml_idp
from tests.operators_for_tests import hire, page, signed_in

OTHER = "https://other.example"
ALL_WRONG: dict[str, Any] = {  # three things at once
    "recipient": f"{OTHER}/acs",
    "audience": OTHER,
    "attributes": {**ATTRIBUTES, "email": ("ann@elsewhere.example",)},
}
FAILED = ["recipient_is_ours", "audience_is_ours", "domains"]


def newest(rig: Rig, sight: Sight = Sight.VALUES) -> Trace:
    (found,) = sign_ins.page(rig.house, rig.pass_, Window(limit=1), Wanted()).items
    return trace.of(rig.house, rig.pass_, found.id, sight)


def checks(found: Trace) -> dict[str, Check]:
    return {check.name: check for moment in found.moments for check in moment.checks}


def behind(found: Trace) -> dict[str, Result]:
    """What stands behind the check that failed."""
    names = list(checks(found))
    at = next(number for number, check in enumerate(checks(found).values()) if check.result is Result.FAILED)
    return {name: checks(found)[name].result for name in names[at + 1 :]}


def stored(rig: Rig) -> list[str]:
    """Everything that there is, row by row."""
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection:
        return list(connection.iterdump())


def test_one_trace_shows_all_that_is_wrong_and_trusts_none_of_what_follows(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser(), **ALL_WRONG)
    found = checks(newest(rig))
    assert [name for name, check in found.items() if check.result is Result.FAILED] == FAILED
    assert found["recipient_is_ours"].trusted and found["recipient_is_ours"].remedy is None  # the trace itself tells
    for name in FAILED[1:]:
        check = found[name]
        assert not check.trusted and check.remedy is not None and check.remedy.fix and check.differences, name
    assert (found["answers_our_request"].result, found["answers_our_request"].trusted) == (Result.PASSED, False)
    assert (found["fields"].result, found["fields"].trusted) == (Result.PASSED, False)
    assert [found[name].result for name in ("unused", "code")] == [Result.NOT_REACHED] * 2  # they would change things


def test_whoever_reads_a_trace_changes_nothing_and_lets_nobody_in(rig: Rig) -> None:
    idp = saml_idp(rig)
    document = idp.response(idp.depart(browser := rig.browser()), audience=OTHER)
    idp.arrive(browser, document)
    before = stored(rig)
    assert behind(newest(rig))["domains"] is Result.PASSED  # all that is left of it would be let in
    assert stored(rig) == before
    assert "code" not in idp.arrive(browser, document).returned
    assert not [line for line in stored(rig) if line.startswith(('INSERT INTO "grants"', 'INSERT INTO "profiles"'))]
    assert any(line.startswith('INSERT INTO "attempts"') for line in before)  # the dump has rows at all


def test_it_is_judged_at_the_moment_at_which_it_came(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser(), audience=OTHER)
    at_once = behind(newest(rig))
    rig.clock.forward(days=9)
    assert behind(newest(rig)) == at_once and at_once["somebody_signed_in"] is Result.PASSED


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "another", "audience": OTHER},  # nothing is signed by the provider
        {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
    ],
    ids=["signature", "status"],
)
def test_nothing_is_looked_at_that_the_provider_did_not_sign(rig: Rig, changed: dict[str, Any]) -> None:
    saml_idp(rig).sign_in(rig.browser(), **changed)
    found = newest(rig)
    assert found.kept and set(behind(found).values()) == {Result.NOT_REACHED}


def test_without_a_kept_answer_they_are_not_reached(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser(), audience=OTHER)
    assert behind(newest(rig))["fields"] is Result.PASSED
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection, connection:
        connection.execute("DELETE FROM sign_in_answers")
    found = newest(rig)
    assert not found.kept and set(behind(found).values()) == {Result.NOT_REACHED}


def test_once_the_connection_would_judge_otherwise_they_are_not_reached(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.sign_in(rig.browser(), entity_id="https://new.example", audience=OTHER)
    assert behind(newest(rig))["audience_is_ours"] is Result.FAILED
    path = f"/connections/{idp.connection['id']}"
    changed = rig.client("PATCH", path, {"saml_options": {"idp_entity_id": "https://new.example"}})
    assert changed.status == 200, changed.body
    found = newest(rig)
    assert found.remedy is not None and found.remedy.code == "issuer_mismatch"  # it is told as it was
    assert set(behind(found).values()) == {Result.NOT_REACHED}


def test_an_answer_to_nothing_shows_no_check_as_passed_that_was_not_made(rig: Rig) -> None:
    idp = saml_idp(rig)
    idp.arrive(rig.browser(), idp.response(None, in_response_to="_nobody"))
    results = {name: check.result for name, check in checks(newest(rig)).items()}
    assert results["answers_our_request"] is Result.FAILED and results["envelope"] is Result.PASSED
    assert results["signature"] is results["issuer_is_our_idp"] is results["code"] is Result.NOT_REACHED


def test_of_openid_connect_what_lives_on_a_code_is_not_reached(rig: Rig) -> None:
    idp = oidc_idp(rig)
    idp.claims = {"aud": "another", "nonce": "wrong"}
    idp.sign_in(rig.browser())
    assert set(behind(newest(rig)).values()) == {Result.NOT_REACHED}


@pytest.mark.parametrize("sight", [Sight.SHAPE, Sight.SHARED])
def test_web_14_whoever_may_not_see_values_sees_none_of_them_here(rig: Rig, sight: Sight) -> None:
    two = {**ATTRIBUTES, "email": ("ann@acme.example, x@acme.example",), "id": ("u-4711",)}
    saml_idp(rig).sign_in(rig.browser(), audience=OTHER, attributes=two)
    assert "ann@" in repr(checks(newest(rig))["fields"])
    found = checks(newest(rig, sight))
    assert found["fields"].remedy is not None and found["fields"].remedy.code == "email_invalid"
    assert "ann@" not in repr(found) and "u-4711" not in repr(found)


def test_every_reader_is_told_the_same(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    """The Dashboard, a link for somebody without an account, the terminal, and the message for the IT admin."""
    saml_idp(rig).sign_in(rig.browser(), **ALL_WRONG)
    found = newest(rig)
    place = f"/dashboard/{rig.environment.id}/sign-ins/{found.sign_in.id}"
    link = trace_links.create(rig.house, rig.pass_, found.sign_in.id).url.reveal().removeprefix(BASE)
    pages = (signed_in(rig, hire(rig, Role.DEVELOPER)).get(place), rig.browser().get(link))
    for shown in pages:
        for words in ("fits, not trusted", "Wrong as well:", "and is not trusted:", OTHER, "/errors/audience_mismatch"):
            assert words in shown.text, words
        assert "Not reached: It was not used before; The application gets a code" in " ".join(
            page(shown).one("main").text.split()
        )
    assert "ann@elsewhere" not in pages[1].text
    explain_sign_in.tell(found)
    told = capsys.readouterr().out
    assert "x   It is meant for us (audience) (wrong as well)" in told and "audience_mismatch" in told
    assert "-   It answers our request (fits, not trusted)" in told
    checked = {check["name"]: check for step in sign_in_json.whole(found)["steps"] for check in step["checks"]}
    assert checked["audience_is_ours"]["problem"]["code"] == "audience_mismatch"
    assert (checked["audience_is_ours"]["trusted"], checked["recipient_is_ours"]["trusted"]) == (False, True)
    letter = trace_letter.letter(found) or ""
    assert "Wrong as well: The assertion is meant for another" in letter and f"but is: {OTHER}" in letter


def test_a_replay_shows_them_with_the_settings_that_are_tried(rig: Rig) -> None:
    saml_idp(rig).sign_in(rig.browser(), **ALL_WRONG)
    place = f"/dashboard/{rig.environment.id}/sign-ins/{newest(rig).sign_in.id}/replay"
    shown = signed_in(rig, hire(rig, Role.DEVELOPER)).get(place)
    assert "Wrong as well:" in shown.text and "/errors/email_outside_organization" in shown.text


# Whoever is not assigned and never comes back


def test_a_sign_in_without_an_answer_says_what_keeps_people_there(rig: Rig) -> None:
    support = signed_in(rig, hire(rig, Role.SUPPORT))
    for idp in (saml_idp(rig), oidc_idp(rig)):
        idp.depart(rig.browser())
        found = newest(rig)
        assert "not assigned" in " ".join(found.stays_away) and "nothing has come back yet" in found.sentence
        rig.clock.forward(seconds=SILENCE.total_seconds())
        assert "for three minutes or more" in newest(rig).sentence
        place = f"/dashboard/{rig.environment.id}/sign-ins/{found.sign_in.id}"
        shown = page(support.get(place))
        assert "If nobody comes back" in [heading.text for heading in shown.every("h2")]
    saml_idp(rig).sign_in(rig.browser())
    assert newest(rig).stays_away == ()


def test_how_a_person_is_let_in_is_told_in_the_menu_words_of_the_provider(rig: Rig) -> None:
    for kind, menu in (("OktaSAML", "Assignments"), ("OktaOIDC", "Assignments"), ("SimpleSamlPhpSAML", "authorize:")):
        told = trace_remedy.not_assigned(kind, str)
        assert told is not None and menu in told, kind


def test_once_it_has_timed_out_the_advice_is_the_same(rig: Rig) -> None:
    for idp in (saml_idp(rig), oidc_idp(rig)):
        idp.depart(rig.browser())
        advice = newest(rig).stays_away
        rig.clock.forward(minutes=11)
        upkeep.round_(rig.house, front_door.by_worker(rig.environment), lambda: False)
        found = newest(rig)
        assert found.remedy is not None and found.remedy.code == "attempt_expired" and found.stays_away == ()
        assert found.remedy.also and (found.remedy.there,) == (advice[1:] or (None,))
