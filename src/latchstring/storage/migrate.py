"""Brings a database to the newest revision (Alembic), or tells how far it is behind.

Alembic and SQLAlchemy are imported inside `upgrade` alone: a start on a current database does not pay for them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from latchstring.storage.migrations import HEAD


def current(path: Path) -> str | None:
    """The database's revision; None for an empty or absent one."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


def is_current(path: Path) -> bool:
    return current(path) == HEAD


def upgrade(path: Path, *, to: str = "head") -> None:
    """Run what is missing, in one transaction."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    engine.dispose()
