"""What OAuth providers' token endpoints, userinfo, lists of addresses, redirects and forms say."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from latchstring.model.connection import OAuthConfig
from latchstring.model.fetch import Fetched
from latchstring.model.refusal import Refusal
from latchstring.protocols.oauth import apple, person, providers, token
from latchstring.protocols.oauth.row import Provider
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation

_NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
_FORM = 65_536  # bytes that the callback takes
_DIFFERENT = "AppleOAuth BitbucketOAuth GitHubOAuth IntuitOAuth MicrosoftOAuth VercelMarketplaceOAuth XOAuth".split()
_ROWS = tuple(providers.of(type_, OAuthConfig(client_id="c", slug="s")) for type_ in _DIFFERENT)


def run(data: bytes) -> str:
    outcomes = [_person(row, data) for row in _ROWS]
    for status in (200, 400, 401, 500):
        try:
            answer = token.read_answer(_fetched(data, status))
            if status != 200 or not answer.access_token.isprintable():
                raise Violation("an error for an answer")
            outcomes.append("accepted")
        except Refusal as refusal:
            if not refusal.message or len(str(refusal)) > 1000:
                raise Violation("a refusal without words, or with too many") from None
            outcomes.append(refusal.code)
    form = data[:_FORM].decode("latin-1")
    try:
        fields = dict(parse_qsl(form, keep_blank_values=True, max_num_fields=200))
    except ValueError:
        fields = {}
    for row in _ROWS:
        with suppress(Refusal):
            token.read_callback(fields, provider=row)
    if any(name not in ("firstName", "lastName") for name in apple.names({**fields, "user": form})):
        raise Violation("the browser brought more than a name")
    return "accepted" if "accepted" in outcomes else outcomes[0]


def _person(row: Provider, data: bytes) -> str:
    """Whoever comes out has the address that the JSON holds, and its word for it."""
    try:
        claims: dict[str, Any] = person.read_userinfo(_fetched(data, 200), provider=row)
        listed = None if row.emails is None else person.read_emails(_fetched(data, 200), row.emails)
        said = person.assertion(
            claims, provider=row, listed=listed, vouched=False, nonce="n", told={}, now=_NOW, passed=()
        )
    except Refusal as refusal:
        return refusal.code
    try:
        inside = json.loads(data)
    except ValueError:
        raise Violation("a person out of what is no JSON") from None
    holder = inside[row.userinfo_member] if row.userinfo_member else inside
    if row.emails is None and (holder.get(row.email) != said.raw["email"] or str(holder[row.subject]) != said.subject):
        raise Violation("another person than the one that was told")
    if said.email_trusted and row.emails is None and not row.email_always_verified:
        word = holder.get(row.email_verified)
        if not any(type(word) is type(value) and word == value for value in row.verified_values):
            raise Violation("an address that nobody vouched for")
    return "accepted"


def _fetched(data: bytes, status: int) -> Fetched:
    return Fetched(status=status, headers={"content-type": "application/json"}, body=data)


_SEEDS = tuple(
    value if isinstance(value, bytes) else json.dumps(value).encode()
    for value in (
        {"sub": "u1", "id": 1, "uuid": "{u}", "email": "ann@example.com", "email_verified": True, "verified": True},
        {"data": {"id": "1", "confirmed_email": "ann@example.com", "name": "Ann"}},
        [{"email": "ann@example.com", "primary": True, "verified": True}, {"email": "b@example.com", "primary": False}],
        {"uuid": "{u}", "values": [{"email": "ann@example.com", "is_primary": True, "is_confirmed": True}]},
        {"access_token": "opaque", "token_type": "bearer", "expires_in": 3600, "scope": "a,b", "refresh_token": "r"},
        {"ok": False, "error": "invalid_code"},
        {"name": {"firstName": "Ann", "lastName": "Example"}, "email": "eve@example.com"},
        b"code=abc&state=def&iss=https://accounts.google.com",
        b"error=access_denied&error_description=no&state=def",
    )
)

TARGET = Target(
    about="token answers, people and callbacks of OAuth providers",
    seeds=lambda: _SEEDS,
    mutate=mutations.some(mutations.document, donors=_SEEDS),
    run=run,
)
