"""One target in one process: `python -m tests.fuzz.child`. Coverage comes from atheris where there is one.

libFuzzer never comes back once it has begun, so this file decides by itself when the time is over, and leaves its
figures in a file that the runner reads; they are written every second, in case the process is killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from tests.fuzz import mutations
from tests.fuzz.findings import Findings, place
from tests.fuzz.meter import Cost, Meter
from tests.fuzz.target import Target, Violation, load

MAX_INPUT = 600_000  # bytes: beyond every limit of the product
RETRIES = 3


class Session:
    """Runs inputs, counts, and keeps what broke."""

    def __init__(self, target: Target, options: argparse.Namespace) -> None:
        self._target = target
        self._options = options
        self._meter = Meter()
        self.findings = Findings(options.findings)
        self._outcomes: Counter[str] = Counter()
        self._executions = 0
        self._most = Cost(0, 0)
        self._begun = time.monotonic()
        self._written = 0.0

    @property
    def over(self) -> bool:
        return bool(time.monotonic() - self._begun >= self._options.seconds)

    def one(self, data: bytes) -> None:
        outcome = ""

        def deed() -> None:
            nonlocal outcome
            outcome = self._target.run(data)

        try:
            cost = self._meter.measure(deed)
            if (
                cost.excess
            ):  # a collection of garbage, a first import, a busy machine: what the input costs is the least
                cost = self._meter.least(deed, times=RETRIES)
        except Violation as violation:
            self._broken(str(violation), data, str(violation))
        except (Exception, RecursionError, MemoryError) as error:  # the whole point: nothing but a Refusal may come out
            self._broken(place(error), data, _story(error))
        else:
            self._outcomes[outcome] += 1
            self._most = Cost(max(cost.cpu, self._most.cpu), max(cost.memory, self._most.memory))
            if cost.excess and self._is_so_without_instruments(data):
                self._broken(cost.excess, data, f"{cost.cpu * 1000:.0f} ms of CPU, {cost.memory} KiB")
        self._executions += 1
        if time.monotonic() - self._written > 1:
            self.write()

    def _is_so_without_instruments(self, data: bytes) -> bool:
        """Counting edges makes the product several times slower; a fresh process tells what it costs in truth."""
        draft = self._options.stats.with_suffix(".slow")
        draft.write_bytes(data)
        words = ["--target", self._options.target, "--replay", str(draft)]
        command = [sys.executable, "-m", "tests.fuzz", *words]
        return subprocess.run(command, stdout=subprocess.DEVNULL, timeout=120).returncode != 0

    def _broken(self, kind: str, data: bytes, story: str) -> None:
        self._outcomes["finding"] += 1
        self.findings.add(kind, data, story)

    def write(self) -> None:
        self._written = time.monotonic()
        figures = {
            "executions": self._executions,
            "seconds": round(self._written - self._begun, 1),
            "outcomes": dict(self._outcomes.most_common()),
            "most_ms": round(self._most.cpu * 1000, 1),
            "most_kib": self._most.memory,
            "findings": dict(self.findings.kinds),
        }
        draft = self._options.stats.with_suffix(".draft")
        draft.write_text(json.dumps(figures), encoding="utf-8")
        draft.replace(self._options.stats)


def _story(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))[-6000:]


def _with_coverage(atheris: Any, target: Target, session: Session, options: argparse.Namespace) -> None:
    def one(data: bytes) -> None:
        session.one(data)
        if session.over:
            session.write()
            sys.stdout.flush()
            os._exit(0)

    seeds = target.seeds()

    def spoil(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311 - libFuzzer's own chance
        if chance.random() < 0.1:
            return bytes(atheris.Mutate(data, most))
        # The corpus fills up with wrecks that each broke in a new way; what is nearly good gets further in.
        return spoilt(target, chance.choice(seeds) if chance.random() < 0.5 else data, chance)[:most]

    words = [sys.argv[0], f"-artifact_prefix={options.findings}/", f"-max_len={MAX_INPUT}", "-len_control=0"]
    # A day is never: the signal of libFuzzer's timer, which 0 does not switch off, has ended healthy processes. What is
    # slow, the meter tells (`Session`); who does not come to an end is ended by `run`, and that is a finding.
    words += [
        "-timeout=86400",
        "-rss_limit_mb=3000",
        f"-seed={options.seed}",
        "-print_final_stats=1",
        str(options.corpus),
    ]
    options.findings.mkdir(parents=True, exist_ok=True)
    atheris.Setup(words, one, custom_mutator=spoil)
    atheris.Fuzz()


def spoilt(target: Target, data: bytes, chance: random.Random) -> bytes:
    """What the target makes of it; where its mutations cannot bear it, too deep a document say, letters are spoilt."""
    try:
        return target.mutate(data, chance)
    except (RecursionError, ArithmeticError, ValueError):  # let out, it would end the process, or have libFuzzer hang
        return mutations.letters(data, chance)


def _blind(target: Target, session: Session, options: argparse.Namespace) -> None:
    chance = random.Random(options.seed)  # noqa: S311 - the same run for the same seed
    corpus = [path.read_bytes() for path in sorted(options.corpus.iterdir())]
    for data in corpus:
        session.one(data)
    while not session.over:
        session.one(spoilt(target, chance.choice(corpus), chance))
    session.write()


def _engine(wished: str) -> Any:
    if wished == "blind":
        return None
    try:
        import atheris
    except ImportError:
        if wished == "coverage":
            raise
        return None
    return atheris


def _plant(target: Target, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds()):
        (corpus / f"seed-{number:03}").write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.child")
    parser.add_argument("--target", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    for name in ("--corpus", "--findings", "--stats"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("auto", "coverage", "blind"), default="auto")
    options = parser.parse_args()
    atheris = _engine(options.engine)
    watched: AbstractContextManager[Any] = atheris.instrument_imports(["latchstring"]) if atheris else nullcontext()
    with watched:
        target = load(options.target)
        _plant(target, options.corpus)
        warm_up: Callable[[bytes], str] = target.run
        for data in target.seeds():  # imports and caches that the first one would pay for
            try:
                warm_up(data)
            except Exception:  # noqa: S112 - it will be run again, and counted
                continue
    session = Session(target, options)
    if atheris:
        _with_coverage(atheris, target, session, options)
    else:
        _blind(target, session, options)


if __name__ == "__main__":
    main()
