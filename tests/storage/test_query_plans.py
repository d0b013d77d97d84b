"""How SQLite goes about the statements that lists and figures are made of: by an index, with nothing to sort."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from latchstring.storage import paging, profiles
from latchstring.storage.statement import Statement
from tests.storage.conftest import Twins

_OF_ORGANIZATION = ("profiles.organization_id = :organization_id",)
QUICK = {
    "the people of an organization": (
        paging._statement(profiles._COLUMNS, "profiles", profiles._CONNECTION, _OF_ORGANIZATION, "", "DESC"),
        "ix_profiles_environment_id_organization_id_created_at_id",
    ),
    "the people of an organization, further on": (
        paging._statement(profiles._COLUMNS, "profiles", profiles._CONNECTION, _OF_ORGANIZATION, "<", "DESC"),
        "ix_profiles_environment_id_organization_id_created_at_id",
    ),
    "how many people an organization has": (
        profiles._NUMBER,
        "COVERING INDEX ix_profiles_environment_id_organization_id_created_at_id",
    ),
}


def plan(twins: Twins, statement: Statement) -> str:
    names = {part.split(")")[0].split(",")[0].split()[0].strip(" ;") for part in statement.text.split(":")[1:]}
    with closing(sqlite3.connect(twins.path)) as raw:
        rows = raw.execute(f"EXPLAIN QUERY PLAN {statement.text}", dict.fromkeys(names, 1)).fetchall()
    return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize(("statement", "index"), QUICK.values(), ids=QUICK)
def test_a_list_is_read_from_its_index(twins: Twins, statement: Statement, index: str) -> None:
    steps = plan(twins, statement)
    assert index in steps, steps
    assert "SCAN" not in steps and "TEMP B-TREE" not in steps, steps


def test_a_plan_that_sorts_is_seen(twins: Twins) -> None:
    assert "TEMP B-TREE" in plan(twins, Statement("SELECT id FROM profiles ORDER BY data"))
