"""The audit log's chain: what is done to it from outside shows, and the database itself refuses to do it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from latchstring.flows import api_keys, audit
from latchstring.model.audit import AuditEntry
from latchstring.protocols.audit_chain import AuditChainBroken, Place
from latchstring.storage.audit import Filter
from latchstring.storage.statement import OpenStatement
from tests.house_for_tests import Rig

COLUMNS = (
    "at", "environment_id", "actor", "actor_name", "action", "target_type", "target_id", "target_name", "changes",
    "ip_address", "user_agent", "previous_hash", "hash",
)  # fmt: skip


@contextmanager
def from_outside(rig: Rig, *, triggers: bool = False) -> Iterator[sqlite3.Connection]:
    """Somebody who has the database's file, and takes what stands in their way out of it."""
    with closing(sqlite3.connect(rig.folder / "house.db")) as connection, connection:
        if not triggers:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
        yield connection


def everything(rig: Rig) -> list[AuditEntry]:
    return list(audit.export(rig.house, Filter()))[::-1]


def test_i5_each_entry_follows_the_one_before_it(rig: Rig) -> None:
    entries = everything(rig)
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1)) and len(entries) > 5
    assert [entry.previous_hash for entry in entries] == ["0" * 64, *(entry.hash for entry in entries[:-1])]
    checked = audit.check(rig.house)
    assert (checked.first, checked.end, checked.whole) == (1, Place(len(entries), entries[-1].hash), True)
    assert audit.check_recent(rig.house, 3).first == len(entries) - 2
    assert audit.check(rig.house, known=Place(3, entries[2].hash)) == checked


@pytest.mark.parametrize("column", COLUMNS)
def test_i5_one_changed_byte_of_one_entry_shows(rig: Rig, column: str) -> None:
    with from_outside(rig) as connection:
        changed = "at = at + 1" if column == "at" else f"{column} = coalesce({column}, '') || ' '"
        connection.execute(f"UPDATE audit_entries SET {changed} WHERE sequence = 4")  # noqa: S608 - our own words
    with pytest.raises(AuditChainBroken) as broken:
        audit.check(rig.house)
    assert (broken.value.sequence, broken.value.finding) == (4, "entry 4 is not what it was")
    with pytest.raises(AuditChainBroken):
        audit.prune(rig.house, rig.clock.now())


@pytest.mark.parametrize(
    ("deed", "finding"),
    [
        ("DELETE FROM audit_entries WHERE sequence = 4", "entry 4 is missing"),
        ("DELETE FROM audit_entries WHERE sequence = 1", "entry 1 is missing"),
        (
            "DELETE FROM audit_entries WHERE sequence > 4",
            "the entries after 4 are missing; there were {count}",
        ),
        ("DELETE FROM audit_chain", "the row that says where it ends is missing"),
        ("UPDATE audit_chain SET sealed = NULL", "what is written of its end was not written by us"),
        (
            "UPDATE audit_chain SET pruned_to = 2, pruned_hash = (SELECT hash FROM audit_entries WHERE sequence = 2)",
            "what is written of its end was not written by us",
        ),
        (
            "UPDATE audit_chain SET hash = (SELECT hash FROM audit_entries WHERE sequence = 4)",
            "what is written of its end was not written by us",
        ),
    ],
)
def test_i5_what_is_taken_away_is_missed(rig: Rig, deed: str, finding: str) -> None:
    count = len(everything(rig))
    with from_outside(rig) as connection:
        connection.execute(deed)
    with pytest.raises(AuditChainBroken) as broken:
        audit.check(rig.house)
    assert broken.value.finding == finding.format(count=count)


def test_i5_an_entry_that_somebody_adds_shows(rig: Rig) -> None:
    with from_outside(rig) as connection:
        connection.execute(
            "INSERT INTO audit_entries SELECT sequence + 1000, at, environment_id, actor, actor_name, action, "
            "target_type, target_id, target_name, changes, ip_address, user_agent, previous_hash, hash "
            "FROM audit_entries WHERE sequence = 2"
        )
    with pytest.raises(AuditChainBroken, match="entry 1002 lies behind its end"):
        audit.check_recent(rig.house)


def test_i5_a_whole_log_from_yesterday_is_told_by_who_kept_its_end(rig: Rig) -> None:
    with from_outside(rig, triggers=True) as connection:
        before = connection.execute("SELECT * FROM audit_chain").fetchone()
    api_keys.create(rig.house, rig.pass_, name="hidden")
    end = audit.check(rig.house).end
    with from_outside(rig) as connection:
        connection.execute("DELETE FROM audit_entries WHERE sequence > ?", before[1:2])
        connection.execute("DELETE FROM audit_chain")
        connection.execute("INSERT INTO audit_chain VALUES (?, ?, ?, ?, ?, ?)", before)
    audit.check(rig.house)
    with pytest.raises(AuditChainBroken, match="is not the one you know"):
        audit.check(rig.house, known=end)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 2",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_chain",
        "UPDATE audit_chain SET sequence = sequence - 1",
        "UPDATE audit_chain SET pruned_to = pruned_to - 1",
    ],
)
def test_i5_the_database_refuses_to_change_the_log(rig: Rig, deed: str) -> None:
    with (
        pytest.raises(sqlite3.IntegrityError, match="only added to"),
        from_outside(rig, triggers=True) as connection,
    ):
        connection.execute(deed)
    with pytest.raises(sqlite3.IntegrityError), rig.house.database.write_house() as whole:
        whole.change(OpenStatement(deed))
    audit.check(rig.house)


def test_i5_what_is_pruned_leaves_the_hash_that_the_chain_goes_on_from(rig: Rig) -> None:
    old = everything(rig)
    assert audit.prune(rig.house, rig.clock.now()) == 0
    rig.clock.forward(days=400)
    api_keys.create(rig.house, rig.pass_, name="new")
    assert audit.prune(rig.house, rig.clock.now() - timedelta(days=365)) == len(old)
    left = everything(rig)
    assert [entry.action for entry in left] == ["api_key.created", "audit_log.pruned"]
    assert left[0].previous_hash == old[-1].hash
    told = {change.field: change.after for change in left[1].changes}
    assert told["continues_from"] == {"sequence": old[-1].sequence, "hash": old[-1].hash}
    checked = audit.check(rig.house, known=Place(old[-1].sequence, old[-1].hash))
    assert (checked.first, checked.start.sequence, checked.whole) == (len(old) + 1, len(old), True)
    with from_outside(rig) as connection:
        connection.execute("DELETE FROM audit_entries WHERE sequence = (SELECT min(sequence) FROM audit_entries)")
    with pytest.raises(AuditChainBroken, match="is missing"):
        audit.check(rig.house)


def test_i5_nothing_is_written_of_what_did_not_happen(rig: Rig) -> None:
    before = everything(rig)
    with pytest.raises(ZeroDivisionError), rig.house.database.write(rig.pass_) as scope:
        scope.note("never.happened", ("nothing", None, None))
        1 / 0  # noqa: B018 - anything that goes wrong
    assert everything(rig) == before
