"""The catalogue's vocabulary: how a provider misbehaves, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the hostile provider knows at the moment it answers. Times are seconds since 1970."""

    issuer: str
    client_id: str
    client_secret: str
    domain: str  # the organization's verified one
    now: int
    nonce: str = ""
    access_token: str = ""


class Absent:
    """Takes a member away."""


ABSENT = Absent()
# Over the good members: a value, or a function of the facts, or ABSENT.
Changes = Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole HTTP answer in the place of the good one."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}
    drip: bool = False  # a byte now and then, without end
    raw: bytes | None = None  # all that is sent, in the place of an HTTP answer


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """How the ID token is made."""

    header: Changes = {}
    claims: Changes = {}
    sign: Callable[[bytes, Facts], bytes] | None = None  # None: RS256 by the published key "rsa"
    header_bytes: Callable[[bytes], bytes] | None = None  # over the JSON, which then need not be any
    claims_bytes: Callable[[bytes], bytes] | None = None
    rewrite: Callable[[str, Facts], str] | None = None  # over the finished token


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider answers; as it stands, well."""

    token: Token = Token()
    discovery: Changes = {}
    callback: Changes = {}  # over `code` and `state`, and `iss` where it is advertised
    token_answer: Changes = {}
    userinfo: Changes = {}
    keys: Callable[[], Any] | None = None  # the whole JWKS document
    answers: Mapping[str, Callable[[Facts], Answer]] = {}  # endpoint -> the whole answer
    lenient: bool = False  # swaps any code for tokens, whoever brings it and with whatever verifier


def changed(good: Mapping[str, Any], changes: Changes, facts: Facts) -> dict[str, Any]:
    """The good members with the changes made."""
    found = dict(good)
    for name, value in changes.items():
        if value is ABSENT:
            found.pop(name, None)
        else:
            found[name] = value(facts) if callable(value) else value
    return found
