"""The authorization request (OpenID Connect Core 3.1.2.1) with PKCE (RFC 7636), state and nonce."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote, urlencode

from latchstring.protocols.oidc.discovery import Provider

# What an application may not set through provider_query_params: the protocol's own names (OAUTH-15).
_OWN = frozenset(
    "client_id client_secret redirect_uri response_type response_mode scope state nonce code_challenge "
    "code_challenge_method request request_uri registration claims id_token_hint code code_verifier grant_type".split()
)


def sends_challenge(provider: Provider, *, wanted: bool) -> bool:
    """PKCE unless the connection does without it, and the provider does not say that it knows it (OIDC-13)."""
    return wanted or "S256" in provider.code_challenge_methods_supported


def challenge(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorization_url(
    provider: Provider,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    nonce: str,
    code_challenge: str | None,
    scopes: Sequence[str],
    login_hint: str | None = None,
    domain_hint: str | None = None,
    prompt_login: bool = False,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Where the browser goes. Every value is encoded as a value and cannot become another parameter."""
    parameters = {name: value for name, value in (extra or {}).items() if name.lower() not in _OWN}
    parameters |= {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "nonce": nonce,
    }
    if code_challenge is not None:
        parameters |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    if login_hint is not None:
        parameters["login_hint"] = login_hint
    if domain_hint is not None:
        parameters["domain_hint"] = domain_hint
    if prompt_login:
        parameters["prompt"] = "login"
    endpoint = provider.authorization_endpoint
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(parameters, quote_via=quote)
