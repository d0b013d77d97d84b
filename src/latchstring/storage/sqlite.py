"""The SQLite engine: one connection a thread, write-ahead log, every commit durable."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latchstring.model.refusal import Conflict, Unavailable

Row = tuple[Any, ...]


class AlreadyThere(Conflict):
    """An object with this value already exists."""

    code = "already_exists"
    fix = "Use another value, or change the object that has it."


class OwnerGone(Conflict):
    """What this would belong to was deleted at the same moment, so nothing was done."""

    code = "owner_gone"
    fix = "Look at what is there now, and send the change again for something that still exists."


class SqliteEngine:
    """Runs SQL text with named parameters. Transactions are begun and ended by `Database` alone."""

    def __init__(self, path: Path, *, busy_timeout_ms: int = 5000) -> None:
        self.path = path
        self._busy_timeout_ms = busy_timeout_ms
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Autocommit; check_same_thread is off so that close() may be called by the thread that shuts down.
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a redeemed code stays redeemed after a power cut
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    def one(self, text: str, parameters: Mapping[str, Any]) -> Row | None:
        try:
            row: Row | None = self._connection().execute(text, parameters).fetchone()
        except sqlite3.OperationalError as error:
            raise Unavailable from error
        return row

    def all(self, text: str, parameters: Mapping[str, Any]) -> list[Row]:
        try:
            return self._connection().execute(text, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise Unavailable from error

    def change(self, text: str, parameters: Mapping[str, Any]) -> int:
        """The number of rows changed. Raises `AlreadyThere` where a row may stand once only, and `OwnerGone`."""
        try:
            return self._connection().execute(text, parameters).rowcount
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
                raise AlreadyThere from error
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":
                raise OwnerGone from error
            raise
        except sqlite3.OperationalError as error:
            raise Unavailable from error

    def begin(self) -> None:
        try:
            # IMMEDIATE: take the one writer's place at once, rather than fail half-way through.
            self._connection().execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise Unavailable from error

    def commit(self) -> None:
        try:
            self._connection().execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Unavailable from error

    def rollback(self) -> None:
        connection = self._connection()
        if connection.in_transaction:
            connection.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()
