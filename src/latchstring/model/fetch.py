"""`Fetch` and `Fetched`: an outbound HTTP call and its answer as values, so that protocol code can ask for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

from latchstring.model.refusal import IdpFailed


class Purpose(Enum):
    """Why we call; picks the limits and stands in the log."""

    METADATA = "metadata"  # SAML metadata
    DISCOVERY = "discovery"  # OpenID Connect discovery
    JWKS = "jwks"
    TOKEN = "token"
    USERINFO = "userinfo"
    REVOCATION = "revocation"  # RFC 7009


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP call to be made. `body` makes it a POST."""

    url: str
    purpose: Purpose
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    fresh: bool = False  # True: a kept copy of a public document will not do


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """Its answer, whole and within the size cap."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


Fetcher = Callable[[Fetch], Fetched]


class Unreachable(IdpFailed):
    """The identity provider's server did not answer.

    `reason` is one of: `dns`, `connect`, `tls`, `timeout`, `too_large`, `blocked_address`, `bad_url`, `redirect`,
    `protocol`, `busy`.
    """

    code = "idp_unreachable"
    fix = "Open the URL from the machine that runs latchstring; check DNS, firewall and certificate."
    retryable = True
    url: str
    reason: str


class BadAnswer(IdpFailed):
    """The identity provider's server answered, but not with what was asked for."""

    code = "idp_bad_answer"
    fix = "Open the URL; it must return the document directly, with status 200 and without a redirect."
    url: str
    status: int
