"""Makes SQL statements; each made for a table of an environment carries that environment in its own text.

Statements are made once, at import, from constants. Values travel as named parameters only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that is bound to `:environment_id`. Made by the functions below alone; a `Scope` runs nothing else."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """SQL of the house itself: environments, house keys, and the front door's look-ups."""

    text: str


def select(
    columns: str, table: str, where: str = "", *, join: str = "", left_join: str = "", tail: str = ""
) -> Statement:
    """A join must tie the joined table to the same environment; a test reads every statement for that."""
    text = f"SELECT {columns} FROM {table}"
    if join:
        text += f" JOIN {join}"
    if left_join:
        text += f" LEFT JOIN {left_join}"
    text += f" WHERE {table}.environment_id = :environment_id"
    if where:
        text += f" AND {where}"
    if tail:
        text += f" {tail}"
    return Statement(text)


def insert(table: str, columns: str, *, computed: Mapping[str, str] = {}, tail: str = "") -> Statement:
    """`columns` without environment_id, which is always written; `computed` are those that SQL itself finds out."""
    names = [name.strip() for name in columns.split(",")]
    values = ", ".join(computed.get(name, f":{name}") for name in names)
    text = f"INSERT INTO {table} (environment_id, {', '.join(names)}) VALUES (:environment_id, {values})"
    return Statement(f"{text} {tail}" if tail else text)


def update(table: str, assignments: str, where: str, *, tail: str = "") -> Statement:
    text = f"UPDATE {table} SET {assignments} WHERE environment_id = :environment_id AND {where}"
    return Statement(f"{text} {tail}" if tail else text)


def delete(table: str, where: str) -> Statement:
    return Statement(f"DELETE FROM {table} WHERE environment_id = :environment_id AND {where}")
