"""Chores, warnings and watches of one environment are unknown to its twin; each is claimed by one of many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from latchstring.model.attempt import AttemptState
from latchstring.storage import attempts, chores, connections, grants, organizations, replays, watches
from latchstring.storage.replays import Replay
from latchstring.storage.watches import Failure, Pending, Service, Watch
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection, organization
from tests.storage.test_once import CODE, furnished, in_parallel

__all__ = ["furnished"]  # a fixture
LATER = NOW + timedelta(hours=1)
FULL = Watch(
    connection_id="conn_twin",
    next_at=LATER,
    failures=3,
    asked_at=NOW,
    refreshed_at=NOW - timedelta(days=1),
    error=Failure(code="idp_unreachable", message="It did not answer."),
    seen=Service(idp_sso_url="https://idp.example/sso", sso_binding="post", idp_slo_url="https://idp.example/slo"),
    pending=Pending(
        entity_id="https://other.example",
        service=Service(idp_sso_url="https://other.example/sso", sso_binding="redirect"),
        certificates=("PEM",),
        seen_at=NOW,
    ),
)


@pytest.fixture
def watched(twins: Twins) -> Twins:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            connections.add(scope, VAULT, connection(pass_.environment_id, f"key-{letter}"))
            watches.begin(scope, "conn_twin", NOW)
    return twins


def test_saml_45_a_watch_is_kept_as_it_is_and_its_twin_is_left_alone(watched: Twins) -> None:
    with watched.database.write(watched.a) as scope:
        assert watches.keep(scope, FULL)
        watches.begin(scope, "conn_twin", NOW)  # once more changes nothing
        assert watches.get(scope, "conn_twin") == FULL
        assert watches.due(scope, NOW, 10) == []
        assert watches.due(scope, LATER, 10) == [FULL]
    with watched.database.write(watched.b) as scope:
        twin = watches.get(scope, "conn_twin")
        assert twin == Watch(connection_id="conn_twin", next_at=NOW)
        assert watches.claim(scope, twin, LATER)
        watches.end(scope, "conn_twin")
        assert not watches.keep(scope, FULL)
    with watched.database.read(watched.a) as scope:
        assert watches.get(scope, "conn_twin") == FULL


def test_saml_45_a_watch_is_claimed_by_one_of_many(watched: Twins) -> None:
    def claim() -> bool:
        with watched.database.write(watched.a) as scope:
            return watches.claim(scope, Watch(connection_id="conn_twin", next_at=NOW), LATER)

    assert in_parallel(50, claim) == 1


def test_a_watch_and_its_warnings_go_with_the_connection(watched: Twins) -> None:
    with watched.database.write(watched.a) as scope:
        assert connections.remove(scope, "conn_twin")
        assert watches.get(scope, "conn_twin") is None
    with watched.database.read(watched.b) as scope:
        assert watches.get(scope, "conn_twin") is not None


def test_a_chore_is_claimed_by_one_of_many_in_each_environment(twins: Twins) -> None:
    def claim() -> bool:
        with twins.database.write(twins.a) as scope:
            return chores.claim(scope, "sweep", now=NOW, until=LATER)

    assert in_parallel(50, claim) == 1
    with twins.database.write(twins.b) as scope:
        assert chores.claim(scope, "sweep", now=NOW, until=LATER)
    with twins.database.write(twins.a) as scope:
        assert chores.claim(scope, "another", now=NOW, until=LATER)
        assert not chores.claim(scope, "sweep", now=LATER - timedelta(seconds=1), until=LATER)
        assert chores.claim(scope, "sweep", now=LATER, until=LATER + timedelta(hours=1))


def test_saml_45_a_warning_is_given_by_one_of_many_in_each_environment(watched: Twins) -> None:
    def warn(kind: str = "ResponseSigning", fingerprint: str = "f", threshold: int = 30) -> bool:
        with watched.database.write(watched.a) as scope:
            return chores.warn_once(
                scope, "conn_twin", certificate_type=kind, fingerprint=fingerprint, threshold=threshold, now=NOW
            )

    assert in_parallel(50, warn) == 1
    assert warn(threshold=7) and warn(threshold=-7) and warn(kind="RequestSigning") and warn(fingerprint="g")
    with watched.database.write(watched.b) as scope:
        assert chores.warn_once(
            scope, "conn_twin", certificate_type="ResponseSigning", fingerprint="f", threshold=30, now=NOW
        )


def test_dropping_in_one_environment_leaves_the_other(furnished: Twins) -> None:
    for pass_ in (furnished.a, furnished.b):
        with furnished.database.write(pass_) as scope:
            attempts.use_message(scope, "conn_twin", "_1", forget_at=NOW)
            grants.add_token(
                scope, b"t" * 32, code_hash=CODE, profile_id=f"prof_{pass_.environment_id[-1]}", expires_at=NOW
            )
            replays.keep(scope, "k", Replay(b"r", 200, "{}"), NOW)
    late = NOW + timedelta(days=2)
    with furnished.database.write(furnished.a) as scope:
        drops = [
            attempts.forget_used_messages(scope, late, 10),
            grants.forget(scope, late, 10),
            grants.forget_tokens(scope, late, 10),
            replays.forget(scope, late, 10),
            attempts.forget(scope, AttemptState.REFUSED, late, 10),
        ]
        assert drops == [1, 1, 1, 1, 0]
    with furnished.database.read(furnished.b) as scope:
        assert grants.get(scope, CODE) is not None
        assert replays.find(scope, "k", NOW) is not None
        assert grants.profile_of_token(scope, b"t" * 32, NOW - timedelta(seconds=1)) == "prof_b"


def test_a_batch_is_no_larger_than_it_was_asked_to_be(furnished: Twins) -> None:
    with furnished.database.write(furnished.a) as scope:
        kept = grants.get(scope, CODE)
        assert kept is not None
        for number in range(5):
            grants.add(scope, bytes([number]) * 32, replace(kept))
        late = NOW + timedelta(days=2)
        assert [grants.forget(scope, late, 4) for _ in range(3)] == [4, 2, 0]
