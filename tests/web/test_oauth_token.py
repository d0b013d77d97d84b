"""The token endpoint: secrets, PKCE, what it reads and what it tells (OAUTH-07 to OAUTH-11, contract 2.2)."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from contextlib import closing
from urllib.parse import urlencode

import pytest

from latchstring.flows import api_keys
from tests.house_for_tests import Rig, call
from tests.idp_for_tests import saml_idp
from tests.web.codes import PKCE, VERIFIER, code_of, is_spent, profile, token

# --- OAUTH-07 ---------------------------------------------------------------------------------------------------------


def test_oauth_07_a_key_has_256_bits_is_kept_as_a_hash_and_dies_at_once(rig: Rig) -> None:
    made = [api_keys.create(rig.house, rig.pass_, name=str(number)) for number in range(10)]
    secrets = [key.secret.reveal() for key in made]
    assert len({secret.removeprefix("sk_test_") for secret in secrets}) == 10
    assert all(len(secret.removeprefix("sk_test_")) == 43 for secret in secrets)
    with closing(sqlite3.connect(rig.folder / "house.db")) as database:
        kept = [row[0] for row in database.execute("SELECT key_hash FROM api_keys")]
        dump = "\n".join(database.iterdump())
    assert {len(digest) for digest in kept} == {32}
    assert not any(secret in dump for secret in secrets)
    idp = saml_idp(rig)
    codes = [code_of(rig, idp), code_of(rig, idp)]
    assert token(rig, codes[0], client_secret=secrets[0]).status == 200
    api_keys.revoke(rig.house, rig.pass_, made[0].key.id)
    assert token(rig, codes[1], client_secret=secrets[0]).json["error"] == "invalid_client"
    assert rig.client("GET", "/organizations", authorization=f"Bearer {secrets[0]}").status == 401


@pytest.mark.parametrize("change", ["cut", "longer", "case", "prefix", "blank", "NUL", "last"])
def test_oauth_07_a_key_that_is_nearly_right_is_wrong(rig: Rig, change: str) -> None:
    secret = rig.key.secret.reveal()
    wrong = {
        "cut": secret[:-1],
        "longer": secret + "A",
        "case": secret.swapcase(),
        "prefix": secret.replace("sk_test_", "sk_live_"),
        "blank": secret + " ",
        "NUL": secret + "\x00",
        "last": secret[:-1] + ("A" if secret[-1] != "A" else "B"),
    }[change]
    assert token(rig, code_of(rig), client_secret=wrong).json["error"] == "invalid_client"


# --- OAUTH-08 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "shown", "status"),
    [
        (PKCE, {"code_verifier": VERIFIER}, 200),
        (PKCE, {"code_verifier": VERIFIER, "client_secret": ""}, 200),
        (PKCE, {}, 400),
        (PKCE, {"client_secret": ""}, 400),
        (PKCE, {"code_verifier": PKCE["code_challenge"]}, 400),  # plain
        (PKCE, {"code_verifier": "w" * 43}, 400),
        (PKCE, {"code_verifier": VERIFIER, "client_secret": "sk_test_wrong"}, 400),
        ({}, {}, 200),
        ({}, {"code_verifier": VERIFIER}, 400),  # downgrade: the challenge was taken out on the way
        ({}, {"code_verifier": VERIFIER, "client_secret": ""}, 400),
        ({}, {"client_secret": ""}, 400),  # nobody
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else str(value),
)
def test_oauth_08_a_challenge_and_its_verifier_come_both_or_neither(
    rig: Rig, asked: dict[str, str], shown: dict[str, str], status: int
) -> None:
    assert token(rig, code_of(rig, query=asked), **shown).status == status


def test_oauth_08_a_verifier_is_read_from_the_body_alone(rig: Rig) -> None:
    code = code_of(rig, query=PKCE)
    fields = {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
        "code": code,
    }
    path = f"/sso/token?code_verifier={VERIFIER}"
    assert is_spent(call(rig.endpoint, "POST", path, body=urlencode(fields).encode()))
    assert token(rig, code, code_verifier=VERIFIER).status == 200


# --- OAUTH-10 ---------------------------------------------------------------------------------------------------------


def test_oauth_10_an_unknown_client_a_wrong_secret_and_a_foreign_one_look_the_same(rig: Rig) -> None:
    idp = saml_idp(rig)
    other, theirs = rig.another_environment()
    answers = []
    for wrong in (
        {"client_id": "client_" + "0" * 26},
        {"client_secret": "sk_test_" + "x" * 43},
        {"client_secret": theirs.key},
        {"client_id": other.client_id},
        {"client_id": "client_unknown", "client_secret": "sk_test_wrong", "code": "unknown"},
    ):
        answer = token(rig, **({"code": code_of(rig, idp)} | wrong))
        answers.append((answer.status, answer.body, sorted(n for n, _ in answer.headers)))
    assert answers[1:] == answers[:-1]
    assert json.loads(answers[0][1]) == {
        "error": "invalid_client",
        "error_description": "Invalid client ID or secret.",
        "message": "Invalid client ID or secret.",
    }


def test_oauth_10_answers_are_not_kept_and_not_for_other_origins(rig: Rig) -> None:
    code = code_of(rig)
    good = token(rig, code)
    bearer = {"authorization": f"Bearer {good.json['access_token']}"}
    origin = {"origin": "https://evil.example"}
    answers = [
        good,
        call(rig.endpoint, "GET", "/sso/profile", headers=bearer | origin),
        token(rig, code),
        call(rig.endpoint, "GET", "/sso/profile", headers=origin),
        call(rig.endpoint, "POST", "/sso/token", headers=origin),
        call(rig.endpoint, "POST", "/sso/token", body=b"x" * 70_000, headers=origin),
        call(rig.endpoint, "GET", "/sso/token", headers=origin),
        call(rig.endpoint, "OPTIONS", "/sso/token", headers=origin | {"access_control_request_method": "POST"}),
        call(rig.endpoint, "OPTIONS", "/sso/profile", headers=origin | {"access_control_request_method": "GET"}),
    ]
    for answer in answers:
        assert answer.header("cache-control") == "no-store"
        assert not any(name.startswith("access-control-") for name, _ in answer.headers)
    assert [answer.status for answer in answers] == [200, 200, 400, 401, 400, 413, 405, 405, 405]
    for answer in answers[2:8]:
        assert isinstance(answer.json["error"], str) and isinstance(answer.json["message"], str)


def test_oauth_10_who_uses_http_basic_is_asked_for_it_again(rig: Rig) -> None:
    idp = saml_idp(rig)
    good = b64encode(f"{rig.environment.client_id}:{rig.key.secret.reveal()}".encode()).decode()
    for basic, status in ((good, 200), (b64encode(b"client_unknown:x").decode(), 401)):
        body = urlencode({"grant_type": "authorization_code", "code": code_of(rig, idp)}).encode()
        answer = call(rig.endpoint, "POST", "/sso/token", body=body, headers={"authorization": f"Basic {basic}"})
        assert answer.status == status
    assert answer.json["error"] == "invalid_client"
    assert answer.header("www-authenticate") == 'Basic realm="latchstring"'


# --- OAUTH-11 and 16 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_oauth_11_the_token_endpoint_takes_post_alone(rig: Rig, method: str) -> None:
    code = code_of(rig)
    query = urlencode(
        {
            "grant_type": "authorization_code",
            "client_id": rig.environment.client_id,
            "client_secret": rig.key.secret.reveal(),
            "code": code,
        }
    )
    answer = call(rig.endpoint, method, f"/sso/token?{query}", body=query.encode())
    assert (answer.status, answer.header("allow")) == (405, "POST")
    assert code not in answer.text
    assert token(rig, code).status == 200  # untouched


def test_oauth_11_the_body_wins_over_the_query(rig: Rig) -> None:
    idp = saml_idp(rig)
    code, other = code_of(rig, idp), code_of(rig, idp)
    fields = {
        "grant_type": "authorization_code",
        "client_id": rig.environment.client_id,
        "client_secret": rig.key.secret.reveal(),
    }
    query = urlencode({"code": other, "client_id": "client_unknown", "client_secret": "x", "grant_type": "password"})
    for body in (urlencode({**fields, "code": code}).encode(), json.dumps({**fields, "code": other}).encode()):
        assert call(rig.endpoint, "POST", f"/sso/token?{query}", body=body).status == 200


def test_oauth_11_an_access_token_ends_after_ten_minutes_and_stands_for_one_profile(rig: Rig) -> None:
    answer = token(rig, code_of(rig)).json
    assert answer["expires_in"] == 600
    rig.clock.forward(seconds=599)
    assert profile(rig, answer["access_token"]) == 200
    rig.clock.forward(seconds=1)
    assert profile(rig, answer["access_token"]) == 401
    assert profile(rig, answer["access_token"][:-1]) == 401


def test_oauth_11_an_access_token_is_no_api_key_and_an_api_key_no_access_token(rig: Rig) -> None:
    access_token = token(rig, code_of(rig)).json["access_token"]
    assert rig.client("GET", "/organizations", authorization=f"Bearer {access_token}").status == 401
    assert profile(rig, rig.key.secret.reveal()) == 401
    by_query = call(rig.endpoint, "GET", f"/sso/profile?access_token={access_token}")
    assert by_query.status == 401


BODIES = {
    "form": b"code=a&code=b",
    "form, the same": b"code=a&code=a",
    "JSON": b'{"code": "a", "code": "b"}',
    "JSON, escaped": b'{"code": "a", "\\u0063ode": "b"}',
    "JSON, inside": b'{"code": "a", "x": {"y": 1, "y": 2}}',
    "neither": b'{"code": "a"',
    "half a character": b'{"code": "\\ud800"}',
    "a list": b'["code"]',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_oauth_16_a_token_request_that_can_be_read_in_two_ways_is_refused(rig: Rig, body: bytes) -> None:
    content_type = "application/x-www-form-urlencoded" if body.startswith(b"code") else "application/json"
    answer = call(rig.endpoint, "POST", "/sso/token", body=body, headers={"content_type": content_type})
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
