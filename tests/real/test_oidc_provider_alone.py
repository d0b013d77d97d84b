"""Our OpenID Connect code against oidc-provider, without the rest of the product."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from latchstring.effects.outbound import Outbound
from latchstring.model.connection import OidcConfig
from latchstring.protocols import rfc6749
from latchstring.protocols.oidc import discovery, id_token, refusals, request, token, userinfo
from latchstring.protocols.oidc.published import is_sound
from tests.real.conftest import OidcProviders
from tests.real.login import query, sign_in
from tests.real.oidc_provider import ALGORITHMS, ANN, AUTH_METHODS, PEOPLE, Algorithm, AuthMethod, Client, OidcProvider

_CALLBACK = "https://app.example.com/sso/oidc/key/callback"
_VERIFIER = "a-verifier-of-forty-three-characters-or-more-1234"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the identity provider's clock is the machine's


def _fetcher(monotonic: Callable[[], float] = time.monotonic) -> Outbound:
    return Outbound(
        allow_networks=[ip_network("127.0.0.0/8")],
        allow_http=True,
        would_block=lambda: False,
        scope_open=lambda: False,
        sound=is_sound,
        monotonic=monotonic,
    )


def _provider(peer: OidcProvider, fetch: Outbound) -> discovery.Provider:
    found = fetch(discovery.request(peer.discovery))
    return discovery.read(found, discovery_endpoint=peer.discovery, expected_issuer=peer.issuer, allow_http=True)


def _code(provider: discovery.Provider, client: Client) -> str:
    start = request.authorization_url(
        provider,
        client_id=client.client_id,
        redirect_uri=_CALLBACK,
        state="state & more",
        nonce="nonce-1",
        code_challenge=rfc6749.challenge(_VERIFIER),
        scopes=("openid", "profile", "email"),
    )
    fields = query(sign_in(start, ANN, _CALLBACK))
    assert fields["state"] == "state & more"
    return token.read_callback(fields, provider=provider, issuer=provider.issuer)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    ("claims_in_id_token", "method"), [(True, AUTH_METHODS[0]), (False, AUTH_METHODS[0]), (True, AUTH_METHODS[1])]
)
def test_what_oidc_provider_says_is_verified_and_read(
    oidc_providers: OidcProviders, claims_in_id_token: bool, method: AuthMethod, algorithm: Algorithm
) -> None:
    peer, fetch = oidc_providers(claims_in_id_token), _fetcher()
    client, provider = peer.register(_CALLBACK, method, algorithm), _provider(peer, fetch)
    config = OidcConfig(
        discovery_endpoint=peer.discovery,
        issuer=peer.issuer,
        client_id=client.client_id,
        token_authentication_method=method,
        id_token_signature_algorithm=algorithm,
    )
    answer = token.read_answer(
        fetch(
            token.exchange(
                provider,
                config=config,
                proof=client.client_secret,
                redirect_uri=_CALLBACK,
                code=_code(provider, client),
                code_verifier=_VERIFIER,
            )
        )
    )
    claims = id_token.verify(
        answer.id_token,
        fetch(token.jwks_request(provider)),
        config=config,
        client_secret=client.client_secret,
        nonce="nonce-1",
        access_token=answer.access_token,
        now=_now(),
    )
    assert ("email" in claims.claims) is claims_in_id_token
    assert answer.access_token is not None
    found = fetch(token.userinfo_request(provider, answer.access_token))
    assert userinfo.signed(found) is None
    whole = userinfo.merge(claims, userinfo.plain(found, config=config))
    assertion = userinfo.assertion(whole, config=config)
    assert (assertion.subject, assertion.email_trusted) == ("ann-7", True)
    assert {name: assertion.raw[name] for name in PEOPLE["ann-7"]} == PEOPLE["ann-7"]


def test_a_wrong_secret_is_called_so(oidc_providers: OidcProviders) -> None:
    peer, fetch = oidc_providers(True), _fetcher()
    client, provider = peer.register(_CALLBACK, "client_secret_basic", "RS256"), _provider(peer, fetch)
    config = OidcConfig(discovery_endpoint=peer.discovery, issuer=peer.issuer, client_id=client.client_id)
    question = token.exchange(
        provider,
        config=config,
        proof="not the secret",
        redirect_uri=_CALLBACK,
        code=_code(provider, client),
        code_verifier=_VERIFIER,
    )
    with pytest.raises(refusals.ClientAuthenticationFailed):
        token.read_answer(fetch(question))


def test_oidc_05_keys_rotated_between_code_and_token_are_fetched_anew_but_once_a_minute() -> None:
    """The provider changes its keys while somebody is signing in: the ID token's kid is in no copy of ours."""
    elapsed = [0.0]
    with OidcProvider(claims_in_id_token=True) as peer:
        fetch = _fetcher(lambda: elapsed[0])
        client, provider = peer.register(_CALLBACK, "client_secret_basic", "ES256"), _provider(peer, fetch)
        config = OidcConfig(
            discovery_endpoint=peer.discovery,
            issuer=peer.issuer,
            client_id=client.client_id,
            id_token_signature_algorithm="ES256",
        )
        fetch(token.jwks_request(provider))
        code = _code(provider, client)
        peer.rotate()
        question = token.exchange(
            provider,
            config=config,
            proof=client.client_secret,
            redirect_uri=_CALLBACK,
            code=code,
            code_verifier=_VERIFIER,
        )
        answer = token.read_answer(fetch(question))

        def verify(*, fresh: bool) -> id_token.VerifiedClaims:
            return id_token.verify(
                answer.id_token,
                fetch(token.jwks_request(provider, fresh=fresh)),
                config=config,
                client_secret=client.client_secret,
                nonce="nonce-1",
                access_token=answer.access_token,
                now=_now(),
            )

        with pytest.raises(refusals.IdTokenKeyUnknown):
            verify(fresh=False)
        elapsed[0] = 59.0
        with pytest.raises(refusals.IdTokenKeyUnknown):
            verify(fresh=True)
        elapsed[0] = 60.0
        assert verify(fresh=True).claims["sub"] == "ann-7"
        assert verify(fresh=False).claims["sub"] == "ann-7"
