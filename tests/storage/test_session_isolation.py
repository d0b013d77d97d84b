"""A logout in one environment neither sees nor ends the twin of its session in another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from latchstring.model.secret import Secret
from latchstring.model.session import NameId, SamlSession, Session
from latchstring.storage import profiles, sessions
from latchstring.storage.database import Scope
from latchstring.storage.sqlite import OwnerGone
from latchstring.storage.vault import VaultKeyUnknown
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT
from tests.storage.test_once import furnished, person

__all__ = ["furnished"]  # a fixture
END = NOW + timedelta(hours=1)


def session(letter: str, session_id: str = "sess_twin") -> Session:
    """Twins: the same id, connection, profile and name of the person; only the SessionIndex tells them apart."""
    idp = SamlSession(name_id=NameId(value="ann"), indexes=(letter,))
    return Session(
        id=session_id,
        connection_id="conn_twin",
        profile_id="prof_twin",
        idp=Secret(idp),
        created_at=NOW,
        expires_at=END,
    )


@pytest.fixture
def twin_sessions(furnished: Twins) -> Twins:
    for letter, pass_ in (("a", furnished.a), ("b", furnished.b)):
        with furnished.database.write(pass_) as scope:
            profiles.save(scope, replace(person("prof_twin"), idp_id="idp-2"))
            sessions.add(scope, VAULT, session(letter))
    return furnished


def indexes(found: list[Session]) -> list[str]:
    return [index for one in found if isinstance(idp := one.idp.reveal(), SamlSession) for index in idp.indexes]


def seen(scope: Scope, now: datetime = NOW) -> tuple[list[str], list[str]]:
    """By the two ways in which a logout finds sessions: of a profile, and as the provider names them."""
    return (
        indexes(sessions.of_profile(scope, VAULT, "prof_twin", now)),
        indexes(sessions.named(scope, VAULT, "conn_twin", "ann", now)),
    )


def test_i5_each_environment_finds_its_own_session_alone(twin_sessions: Twins) -> None:
    with twin_sessions.database.read(twin_sessions.a) as scope:
        assert seen(scope) == (["a"], ["a"])
    with twin_sessions.database.read(twin_sessions.b) as scope:
        assert seen(scope) == (["b"], ["b"])


def test_i5_ending_a_session_leaves_its_twin(twin_sessions: Twins) -> None:
    with twin_sessions.database.write(twin_sessions.a) as scope:
        assert sessions.end(scope, "sess_twin", NOW)
        assert not sessions.end(scope, "sess_twin", NOW)
        assert seen(scope) == ([], [])
    with twin_sessions.database.write(twin_sessions.b) as scope:
        assert seen(scope) == (["b"], ["b"])
        assert sessions.end(scope, "sess_twin", NOW), "as if nothing had ever happened"


def test_i5_a_session_of_another_environment_cannot_be_ended(twin_sessions: Twins) -> None:
    with twin_sessions.database.write(twin_sessions.a) as scope:
        sessions.add(scope, VAULT, session("only a", "sess_a"))
    with twin_sessions.database.write(twin_sessions.b) as scope:
        assert not sessions.end(scope, "sess_a", NOW)
        assert seen(scope) == (["b"], ["b"])
    with twin_sessions.database.read(twin_sessions.a) as scope:
        assert seen(scope)[0] == ["a", "only a"]


def test_i5_forgetting_old_sessions_leaves_the_twin(twin_sessions: Twins) -> None:
    with twin_sessions.database.write(twin_sessions.a) as scope:
        assert sessions.forget(scope, END + timedelta(seconds=1), 10) == 1
        assert sessions.forget(scope, END + timedelta(seconds=1), 10) == 0
    with twin_sessions.database.read(twin_sessions.b) as scope:
        assert seen(scope) == (["b"], ["b"])


def test_i5_a_sealed_session_opens_in_its_own_environment_alone(twin_sessions: Twins) -> None:
    with closing(sqlite3.connect(twin_sessions.path)) as connection, connection:
        moved = connection.execute(
            "UPDATE idp_sessions SET sealed = (SELECT sealed FROM idp_sessions WHERE environment_id = 'environment_a') "
            "WHERE environment_id = 'environment_b'"
        )
        assert moved.rowcount == 1
    with twin_sessions.database.read(twin_sessions.b) as scope, pytest.raises(VaultKeyUnknown):
        seen(scope)


def test_i5_the_database_refuses_a_session_of_another_environment_s_profile(twin_sessions: Twins) -> None:
    with twin_sessions.database.write(twin_sessions.a) as scope:
        profiles.save(scope, replace(person("prof_only_a"), idp_id="idp-3"))
    stray = replace(session("b", "sess_b"), profile_id="prof_only_a")
    with pytest.raises(OwnerGone), twin_sessions.database.write(twin_sessions.b) as b:
        sessions.add(b, VAULT, stray)
