"""ID tokens: what verifies, and everything that must not (OIDC-01 to -09, -17, -18)."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from latchstring.model.refusal import Refusal
from latchstring.protocols.oidc import jwt, refusals
from latchstring.protocols.oidc.id_token import VerifiedClaims
from tests.protocols.oidc.tokens import (
    CLIENT,
    ISSUER,
    JWKS,
    NONCE,
    NOW,
    SECONDS,
    at_hash,
    claims,
    jwks,
    key,
    part,
    public,
    token,
    verify,
)

ALGORITHMS = sorted(jwt.ALGORITHMS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_of_the_list_verifies_where_it_is_configured(algorithm: str) -> None:
    found = verify(token(algorithm=algorithm), algorithm=algorithm)
    assert found.claims["sub"] == "u1"
    assert found.passed[0] == "signature"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_oidc_03_and_is_refused_where_another_one_is(algorithm: str) -> None:
    pinned = "RS256" if algorithm != "RS256" else "PS256"
    with pytest.raises(refusals.IdTokenAlgorithm) as refused:
        verify(token(algorithm=algorithm), algorithm=pinned)
    assert (refused.value.expected, refused.value.received) == (pinned, algorithm)


@pytest.mark.parametrize("spelling", ["none", "None", "NONE", "nOnE", "", None, 5, ["RS256"], "rs256", "RS256 "])
def test_oidc_03_none_in_any_spelling(spelling: Any) -> None:
    header = {"alg": spelling} if spelling is not None else {"typ": "JWT"}
    for signature in ("", part(b"x" * 256)):
        with pytest.raises(refusals.IdTokenAlgorithm):
            verify(f"{part(header)}.{part(claims())}.{signature}")
    with pytest.raises(refusals.IdTokenAlgorithm):
        verify(f"{part({'alg': 'none'})}.{part(claims())}.", algorithm="none")


def test_oidc_03_the_public_key_is_no_secret() -> None:
    for secret in (key("rsa").as_pem(private=False), key("rsa").as_der(private=False), b""):
        signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
        forged = f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"
        with pytest.raises(refusals.IdTokenAlgorithm):
            verify(forged)
        with pytest.raises(refusals.IdTokenSignature):  # nor where HS256 is what the connection uses
            verify(forged, algorithm="HS256")
        for nothing in (None, "", key("rsa").as_pem(private=False).decode()):
            with pytest.raises(refusals.IdTokenKeyUnknown):
                verify(forged, algorithm="HS256", client_secret=nothing)


def test_oidc_03_a_key_of_another_kind() -> None:
    with pytest.raises(refusals.IdTokenKeyUnknown):
        verify(token(header={"kid": "ES256"}))
    with pytest.raises(refusals.IdTokenKeyUnknown):
        verify(token(algorithm="ES256", header={"kid": "ES384"}), algorithm="ES256")


def test_oidc_09_the_signature_counts_also_straight_from_the_token_endpoint() -> None:
    good = token()
    head, payload, signature = good.split(".")
    for broken in (part(b"x" * 256), signature[:-4] + "AAAA", "", part(b"")):
        with pytest.raises(refusals.IdTokenSignature):
            verify(f"{head}.{payload}.{broken}")
    with pytest.raises(refusals.IdTokenSignature):
        verify(f"{head}.{part(claims(sub='u2'))}.{signature}")
    with pytest.raises(refusals.IdTokenSignature):
        verify(token(signer=key("rsa 2"), header={"kid": "rsa"}))


def test_oidc_05_unknown_and_absent_key_ids() -> None:
    with pytest.raises(refusals.IdTokenKeyUnknown) as refused:
        verify(token(header={"kid": "gone"}))
    assert refused.value.kid == "gone"
    assert verify(token(header={"kid": None})).claims["sub"] == "u1"
    assert verify(token(signer=key("rsa 2"), header={"kid": None})).claims["sub"] == "u1"
    with pytest.raises(refusals.IdTokenKeyUnknown):
        verify(token(header={"kid": None}), jwks(*public("ES256")))


def test_oidc_17_forms_that_no_id_token_has() -> None:
    good = token()
    head, payload, signature = good.split(".")
    for text in (
        "",
        ".",
        "..",
        f"{head}.{payload}",
        f"{good}.{part(b'x')}",
        f"{good}.{part(b'x')}.{part(b'y')}.{part(b'z')}",
        f"{head}.{payload}.{signature}=",
        f"{good}=",
        f"{head}=.{payload}.{signature}",
        f"{head}.{payload}==.{signature}",
        f" {good}",
        f"{good}\n",
        good.replace("-", "+").replace("_", "/") if "-" in good or "_" in good else f"{good}+",
        f"{head}.{payload}.{signature}!",
        f"{head}.{payload}.{signature}\u00e9",
        f"{head}..{signature}",
        "x" * 70_000,
    ):
        with pytest.raises(refusals.IdTokenMalformed):
            verify(text)


def test_oidc_17_base64url_has_one_spelling() -> None:
    head, payload, signature = token().split(".")
    last = payload[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    odd = alphabet[(alphabet.index(last) + 1) % 64]  # the same bytes, other spare bits
    with pytest.raises(refusals.IdTokenMalformed):
        verify(f"{head}.{payload[:-1]}{odd}.{signature}")
    odd = alphabet[(alphabet.index(signature[-1]) + 1) % 64]
    with pytest.raises(refusals.IdTokenMalformed):
        verify(f"{head}.{payload}.{signature[:-1]}{odd}")


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub": "u1", "sub": "u2"}',
        b'{"iss": "' + ISSUER.encode() + b'", "iss": "https://evil.example"}',
        b"[]",
        b"1",
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"exp": Infinity}',
        b'{"exp": 1e999}',
        b"\xff\xfe{}",
        b'{"a": "\\ud800"}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_oidc_17_json_that_is_none(payload: bytes) -> None:
    with pytest.raises(refusals.IdTokenMalformed):
        verify(token(payload))
    # and before the signature is looked at: a bad one, and keys that cannot be read, make no difference
    with pytest.raises(refusals.IdTokenMalformed):
        verify(f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part(payload)}.{part(b'x')}", jwks(status=500))


def test_oidc_17_a_header_with_a_member_twice() -> None:
    head = part(b'{"alg": "none", "alg": "RS256", "kid": "rsa"}')
    with pytest.raises(refusals.IdTokenMalformed):
        verify(f"{head}.{part(claims())}.{part(b'x')}")


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"zip": "DEF"},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
        {"typ": "application/AT+JWT"},
        {"typ": 5},
        {"kid": 5},
        {"kid": "k" * 300},
    ],
)
def test_oidc_04_headers_that_change_the_meaning(header: dict[str, Any]) -> None:
    with pytest.raises(refusals.IdTokenMalformed):
        verify(signed_by_hand({"alg": "RS256", "kid": "rsa", **header}))


def signed_by_hand(header: dict[str, Any], signer: RSAKey | None = None) -> str:
    """With a valid RS256 signature over whatever the header says, which no library would write."""
    signed = f"{part(header)}.{part(claims())}"
    private = (signer or key("rsa")).private_key
    assert private is not None
    raw = private.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{part(raw)}"


def test_oidc_04_a_header_by_hand_is_otherwise_fine() -> None:
    assert verify(signed_by_hand({"alg": "RS256", "kid": "rsa", "typ": "JWT", "x": 1})).claims["sub"] == "u1"


def test_oidc_04_keys_inside_the_token_are_not_looked_at() -> None:
    attacker = RSAKey.generate_key(2048)
    for header in (
        {"jwk": attacker.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"jwk": attacker.as_dict(private=False), "x5t": "AAAA", "x5t#S256": "AAAA"},
    ):
        for name in ({"kid": "rsa"}, {}):
            with pytest.raises(refusals.IdTokenSignature):
                verify(signed_by_hand({"alg": "RS256", **name, **header}, attacker))
        with pytest.raises(refusals.IdTokenKeyUnknown):
            verify(signed_by_hand({"alg": "RS256", "kid": "theirs", **header}, attacker))
        # beside a signature of the provider's own they are as good as absent
        assert verify(signed_by_hand({"alg": "RS256", "kid": "rsa", **header})).claims["sub"] == "u1"


Row = tuple[str, dict[str, Any], type[Refusal]]


def refused(changed: dict[str, Any], kind: type[Refusal]) -> None:
    with pytest.raises(kind) as found:
        verify(token(**changed))
    assert found.value.check  # type: ignore[attr-defined] # named for the trace
    assert "signature" in found.value.passed  # type: ignore[attr-defined]


ISSUERS: list[Row] = [
    ("slash", {"iss": ISSUER + "/"}, refusals.IdTokenIssuer),
    ("case", {"iss": ISSUER.upper()}, refusals.IdTokenIssuer),
    ("prefix", {"iss": ISSUER + ".evil.example"}, refusals.IdTokenIssuer),
    ("list", {"iss": [ISSUER]}, refusals.IdTokenIssuer),
    ("none", {"iss": None}, refusals.IdTokenIssuer),
    ("null", {"iss": False}, refusals.IdTokenIssuer),
    ("subject of another tenant", {"iss": ISSUER + "/t2"}, refusals.IdTokenIssuer),
    ("http", {"iss": ISSUER.replace("https", "http")}, refusals.IdTokenIssuer),
]


@pytest.mark.parametrize(("changed", "kind"), [row[1:] for row in ISSUERS], ids=[row[0] for row in ISSUERS])
def test_oidc_01_the_issuer_is_compared_as_it_stands(changed: dict[str, Any], kind: type[Refusal]) -> None:
    refused(changed, kind)


AUDIENCES: list[Row] = [
    ("other", {"aud": "other"}, refusals.IdTokenAudience),
    ("case", {"aud": CLIENT.upper()}, refusals.IdTokenAudience),
    ("empty list", {"aud": []}, refusals.IdTokenAudience),
    ("two without azp", {"aud": [CLIENT, "other"]}, refusals.IdTokenAudience),
    ("two, azp other", {"aud": [CLIENT, "other"], "azp": "other"}, refusals.IdTokenAudience),
    ("azp other", {"azp": "other"}, refusals.IdTokenAudience),
    ("absent", {"aud": None}, refusals.IdTokenClaimMissing),
    ("number", {"aud": 5}, refusals.IdTokenClaimMissing),
    ("object", {"aud": {CLIENT: 1}}, refusals.IdTokenClaimMissing),
    ("mixed list", {"aud": [CLIENT, 5], "azp": CLIENT}, refusals.IdTokenClaimMissing),
    ("azp in another case", {"aud": [CLIENT, "other"], "azp": CLIENT.upper()}, refusals.IdTokenAudience),
    ("azp in a list", {"azp": [CLIENT]}, refusals.IdTokenAudience),
    ("client in a longer word", {"aud": CLIENT + " other"}, refusals.IdTokenAudience),
]


@pytest.mark.parametrize(("changed", "kind"), [row[1:] for row in AUDIENCES], ids=[row[0] for row in AUDIENCES])
def test_oidc_02_we_are_the_audience_and_the_authorized_party(changed: dict[str, Any], kind: type[Refusal]) -> None:
    refused(changed, kind)


TIMES: list[Row] = [
    ("no sub", {"sub": None}, refusals.IdTokenClaimMissing),
    ("empty sub", {"sub": ""}, refusals.IdTokenClaimMissing),
    ("blank sub", {"sub": " \t"}, refusals.IdTokenClaimMissing),
    ("long sub", {"sub": "x" * 256}, refusals.IdTokenClaimMissing),
    ("sub number", {"sub": 5}, refusals.IdTokenClaimMissing),
    ("no exp", {"exp": None}, refusals.IdTokenClaimMissing),
    ("exp text", {"exp": str(SECONDS + 300)}, refusals.IdTokenClaimMissing),
    ("exp true", {"exp": True}, refusals.IdTokenClaimMissing),
    ("exp beyond time", {"exp": 10**18}, refusals.IdTokenClaimMissing),
    ("no iat", {"iat": None}, refusals.IdTokenClaimMissing),
    ("iat text", {"iat": "now"}, refusals.IdTokenClaimMissing),
    ("iat old", {"iat": SECONDS - 601}, refusals.IdTokenTooOld),
    ("iat ahead", {"iat": SECONDS + 61}, refusals.IdTokenTooOld),
    ("nbf ahead", {"nbf": SECONDS + 61}, refusals.IdTokenTooOld),
    ("nbf text", {"nbf": "later"}, refusals.IdTokenClaimMissing),
    ("expired", {"exp": SECONDS - 60}, refusals.IdTokenExpired),
    ("iat a second too far ahead", {"iat": SECONDS + 61}, refusals.IdTokenTooOld),
    ("exp false", {"exp": False}, refusals.IdTokenClaimMissing),
    ("exp in a list", {"exp": [SECONDS + 300]}, refusals.IdTokenClaimMissing),
    ("exp before time", {"exp": -(10**18)}, refusals.IdTokenClaimMissing),
    ("iat zero", {"iat": 0}, refusals.IdTokenTooOld),
]


@pytest.mark.parametrize(("changed", "kind"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_oidc_06_times_and_subject_have_their_types_and_edges(changed: dict[str, Any], kind: type[Refusal]) -> None:
    refused(changed, kind)


NONCES: list[Row] = [
    ("other nonce", {"nonce": "other"}, refusals.NonceMismatch),
    ("no nonce", {"nonce": None}, refusals.NonceMismatch),
    ("empty nonce", {"nonce": ""}, refusals.NonceMismatch),
    ("nonce in a list", {"nonce": ["n-0S6_WzA2Mj"]}, refusals.NonceMismatch),
    ("nonce with more behind it", {"nonce": NONCE + " "}, refusals.NonceMismatch),
]


@pytest.mark.parametrize(("changed", "kind"), [row[1:] for row in NONCES], ids=[row[0] for row in NONCES])
def test_oidc_07_the_nonce_is_the_one_of_this_sign_in(changed: dict[str, Any], kind: type[Refusal]) -> None:
    refused(changed, kind)


HASHES: list[Row] = [
    ("other at_hash", {"at_hash": at_hash("another")}, refusals.AccessTokenHash),
    ("at_hash of all bytes", {"at_hash": "x"}, refusals.AccessTokenHash),
    ("at_hash number", {"at_hash": 5}, refusals.AccessTokenHash),
    ("at_hash of the wrong half", {"at_hash": part(sha256(b"opaque").digest()[16:])}, refusals.AccessTokenHash),
    ("at_hash of the whole", {"at_hash": part(sha256(b"opaque").digest())}, refusals.AccessTokenHash),
    ("empty at_hash", {"at_hash": ""}, refusals.AccessTokenHash),
]


@pytest.mark.parametrize(("changed", "kind"), [row[1:] for row in HASHES], ids=[row[0] for row in HASHES])
def test_oidc_08_an_at_hash_that_is_there_has_to_match(changed: dict[str, Any], kind: type[Refusal]) -> None:
    refused(changed, kind)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "other"], "azp": CLIENT},
        {"azp": CLIENT},
        {"sub": "x" * 255},
        {"exp": SECONDS - 59},
        {"exp": SECONDS + 300.5},
        {"iat": SECONDS - 600},
        {"iat": SECONDS + 60},
        {"nbf": SECONDS + 60},
        {"at_hash": at_hash("opaque")},
        {"unknown": {"deep": [1, 2.5, None, True]}},
    ],
)
def test_oidc_02_06_claims_just_inside(changed: dict[str, Any]) -> None:
    assert verify(token(**changed)).claims["iss"] == ISSUER


def test_oidc_06_the_skew_is_a_minute_at_most() -> None:
    assert verify(token(exp=SECONDS - 59), config={"clock_skew_seconds": 10_000}).passed
    with pytest.raises(refusals.IdTokenExpired):
        verify(token(exp=SECONDS - 60), config={"clock_skew_seconds": 10_000})
    with pytest.raises(refusals.IdTokenExpired):
        verify(token(exp=SECONDS), config={"clock_skew_seconds": 0})
    with pytest.raises(refusals.IdTokenTooOld):
        verify(token(exp=SECONDS + 3600), now=NOW + timedelta(minutes=11))


@pytest.mark.parametrize(
    ("algorithm", "name"), [("RS384", "sha384"), ("PS512", "sha512"), ("ES512", "sha512"), ("EdDSA", "sha512")]
)
def test_oidc_08_the_hash_follows_the_algorithm(algorithm: str, name: str) -> None:
    assert verify(token(algorithm=algorithm, at_hash=at_hash("opaque", name)), algorithm=algorithm).passed
    with pytest.raises(refusals.AccessTokenHash):
        verify(token(algorithm=algorithm, at_hash=at_hash("opaque", "sha256")), algorithm=algorithm)
    with pytest.raises(refusals.AccessTokenHash):
        verify(token(algorithm=algorithm, at_hash=at_hash("opaque", name)), algorithm=algorithm, access_token=None)


def test_oidc_07_an_empty_nonce_of_ours_admits_nothing() -> None:
    with pytest.raises(refusals.NonceMismatch):
        verify(token(nonce=""), nonce="")


def test_verified_claims_are_made_by_verification_alone() -> None:
    with pytest.raises(TypeError):
        VerifiedClaims(object(), {"sub": "u1"}, ())


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 2000), replacement=st.binary(min_size=1, max_size=3))
def test_no_mutation_says_anything_else(place: int, replacement: bytes) -> None:
    good = token().encode()
    at = place % len(good)
    mutated = (good[:at] + replacement + good[at + 1 :]).decode("latin-1")
    try:
        found = verify(mutated)
    except Refusal:
        return
    assert found.claims == verify(good.decode()).claims


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=120).map(lambda raw: f"{part(raw)}.{part(raw)}.x")))
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refusal):
        verify(text, JWKS)


def test_oidc_18_an_encrypted_token_that_nobody_expects_is_not_even_opened() -> None:
    for header in ({"alg": "RSA-OAEP-256", "enc": "A256GCM"}, {"alg": "dir", "enc": "A128GCM"}, {"alg": "RS256"}):
        with pytest.raises(refusals.IdTokenEncryption):
            verify(".".join((part(header), part(b"k"), part(b"i"), part(b"c"), part(b"t"))))
