"""A migrated database with two environments that hold twins of everything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from latchstring.model.environment import Environment, EnvironmentKind, Pass
from latchstring.storage import environments, front_door
from latchstring.storage.database import Database
from latchstring.storage.journal import Ledger
from latchstring.storage.sqlite import SqliteEngine
from latchstring.storage.vault import Vault
from tests.house_for_tests import migrated

VAULT = Vault((b"k" * 32,), lambda count: b"n" * count)
NOW = datetime(2026, 11, 23, 9, 14, 7, 437000, tzinfo=UTC)


@dataclass
class Twins:
    """One database, two environments."""

    database: Database
    path: Path
    a: Pass
    b: Pass


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    path = tmp_path / "twins.db"
    shutil.copy(migrated(), path)
    database = Database(SqliteEngine(path), Ledger(lambda: NOW, VAULT))
    passes = []
    for letter in "ab":
        environment = Environment(
            id=f"environment_{letter}",
            name=letter,
            kind=EnvironmentKind.STAGING,
            client_id=f"client_{letter}",
            created_at=NOW,
            updated_at=NOW,
        )
        with database.write_house() as house:
            environments.add(house, environment)
        passes.append(front_door.by_operator(environment))
    yield Twins(database, path, *passes)
    database.close()
