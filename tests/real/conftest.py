"""The peers that several tests share: each is started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.simplesamlphp import SimpleSamlPhp


@pytest.fixture(scope="session")
def simplesamlphp() -> Iterator[SimpleSamlPhp]:
    """An identity provider that knows no application yet."""
    with SimpleSamlPhp() as provider:
        yield provider
