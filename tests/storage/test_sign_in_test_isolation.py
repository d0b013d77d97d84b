"""A sign-in test of one environment is neither seen nor ended nor swept with its twin in another."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from latchstring.model.sign_in_test import Check, Outcome, Result, SignInTest
from latchstring.storage import sign_in_tests
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.vault import VaultKeyUnknown
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT
from tests.storage.test_once import furnished

__all__ = ["furnished"]  # a fixture
HOUR = NOW + timedelta(hours=1)


@pytest.fixture
def twin_tests(furnished: Twins) -> Twins:
    for letter, pass_ in (("a", furnished.a), ("b", furnished.b)):
        with furnished.database.write(pass_) as scope:
            test = SignInTest(
                id="sess_twin",
                handle="0123",
                connection_id="conn_twin",
                made_by=f"{letter}@example.com",
                configuration="same",
                created_at=NOW,
                expires_at=HOUR,
            )
            sign_in_tests.add(scope, test)
    return furnished


def seen(scope: Scope) -> list[str]:
    """By each way in which a test is found."""
    found = [
        sign_in_tests.get(scope, VAULT, "sess_twin"),
        sign_in_tests.by_handle(scope, VAULT, "0123"),
        *sign_in_tests.newest(scope, VAULT, "conn_twin", 10),
        sign_in_tests.last_good(scope, VAULT, "conn_twin", "same"),
    ]
    return [test.made_by for test in found if test]


def outcome() -> Outcome:
    return Outcome(checks=(Check(name="answer", result=Result.PASSED),))


def test_i5_each_environment_sees_its_own_test_alone(twin_tests: Twins) -> None:
    for letter, pass_ in (("a", twin_tests.a), ("b", twin_tests.b)):
        with twin_tests.database.read(pass_) as scope:
            assert seen(scope) == [f"{letter}@example.com"] * 3


def test_i5_what_is_done_to_one_is_not_done_to_its_twin(twin_tests: Twins) -> None:
    with twin_tests.database.write(twin_tests.a) as scope:
        assert sign_in_tests.begin(scope, "sess_twin", now=NOW, expires_at=HOUR, configuration="same")
        assert sign_in_tests.end(scope, VAULT, "sess_twin", outcome(), NOW)
    with twin_tests.database.read(twin_tests.b) as scope:
        twin = sign_in_tests.get(scope, VAULT, "sess_twin")
        assert twin is not None and twin.begun_at is None and twin.passed is None
        assert sign_in_tests.last_good(scope, VAULT, "conn_twin", "same") is None
    with twin_tests.database.write(twin_tests.a) as scope:
        assert sign_in_tests.forget(scope, HOUR, 10) == 1
    with twin_tests.database.read(twin_tests.b) as scope:
        assert len(seen(scope)) == 3


def test_ops_01_what_it_found_opens_in_its_own_place_alone(twin_tests: Twins) -> None:
    with twin_tests.database.write(twin_tests.a) as scope:
        sign_in_tests.begin(scope, "sess_twin", now=NOW, expires_at=HOUR, configuration="same")
        sign_in_tests.end(scope, VAULT, "sess_twin", outcome(), NOW)
    engine = twin_tests.database._engine
    text = "SELECT sealed FROM sign_in_tests WHERE environment_id = :environment_id"
    row = engine.one(text, {"environment_id": twin_tests.a.environment_id})
    assert row is not None and b"answer" not in row[0]
    engine.change(
        "UPDATE sign_in_tests SET sealed = :sealed WHERE environment_id = :environment_id",
        {"sealed": row[0], "environment_id": twin_tests.b.environment_id},
    )
    with twin_tests.database.read(twin_tests.b) as scope, pytest.raises(VaultKeyUnknown):
        sign_in_tests.get(scope, VAULT, "sess_twin")


def test_it_is_started_once_and_ends_once(twin_tests: Twins) -> None:
    with twin_tests.database.write(twin_tests.a) as scope:
        assert not _begun(scope, now=HOUR)
        assert [_begun(scope, now=NOW) for _ in range(2)] == [True, False]
        assert [sign_in_tests.end(scope, VAULT, "sess_twin", outcome(), NOW) for _ in range(2)] == [True, False]


def _begun(scope: WritingScope, *, now: datetime) -> bool:
    return sign_in_tests.begin(scope, "sess_twin", now=now, expires_at=HOUR, configuration="same")
