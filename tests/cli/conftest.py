"""A data folder as `latchstring dev` leaves it, and a terminal on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.program import Terminal
from tests.real.product import Product


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the program itself, once."""
    folder = tmp_path_factory.mktemp("furnished")
    with Product(data=folder):
        return folder


@pytest.fixture
def terminal(
    furnished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.delenv("LATCHSTRING_DATABASE_URL", raising=False)
    shutil.copytree(furnished, tmp_path / "data")
    return Terminal(capsys, tmp_path / "data")
