"""The code's exchange and what it brings: token answer, keys, ID token, userinfo -> `Assertion`.

joserfc does the cryptography, here and nowhere else; what may reach it is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never
from urllib.parse import urlencode

import msgspec

from latchstring.model.connection import OidcConfig
from latchstring.model.fetch import Fetch, Fetched, Purpose
from latchstring.protocols import json_object, rfc6749
from latchstring.protocols.oidc import client_assertion
from latchstring.protocols.oidc.discovery import Provider
from latchstring.protocols.oidc.refusals import (
    CallbackWithoutCode,
    ClientAuthenticationFailed,
    IdTokenMissing,
    IssuerParameterMismatch,
    ProviderDenied,
    ProviderError,
    TokenAnswerInvalid,
    TokenEndpointRefused,
)

_JSON = {"accept": "application/json"}
_DENIALS = frozenset({"access_denied", "consent_required", "login_required", "interaction_required"})


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint gave for the code."""

    id_token: str
    access_token: str | None
    refresh_token: str | None = None


def read_callback(fields: Mapping[str, str], *, provider: Provider, issuer: str) -> str:
    """The code. Raises `ProviderDenied`, `ProviderError`, `IssuerParameterMismatch`, `CallbackWithoutCode`.

    `issuer` is the connection's (RFC 9207, 2.4): `iss` equals it, and is there if the provider promises to send it.
    """
    received = fields.get("iss")
    promised = provider.authorization_response_iss_parameter_supported
    if (promised or received is not None) and received != issuer:
        raise IssuerParameterMismatch(expected=issuer, received=received and received[:1024])  # OIDC-12
    error = fields.get("error")
    if error:
        kind = ProviderDenied if error in _DENIALS else ProviderError
        raise kind(error=rfc6749.error_code(error), description=rfc6749.shortened(fields.get("error_description")))
    code = fields.get("code")
    if not code:
        raise CallbackWithoutCode
    return code


def exchange(
    provider: Provider,
    *,
    config: OidcConfig,
    proof: str,
    redirect_uri: str,
    code: str,
    code_verifier: str | None,
) -> Fetch:
    """The token request (RFC 6749, 4.1.3). `proof` is what shows that it is us: see `authenticated`."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if code_verifier is not None:
        form["code_verifier"] = code_verifier
    return authenticated(Fetch(url=provider.token_endpoint, purpose=Purpose.TOKEN), form, config=config, proof=proof)


def revocation(provider: Provider, *, config: OidcConfig, proof: str, token: str, hint: str) -> Fetch:
    """The request to forget a token (RFC 7009, 2.1). `hint` is refresh_token or access_token."""
    fetch = Fetch(url=provider.revocation_endpoint or "", purpose=Purpose.REVOCATION)
    return authenticated(fetch, {"token": token, "token_type_hint": hint}, config=config, proof=proof)


def authenticated(fetch: Fetch, form: Mapping[str, str], *, config: OidcConfig, proof: str) -> Fetch:
    """The form as a request in which we say who we are (OpenID Connect Core 9).

    `proof` is the client secret, or for private_key_jwt the signed assertion (`client_assertion.sign`).
    """
    headers = {**rfc6749.FORM, **fetch.headers}
    match config.token_authentication_method:
        case "client_secret_basic":
            headers["authorization"] = rfc6749.basic(config.client_id, proof)
            ours: dict[str, str] = {}
        case "client_secret_post":
            ours = {"client_id": config.client_id, "client_secret": proof}
        case "private_key_jwt":
            ours = {
                "client_id": config.client_id,
                "client_assertion_type": client_assertion.TYPE,
                "client_assertion": proof,
            }
        case _ as never:
            assert_never(never)
    return msgspec.structs.replace(fetch, headers=headers, body=urlencode({**form, **ours}).encode())


def read_answer(fetched: Fetched) -> TokenAnswer:
    """Raises `ClientAuthenticationFailed`, `TokenEndpointRefused`, `TokenAnswerInvalid`, `IdTokenMissing`."""
    try:
        answer = json_object.read(fetched.body)
    except ValueError as fault:
        if fetched.status != 200:
            raise TokenEndpointRefused(status=fetched.status, error="", description=None) from None
        raise TokenAnswerInvalid(reason=str(fault)) from None
    if fetched.status != 200 or "error" in answer:
        error = rfc6749.error_code(answer.get("error", ""))
        if error == "invalid_client" or fetched.status == 401:
            raise ClientAuthenticationFailed(error=error)
        raise TokenEndpointRefused(
            status=fetched.status,
            error=error,
            description=rfc6749.shortened(answer.get("error_description")),
        )
    id_token = answer.get("id_token")
    if not isinstance(id_token, str):
        raise IdTokenMissing
    return TokenAnswer(
        id_token=id_token,
        access_token=_text(answer.get("access_token")),
        refresh_token=_text(answer.get("refresh_token")),
    )


def jwks_request(provider: Provider, *, fresh: bool = False) -> Fetch:
    return Fetch(url=provider.jwks_uri, purpose=Purpose.JWKS, headers=_JSON, fresh=fresh)


def userinfo_request(provider: Provider, access_token: str) -> Fetch:
    headers = {**_JSON, "authorization": f"Bearer {access_token}"}
    return Fetch(url=provider.userinfo_endpoint or "", purpose=Purpose.USERINFO, headers=headers)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
