"""Rows of authorization codes and access tokens: kept as hashes, a code spent once by a conditional UPDATE.

For whoever lost the answer to a spent code, it is kept for a minute: sealed, because it holds an access token.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime

import msgspec

from latchstring.model.oauth_tokens import OAuthTokens
from latchstring.storage import replays
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms
from latchstring.storage.vault import Vault, VaultKeyUnknown

MAX_FAILURES = 5  # wrong secrets or verifiers before a code is burnt (OAUTH-06)

_GRANT = (
    "attempt_id, profile_id, redirect_uri, code_challenge, created_at, expires_at, used_at, idempotency_hash, "
    "failures, oauth_tokens IS NOT NULL"
)
_INSERT = insert(
    "grants", "code_hash, attempt_id, profile_id, redirect_uri, code_challenge, created_at, expires_at, failures"
)
_GET = select(_GRANT, "grants", "code_hash = :code_hash")
_SPEND = update(
    "grants",
    "used_at = :now, idempotency_hash = :idempotency_hash",
    f"code_hash = :code_hash AND used_at IS NULL AND expires_at > :now AND failures < {MAX_FAILURES}",
)
_FAIL = update("grants", "failures = failures + 1", "code_hash = :code_hash AND used_at IS NULL")

_KEEP_TOKENS = update("grants", "oauth_tokens = :sealed", "code_hash = :code_hash")
_TOKENS = select("oauth_tokens", "grants", "code_hash = :code_hash")
_FORGET_EXPIRED_TOKENS = update(
    "grants",
    "oauth_tokens = NULL",
    "code_hash IN (SELECT code_hash FROM grants WHERE environment_id = :environment_id "
    "AND expires_at <= :now AND oauth_tokens IS NOT NULL LIMIT :count)",
)

_INSERT_TOKEN = insert("access_tokens", "token_hash, code_hash, profile_id, expires_at")
_LIVE_TOKEN = select(
    "profile_id", "access_tokens", "token_hash = :token_hash AND revoked_at IS NULL AND expires_at > :now"
)
_REVOKE_OF_CODE = update("access_tokens", "revoked_at = :now", "code_hash = :code_hash AND revoked_at IS NULL")
_REVOKE_OF_ATTEMPT = update(
    "access_tokens",
    "revoked_at = :now",
    "code_hash IN (SELECT code_hash FROM grants WHERE grants.environment_id = :environment_id "
    "AND grants.attempt_id = :attempt_id) AND revoked_at IS NULL",
)
_REVOKE_OF_PROFILE = update("access_tokens", "revoked_at = :now", "profile_id = :profile_id AND revoked_at IS NULL")
_ENDED = "expires_at = :now, idempotency_hash = NULL"  # neither swapped any more, nor answered a second time
_END_OF_ATTEMPT = update("grants", _ENDED, "attempt_id = :attempt_id AND expires_at > :now")
_END_OF_PROFILE = update("grants", _ENDED, "profile_id = :profile_id AND expires_at > :now")

_FORGET = delete(
    "grants",
    "code_hash IN (SELECT code_hash FROM grants WHERE environment_id = :environment_id "
    "AND expires_at < :before LIMIT :count)",
)
_FORGET_TOKENS = delete(
    "access_tokens",
    "token_hash IN (SELECT token_hash FROM access_tokens WHERE environment_id = :environment_id "
    "AND expires_at < :before LIMIT :count)",
)


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for."""

    attempt_id: str
    profile_id: str
    redirect_uri: str
    code_challenge: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    idempotency_hash: bytes | None
    failures: int
    has_oauth_tokens: bool = False  # an OAuth provider's own wait beside it


def add(scope: WritingScope, code_hash: bytes, grant: Grant) -> None:
    scope.change(
        _INSERT,
        code_hash=code_hash,
        attempt_id=grant.attempt_id,
        profile_id=grant.profile_id,
        redirect_uri=grant.redirect_uri,
        code_challenge=grant.code_challenge,
        created_at=to_ms(grant.created_at),
        expires_at=to_ms(grant.expires_at),
        failures=0,
    )


def get(scope: Scope, code_hash: bytes) -> Grant | None:
    row = scope.one(_GET, code_hash=code_hash)
    if row is None:
        return None
    attempt_id, profile_id, redirect_uri, challenge, created, expires, used, retry, failures, has_tokens = row
    return Grant(
        attempt_id=attempt_id,
        profile_id=profile_id,
        redirect_uri=redirect_uri,
        code_challenge=challenge,
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        used_at=optional_from_ms(used),
        idempotency_hash=retry,
        failures=failures,
        has_oauth_tokens=bool(has_tokens),
    )


