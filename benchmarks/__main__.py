"""`make bench`: starts the product, drives complete SAML logins, prints server CPU per 1,000 logins and latencies.

One login is the whole conversation: authorize, the identity provider's signed answer to the ACS, code for profile. This
program plays browser, application and identity provider; its own work is not charged, because the server's CPU is read
from /proc. Figures of two commits or two options are comparable within one run of one machine only, so rounds are
interleaved: `make bench ARGS="--rounds 5"`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Application, Client, IdentityProvider, login

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 20


@dataclass
class Round:
    """What one round measured."""

    logins: int
    cpu_seconds: float
    wall_seconds: float
    latencies: list[float] = field(default_factory=list)  # seconds, one a login
    resident_mib: float = 0.0

    @property
    def cpu_per_thousand(self) -> float:
        return self.cpu_seconds / self.logins * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--logins", type=int, default=1000, help="a round (default 1000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--sign", choices=("assertion", "response", "both"), default="both")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    if not Path("/proc/self/stat").exists():
        parser.error("needs /proc (Linux)")
    with tempfile.TemporaryDirectory() as folder, product(Path(folder)) as (pid, base_url, environment):
        provider = IdentityProvider.make()
        application = Application.register(base_url, environment, provider, sign=arguments.sign)
        warm_up(application, provider)
        rounds = [
            asyncio.run(one_round(application, provider, pid, arguments.logins, arguments.concurrency))
            for _ in range(arguments.rounds)
        ]
    report(rounds, arguments)
    return 0


@contextmanager
def product(folder: Path, source: Path | None = None) -> Iterator[tuple[int, str, dict[str, str]]]:
    """`latchstring dev` on a free port: its pid, base URL and ids. `source`: of another commit."""
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "latchstring", "dev", "--json", "--port", "0", "--data", str(folder / "data")],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | ({"PYTHONPATH": str(source)} if source else {}),
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit((folder / "stderr").read_text())
            environment = json.loads(line)
            yield process.pid, environment["base_url"], environment
        finally:
            process.terminate()
            process.wait(START_SECONDS)
            process.stdout.close()


def warm_up(application: Application, provider: IdentityProvider) -> None:
    async def run() -> None:
        async with Client(application.base_url) as client:
            for number in range(100):
                await login(client, application, provider, number)

    asyncio.run(run())


async def one_round(
    application: Application, provider: IdentityProvider, pid: int, logins: int, concurrency: int
) -> Round:
    numbers = iter(range(logins))
    latencies: list[float] = []

    async def worker() -> None:
        async with Client(application.base_url) as client:
            for number in numbers:
                latencies.append(await login(client, application, provider, number))

    before, started = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return Round(
        logins=logins,
        cpu_seconds=cpu_seconds(pid) - before,
        wall_seconds=time.perf_counter() - started,
        latencies=latencies,
        resident_mib=resident_mib(pid),
    )


def cpu_seconds(pid: int) -> float:
    """User and system time of the process: to the nanosecond where the kernel counts so, else to its ticks."""
    with suppress(OSError):
        return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(rounds: list[Round], arguments: argparse.Namespace) -> None:
    latencies = sorted(seconds * 1000 for each in rounds for seconds in each.latencies)
    figures = {
        "logins": sum(each.logins for each in rounds),
        "rounds": len(rounds),
        "sign": arguments.sign,
        "cpu_seconds_per_1000_logins": round(statistics.median(each.cpu_per_thousand for each in rounds), 3),
        "cpu_seconds_per_1000_logins_by_round": [round(each.cpu_per_thousand, 3) for each in rounds],
        "logins_per_second": round(statistics.median(each.logins / each.wall_seconds for each in rounds), 1),
        "p50_ms": round(latencies[len(latencies) // 2], 2),
        "p99_ms": round(latencies[int(len(latencies) * 0.99)], 2),
        "resident_mib": round(rounds[-1].resident_mib, 1),
        "concurrency": arguments.concurrency,
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    sys.exit(main())
