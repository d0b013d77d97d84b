"""POST /sso/token: a code -> profile and access token; GET /sso/profile: the access token -> profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from latchstring.flows import redeem
from latchstring.flows.house import House
from latchstring.flows.redeem import TokenRequest
from latchstring.web.kit import caller, decode, shapes
from latchstring.web.kit.message import Inbound, Reply, as_json
from latchstring.web.kit.route import Ask

_FIELDS = ("grant_type", "client_id", "client_secret", "code", "code_verifier", "redirect_uri")
_IN_THE_QUERY = frozenset({"grant_type", "client_id", "client_secret", "code"})  # one SDK puts them there as well


class ProfileShape(msgspec.Struct, kw_only=True, rename={"object_": "object"}):
    """A person as the identity provider described them."""

    object_: str
    id: str
    organization_id: str | None
    connection_id: str
    connection_type: str
    idp_id: str
    email: str
    email_domain_verified: bool
    first_name: str | None
    last_name: str | None
    name: str | None
    role: dict[str, str] | None
    roles: list[dict[str, str]] | None
    groups: list[str]
    custom_attributes: dict[str, Any]
    raw_attributes: dict[str, Any]


class OAuthTokensShape(msgspec.Struct, kw_only=True):
    """An OAuth provider's own tokens, where the environment hands them on. Empty or 0: the provider gave none."""

    provider: str
    access_token: str
    refresh_token: str
    expires_at: int
    scopes: list[str]


class TokenShape(msgspec.Struct, kw_only=True):
    """The answer to a redeemed code."""

    token_type: str
    access_token: str
    expires_in: int
    profile: ProfileShape
    oauth_tokens: OAuthTokensShape | msgspec.UnsetType = msgspec.UNSET


def token(house: House, ask: Ask) -> Reply:
    inbound = ask.inbound
    values = _values(inbound)
    redeemed = redeem.redeem(
        house,
        TokenRequest(**{name: values.get(name) or None for name in _FIELDS}),
        idempotency_key=inbound.header(b"idempotency-key"),
        visitor=caller.visitor(inbound),
        met=ask.met,
    )
    answer = {
        "token_type": "Bearer",
        "access_token": redeemed.access_token,
        "expires_in": redeemed.expires_in,
        "profile": shapes.profile(redeemed.profile),
    }
    if redeemed.oauth_tokens is not None:
        answer["oauth_tokens"] = msgspec.to_builtins(redeemed.oauth_tokens)
    return as_json(
        answer,
        headers=((b"pragma", b"no-cache"),),
    )


def profile(house: House, ask: Ask) -> Reply:
    for token in caller.bearer_tokens(ask.inbound):
        try:
            return as_json(shapes.profile(redeem.profile_of(house, token)))
        except redeem.TokenUnknown:
            continue
    raise redeem.TokenUnknown


def _values(inbound: Inbound) -> Mapping[str, str]:
    """The body first, then HTTP Basic, then the query: each SDK has its own way (contract 1.3, 2.2)."""
    sent_along = decode.singles(decode.pairs(inbound.query))
    values = {name: value for name, value in sent_along.items() if name in _IN_THE_QUERY}
    basic = caller.basic(inbound)
    if basic is not None:
        values |= {"client_id": basic[0], "client_secret": basic[1]}
    if _is_json(inbound):
        sent = decode.json_object(inbound.body)
        return values | {name: value for name, value in sent.items() if isinstance(value, str)}
    return values | decode.singles(decode.pairs(inbound.body))


def _is_json(inbound: Inbound) -> bool:
    if inbound.content_type == "application/x-www-form-urlencoded":
        return False
    return inbound.content_type == "application/json" or inbound.body.lstrip()[:1] == b"{"
