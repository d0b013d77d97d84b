"""The authorization request (OpenID Connect Core 3.1.2.1) with PKCE (RFC 7636), state and nonce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from latchstring.protocols import rfc6749
from latchstring.protocols.oidc.discovery import Provider


def sends_challenge(provider: Provider, *, wanted: bool) -> bool:
    """PKCE unless the connection does without it, and the provider does not say that it knows it (OIDC-13)."""
    return wanted or "S256" in provider.code_challenge_methods_supported


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
    parameters = {
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
    return rfc6749.authorization_url(provider.authorization_endpoint, parameters, extra=extra or {})
