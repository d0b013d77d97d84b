"""Codes: bound, short-lived, good once, and what becomes of those who try again (OAUTH-04 to OAUTH-06)."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.house_for_tests import CALLBACK, Rig
from tests.idp_for_tests import saml_idp
from tests.web.codes import PKCE, VERIFIER, code_of, is_spent, profile, token

# --- OAUTH-04 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (599, 200), (600, 400), (601, 400)])
def test_oauth_04_a_code_is_good_for_ten_minutes(rig: Rig, seconds: int, status: int) -> None:
    code = code_of(rig)
    rig.clock.forward(seconds=seconds)
    assert token(rig, code).status == status


def test_oauth_04_a_code_has_256_bits_of_chance_and_is_kept_as_a_hash(rig: Rig) -> None:
    idp = saml_idp(rig)
    codes = {code_of(rig, idp) for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 43 for code in codes)  # of 64 letters: 258 bits, of which 256 are chance
    answer = token(rig, codes.pop())
    with closing(sqlite3.connect(rig.folder / "house.db")) as database:
        dump = "\n".join(database.iterdump())
    for secret in (*codes, answer.json["access_token"], rig.key.secret.reveal()):
        assert secret not in dump and secret.encode().hex() not in dump.lower()


def test_oauth_04_a_code_belongs_to_its_environment_client_redirect_uri_and_challenge(rig: Rig) -> None:
    idp = saml_idp(rig)
    other, theirs = rig.another_environment()
    code = code_of(rig, idp, PKCE)
    foreign = {"client_id": other.client_id, "client_secret": theirs.key, "code_verifier": VERIFIER}
    assert is_spent(token(rig, code, **foreign))
    assert is_spent(token(rig, code, code_verifier="w" * 43))
    assert is_spent(token(rig, code, code_verifier=VERIFIER, redirect_uri=CALLBACK + "/"))
    answer = token(rig, code, code_verifier=VERIFIER, redirect_uri=CALLBACK)
    assert answer.json["profile"]["connection_id"] == idp.connection["id"]


# --- OAUTH-05 ---------------------------------------------------------------------------------------------------------


def test_oauth_05_a_code_used_again_is_refused_and_takes_its_token_with_it(rig: Rig) -> None:
    idp = saml_idp(rig)
    for again in ({}, {"redirect_uri": "https://evil.example"}, {"code_verifier": VERIFIER}):
        code = code_of(rig, idp)
        access_token = token(rig, code).json["access_token"]
        assert profile(rig, access_token) == 200
        assert is_spent(token(rig, code, **again))
        assert profile(rig, access_token) == 401
        assert is_spent(token(rig, code))


def test_oauth_05_who_cannot_show_the_secret_takes_nothing_away(rig: Rig) -> None:
    code = code_of(rig)
    access_token = token(rig, code).json["access_token"]
    assert token(rig, code, client_secret="sk_test_wrong").json["error"] == "invalid_client"
    other, theirs = rig.another_environment()
    assert is_spent(token(rig, code, client_id=other.client_id, client_secret=theirs.key))
    assert profile(rig, access_token) == 200


def test_oauth_05_the_same_code_in_many_threads_of_one_process(rig: Rig) -> None:
    code = code_of(rig)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: token(rig, code), range(100)))
    good = [answer for answer in answers if answer.status == 200]
    assert len(good) == 1
    assert all(is_spent(answer) for answer in answers if answer.status != 200)
    assert profile(rig, good[0].json["access_token"]) == 401  # 99 others used the code after it


# --- a lost answer, contract 1.8 --------------------------------------------------------------------------------------


def test_oauth_05_a_lost_answer_is_given_again_to_the_letter(rig: Rig) -> None:
    idp = saml_idp(rig)
    code = code_of(rig, idp)
    first = token(rig, code, "retry-1")
    rig.clock.forward(seconds=59)
    # Meanwhile the same person has signed in with a new name: the answer is the one that was lost.
    changed = {"id": ("u1",), "email": ("ann@acme.example",), "firstName": ("Anna",)}
    renewed = rig.swap(idp.sign_in(rig.browser(), attributes=changed).returned["code"])
    assert renewed.json["profile"]["first_name"] == "Anna"
    again = token(rig, code, "retry-1")
    assert (again.status, again.body) == (200, first.body)
    assert profile(rig, first.json["access_token"]) == 200  # one answer, one token


@pytest.mark.parametrize("seconds", [60, 61, 300])
def test_oauth_05_after_a_minute_even_its_own_key_is_a_second_use(rig: Rig, seconds: int) -> None:
    code = code_of(rig)
    first = token(rig, code, "retry-1")
    rig.clock.forward(seconds=seconds)
    assert is_spent(token(rig, code, "retry-1"))
    assert profile(rig, first.json["access_token"]) == 401


@pytest.mark.parametrize("first", ["retry-1", None])
@pytest.mark.parametrize("second", ["retry-2", "retry-1 ", "RETRY-1", None])
def test_oauth_05_another_key_or_none_is_a_second_use(rig: Rig, first: str | None, second: str | None) -> None:
    code = code_of(rig)
    access_token = token(rig, code, first).json["access_token"]
    assert is_spent(token(rig, code, second))
    assert profile(rig, access_token) == 401
    assert is_spent(token(rig, code, first))  # what was taken back is not given again


def test_oauth_05_another_client_gets_nothing_for_the_same_key_and_takes_nothing(rig: Rig) -> None:
    code = code_of(rig)
    first = token(rig, code, "retry-1")
    other, theirs = rig.another_environment()
    assert is_spent(token(rig, code, "retry-1", client_id=other.client_id, client_secret=theirs.key))
    assert token(rig, code, "retry-1", client_secret="sk_test_wrong").json["error"] == "invalid_client"
    assert token(rig, code, "retry-1").body == first.body


@pytest.mark.parametrize("wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": "https://evil.example"}, {}], ids=str)
def test_oauth_05_the_same_key_with_another_proof_is_a_second_use(rig: Rig, wrong: dict[str, str]) -> None:
    code = code_of(rig, query=PKCE)
    first = token(rig, code, "retry-1", code_verifier=VERIFIER)
    assert is_spent(token(rig, code, "retry-1", **({"code_verifier": VERIFIER} | wrong if wrong else {})))
    assert profile(rig, first.json["access_token"]) == 401


def test_oauth_05_the_same_key_for_another_code_is_another_request(rig: Rig) -> None:
    idp = saml_idp(rig)
    one, two = token(rig, code_of(rig, idp), "k"), token(rig, code_of(rig, idp), "k")
    assert (one.status, two.status) == (200, 200)
    assert one.json["access_token"] != two.json["access_token"]


def test_oauth_05_a_refusal_is_not_kept_for_its_key(rig: Rig) -> None:
    code = code_of(rig)
    assert token(rig, code, "k", client_secret="sk_test_wrong").status == 400
    assert is_spent(token(rig, code, "k", redirect_uri="https://evil.example"))
    assert token(rig, code, "k").status == 200


def test_oauth_05_one_key_in_many_threads_gets_one_answer(rig: Rig) -> None:
    code = code_of(rig)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: token(rig, code, "retry-1"), range(60)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert profile(rig, answers[0].json["access_token"]) == 200


# --- OAUTH-06 ---------------------------------------------------------------------------------------------------------

WRONG = {
    "secret": {"client_secret": "sk_test_wrong"},
    "client": {"client_id": "client_unknown"},
    "client and secret of another environment": {},
    "verifier": {"code_verifier": "w" * 43},
    "no verifier": {"code_verifier": ""},
    "redirect URI": {"redirect_uri": "https://evil.example"},
    "public client with a wrong verifier": {"client_secret": "", "code_verifier": "w" * 43},
}


@pytest.mark.parametrize("name", WRONG)
def test_oauth_06_four_failures_leave_a_code_and_the_fifth_burns_it(rig: Rig, name: str) -> None:
    idp = saml_idp(rig)
    wrong = {"code_verifier": VERIFIER, **WRONG[name]}
    if name.startswith("client and"):
        other, theirs = rig.another_environment()
        wrong |= {"client_id": other.client_id, "client_secret": theirs.key}
    for failures, status in ((4, 200), (5, 400)):
        code = code_of(rig, idp, PKCE)
        for _ in range(failures):
            assert token(rig, code, **wrong).status == 400
        assert token(rig, code, code_verifier=VERIFIER).status == status


def test_oauth_06_failures_of_different_kinds_add_up(rig: Rig) -> None:
    code = code_of(rig, query=PKCE)
    for name in ("secret", "client", "verifier", "no verifier", "redirect URI"):
        token(rig, code, **({"code_verifier": VERIFIER} | WRONG[name]))
    assert is_spent(token(rig, code, code_verifier=VERIFIER))
