"""What plain OAuth 2.0 and OpenID Connect share (RFC 6749, RFC 7636): the request, our name and secret, errors."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote, quote_plus, urlencode

MAX_DESCRIPTION = 256  # characters (OIDC-19)
FORM = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}

# What an application may not set through provider_query_params: the protocol's own names (OAUTH-15).
_OWN = frozenset(
    "client_id client_secret redirect_uri response_type response_mode scope state nonce code_challenge "
    "code_challenge_method request request_uri registration claims id_token_hint code code_verifier grant_type".split()
)
_ERROR = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")  # 4.1.2.1, and not endless


def challenge(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorization_url(endpoint: str, ours: Mapping[str, str], *, extra: Mapping[str, str]) -> str:
    """Where the browser goes. Every value is encoded as a value and cannot become another parameter.

    `extra` are the application's; it sets none that is the protocol's own, and none of `ours`.
    """
    parameters = {**{name: value for name, value in extra.items() if name.lower() not in _OWN}, **ours}
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(parameters, quote_via=quote)


def basic(client_id: str, secret: str) -> str:
    """The value of Authorization; both are form-encoded first (2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + b64encode(pair.encode()).decode()


def error_code(error: object) -> str:
    """5.2; whatever else a provider calls an error is shown as one word of ours (OIDC-19)."""
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else "unknown_error"


def shortened(text: object) -> str | None:
    """A provider's words, printable and not endless."""
    if not isinstance(text, str):
        return None
    return "".join(character if character.isprintable() else " " for character in text)[:MAX_DESCRIPTION]
