"""The authorization request (RFC 6749, 4.1.1), in the words of the provider that is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from latchstring.protocols import rfc6749
from latchstring.protocols.oauth.row import Provider


def authorization_url(
    provider: Provider,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    nonce: str,
    code_verifier: str,
    scopes: Sequence[str],
    login_hint: str | None,
    domain_hint: str | None,
    force_login: bool,
    extra: Mapping[str, str],
) -> str:
    """Where the browser goes. Every value is encoded as a value and cannot become another parameter (OAUTH-15).

    `scopes` are more than the provider's own. Hints that it does not know are left out.
    """
    parameters = {
        **provider.parameters,
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    if wanted := tuple(dict.fromkeys((*provider.scopes, *scopes))):
        parameters["scope"] = " ".join(wanted)
    if provider.issuer is not None and provider.nonce:
        parameters["nonce"] = nonce
    if provider.pkce:
        parameters |= {"code_challenge": rfc6749.challenge(code_verifier), "code_challenge_method": "S256"}
    if login_hint is not None and provider.login_hint is not None:
        parameters[provider.login_hint] = login_hint
    if domain_hint is not None and provider.domain_hint is not None:
        parameters[provider.domain_hint] = domain_hint
    if force_login:
        parameters |= provider.force_login
    return rfc6749.authorization_url(provider.authorization_endpoint, parameters, extra=extra)
