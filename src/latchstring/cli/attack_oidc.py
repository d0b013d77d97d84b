"""Sets up the scenes of the OpenID Connect attacks: an environment, and a hostile provider in this very process."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from latchstring.attacks.oidc.catalogue import ATTACKS as ATTACKS
from latchstring.attacks.oidc.provider import Provider
from latchstring.attacks.oidc.stage import Scene, Stage, Target
from latchstring.cli.attack_range import REDIRECT_URI, Range


@contextmanager
def set_up(range_: Range, asked: Namespace) -> Iterator[Callable[[], Scene]]:
    """Gives what makes a scene for each attack. Raises `ProviderUnreachable`, `StageNotSet`."""
    field = range_.field()
    target = Target(
        base_url=range_.line.url,
        api_key=field.api_key,
        client_id=field.environment.client_id,
        redirect_uri=REDIRECT_URI,
    )
    with (
        Provider(port=asked.provider_port, public_url=asked.provider_url) as provider,
        Stage(target, provider) as stage,
    ):
        yield lambda: Scene(stage)
