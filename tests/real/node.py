"""Runs our Node programs where the npm packages of the tests can be found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.real.child import TOOLS

HERE = Path(__file__).parent


@contextmanager
def beside_packages(source: Path) -> Iterator[Path]:
    """A copy of a program (a file or a directory) as it is after `npm install`: with `node_modules` beside it.

    Node looks for packages from the program's own place upwards, and the repository holds none.
    """
    with TemporaryDirectory(prefix="latchstring-node-") as name:
        home = Path(name)
        (home / "node_modules").symlink_to(TOOLS / "node" / "node_modules")
        target = home / source.name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy(source, target)
        yield target
