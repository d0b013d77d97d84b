"""Sets up the scenes of the SAML attacks: connections, and an identity provider whose key the attacker holds."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.scene import Arena, Scene
from latchstring.cli.attack_range import Range

ATTACKS: tuple[Attack[Scene], ...] = ()


@contextmanager
def set_up(range_: Range, asked: Namespace) -> Iterator[Callable[[], Scene]]:
    """Gives what makes a scene for each attack."""
    arena = Arena(line=range_.line, parties={}, keys={})
    yield lambda: Scene(arena)
