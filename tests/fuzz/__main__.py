"""`python -m tests.fuzz`: runs targets side by side, prints what they came to, and fails if anything broke."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz import target
from tests.fuzz.replay import replay
from tests.fuzz.run import Figures, run_all

HOME = Path(__file__).parents[2] / ".fuzz"


def _table(figures: list[Figures]) -> None:
    form = "{:<16} {:>11} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9}"
    print(form.format("target", "executions", "seconds", "a second", "accepted", "most ms", "most KiB", "findings"))
    for one in figures:
        rate = one.executions / max(one.seconds, 0.1)
        print(
            form.format(
                one.target, f"{one.executions:,}", f"{one.seconds:.0f}", f"{rate:.0f}", f"{one.accepted:,}",
                f"{one.most_ms:.0f}", f"{one.most_kib:,}", sum(one.findings.values()),
            )
        )  # fmt: skip
    total, seconds = sum(one.executions for one in figures), sum(one.seconds for one in figures)
    found = sum(sum(one.findings.values()) for one in figures)
    print(f"\n{total:,} executions in {seconds / 60:.1f} minutes of one core, {found} findings")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="for all targets together; default: 300")
    parser.add_argument("--target", action="append", choices=target.names(), help="repeatable; default: all")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side; default: 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("auto", "coverage", "blind"), default="auto")
    parser.add_argument("--corpus", type=Path, default=HOME, help="folder of corpus, logs and findings; default: .fuzz")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one input of --target again")
    asked = parser.parse_args()
    targets = asked.target or target.names()
    if asked.replay:
        return replay(targets[0], asked.replay.read_bytes())
    figures = run_all(
        targets,
        seconds=asked.seconds,
        jobs=asked.jobs,
        seed=asked.seed,
        engine=asked.engine,
        home=asked.corpus,
    )
    _table(figures)
    for one in figures:
        for kind, count in one.findings.items():
            print(f"FINDING {one.target}: {kind} ({count} times); see {asked.corpus / 'findings' / one.target}")
    return 1 if any(one.findings for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
