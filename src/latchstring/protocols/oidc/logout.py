"""Where the browser goes to end its session at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def parameters(*, client_id: str, post_logout_redirect_uri: str, state: str, id_token: str) -> dict[str, str]:
    """What the end_session_endpoint is told, in a query or in a form (section 2)."""
    return {
        "id_token_hint": id_token,
        "client_id": client_id,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }


def url(end_session_endpoint: str, parameters: Mapping[str, str]) -> str:
    joint = "&" if "?" in end_session_endpoint else "?"
    return end_session_endpoint + joint + urlencode(parameters, quote_via=quote)
