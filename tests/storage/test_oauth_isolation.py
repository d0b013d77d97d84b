"""Providers and provider tokens of one environment are unknown to another, also under the same ids and codes."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from latchstring.model.connection import Connection, ConnectionState, OAuthConfig
from latchstring.model.environment import Pass
from latchstring.model.oauth_tokens import OAuthTokens
from latchstring.storage import connections, grants
from latchstring.storage.sqlite import AlreadyThere
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import VAULT, connection
from tests.storage.test_once import furnished, grant

__all__ = ["furnished"]

CODE = b"the same code".ljust(32)


def provider(pass_: Pass, letter: str) -> Connection:
    return msgspec.structs.replace(
        connection(pass_.environment_id, f"oauth-{letter}"),
        id="conn_oauth",
        organization_id=None,
        type="GoogleOAuth",
        config=OAuthConfig(client_id=f"client of {letter}"),
    )


def tokens(letter: str) -> OAuthTokens:
    return OAuthTokens(provider="GoogleOAuth", access_token=letter, refresh_token="", expires_at=0, scopes=())


def test_each_environment_has_its_own_provider_of_a_type(twins: Twins) -> None:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            assert connections.of_environment(scope, VAULT, "GoogleOAuth") is None
            connections.add(scope, VAULT, provider(pass_, letter))
    with twins.database.write(twins.a) as scope:
        assert connections.every_of_environment(scope, VAULT) == [provider(twins.a, "a")]
        connections.remove(scope, "conn_oauth")
        assert connections.of_environment(scope, VAULT, "GoogleOAuth") is None
    with twins.database.read(twins.b) as scope:
        assert connections.of_environment(scope, VAULT, "GoogleOAuth") == provider(twins.b, "b")
        assert connections.of_environment(scope, VAULT, "GitHubOAuth") is None


def test_an_environment_has_one_provider_of_a_type_beside_those_that_are_being_deleted(twins: Twins) -> None:
    with twins.database.write(twins.a) as scope:
        connections.add(scope, VAULT, provider(twins.a, "a"))
    another = msgspec.structs.replace(provider(twins.a, "another"), id="conn_another")
    with pytest.raises(AlreadyThere), twins.database.write(twins.a) as scope:
        connections.add(scope, VAULT, another)
    with twins.database.write(twins.a) as scope:
        connections.change_state(
            scope, "conn_oauth", before=ConnectionState.ACTIVE, after=ConnectionState.DELETING, now=NOW
        )
        connections.add(scope, VAULT, another)
        assert connections.of_environment(scope, VAULT, "GoogleOAuth") == another
        assert connections.every_of_environment(scope, VAULT) == [another]


def test_tokens_of_the_same_code_stay_apart_and_are_taken_once(furnished: Twins) -> None:
    for letter, pass_ in (("a", furnished.a), ("b", furnished.b)):
        with furnished.database.write(pass_) as scope:
            grants.add(scope, CODE, grant(f"prof_{letter}"))
            grants.keep_oauth_tokens(scope, VAULT, CODE, tokens(letter))
    with furnished.database.write(furnished.a) as scope:
        assert grants.take_oauth_tokens(scope, VAULT, CODE) == tokens("a")
        assert grants.take_oauth_tokens(scope, VAULT, CODE) is None
        assert grants.forget_oauth_tokens(scope, NOW + timedelta(days=1), 10) == 0
    with furnished.database.write(furnished.b) as scope:
        assert grants.forget_oauth_tokens(scope, NOW, 10) == 0
        assert grants.take_oauth_tokens(scope, VAULT, CODE) == tokens("b")


def test_tokens_of_an_expired_code_are_forgotten_in_their_own_environment_alone(furnished: Twins) -> None:
    for letter, pass_ in (("a", furnished.a), ("b", furnished.b)):
        with furnished.database.write(pass_) as scope:
            grants.add(scope, CODE, grant(f"prof_{letter}"))
            grants.keep_oauth_tokens(scope, VAULT, CODE, tokens(letter))
    with furnished.database.write(furnished.a) as scope:
        assert grants.forget_oauth_tokens(scope, NOW + timedelta(days=1), 10) == 1
        assert grants.take_oauth_tokens(scope, VAULT, CODE) is None
    with furnished.database.write(furnished.b) as scope:
        assert grants.take_oauth_tokens(scope, VAULT, CODE) == tokens("b")
