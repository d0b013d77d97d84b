"""The way back: the callback, the token request, and what its answer holds (RFC 6749, 4.1.2 to 5.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import assert_never
from urllib.parse import urlencode

import msgspec

from latchstring.model.fetch import Fetch, Fetched, Purpose
from latchstring.protocols import json_object, rfc6749
from latchstring.protocols.oauth.refusals import (
    OAuthAnswerInvalid,
    OAuthCallbackWithoutCode,
    OAuthClientRefused,
    OAuthDenied,
    OAuthExchangeRefused,
    OAuthIssuerMismatch,
    OAuthProviderError,
)
from latchstring.protocols.oauth.row import Provider

# The standards' words, and Apple's and LinkedIn's, for a person who said no or may not.
_DENIALS = frozenset(
    "access_denied consent_required login_required interaction_required user_cancelled_authorize user_cancelled_login "
    "user_denied".split()
)
# GitHub and Slack have words of their own for what RFC 6749 calls invalid_client.
_CLIENT_ERRORS = frozenset(
    "invalid_client unauthorized_client incorrect_client_credentials bad_client_secret invalid_client_id".split()
)
_MAX_SECONDS = 10 * 365 * 86_400


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint gave for the code."""

    access_token: str
    id_token: str | None
    refresh_token: str | None
    expires_in: int | None  # seconds
    scopes: tuple[str, ...] | None  # None: what was asked for (5.1)


def read_callback(fields: Mapping[str, str], *, provider: Provider) -> str:
    """The code. Raises `OAuthDenied`, `OAuthProviderError`, `OAuthIssuerMismatch`, `OAuthCallbackWithoutCode`."""
    received = fields.get("iss")
    if received is not None and provider.names_itself is not None and received != provider.names_itself:
        raise OAuthIssuerMismatch(expected=provider.names_itself, received=received[:1024])  # RFC 9207, 2.4
    error = fields.get("error")
    if error:
        kind = OAuthDenied if error in _DENIALS else OAuthProviderError
        raise kind(error=rfc6749.error_code(error), description=rfc6749.shortened(fields.get("error_description")))
    code = fields.get("code")
    if not code:
        raise OAuthCallbackWithoutCode
    return code


def exchange(
    provider: Provider, *, client_id: str, proof: str, redirect_uri: str, code: str, state: str, code_verifier: str
) -> Fetch:
    """The token request (4.1.3). `proof` is the client secret, or what stands for it (`apple.client_secret`)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    headers = dict(rfc6749.FORM)
    if provider.pkce:
        form["code_verifier"] = code_verifier
    if provider.exchanges_state:
        form["state"] = state
    match provider.client_authentication:
        case "basic":
            headers["authorization"] = rfc6749.basic(client_id, proof)
        case "post" | "apple":
            form |= {"client_id": client_id, "client_secret": proof}
        case _ as never:
            assert_never(never)
    return Fetch(url=provider.token_endpoint, purpose=Purpose.TOKEN, headers=headers, body=urlencode(form).encode())


def read_answer(fetched: Fetched) -> TokenAnswer:
    """Raises `OAuthClientRefused`, `OAuthExchangeRefused`, `OAuthAnswerInvalid`.

    An error is an error whatever the status: GitHub and Slack send theirs with 200.
    """
    try:
        answer = json_object.read(fetched.body)
    except ValueError as fault:
        if fetched.status != 200:
            raise OAuthExchangeRefused(status=fetched.status, error="unreadable", description=None) from None
        raise OAuthAnswerInvalid(what="token", reason=str(fault)) from None
    if fetched.status != 200 or "error" in answer:
        error = rfc6749.error_code(answer.get("error"))
        if error in _CLIENT_ERRORS or fetched.status == 401:
            raise OAuthClientRefused(error=error)
        description = rfc6749.shortened(answer.get("error_description"))
        raise OAuthExchangeRefused(status=fetched.status, error=error, description=description)
    access_token = answer.get("access_token")
    if not isinstance(access_token, str) or not access_token or not access_token.isascii():
        raise OAuthAnswerInvalid(what="token", reason="it holds no access token")
    if not access_token.isprintable() or " " in access_token:
        raise OAuthAnswerInvalid(what="token", reason="its access token is none (RFC 6750, 2.1)")
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":  # 7.1: of another type nothing is known
        raise OAuthAnswerInvalid(what="token", reason="its access token is not a bearer token")
    return TokenAnswer(
        access_token=access_token,
        id_token=_text(answer.get("id_token")),
        refresh_token=_text(answer.get("refresh_token")),
        expires_in=_seconds(answer.get("expires_in")),
        scopes=_scopes(answer.get("scope", answer.get("scopes"))),  # Bitbucket has a word of its own
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MAX_SECONDS:
        return None
    return int(value)


def _scopes(value: object) -> tuple[str, ...] | None:
    """By spaces (3.3); GitHub puts commas between them."""
    return tuple(filter(None, re.split(r"[ ,]+", value))) if isinstance(value, str) else None
