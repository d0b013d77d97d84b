"""A minute of fuzzing over all targets, and everything that was ever found."""

from __future__ import annotations

import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import child, target
from tests.fuzz.run import ROOT, run_all

FOUND = sorted(path for path in (Path(__file__).parent / "found").glob("*/*") if path.is_file())


@pytest.mark.timeout(400)
def test_a_minute_of_spoilt_input_breaks_no_promise(tmp_path: Path) -> None:
    # Blind: the same inputs in each run, and none of the signals that coverage comes with. `make fuzz` is guided by it.
    figures = run_all(target.names(), seconds=60, jobs=2, seed=1, engine="blind", home=tmp_path)
    found = {one.target: one.findings for one in figures if one.findings}
    assert not found, (found, [path.read_text() for path in (tmp_path / "findings").glob("*/*.txt")][:5])
    for one in figures:
        assert one.executions > 20, (one, (tmp_path / f"{one.target}.log").read_text(errors="replace")[-2000:])
        assert one.accepted, f"{one.target} accepts nothing, so refusing proves nothing"


def test_a_mutation_that_cannot_bear_its_input_does_not_end_the_run() -> None:
    loaded, tail = target.load("id_token"), b"." + b"A" * 11
    head = loaded.seeds()[0].partition(b".")[0]
    for depth in range(950, 1000):  # about where Python's own JSON gives up
        claims = urlsafe_b64encode(b'{"a":' * depth + b"1" + b"}" * depth).rstrip(b"=")
        for seed in range(20):
            assert child.spoilt(loaded, head + b"." + claims + tail, Random(seed)) is not None  # noqa: S311


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_stays_mended(path: Path) -> None:
    """In a process of its own: the fuzzer's keys are not those of the other tests."""
    words = ["--target", path.parent.name, "--replay", str(path)]
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
