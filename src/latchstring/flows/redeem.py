"""An application's code -> profile and access token, once; and later the profile for the access token."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

import msgspec

from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.attempt import AttemptState, Step
from latchstring.model.environment import Pass, UnknownKey
from latchstring.model.oauth_tokens import OAuthTokens
from latchstring.model.profile import Profile
from latchstring.model.refusal import GrantRefused, Unauthorized
from latchstring.storage import attempts, connections, events, front_door, grants, profiles
from latchstring.storage.database import WritingScope
from latchstring.storage.grants import Grant

TOKEN_LIFETIME = timedelta(minutes=10)
RETRY_WINDOW = timedelta(seconds=60)  # an SDK that lost our answer asks again with the same Idempotency-Key


class ClientInvalid(GrantRefused):
    """Invalid client ID or secret."""

    code = "invalid_client"
    fix = "Send the environment's Client ID as `client_id` and one of its API keys as `client_secret`."


class CodeInvalid(GrantRefused):
    """The code '{shown}' has expired or is invalid."""

    code = "invalid_grant"
    fix = "A code is good for ten minutes and one use: start the sign-in again, and check for a doubled callback."
    shown: str


class GrantTypeUnsupported(GrantRefused):
    """The grant type is not supported."""

    code = "unsupported_grant_type"
    fix = "Send `grant_type=authorization_code`."


class GrantRequestInvalid(GrantRefused):
    """{problem}"""

    code = "invalid_request"
    fix = "Send `grant_type`, `client_id`, `client_secret` and `code` as a form or as JSON (RFC 6749, 4.1.3)."
    problem: str


class TokenUnknown(Unauthorized):
    """Unauthorized"""

    code = "access_token_unknown"
    fix = "Send the `access_token` of `POST /sso/token` as Authorization: Bearer, within ten minutes."


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of POST /sso/token (contract 2.2)."""

    grant_type: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    code_verifier: str | None = None
    redirect_uri: str | None = None


class Redeemed(msgspec.Struct, frozen=True, kw_only=True):
    """The application's reward."""

    access_token: str
    expires_in: int  # seconds
    profile: Profile
    attempt_id: str
    oauth_tokens: OAuthTokens | None = None


def redeem(
    house: House,
    request: TokenRequest,
    *,
    idempotency_key: str | None,
    visitor: story.Visitor,
    met: Callable[[Pass], None],
) -> Redeemed:
    """Raises a `GrantRefused`. A wrong client, secret or verifier does not spend the code, but five of them burn it.

    `met` hears who it is as soon as that is known.
    """
    if request.grant_type is None:
        raise GrantRequestInvalid(problem="The parameter grant_type is missing.")
    if request.grant_type != "authorization_code":
        raise GrantTypeUnsupported
    if not request.code:
        raise GrantRequestInvalid(problem="The parameter code is missing.")
    if not request.client_id:
        raise GrantRequestInvalid(problem="The parameter client_id is missing.")
    if not request.client_secret and not request.code_verifier:
        raise GrantRequestInvalid(problem="The parameter client_secret is missing.")
    pass_ = front_door.by_client_id(house.database, request.client_id)
    # An unknown client and a wrong secret cost the same work and get the same answer (OAUTH-10).
    holder = _holder_of(house, request.client_secret)
    knows = not request.client_secret or (holder is not None and _environment_of(holder) == _environment_of(pass_))
    if pass_ is not None:
        met(holder if holder is not None and knows else pass_)
    if pass_ is None or not knows:
        _count_failure(house, front_door.digest(request.code))
        raise ClientInvalid
    return redeem_for(house, pass_, request, idempotency_key=idempotency_key, visitor=visitor)


def redeem_for(
    house: House, pass_: Pass, request: TokenRequest, *, idempotency_key: str | None, visitor: story.Visitor
) -> Redeemed:
    """The same, for a client that has shown who it is."""
    code_hash = front_door.digest(request.code or "")
    retry = sha256(idempotency_key.encode()).digest() if idempotency_key else None
    now = house.now()
    with house.database.write(pass_) as scope:
        # The refusal is raised after the transaction, because what it has written (a failure counted, tokens revoked)
        # must stay.
        outcome = _spend(house, scope, request, code_hash, retry, now)
        if isinstance(outcome, _Spent):
            outcome = _reward(house, scope, outcome, code_hash, visitor, now)
            if retry is not None:
                answer = msgspec.json.encode(outcome)
                grants.keep_answer(scope, house.vault, code_hash, answer, now=now, until=now + RETRY_WINDOW)
    if outcome is None:
        _count_failure(house, code_hash, unless_of=pass_)
        raise CodeInvalid(shown=_shown(request.code or ""))
    return msgspec.structs.replace(outcome, profile=_as_allowed(pass_, outcome.profile))