def spend(scope: WritingScope, code_hash: bytes, *, idempotency_hash: bytes | None, now: datetime) -> bool:
    """True exactly once, within the code's life."""
    return scope.change(_SPEND, code_hash=code_hash, idempotency_hash=idempotency_hash, now=to_ms(now)) == 1


def count_failure(scope: WritingScope, code_hash: bytes) -> None:
    scope.change(_FAIL, code_hash=code_hash)


def add_token(
    scope: WritingScope, token_hash: bytes, *, code_hash: bytes, profile_id: str, expires_at: datetime
) -> None:
    scope.change(
        _INSERT_TOKEN, token_hash=token_hash, code_hash=code_hash, profile_id=profile_id, expires_at=to_ms(expires_at)
    )


def profile_of_token(scope: Scope, token_hash: bytes, now: datetime) -> str | None:
    row = scope.one(_LIVE_TOKEN, token_hash=token_hash, now=to_ms(now))
    return str(row[0]) if row else None


def revoke_tokens_of(scope: WritingScope, code_hash: bytes, now: datetime) -> int:
    return scope.change(_REVOKE_OF_CODE, code_hash=code_hash, now=to_ms(now))


def end_attempt(scope: WritingScope, attempt_id: str, now: datetime) -> None:
    """What a sign-in gave is good for nothing any more: its access tokens, and a code that is not swapped yet."""
    scope.change(_REVOKE_OF_ATTEMPT, attempt_id=attempt_id, now=to_ms(now))
    scope.change(_END_OF_ATTEMPT, attempt_id=attempt_id, now=to_ms(now))


def end_profile(scope: WritingScope, profile_id: str, now: datetime) -> None:
    """The same for every sign-in of a person."""
    scope.change(_REVOKE_OF_PROFILE, profile_id=profile_id, now=to_ms(now))
    scope.change(_END_OF_PROFILE, profile_id=profile_id, now=to_ms(now))


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` codes that expired before then, used or not."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def forget_tokens(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` access tokens that expired before then."""
    return scope.change(_FORGET_TOKENS, before=to_ms(before), count=count)


def keep_oauth_tokens(scope: WritingScope, vault: Vault, code_hash: bytes, tokens: OAuthTokens) -> None:
    """An OAuth provider's own tokens, sealed, for whoever swaps the code."""
    sealed = vault.seal(msgspec.json.encode(tokens), **_token_place(scope, code_hash))
    scope.change(_KEEP_TOKENS, code_hash=code_hash, sealed=sealed)


def take_oauth_tokens(scope: WritingScope, vault: Vault, code_hash: bytes) -> OAuthTokens | None:
    """Once: they are forgotten with this. None where there are none, or the secret key was changed meanwhile."""
    row = scope.one(_TOKENS, code_hash=code_hash)
    if row is None or row[0] is None:
        return None
    scope.change(_KEEP_TOKENS, code_hash=code_hash, sealed=None)
    try:
        opened = vault.open(row[0], **_token_place(scope, code_hash))
    except VaultKeyUnknown:
        return None
    return msgspec.json.decode(opened, type=OAuthTokens)


def forget_oauth_tokens(scope: WritingScope, now: datetime, count: int) -> int:
    """Drop up to `count` that nobody fetched while the code was good."""
    return scope.change(_FORGET_EXPIRED_TOKENS, now=to_ms(now), count=count)


def keep_answer(
    scope: WritingScope, vault: Vault, code_hash: bytes, answer: bytes, *, now: datetime, until: datetime
) -> None:
    """What was answered for a code, for the one who asks again."""
    sealed = vault.seal(answer, **_place(scope, code_hash))
    replay = replays.Replay(request_hash=code_hash, status=200, body=b64encode(sealed).decode())
    replays.keep(scope, _answer_key(code_hash), replay, now, until=until)


def kept_answer(scope: Scope, vault: Vault, code_hash: bytes, now: datetime) -> bytes | None:
    """None if there is none, or none any more."""
    replay = replays.find(scope, _answer_key(code_hash), now)
    if replay is None:
        return None
    try:
        return vault.open(b64decode(replay.body), **_place(scope, code_hash))
    except VaultKeyUnknown:  # the secret key was changed within this minute
        return None


def _answer_key(code_hash: bytes) -> str:
    return f"answer to {code_hash.hex()}"


def _token_place(scope: Scope, code_hash: bytes) -> dict[str, str]:
    return {
        "environment_id": scope.environment_id,
        "table": "grants",
        "row_id": code_hash.hex(),
        "column": "oauth_tokens",
    }


def _place(scope: Scope, code_hash: bytes) -> dict[str, str]:
    return {
        "environment_id": scope.environment_id,
        "table": "replays",
        "row_id": _answer_key(code_hash),
        "column": "body",
    }
