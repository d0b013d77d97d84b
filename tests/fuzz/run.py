"""Runs targets in processes of their own, some side by side, and gathers their figures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_STARTING = 60  # seconds a child may take beyond its time: imports, instrumentation, seeds, a last slow input
_LIVES = 20  # how often a target whose process died is started again


@dataclass
class Figures:
    """What one target came to."""

    target: str
    executions: int = 0
    seconds: float = 0.0
    accepted: int = 0
    most_ms: float = 0.0
    most_kib: int = 0
    coverage: int = 0  # edges, by libFuzzer's count; 0 without it
    outcomes: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)

    def add(self, said: dict[str, Any]) -> None:
        self.executions += said["executions"]
        self.seconds += said["seconds"]
        self.most_ms = max(self.most_ms, said["most_ms"])
        self.most_kib = max(self.most_kib, said["most_kib"])
        for mine, theirs in ((self.outcomes, said["outcomes"]), (self.findings, said["findings"])):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        self.accepted = self.outcomes.get("accepted", 0)


def run_all(targets: Sequence[str], *, seconds: float, jobs: int, seed: int, engine: str, home: Path) -> list[Figures]:
    """`seconds` are shared out evenly. `home` gets the corpus, the logs and the findings."""
    share = seconds / len(targets)
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [
            pool.submit(_run, name, seconds=share, seed=seed + number, engine=engine, home=home)
            for number, name in enumerate(targets)
        ]
        figures = [each.result() for each in waiting]
    (home / "figures.json").write_text(json.dumps([vars(one) for one in figures], indent=1), encoding="utf-8")
    return figures


def _run(target: str, *, seconds: float, seed: int, engine: str, home: Path) -> Figures:
    figures = Figures(target)
    findings, stats, log = home / "findings" / target, home / f"{target}.json", home / f"{target}.log"
    home.mkdir(parents=True, exist_ok=True)
    for life in range(_LIVES):
        left = seconds - figures.seconds
        if life and left < 1:
            break
        stats.unlink(missing_ok=True)
        words = ["--target", target, "--seconds", str(left), "--corpus", str(home / "corpus" / target)]
        words += [
            "--findings",
            str(findings),
            "--stats",
            str(stats),
            "--seed",
            str(seed + 1000 * life),
            "--engine",
            engine,
        ]
        begun = time.time()
        code = _child(words, log, left + _STARTING)
        if stats.exists():
            figures.add(json.loads(stats.read_text(encoding="utf-8")))
        figures.coverage = _coverage(log)
        if code == 0:
            break
        left_behind = [path.name for path in findings.glob("*-*") if path.stat().st_mtime >= begun]
        kind = f"the process ended with {code}, leaving {', '.join(left_behind) or f'nothing but {log.name}'}"
        figures.findings[kind] = figures.findings.get(kind, 0) + 1
        if not stats.exists():
            break  # it never got going
    return figures


def _child(words: list[str], log: Path, patience: float) -> int:
    with log.open("wb") as sink:
        try:
            command = [sys.executable, "-m", "tests.fuzz.child", *words]
            quiet = subprocess.DEVNULL  # the product's own log
            return subprocess.run(command, cwd=ROOT, stdout=quiet, stderr=sink, timeout=patience).returncode
        except subprocess.TimeoutExpired:
            return -1


def _coverage(log: Path) -> int:
    found = re.findall(rb"cov: (\d+)", log.read_bytes())
    return int(found[-1]) if found else 0