def profile_of(house: House, access_token: str) -> Profile:
    """The profile that an access token stands for. Raises `TokenUnknown`."""
    pass_ = front_door.by_access_token(house.database, access_token)
    if pass_ is None:
        raise TokenUnknown
    with house.database.read(pass_) as scope:
        profile_id = grants.profile_of_token(scope, front_door.digest(access_token), house.now())
        profile = profiles.admitted(scope, profile_id) if profile_id else None
        if profile is None:
            raise TokenUnknown
    return _as_allowed(pass_, profile)


def _as_allowed(pass_: Pass, profile: Profile) -> Profile:
    """Without its raw attributes where the environment keeps none, also if they were kept a moment ago."""
    return profile if pass_.keeps_raw_attributes else msgspec.structs.replace(profile, raw_attributes={})


class _Spent(msgspec.Struct, frozen=True):
    """A code that was good, and is so no more."""

    grant: Grant
    profile: Profile


def _spend(
    house: House, scope: WritingScope, request: TokenRequest, code_hash: bytes, retry: bytes | None, now: datetime
) -> _Spent | Redeemed | None:
    """None: the code gives nothing, and what follows from that is written."""
    grant = grants.get(scope, code_hash)
    if grant is None:
        return None
    if grant.used_at is None:
        if not _proves(request, grant):
            grants.count_failure(scope, code_hash)
            return None
        profile = profiles.admitted(scope, grant.profile_id)
        if profile is None:  # switched off since the sign-in: the code waits, in case that was a slip (SAML-35)
            return None
        if grants.spend(scope, code_hash, idempotency_hash=retry, now=now):
            return _Spent(grant, profile)
        grant = grants.get(scope, code_hash)  # expired, burnt by failures, or somebody was faster
        if grant is None or grant.used_at is None:
            return None
    if retry is not None and retry == grant.idempotency_hash and _proves(request, grant):
        kept = _kept(house, scope, code_hash, now)
        if kept is not None:
            return kept
    # Whoever it was that used it first: one of the two is a thief (RFC 6749, 4.1.2; RFC 9700, 4.5).
    grants.revoke_tokens_of(scope, code_hash, now)
    return None


def _reward(
    house: House, scope: WritingScope, spent: _Spent, code_hash: bytes, visitor: story.Visitor, now: datetime
) -> Redeemed:
    access_token = house.secret()
    grants.add_token(
        scope,
        front_door.digest(access_token),
        code_hash=code_hash,
        profile_id=spent.profile.id,
        expires_at=now + TOKEN_LIFETIME,
    )
    attempt = attempts.get(scope, spent.grant.attempt_id)
    if attempt is not None and attempt.state is AttemptState.GRANTED:
        attempts.take_steps(scope, attempt, Step(name="redeemed", at=now))
        events.add(
            scope,
            house.id(ids.EVENT, now),
            "authentication.sso_succeeded",
            story.authentication("succeeded", attempt, visitor, email=spent.profile.email),
            now=now,
        )
    return Redeemed(
        access_token=access_token,
        expires_in=int(TOKEN_LIFETIME.total_seconds()),
        profile=spent.profile,
        oauth_tokens=grants.take_oauth_tokens(scope, house.vault, code_hash) if spent.grant.has_oauth_tokens else None,
        attempt_id=spent.grant.attempt_id,
    )


def _kept(house: House, scope: WritingScope, code_hash: bytes, now: datetime) -> Redeemed | None:
    """The answer as it was given, while it is remembered, its token lives and its connection lets people in."""
    answer = grants.kept_answer(scope, house.vault, code_hash, now)
    if answer is None:
        return None
    kept = msgspec.json.decode(answer, type=Redeemed)
    alive = grants.profile_of_token(scope, front_door.digest(kept.access_token), now) is not None
    return kept if alive and connections.admits_logins(scope, kept.profile.connection_id) else None


def _count_failure(house: House, code_hash: bytes, *, unless_of: Pass | None = None) -> None:
    """Against the code, wherever it belongs (OAUTH-06). `unless_of` is an environment that looked at it already."""
    pass_ = front_door.by_code(house.database, code_hash)
    if pass_ is not None and (unless_of is None or pass_.environment_id != unless_of.environment_id):
        with house.database.write(pass_) as scope:
            grants.count_failure(scope, code_hash)


def _proves(request: TokenRequest, grant: Grant) -> bool:
    """PKCE both ways (OAUTH-08), and the redirect URI where it is sent."""
    if request.redirect_uri is not None and request.redirect_uri != grant.redirect_uri:
        return False
    if grant.code_challenge is None:
        return request.code_verifier is None
    digest = sha256((request.code_verifier or "").encode("utf-8", "surrogatepass")).digest()
    return compare_digest(urlsafe_b64encode(digest).rstrip(b"=").decode(), grant.code_challenge)


def _holder_of(house: House, secret: str | None) -> Pass | None:
    try:
        return front_door.by_api_key(house.database, secret, house.now()) if secret else None
    except UnknownKey:
        return None


def _environment_of(pass_: Pass | None) -> str | None:
    return pass_.environment_id if pass_ is not None else None


def _shown(code: str) -> str:
    """The code as the caller sent it; they know it already. Logs never carry this message."""
    return code[:100]
