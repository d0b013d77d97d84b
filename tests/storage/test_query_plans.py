"""How SQLite goes about the statements that lists and figures are made of: by an index, with nothing to sort."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from latchstring.storage import api_calls, attempts, overview, paging, profiles
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
    "sign-ins of an hour": (overview._BEGUN, "COVERING INDEX"),
    "refused sign-ins of an hour": (overview._REFUSED, "ix_attempts_refused"),
    "refusals without a connection": (attempts._UNCONNECTED_REFUSALS, "ix_attempts"),
    "refusals that are alike": (attempts._ALIKE, "ix_attempts_by_refusal"),
    "sign-ins under way": (overview._OPEN, "ix_attempts_environment_id_state_expires_at"),
    "sign-ins through a connection": (overview._BEGUN_THROUGH, "COVERING INDEX"),
    "connections in a state": (overview._IN_STATE, "ix_connections_environment_id_state"),
    "failed domains": (overview._FAILED_DOMAINS, "sqlite_autoindex_organization_domains"),
    "people who wait": (overview._WAITING, "COVERING INDEX ix_reconciliations"),
    "any profile": (overview._ANY_PROFILE, "COVERING INDEX"),
    "requests of the API": (
        paging._statement(api_calls._CALL, "api_calls", "", (), "", "DESC"),
        "ix_api_calls_environment_id_created_at_id",
    ),
}
BRIEFLY_SORTED = {  # what is sorted is little: refused sign-ins of an hour, and set-ups that are not finished
    "connections with refused sign-ins": (overview._REFUSED_BY_CONNECTION, "ix_attempts_refused"),
    "unfinished set-ups": (overview._UNFINISHED, "ix_connections_environment_id_state"),
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


@pytest.mark.parametrize(("statement", "index"), BRIEFLY_SORTED.values(), ids=BRIEFLY_SORTED)
def test_what_is_sorted_is_found_by_an_index_first(twins: Twins, statement: Statement, index: str) -> None:
    steps = plan(twins, statement)
    assert index in steps and "SCAN" not in steps, steps


def test_a_plan_that_sorts_is_seen(twins: Twins) -> None:
    assert "TEMP B-TREE" in plan(twins, Statement("SELECT id FROM profiles ORDER BY data"))
