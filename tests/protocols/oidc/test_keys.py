"""A provider's published keys: which are used, which spoil the whole set (OIDC-05)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from latchstring.protocols.oidc import keys, refusals
from tests.protocols.oidc.tokens import JWKS, jwks, key, part, public, token, verify


def find(*entries: Any, algorithm: str = "RS256", kid: str | None = None) -> int:
    return len(keys.find(jwks(*entries).body, algorithm=algorithm, kid=kid))


def test_oidc_05_keys_of_the_right_type_alone() -> None:
    everything = public("rsa", "rsa 2", "ES256", "ES384", "ES512", "EdDSA")
    for algorithm, count in {"RS256": 2, "PS512": 2, "ES256": 1, "ES384": 1, "ES512": 1, "EdDSA": 1}.items():
        assert find(*everything, algorithm=algorithm) == count
    assert find(*everything, kid="rsa 2") == 1
    for algorithm in ("HS256", "none", "RSA-OAEP", ""):
        with pytest.raises(refusals.IdTokenKeyUnknown):
            find(*everything, algorithm=algorithm)


def test_a_key_without_a_name_is_found_without_a_name() -> None:
    nameless = {name: value for name, value in public("rsa")[0].items() if name != "kid"}
    assert find(nameless) == 1
    with pytest.raises(refusals.IdTokenKeyUnknown):
        find(nameless, kid="rsa")


@pytest.mark.parametrize(
    "entry",
    [
        key("rsa").as_dict(private=True),
        key("ES256").as_dict(private=True),
        OctKey.generate_key(256).as_dict(private=True),
        {"kty": "oct"},
        {**public("rsa")[0], "kid": 5},
        {**public("rsa")[0], "kid": "x" * 300},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
        {**public("rsa")[0], "alg": 5},
        {**public("rsa")[0], "issuer": ["x"]},
    ],
    ids=lambda entry: "-".join(map(str, list(entry)[:5])),
)
def test_oidc_05_a_key_that_spoils_the_set(entry: dict[str, Any]) -> None:
    with pytest.raises(refusals.JwksInvalid):
        find(*public("rsa"), entry)


def test_oidc_05_keys_that_are_passed_over() -> None:
    good = public("rsa")[0]
    for passed in (
        {**public("rsa 2")[0], "use": "enc"},
        {**public("rsa 2")[0], "key_ops": ["encrypt"]},
        {**public("rsa 2")[0], "key_ops": "verify"},
        {**public("rsa 2")[0], "key_ops": 5},
        {**public("rsa 2")[0], "key_ops": []},
        {**public("rsa 2")[0], "use": ["sig"]},
        {**public("rsa 2")[0], "use": None},
        {**public("rsa 2")[0], "alg": "PS256"},
        {**public("rsa 2")[0], "alg": "RSA-OAEP"},
        {"kty": "RSA", "n": part(b"\xff" * 1025), "e": "AQAB", "kid": "long"},
        {"kty": "future", "crv": "X", "kid": "f"},
        {"kty": "RSA", "n": "!!", "e": "AQAB", "kid": "w"},
        key("weak").as_dict(private=False),
    ):
        assert find(good, passed) == 1
        with pytest.raises(refusals.IdTokenKeyUnknown):
            find(good, passed, kid=passed.get("kid", "x"))


def test_oidc_05_one_name_is_one_key() -> None:
    twin = {**public("rsa 2")[0], "kid": "rsa"}
    with pytest.raises(refusals.JwksInvalid):
        find(*public("rsa"), twin)
    assert find(*public("rsa"), *public("rsa"), kid="rsa") == 2  # the same key twice is harmless


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [1]}', b'{"keys": null}', b'{"keys": [], "keys": []}', b"\xff"],
)
def test_documents_that_are_no_jwks(body: bytes) -> None:
    with pytest.raises(refusals.JwksInvalid):
        keys.find(body, algorithm="RS256", kid=None)


def test_oidc_05_ten_keys_are_tried_and_no_more() -> None:
    with pytest.raises(refusals.JwksInvalid):
        find(*[{"kty": "future"}] * 101)
    others = [RSAKey.generate_key(2048).as_dict(private=False) for _ in range(11)]
    nameless = [{name: value for name, value in entry.items() if name != "kid"} for entry in others]
    assert find(*nameless) == keys.MAX_TRIES


def test_an_answer_that_is_an_error() -> None:
    with pytest.raises(refusals.JwksInvalid):
        verify(token(), jwks(*json.loads(JWKS.body)["keys"], status=500))
