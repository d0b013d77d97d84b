"""Refusals that only the terminal raises: each is provoked as a person would, and says its code."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest

from tests.cli.program import Done, Terminal
from tests.house.errors_page import refusals

DISCOVERY = "--discovery-url https://idp.example/.well-known/openid-configuration"
KINDS = {kind.code: kind for kind in refusals()}


def is_refused(done: Done, code: str) -> None:
    """As JSON with its code, or in words with its fix."""
    assert done.code == 1, (done.out, done.err)
    assert f'"code":"{code}"' in done.err or KINDS[code].fix.replace("`", "") in done.err.replace("`", ""), done.err


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("certificate_file_missing", "certificate create --connection conn_test_idp --use idp"),
        (
            "time_unreadable",
            "certificate create --connection conn_test_idp --use signing --activate-at tomorrow",
        ),
        ("file_unreadable", "connection create --organization org_test_idp --metadata-file /no/such/file.xml"),
        (
            "client_secret_missing",
            f"connection create --organization org_test_idp --type OktaOIDC --client-id abc {DISCOVERY}",
        ),
        ("setting_unreadable", "connection create --organization org_test_idp --entity-id urn:x --set colour=blue"),
        ("not_confirmed", "organization delete org_test_idp"),
        ("mapping_unreadable", "connection map conn_test_idp email"),
    ],
)
def test_what_cannot_be_done_says_why(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.delenv("LATCHSTRING_CLIENT_SECRET", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    is_refused(terminal(*words.split(), "--json"), code)


def test_there_has_to_be_a_database_of_this_version(terminal: Terminal, tmp_path: Path) -> None:
    nowhere = Terminal(terminal.capsys, tmp_path / "nowhere")
    is_refused(nowhere("organization", "list", "--json"), "database_missing")
    with sqlite3.connect(next(terminal.folder.glob("*.db"))) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    is_refused(terminal("organization", "list", "--json"), "database_behind")


def test_an_environment_has_a_name_of_its_own_and_has_to_be_named(terminal: Terminal) -> None:
    assert terminal("environment", "create", "--name", "Second", "--kind", "staging").code == 0
    is_refused(terminal("environment", "create", "--name", "Second", "--json"), "environment_name_taken")
    is_refused(terminal("organization", "list", "--json"), "environment_ambiguous")
