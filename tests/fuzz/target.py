"""What can be fuzzed: where it begins, how its input is spoilt, and what must hold for every input."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random


class Violation(Exception):
    """A promise that did not hold; the message says which, in words that are the same for every such input."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One door. `run` gives a word for how the input ended ("accepted", or a refusal's code) or raises."""

    about: str
    seeds: Callable[[], Sequence[bytes]]
    mutate: Callable[[bytes, Random], bytes]
    run: Callable[[bytes], str]


def names() -> list[str]:
    """The targets, by the names of their files."""
    from tests.fuzz import targets

    return sorted(info.name for info in pkgutil.iter_modules(targets.__path__))


def load(name: str) -> Target:
    target = importlib.import_module(f"tests.fuzz.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target
