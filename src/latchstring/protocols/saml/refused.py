"""The family of every "no" that a SAML answer can earn: it knows which check refused, and which ones had passed."""

from __future__ import annotations

from latchstring.model.refusal import AssertionRefused


class SamlRefused(AssertionRefused):
    """The identity provider's answer was refused."""
