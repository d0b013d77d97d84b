"""Samples and people who await reconciliation: those of one environment are nothing to its twin."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta

import pytest

from latchstring.model.testimony import AttributeSample, Reconciliation, Testimony
from latchstring.storage import attribute_samples, connections, reconciliations
from latchstring.storage.database import Scope
from latchstring.storage.paging import Window
from latchstring.storage.sqlite import OwnerGone
from latchstring.storage.vault import VaultKeyUnknown
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT
from tests.storage.test_once import furnished

__all__ = ["furnished"]  # a fixture
LATER = NOW + timedelta(seconds=1)
PERSON = reconciliations.subject_hash("conn_twin", "ann")


def said(letter: str) -> Testimony:
    return Testimony(subject=letter, attributes={"email": (f"{letter}@acme.example",)})


def entry(letter: str, id_: str = "recon_twin") -> Reconciliation:
    return Reconciliation(
        id=id_,
        connection_id="conn_twin",
        refusal="attributes_missing",
        tries=1,
        testimony=said(letter),
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.fixture
def waiting(furnished: Twins) -> Twins:
    for letter, pass_ in (("a", furnished.a), ("b", furnished.b)):
        with furnished.database.write(pass_) as scope:
            assert reconciliations.put(scope, VAULT, entry(letter), subject_hash=PERSON, most=9)
            sample = AttributeSample(at=NOW, refusal=None, testimony=said(letter))
            assert attribute_samples.keep(scope, VAULT, "conn_twin", sample, subject_hash=PERSON)
    return furnished


def subjects(found: Iterable[AttributeSample | Reconciliation]) -> list[str]:
    return [each.testimony.subject for each in found]


def seen(scope: Scope) -> tuple[list[str], list[str], list[str], int]:
    return (
        subjects(attribute_samples.newest(scope, VAULT, "conn_twin", since=NOW)),
        subjects(reconciliations.of_connection(scope, VAULT, "conn_twin")),
        subjects(reconciliations.page(scope, VAULT, Window(), "conn_twin").items),
        reconciliations.count(scope, "conn_twin"),
    )


def test_i5_each_environment_sees_its_own_alone(waiting: Twins) -> None:
    with waiting.database.read(waiting.a) as scope:
        assert seen(scope) == (["a"], ["a"], ["a"], 1)
    with waiting.database.read(waiting.b) as scope:
        assert seen(scope) == (["b"], ["b"], ["b"], 1)


@pytest.mark.parametrize(
    "deed",
    [
        lambda scope: reconciliations.remove(scope, "conn_twin", "recon_twin"),
        lambda scope: reconciliations.signed_in(scope, "conn_twin", PERSON),
        lambda scope: reconciliations.forget(scope, LATER, 10) + attribute_samples.forget(scope, LATER, 10),
        lambda scope: reconciliations.forget_all(scope) + attribute_samples.forget_all(scope),
        lambda scope: connections.remove_belongings(scope, "conn_twin", 2),  # before anything else
    ],
    ids=["remove", "signed_in", "forget", "forget_all", "deletion"],
)
def test_i5_what_goes_leaves_its_twin(waiting: Twins, deed: object) -> None:
    assert callable(deed)
    with waiting.database.write(waiting.a) as scope:
        deed(scope)
        assert seen(scope)[1:] == ([], [], 0)
    with waiting.database.read(waiting.b) as scope:
        assert seen(scope) == (["b"], ["b"], ["b"], 1)


def test_i5_a_person_who_awaits_elsewhere_is_not_awaited_here(waiting: Twins) -> None:
    with waiting.database.write(waiting.a) as scope:
        reconciliations.signed_in(scope, "conn_twin", PERSON)
        sample = AttributeSample(at=NOW, refusal=None, testimony=said("a"))
        assert not attribute_samples.keep(scope, VAULT, "conn_twin", sample, subject_hash=PERSON)
    with waiting.database.read(waiting.b) as scope:
        assert seen(scope)[0] == ["b"]


@pytest.mark.parametrize("table", ["attribute_samples", "reconciliations"])
def test_i5_what_is_sealed_opens_in_its_own_environment_alone(waiting: Twins, table: str) -> None:
    with closing(sqlite3.connect(waiting.path)) as connection, connection:
        moved = connection.execute(
            f"UPDATE {table} SET sealed = (SELECT sealed FROM {table} WHERE environment_id = 'environment_a') "  # noqa: S608
            "WHERE environment_id = 'environment_b'"
        )
        assert moved.rowcount == 1
    with waiting.database.read(waiting.b) as scope, pytest.raises(VaultKeyUnknown):
        seen(scope)


def test_i5_the_database_refuses_one_of_another_environment_s_connection(waiting: Twins) -> None:
    with closing(sqlite3.connect(waiting.path)) as connection, connection:
        connection.execute("DELETE FROM connections WHERE environment_id = 'environment_b'")
        connection.execute("DELETE FROM reconciliations WHERE environment_id = 'environment_b'")
    stray = entry("b", "recon_b")
    with pytest.raises(OwnerGone), waiting.database.write(waiting.b) as scope:
        reconciliations.put(scope, VAULT, stray, subject_hash=PERSON, most=9)
