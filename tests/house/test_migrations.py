"""The migrations are one chain, so that two that were written at the same time do not stand side by side."""

from __future__ import annotations

import re
from pathlib import Path

import latchstring.storage.migrations
from latchstring.storage.migrations import HEAD

_VERSIONS = Path(latchstring.storage.migrations.__file__).parent / "versions"
_REVISION = re.compile(r'^(down_)?revision = "?(\w+)"?$', re.MULTILINE)


def test_each_migration_follows_the_one_before_it() -> None:
    files = sorted(path for path in _VERSIONS.glob("*.py") if path.stem != "__init__")
    before = "None"
    for number, path in enumerate(files, 1):
        said = {bool(down): name for down, name in _REVISION.findall(path.read_text(encoding="utf-8"))}
        assert (path.stem[:4], said[False], said[True]) == (f"{number:04}", f"{number:04}", before), path.name
        before = said[False]
    assert before == HEAD
