"""The schema and the statements agree, and every table of an environment is locked to it."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, create_engine

import latchstring.storage
from latchstring.storage import migrate, tables
from latchstring.storage.migrations import HEAD
from latchstring.storage.statement import OpenStatement, Statement
from tests.house_for_tests import migrated

_HOUSE_ROOMS = {"audit", "front_door", "environments", "house_keys", "operators", "operator_sessions"}
_HOUSE_ROOMS |= {"passkeys", "operator_factors", "half_sessions", "house_settings"}


def _statements() -> list[tuple[str, str, Statement | OpenStatement]]:
    found = []
    for info in pkgutil.iter_modules(latchstring.storage.__path__):
        if info.name in ("migrations", "statement"):
            continue
        module = importlib.import_module(f"latchstring.storage.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, Statement | OpenStatement):
                found.append((info.name, name, value))
    return found


STATEMENTS = _statements()


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) > 40


@pytest.mark.parametrize(("room", "name", "statement"), STATEMENTS, ids=[f"{r}.{n}" for r, n, _ in STATEMENTS])
def test_every_statement_fits_the_migrated_schema(room: str, name: str, statement: Statement | OpenStatement) -> None:
    with closing(sqlite3.connect(migrated())) as connection:
        parameters = {part.split(")")[0].split(",")[0].strip(" ;") for part in statement.text.split(":")[1:]}
        names = {part.split()[0] for part in parameters if part}
        connection.execute(f"EXPLAIN {statement.text}", dict.fromkeys(names))


@pytest.mark.parametrize(("room", "name", "statement"), STATEMENTS, ids=[f"{r}.{n}" for r, n, _ in STATEMENTS])
def test_no_statement_leaves_its_environment(room: str, name: str, statement: Statement | OpenStatement) -> None:
    if isinstance(statement, OpenStatement):
        assert room in _HOUSE_ROOMS
        return
    assert ":environment_id" in statement.text
    joins = statement.text.count(" JOIN ")
    assert statement.text.count(".environment_id = ") >= joins * 2 - (joins == 0)


def test_every_scoped_table_has_the_environment_first_in_its_key_and_in_its_references() -> None:
    scoped = [table for table in tables.metadata.tables.values() if table.info.get("scoped")]
    whole = {name for name, table in tables.metadata.tables.items() if not table.info.get("scoped")}
    operators = {"operators", "operator_sessions", "operator_links", "operator_tries", "half_sessions"}
    operators |= {"operator_totp", "operator_recovery_codes", "operator_passkeys", "house_settings"}
    audit = {"audit_entries", "audit_chain"}
    assert whole == {"environments", "house_keys"} | operators | audit  # the house's own
    for table in scoped:
        assert table.primary_key.columns.keys()[0] == "environment_id"
        for reference in table.foreign_key_constraints:
            assert reference.column_keys[0] == "environment_id"


def test_what_hangs_on_a_row_is_found_by_an_index_when_the_row_goes() -> None:
    lacking = []
    for table in tables.metadata.tables.values():
        ways = [list(table.primary_key.columns.keys())]
        ways += [
            list(index.columns.keys()) for index in table.indexes if index.dialect_options["sqlite"]["where"] is None
        ]
        ways += [list(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)]
        for reference in table.foreign_key_constraints:
            if reference.referred_table.name == "environments":
                continue
            wanted = list(reference.column_keys)
            if not any(way[: len(wanted)] == wanted for way in ways):
                lacking.append((table.name, wanted))
    assert lacking == []


def test_the_migrations_make_what_the_tables_describe(tmp_path: Path) -> None:
    path = tmp_path / "fresh.db"
    migrate.upgrade(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_head_names_the_newest_migration(tmp_path: Path) -> None:
    folder = Path(latchstring.storage.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD
    path = tmp_path / "fresh.db"
    assert not migrate.is_current(path)
    migrate.upgrade(path)
    assert migrate.is_current(path)
    migrate.upgrade(path)  # a second time changes nothing
    assert migrate.is_current(path)


def test_what_belongs_to_a_sign_in_survives_that_its_table_is_written_anew(tmp_path: Path) -> None:
    """SQLite drops the old table for it, and a reference that is watched would take every answer with it."""
    path = tmp_path / "old.db"
    migrate.upgrade(path, to="0022")
    with closing(sqlite3.connect(path)) as connection:
        for table in ("environments", "connections", "attempts", "sign_in_answers"):
            needed = [row for row in connection.execute(f"PRAGMA table_info({table})") if row[3] and row[4] is None]
            ids = {"environment_id": "environment_1", "connection_id": "conn_1", "attempt_id": "sess_1"}
            ids["id"] = {"environments": "environment_1", "connections": "conn_1"}.get(table, "sess_1")
            row = {column[1]: ids.get(column[1], 0 if "INT" in column[2] else b"x") for column in needed}
            places = ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row)  # noqa: S608
        connection.commit()
    migrate.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        count = "SELECT count(*) FROM sign_in_answers JOIN attempts ON attempts.id = attempt_id"
        assert connection.execute(count).fetchone() == (1,)
        connection.execute("UPDATE attempts SET connection_id = NULL")
        connection.execute("DELETE FROM connections")
        assert connection.execute(count).fetchone() == (1,)
        connection.execute("DELETE FROM attempts")
        assert connection.execute("SELECT count(*) FROM sign_in_answers").fetchone() == (0,)
