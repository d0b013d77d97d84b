"""`python -m benchmarks.against COMMIT`: what a login, a start and a worker cost here and there, in the same minutes.

Both servers run side by side and are loaded in turn, in many short rounds; what is compared is their own CPU time, as
ratios. So the figures stand on a machine that does other things as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks import oidc
from benchmarks.__main__ import cpu_seconds, product, resident_mib
from benchmarks.client import Application, Client, IdentityProvider, login

HERE = Path(__file__).parent.parent
Login = Callable[[Client, Application, int], Awaitable[float]]


@dataclass
class Side:
    """One of the two servers."""

    pid: int
    application: Application
    logins: dict[str, Login]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("commit", help="to compare with")
    parser.add_argument("--rounds", type=int, default=24, help="an even number, since who goes first pays")
    parser.add_argument("--logins", type=int, default=60, help="a round (default 60)")
    parser.add_argument("--starts", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        there = _unpacked(arguments.commit, Path(folder))
        sources = {"here": HERE / "src", "there": there}
        rows = asyncio.run(_logins(sources, Path(folder), arguments.rounds, arguments.logins))
        rows |= _starts(sources, Path(folder), arguments.starts)
    if arguments.json:
        print(json.dumps(rows))
        return 0
    head = f"{'medians, and the ratio of the sums':<34} {'here':>8} {arguments.commit[:8]:>8} {'ratio':>6}"
    print(f"{head}  middle half of the rounds")
    for name, row in rows.items():
        spread = f"{row['quartiles'][0]:.3f} to {row['quartiles'][1]:.3f}"
        print(f"{name:<34} {row['here']:>8.3f} {row['there']:>8.3f} {row['ratio']:>6.3f}  {spread}")
    return 0


def _unpacked(commit: str, folder: Path) -> Path:
    """The sources of that commit; they run with what is installed here."""
    archive = subprocess.run(
        ["git", "archive", commit, "src"],
        cwd=HERE,
        check=True,
        capture_output=True,
    ).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(folder / "there", filter="data")
    return folder / "there" / "src"


async def _logins(sources: dict[str, Path], folder: Path, rounds: int, logins: int) -> dict[str, dict[str, Any]]:
    provider = IdentityProvider.make()
    costs: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        async with oidc.OidcProvider().listening() as oidc_provider:
            sides = {}
            for name, source in sources.items():
                place = folder / name
                place.mkdir(exist_ok=True)
                pid, base_url, environment = stack.enter_context(product(place, source))
                sides[name] = await asyncio.to_thread(_side, pid, base_url, environment, provider, oidc_provider)
            for number in range(rounds + 1):
                for kind in ("saml", "oidc"):
                    names = list(sides) if number % 2 else list(sides)[::-1]
                    for name in names:
                        spent = await _round(sides[name], kind, logins if number else 100)
                        if number:  # the first one warms up
                            of_kind = costs.setdefault(f"CPU s for 1,000 {kind} logins", {})
                            of_kind.setdefault(name, []).append(spent / logins * 1000)
            memory = {name: [resident_mib(side.pid)] for name, side in sides.items()}
    return {name: _row(cost) for name, cost in {**costs, "resident MiB after these logins": memory}.items()}


def _side(
    pid: int,
    base_url: str,
    environment: dict[str, str],
    provider: IdentityProvider,
    oidc_provider: oidc.OidcProvider,
) -> Side:
    application = Application.register(base_url, environment, provider, sign="both")
    connection = application.connect_oidc(oidc_provider.issuer, oidc.CLIENT_ID)

    async def saml(client: Client, application: Application, number: int) -> float:
        return await login(client, application, provider, number)

    async def by_oidc(client: Client, application: Application, number: int) -> float:
        return await oidc.login(client, application, connection, number)

    return Side(pid, application, {"saml": saml, "oidc": by_oidc})


async def _round(side: Side, kind: str, logins: int) -> float:
    """The server's CPU seconds."""
    numbers = iter(range(logins))

    async def worker() -> None:
        async with Client(side.application.base_url) as client:
            for number in numbers:
                await side.logins[kind](client, side.application, number)

    before = cpu_seconds(side.pid)
    await asyncio.gather(*(worker() for _ in range(8)))
    return cpu_seconds(side.pid) - before


def _starts(sources: dict[str, Path], folder: Path, starts: int) -> dict[str, dict[str, Any]]:
    """From the call to the first answer, on a database that is there."""
    cpu: dict[str, list[float]] = {name: [] for name in sources}
    memory: dict[str, list[float]] = {name: [] for name in sources}
    for number in range(starts):
        for name, source in (list(sources.items()), list(sources.items())[::-1])[number % 2]:
            with product(folder / name, source) as (pid, _, _):
                cpu[name].append(cpu_seconds(pid))
                memory[name].append(resident_mib(pid))
    return {"CPU s until ready (dev)": _row(cpu), "resident MiB when ready": _row(memory)}


def _row(of: dict[str, list[float]]) -> dict[str, Any]:
    ratios = sorted(here / there for here, there in zip(of["here"], of["there"], strict=True))
    return {
        "here": statistics.median(of["here"]),
        "there": statistics.median(of["there"]),
        "ratio": sum(of["here"]) / sum(of["there"]),
        "quartiles": [ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]],
    }


if __name__ == "__main__":
    sys.exit(main())
