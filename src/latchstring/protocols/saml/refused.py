"""The family of every "no" that a SAML answer can earn: it knows which check refused, and which ones had passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from latchstring.model.refusal import AssertionRefused


class SamlRefused(AssertionRefused):
    """The identity provider's answer was refused."""

    check: ClassVar[str] = ""
    passed: ClassVar[tuple[str, ...]] = ()

    def at(self, check: str, passed: Sequence[str]) -> Self:
        """The same refusal, with the place where it happened."""
        self.__dict__.update(check=check, passed=tuple(passed))
        return self
