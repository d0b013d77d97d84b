"""`Answer`: what came back from an identity provider, kept for a while so that its sign-in can be explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

MAX_TEXT = 8_192  # characters of one parameter; what is longer is cut
HIDDEN = "(hidden)"
_SECRET = frozenset(
    "code state nonce id_token access_token refresh_token client_secret code_verifier code_challenge "
    "client_assertion Signature RelayState login_hint".split()
)


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything is as it came, and nothing in it is proven: the sign-in's own steps tell what was."""

    document: bytes = b""  # SAML: the Response in XML
    parameters: Mapping[str, str] = {}  # what the browser brought besides, without secrets
    heard: Mapping[str, Any] = {}  # OpenID Connect and OAuth: what the provider itself said, by where it said it


def without_secrets(parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters of a request or an answer, each to a bounded length; what opens something is not among them."""
    return {
        name[:256]: HIDDEN if name in _SECRET else value[:MAX_TEXT] for name, value in list(parameters.items())[:50]
    }
