"""Whether an answer is a document of the kind that was asked for, whoever's it is and whatever it says (OIDC-14)."""

from __future__ import annotations

from latchstring.model.fetch import Purpose
from latchstring.protocols import json_object

_NAMED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


def is_sound(purpose: Purpose, body: bytes) -> bool:
    """False: the page of a server in maintenance, half a file, the answer of some other service.

    Only the form counts. A discovery document with another issuer, a JWKS without a key or with a private one are
    what the provider says: they are read, and refused, for what they are, and no older copy covers them up.
    """
    if purpose not in (Purpose.DISCOVERY, Purpose.JWKS):
        return True
    try:
        document = json_object.read(body)
    except ValueError:
        return False
    if purpose is Purpose.DISCOVERY:
        return all(isinstance(document.get(name), str) for name in _NAMED)
    entries = document.get("keys")
    return isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
