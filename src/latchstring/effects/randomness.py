"""The only place that asks the machine for chance."""

from __future__ import annotations

import secrets


def bytes_(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return secrets.token_bytes(count)
