"""`python -m benchmarks.timing`: does the time of a look-up tell how much of a secret was right? (OAUTH-07)

Two kinds of guesses are looked up in random order: those that share all but the last eight characters with a real
secret, and those that share nothing. Welch's t over the times of both says whether they can be told apart; below 4.5
they cannot (the threshold of dudect, Reparaz et al., 2017). The slowest tenth of all times is the machine's and is left
out.

The last line is a control: a comparison that stops at the first wrong character, which such a measure must find out.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from latchstring import app
from latchstring.effects.settings import Settings
from latchstring.flows import api_keys, environments, redeem
from latchstring.flows.house import House
from latchstring.flows.redeem import ClientInvalid, TokenRequest
from latchstring.flows.story import Visitor
from latchstring.model.environment import EnvironmentKind, UnknownKey
from latchstring.model.secret import Secret
from latchstring.storage import front_door, migrate

THRESHOLD = 4.5
KEYS = 200  # in the index that is searched
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Measured:
    """One comparison: times in nanoseconds, by kind of guess."""

    name: str
    near: list[int]
    far: list[int]

    @property
    def t(self) -> float:
        return welch(*self.cropped)

    @property
    def cropped(self) -> tuple[list[int], list[int]]:
        limit = sorted(self.near + self.far)[int((len(self.near) + len(self.far)) * 0.9)]
        return [ns for ns in self.near if ns < limit], [ns for ns in self.far if ns < limit]


def welch(one: list[int], other: list[int]) -> float:
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / float(spread**0.5)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timing", description=__doc__)
    parser.add_argument("--samples", type=int, default=100_000, help="of each kind (default 100,000)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = [measure(name, guess, secret, arguments.samples) for name, secret, guess in looks(Path(folder))]
    rows = [
        {
            "look-up": each.name,
            "t": round(each.t, 2),
            "near_us": round(statistics.fmean(each.cropped[0]) / 1000, 3),
            "far_us": round(statistics.fmean(each.cropped[1]) / 1000, 3),
        }
        for each in every
    ]
    if arguments.json:
        print(json.dumps({"samples": arguments.samples, "threshold": THRESHOLD, "rows": rows}))
    else:
        for row in rows:
            print(f"{row['look-up']:<32} t = {row['t']:>8}   near {row['near_us']} us, far {row['far_us']} us")
    *ours, control = every
    return int(any(abs(each.t) >= THRESHOLD for each in ours) or abs(control.t) < THRESHOLD)


def looks(folder: Path) -> list[tuple[str, str, Callable[[str], object]]]:
    """What is measured: its name, the real secret, and one guess."""
    house, client_id, secret = furnished(folder / "house.db")

    def by_key(guess: str) -> None:
        with suppress(UnknownKey):
            front_door.by_api_key(house.database, guess, house.now())

    def token_request(guess: str) -> None:
        asked = TokenRequest(grant_type="authorization_code", client_id=client_id, client_secret=guess, code="unknown")
        with suppress(ClientInvalid):
            redeem.redeem(house, asked, idempotency_key=None, visitor=Visitor(), met=lambda _: None)

    def control(guess: str) -> bool:
        return all(one == other for one, other in zip(guess, secret, strict=True))

    return [
        ("API key", secret, by_key),
        ("access token", secret, lambda guess: front_door.by_access_token(house.database, guess)),
        ("code", secret, lambda guess: front_door.by_code(house.database, front_door.digest(guess))),
        ("client_secret at POST /sso/token", secret, token_request),
        ("control: character by character", secret, control),
    ]


def furnished(path: Path) -> tuple[House, str, str]:
    """A house with one environment: it, its client id, and one of its API keys."""
    migrate.upgrade(path)
    settings = Settings(base_url="http://localhost:4100", database=path, secret_key=Secret("x" * 40), development=True)
    house = app.house(settings)
    environment = environments.create(house, name="Timing", kind=EnvironmentKind.STAGING)
    pass_ = front_door.by_operator(environment)
    made = [api_keys.create(house, pass_, name=str(number)) for number in range(KEYS)]
    return house, environment.client_id, made[KEYS // 2].secret.reveal()


def measure(name: str, guess: Callable[[str], object], secret: str, samples: int) -> Measured:
    """`samples` times of each kind, after some to warm up."""
    chance = random.Random(7)  # noqa: S311 - the order of guesses is no secret
    kinds = [True, False] * samples
    chance.shuffle(kinds)
    times: dict[bool, list[int]] = {True: [], False: []}
    for number, kind in enumerate(kinds[:500] + kinds):
        start = secret[:-8] if kind else secret[:8]  # sk_test_ is no part of the secret
        text = start + "".join(chance.choices(_ALPHABET, k=len(secret)))[: len(secret) - len(start)]
        begun = time.perf_counter_ns()
        guess(text)
        took = time.perf_counter_ns() - begun
        if number >= 500:
            times[kind].append(took)
    return Measured(name, times[True], times[False])


if __name__ == "__main__":
    gc.disable()
    sys.exit(main())
