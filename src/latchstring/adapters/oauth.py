"""OAuth providers: out with an authorization request, back with a code, and then the person is asked for.

Where the provider gives an ID token, it is verified by the verifier of OpenID Connect connections, with the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from latchstring.adapters.base import Arrival, Departure, Door, Redirect, Wishes
from latchstring.model.attempt import LoginAttempt
from latchstring.model.connection import TENANT_PLACE, OAuthConfig, OidcConfig
from latchstring.model.fetch import Fetch, Fetched, Fetcher, Purpose
from latchstring.model.logout import LogoutUnsupported
from latchstring.model.oauth_tokens import OAuthTokens
from latchstring.model.profile import Assertion
from latchstring.model.secret import Secret
from latchstring.model.session import IdpSession
from latchstring.protocols.oauth import apple, person, providers, request, token
from latchstring.protocols.oauth.refusals import OAuthKeyUnusable, TenantNotAdmitted
from latchstring.protocols.oauth.row import Provider
from latchstring.protocols.oidc import id_token, jwt, refusals, userinfo

_NO_LOGOUT = "OAuth knows no end of a session"


class OAuthAdapter:
    """The seam's two legs for OAuth providers."""

    def begin(
        self, door: Door[OAuthConfig], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime
    ) -> Departure:
        config = door.config
        url = request.authorization_url(
            providers.of(door.connection.type, config),
            client_id=config.client_id,
            redirect_uri=door.ours.oauth_redirect_uri,
            state=attempt.handle,
            nonce=attempt.nonce or "",
            code_verifier=attempt.code_verifier or "",
            scopes=(*config.scopes, *wishes.provider_scopes),
            login_hint=wishes.login_hint,
            domain_hint=wishes.domain_hint,
            force_login=wishes.force_login,
            extra=wishes.provider_query_params,
        )
        return Redirect(url)

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        return Arrival(handle=fields.get("state"), content=fields, parameters=fields)

    def finish(
        self, door: Door[OAuthConfig], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        config = door.config
        provider = providers.of(door.connection.type, config)
        code = token.read_callback(arrival.content, provider=provider)
        answer = token.read_answer(
            fetch(
                token.exchange(
                    provider,
                    client_id=config.client_id,
                    proof=_proof(door, provider, now),
                    redirect_uri=door.ours.oauth_redirect_uri,
                    code=code,
                    state=attempt.handle,
                    code_verifier=attempt.code_verifier or "",
                )
            )
        )
        claims, passed = _claims(provider, config, answer, attempt, fetch, now, heard=arrival.heard)
        listed = None
        if provider.emails is not None:
            found = fetch(person.emails_request(provider.emails, provider, answer.access_token))
            listed = person.read_emails(found, provider.emails)
            arrival.heard["emails"] = listed
        assertion = person.assertion(
            claims,
            provider=provider,
            listed=listed,
            vouched=config.trust_email or _is_pinned(config),
            nonce=attempt.nonce or "",
            told=apple.names(arrival.content) if provider.client_authentication == "apple" else {},
            now=now,
            passed=passed,
        )
        return msgspec.structs.replace(assertion, oauth_tokens=_tokens(provider, config, answer, now))

    def check_logout(self, door: Door[OAuthConfig], fetch: Fetcher) -> None:
        raise LogoutUnsupported(reason=_NO_LOGOUT)

    def leave(
        self, door: Door[OAuthConfig], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        raise LogoutUnsupported(reason=_NO_LOGOUT)


def _proof(door: Door[OAuthConfig], provider: Provider, now: datetime) -> str:
    secrets, config = door.connection.secrets.reveal(), door.config
    if provider.client_authentication != "apple":
        return secrets.oauth_client_secret or ""
    if config.team_id is None or config.key_id is None or secrets.apple_private_key is None:
        raise OAuthKeyUnusable
    return apple.client_secret(
        client_id=config.client_id,
        team_id=config.team_id,
        key_id=config.key_id,
        private_key=secrets.apple_private_key,
        now=now,
    )


def _claims(
    provider: Provider,
    config: OAuthConfig,
    answer: token.TokenAnswer,
    attempt: LoginAttempt,
    fetch: Fetcher,
    now: datetime,
    *,
    heard: dict[str, Any],
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Who it is, and the checks passed: the ID token's claims, userinfo's, or both, where userinfo may only add."""
    verified = None
    if provider.issuer is not None:
        heard["id_token"] = jwt.glance(answer.id_token or "")
        verified = _id_token(provider, config, answer, attempt, fetch, now)
    if provider.userinfo_endpoint is None:
        assert verified is not None  # noqa: S101 - each row of the table has one of the two
        return verified.claims, verified.passed
    found = person.read_userinfo(fetch(person.userinfo_request(provider, answer.access_token)), provider=provider)
    heard["userinfo"] = found
    if verified is None:
        return found, ("userinfo",)
    merged = userinfo.merge(verified, found)
    claims = dict(merged.claims)
    if provider.email_verified is not None:  # an address and the word that it is verified come from one mouth
        speaker = verified.claims if provider.email in verified.claims else found
        claims[provider.email_verified] = speaker.get(provider.email_verified)
    return claims, merged.passed


def _id_token(
    provider: Provider,
    config: OAuthConfig,
    answer: token.TokenAnswer,
    attempt: LoginAttempt,
    fetch: Fetcher,
    now: datetime,
) -> id_token.VerifiedClaims:
    """The claims of the ID token, by the rules of OpenID Connect (OIDC-01 to 09)."""
    signed = answer.id_token
    if signed is None:
        raise refusals.IdTokenMissing
    issuer = provider.issuer or ""
    rules = OidcConfig(
        discovery_endpoint="",
        issuer=issuer,
        tenant_id=_tenant(signed, config) if TENANT_PLACE in issuer else None,
        client_id=config.client_id,
        id_token_signature_algorithm="RS256",  # noqa: S106 - its name
    )

    def verify(jwks: Fetched) -> id_token.VerifiedClaims:
        if not provider.nonce:
            return id_token.verify_without_nonce(signed, jwks, config=rules, access_token=answer.access_token, now=now)
        return id_token.verify(
            signed,
            jwks,
            config=rules,
            client_secret=None,
            nonce=attempt.nonce or "",
            access_token=answer.access_token,
            now=now,
        )

    try:
        return verify(fetch(_keys(provider, fresh=False)))
    except (refusals.IdTokenKeyUnknown, refusals.IdTokenSignature):  # it may have changed its keys since (OIDC-05)
        return verify(fetch(_keys(provider, fresh=True)))


def _keys(provider: Provider, *, fresh: bool) -> Fetch:
    return Fetch(url=provider.jwks_uri, purpose=Purpose.JWKS, headers={"accept": "application/json"}, fresh=fresh)


def _tenant(signed: str, config: OAuthConfig) -> str:
    """The Microsoft tenant that the token is from, which the verifier will hold issuer and keys against.

    Read before the signature is looked at, and good for nothing but to choose the one issuer that is then demanded.
    """
    tenant = jwt.json_part(jwt.parts(signed, 3)[1], "claims").get("tid")
    wanted = config.tenant or "common"
    if not isinstance(tenant, str) or not providers.GUID.fullmatch(tenant):
        raise refusals.IdTokenClaimMissing(claim="tid")
    personal = tenant == providers.CONSUMERS
    admitted = {"common": True, "organizations": not personal, "consumers": personal}.get(wanted, tenant == wanted)
    if not admitted:
        raise TenantNotAdmitted(expected=wanted, received=tenant)
    return tenant


def _is_pinned(config: OAuthConfig) -> bool:
    """One tenant's administrator vouches for its addresses, as at a customer's own issuer (OIDC-16)."""
    return config.tenant is not None and config.tenant not in providers.TENANTS


def _tokens(provider: Provider, config: OAuthConfig, answer: token.TokenAnswer, now: datetime) -> Secret[OAuthTokens]:
    return Secret(
        OAuthTokens(
            provider=provider.type,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or "",
            expires_at=int(now.timestamp()) + answer.expires_in if answer.expires_in is not None else 0,
            scopes=answer.scopes if answer.scopes is not None else (*provider.scopes, *config.scopes),
        )
    )
