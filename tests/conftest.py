"""Fixtures that several floors share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house_for_tests import Rig
from tests.house_for_tests import rig as build


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    built = build(tmp_path)
    yield built
    built.house.database.close()
