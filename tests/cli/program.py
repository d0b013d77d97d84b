"""Runs the program: in this process where nothing is served, as a child where something is."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from latchstring.cli import main
from tests.real.child import BIN


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Types commands in this process, on the data of `folder`."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    def __call__(self, *words: str, data: bool = True) -> Done:
        arguments = [*words, "--data", str(self.folder)] if data else list(words)
        try:
            code = main(arguments)
        except SystemExit as stopped:
            code = int(str(stopped.code or 0))
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)


def run(*words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Done:
    """The installed program, with no LATCHSTRING_ variables but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LATCHSTRING_")}
    done = subprocess.run(
        [BIN / "latchstring", *words],
        env={**clean, **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)
