"""What may happen once happens once, however many come at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from latchstring.model.connection import ConnectionState
from latchstring.model.profile import Profile
from latchstring.storage import attempts, connections, grants, organizations, profiles
from latchstring.storage.grants import Grant
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection, organization

CODE = b"c" * 32


@pytest.fixture
def furnished(twins: Twins) -> Twins:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
            profile = profiles.save(scope, person(f"prof_{letter}"))
            grants.add(scope, CODE, grant(profile.id))
    return twins


def person(profile_id: str, email: str = "ann@example.com") -> Profile:
    return Profile(
        id=profile_id,
        connection_id="conn_twin",
        connection_type="TestIdp",
        organization_id="org_twin",
        idp_id="idp-1",
        email=email,
        first_name="Ann",
        last_name=None,
        name=None,
        groups=("Engineering",),
        custom_attributes={},
        raw_attributes={"id": "idp-1"},
        created_at=NOW,
        updated_at=NOW,
    )


def grant(profile_id: str) -> Grant:
    return Grant(
        attempt_id="sess_1",
        profile_id=profile_id,
        redirect_uri="https://app.example.com/callback",
        code_challenge=None,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
        used_at=None,
        idempotency_hash=None,
        failures=0,
    )


def in_parallel(count: int, run: Callable[[], bool]) -> int:
    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(lambda _: run(), range(count)))


def test_oauth_05_a_code_is_spent_once_by_200_at_the_same_time(furnished: Twins) -> None:
    def spend() -> bool:
        with furnished.database.write(furnished.a) as scope:
            return grants.spend(scope, CODE, idempotency_hash=None, now=NOW)

    assert in_parallel(200, spend) == 1
    with furnished.database.write(furnished.b) as scope:
        assert grants.spend(scope, CODE, idempotency_hash=None, now=NOW)


@pytest.mark.parametrize(("seconds", "spendable"), [(0, True), (599, True), (600, False), (601, False)])
def test_oauth_04_a_code_lives_600_seconds(furnished: Twins, seconds: int, spendable: bool) -> None:
    with furnished.database.write(furnished.a) as scope:
        assert grants.spend(scope, CODE, idempotency_hash=None, now=NOW + timedelta(seconds=seconds)) is spendable


def test_oauth_06_five_failures_burn_a_code(furnished: Twins) -> None:
    for _ in range(4):
        with furnished.database.write(furnished.a) as scope:
            grants.count_failure(scope, CODE)
    with furnished.database.read(furnished.a) as scope:
        found = grants.get(scope, CODE)
    assert found is not None and found.failures == 4
    with furnished.database.write(furnished.a) as scope:
        grants.count_failure(scope, CODE)
        assert not grants.spend(scope, CODE, idempotency_hash=None, now=NOW)


def test_saml_34_a_message_is_used_once_by_100_at_the_same_time(furnished: Twins) -> None:
    def use() -> bool:
        with furnished.database.write(furnished.a) as scope:
            return attempts.use_message(scope, "conn_twin", "_assertion-1", forget_at=NOW)

    assert in_parallel(100, use) == 1
    with furnished.database.write(furnished.b) as scope:
        assert attempts.use_message(scope, "conn_twin", "_assertion-1", forget_at=NOW)


def test_saml_38_a_returning_person_keeps_the_profile_id_and_the_fields_are_refreshed(furnished: Twins) -> None:
    with furnished.database.write(furnished.a) as scope:
        again = profiles.save(scope, person("prof_other", email="ann@new.example"))
        assert again.id == "prof_a"
        kept = profiles.get(scope, "prof_a")
    assert kept is not None and kept.email == "ann@new.example"
    with furnished.database.read(furnished.b) as scope:
        twin = profiles.get(scope, "prof_b")
    assert twin is not None and twin.email == "ann@example.com"


def test_a_state_is_changed_only_from_the_state_it_was_seen_in(furnished: Twins) -> None:
    with furnished.database.write(furnished.a) as scope:
        assert not connections.change_state(
            scope, "conn_twin", before=ConnectionState.VALIDATING, after=ConnectionState.ACTIVE, now=NOW
        )


def test_a_failed_transaction_leaves_nothing(furnished: Twins) -> None:
    with pytest.raises(RuntimeError), furnished.database.write(furnished.a) as scope:
        grants.spend(scope, CODE, idempotency_hash=None, now=NOW)
        raise RuntimeError("half-way")
    with furnished.database.write(furnished.a) as scope:
        assert grants.spend(scope, CODE, idempotency_hash=None, now=NOW)
    assert not furnished.database.scope_open
