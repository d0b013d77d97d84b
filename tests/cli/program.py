"""Runs the program: in this process where nothing is served, as a child where something is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
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


def here(*words: str, stdin: bytes = b"") -> Done:
    """The same command line in this process: for what serves nothing, without a second for starting each time."""
    said = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(raw, "utf-8", newline="", write_through=True) for raw in said)
    given = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main(words)
            except SystemExit as stopped:
                code = int(str(stopped.code or 0))
    finally:
        sys.stdin = given
    return Done(code, *(raw.getvalue().decode() for raw in said))


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
