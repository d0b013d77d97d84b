"""OpenID Connect: out with an authorization request, back with a code that is swapped and an ID token verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from latchstring.adapters.base import Arrival, AutoPost, Departure, Door, Redirect, Wishes
from latchstring.model.attempt import LoginAttempt
from latchstring.model.connection import ConnectionSecrets, OidcConfig
from latchstring.model.fetch import Fetched, Fetcher
from latchstring.model.logout import LogoutUnsupported
from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused, IdpFailed
from latchstring.model.secret import Secret
from latchstring.model.session import IdpSession, OidcSession
from latchstring.protocols import rfc6749
from latchstring.protocols.oidc import (
    client_assertion,
    discovery,
    encryption,
    id_token,
    jwt,
    logout,
    refusals,
    request,
    token,
    userinfo,
)

T = TypeVar("T")

# Issuers at which anybody can have an account: there, an e-mail counts only if the provider has verified it
# (nOAuth; OIDC-16). At a customer's own issuer the customer vouches for its addresses, and the domain rule bounds them.
_SHARED_HOSTS = frozenset({"accounts.google.com", "appleid.apple.com", "secure.login.gov"})
_MAX_REVOKED = 3  # sessions whose tokens are revoked at the provider; the person waits meanwhile
_MAX_URL = 4_096  # characters; a longer address goes as a form (RP-Initiated Logout 1.0, 2)
_SHARED_TENANTS = frozenset({"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"})


class OidcAdapter:
    """The seam's two legs for OpenID Connect. `allow_http` is for identity providers on a developer's own machine."""

    def __init__(self, *, allow_http: bool) -> None:
        self._allow_http = allow_http

    def begin(
        self, door: Door[OidcConfig], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime
    ) -> Departure:
        config = door.config
        provider = self._provider(config, fetch)
        verifier = _verifier(attempt, provider, config)
        scopes = tuple(dict.fromkeys((*config.scopes, *wishes.provider_scopes)))
        url = request.authorization_url(
            provider,
            client_id=config.client_id,
            redirect_uri=door.ours.oidc_redirect_uri,
            state=attempt.handle,
            nonce=attempt.nonce or "",
            code_challenge=rfc6749.challenge(verifier) if verifier else None,
            scopes=scopes,
            login_hint=wishes.login_hint,
            domain_hint=wishes.domain_hint,
            prompt_login=wishes.force_login,
            extra=wishes.provider_query_params,
        )
        return Redirect(url)

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        return Arrival(handle=fields.get("state"), content=fields, parameters=fields)

    def finish(
        self, door: Door[OidcConfig], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        config = door.config
        secrets = door.connection.secrets.reveal()
        provider = self._provider(config, fetch)
        code = token.read_callback(arrival.content, provider=provider, issuer=config.token_issuer)
        answer = token.read_answer(
            fetch(
                token.exchange(
                    provider,
                    config=config,
                    proof=_proof(config, secrets, provider, attempt.code_verifier or "", now),
                    redirect_uri=door.ours.oidc_redirect_uri,
                    code=code,
                    code_verifier=_verifier(attempt, provider, config),
                )
            )
        )
        signed = encryption.opened(answer.id_token, config, secrets)
        arrival.heard["id_token"] = jwt.glance(signed)
        with _placed("signature"):
            claims = _with_keys(
                lambda jwks: id_token.verify(
                    signed,
                    jwks,
                    config=config,
                    client_secret=secrets.oidc_client_secret,
                    nonce=attempt.nonce or "",
                    access_token=answer.access_token,
                    now=now,
                ),
                provider,
                fetch,
                algorithm=config.id_token_signature_algorithm,
            )
        if config.fetch_user_info and provider.userinfo_endpoint and answer.access_token:
            with _placed("userinfo_is_about_the_same_subject", claims.passed):
                found = fetch(token.userinfo_request(provider, answer.access_token))
                more = _userinfo(found, config, secrets, provider, fetch, now)
                arrival.heard["userinfo"] = more
                claims = userinfo.merge(claims, more)
        assertion = userinfo.assertion(claims, config=config)
        if provider.end_session_endpoint:
            assertion = msgspec.structs.replace(assertion, session=_session(answer, signed, claims))
        if config.trust_email:
            return assertion
        if _is_shared(config.token_issuer):  # email_verified speaks of `email`, not of a upn or another name
            return msgspec.structs.replace(assertion, email_claims=("email",))
        if "email_verified" not in assertion.raw:
            return msgspec.structs.replace(assertion, email_trusted=True)
        return assertion

    def check_logout(self, door: Door[OidcConfig], fetch: Fetcher) -> None:
        _end_session_endpoint(self._provider(door.config, fetch))

    def leave(
        self, door: Door[OidcConfig], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        provider = self._provider(door.config, fetch)
        endpoint = _end_session_endpoint(provider)
        known = [one for one in sessions if isinstance(one, OidcSession)]
        if not known:
            raise LogoutUnsupported(reason="it spoke another protocol when the session began")
        if provider.revocation_endpoint:
            _revoke(provider, door, known[:_MAX_REVOKED], handle, fetch, now)
        parameters = logout.parameters(
            client_id=door.config.client_id,
            post_logout_redirect_uri=door.ours.post_logout_redirect_uri,
            state=handle,
            id_token=known[0].id_token,
        )
        url = logout.url(endpoint, parameters)
        return Redirect(url) if len(url) <= _MAX_URL else AutoPost(endpoint, parameters)

    def _provider(self, config: OidcConfig, fetch: Fetcher) -> discovery.Provider:
        return discovery.read(
            fetch(discovery.request(config.discovery_endpoint)),
            discovery_endpoint=config.discovery_endpoint,
            expected_issuer=config.issuer,
            allow_http=self._allow_http,
        )


@contextmanager
def _placed(check: str, passed: Sequence[str] = ()) -> Iterator[None]:
    """A refusal from inside belongs to `check`, unless it knows better."""
    try:
        yield
    except AssertionRefused as refusal:
        raise refusal if refusal.check else refusal.at(check, passed)  # noqa: B904 - it is the same refusal


def _end_session_endpoint(provider: discovery.Provider) -> str:
    if not provider.end_session_endpoint:
        raise LogoutUnsupported(reason="its discovery document names no end_session_endpoint")
    return provider.end_session_endpoint


def _revoke(
    provider: discovery.Provider,
    door: Door[OidcConfig],
    sessions: Sequence[OidcSession],
    handle: str,
    fetch: Fetcher,
    now: datetime,
) -> None:
    """Tries it once; a provider that does not answer stops nobody from signing out."""
    config, secrets = door.config, door.connection.secrets.reveal()
    for number, session in enumerate(sessions):
        found, hint = session.refresh_token or session.access_token, "access_token"
        if session.refresh_token:  # takes its access tokens with it (RFC 7009, 2.1)
            hint = "refresh_token"
        if found:
            with suppress(IdpFailed):
                proof = _proof(config, secrets, provider, f"{handle} {number}", now)
                fetch(token.revocation(provider, config=config, proof=proof, token=found, hint=hint))


def _session(answer: token.TokenAnswer, signed: str, claims: id_token.VerifiedClaims) -> Secret[IdpSession]:
    sid = claims.claims.get("sid")
    return Secret(
        OidcSession(
            id_token=signed,  # as a hint it goes back unencrypted (Core 3.1.2.1)
            sid=sid if isinstance(sid, str) else None,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
        )
    )


def _proof(
    config: OidcConfig,
    secrets: ConnectionSecrets,
    provider: discovery.Provider,
    once: str,
    now: datetime,
) -> str:
    """What shows that it is us who ask; `once` is new for each request."""
    if config.token_authentication_method != "private_key_jwt":
        return secrets.oidc_client_secret or ""
    return client_assertion.sign(config, secrets, provider=provider, once=once, now=now)


def _with_keys(
    verify: Callable[[Fetched | None], T], provider: discovery.Provider, fetch: Fetcher, *, algorithm: str
) -> T:
    """What `verify` makes of the provider's keys, and of fresh ones if it may have changed them since (OIDC-05)."""
    if not jwt.needs_keys(algorithm):
        return verify(None)
    try:
        return verify(fetch(token.jwks_request(provider)))
    except (refusals.IdTokenKeyUnknown, refusals.IdTokenSignature):
        return verify(fetch(token.jwks_request(provider, fresh=True)))


def _userinfo(
    found: Fetched,
    config: OidcConfig,
    secrets: ConnectionSecrets,
    provider: discovery.Provider,
    fetch: Fetcher,
    now: datetime,
) -> dict[str, Any]:
    signed = userinfo.signed(found)
    if signed is None:
        return userinfo.plain(found, config=config)
    try:
        return _with_keys(
            lambda jwks: userinfo.verified(signed, jwks, config=config, secrets=secrets, now=now),
            provider,
            fetch,
            algorithm=userinfo.algorithm(config),
        )
    except AssertionRefused as refusal:  # in words of its own: it is not the ID token that is at fault
        raise refusals.UserinfoTokenInvalid(reason=refusal.code) from None


def _is_shared(issuer: str) -> bool:
    parts = urlsplit(issuer)
    tenant = parts.path.strip("/").split("/")[0]
    return parts.hostname in _SHARED_HOSTS or (parts.hostname in discovery.ENTRA_HOSTS and tenant in _SHARED_TENANTS)


def _verifier(attempt: LoginAttempt, provider: discovery.Provider, config: OidcConfig) -> str | None:
    return attempt.code_verifier if request.sends_challenge(provider, wanted=config.pkce) else None
