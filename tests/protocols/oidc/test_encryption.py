"""Encrypted ID tokens: opened with the agreed algorithms alone, one refusal for whatever does not open (OIDC-18)."""

from __future__ import annotations

import functools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from latchstring.effects import keys
from latchstring.model.connection import Certificate, ConnectionSecrets, OidcConfig, SigningPair
from latchstring.protocols.oidc import client_keys, encryption, refusals
from latchstring.protocols.saml import certificates
from tests.protocols.oidc.tokens import NOW, config, part, token

Refused = (refusals.IdTokenDecryption, refusals.IdTokenEncryption, refusals.IdTokenMalformed)


@functools.cache
def pair(kind: str, name: str = "one") -> tuple[Certificate, SigningPair]:
    pem, key = keys.rsa_pair(name, NOW) if kind == "rsa" else keys.ec_pair(name, NOW)
    facts = certificates.load(pem)
    entry = Certificate(
        id=f"cert_{kind}_{name}",
        pem=facts.pem,
        fingerprint=facts.fingerprint,
        not_before=facts.not_before,
        not_after=facts.not_after,
        created_at=NOW,
    )
    return entry, SigningPair(entry.id, key)


def ours(
    algorithm: str | None = "RSA-OAEP-256", content: str = "A256GCM", *names: str
) -> tuple[OidcConfig, ConnectionSecrets]:
    """A connection with a key pair of each kind, of each name."""
    pairs = [pair(kind, name) for name in names or ("one",) for kind in ("rsa", "ec")]
    found = config(
        id_token_encryption_algorithm=algorithm,
        id_token_content_encryption=content,
        jwt_encryption_certificates=tuple(entry for entry, _ in pairs),
    )
    return found, ConnectionSecrets(jwt_encryption_keys=tuple(key for _, key in pairs))


def recipient(algorithm: str, name: str = "one") -> RSAKey | ECKey:
    entries = client_keys.jwks(ours(algorithm, "A256GCM", name)[0])["keys"]
    (entry,) = [each for each in entries if each["use"] == "enc"]
    return RSAKey.import_key(entry) if entry["kty"] == "RSA" else ECKey.import_key(entry)


def sealed(
    plaintext: str | bytes, algorithm: str = "RSA-OAEP-256", content: str = "A256GCM", name: str = "one", **header: Any
) -> str:
    protected = {"alg": algorithm, "enc": content, **header}
    registry = jwe.JWERegistry(algorithms=[algorithm, content, "DEF"], strict_check_header=False)
    return jwe.encrypt_compact(protected, plaintext, recipient(algorithm, name), registry=registry)


def opened(text: str, algorithm: str | None = "RSA-OAEP-256", content: str = "A256GCM", *names: str) -> str:
    return encryption.opened(text, *ours(algorithm, content, *names))


@pytest.mark.parametrize("content", encryption.CONTENT)
@pytest.mark.parametrize("algorithm", encryption.ALGORITHMS)
def test_oidc_18_the_token_inside_comes_out(algorithm: str, content: str) -> None:
    inside = token()
    assert opened(sealed(inside, algorithm, content, cty="JWT"), algorithm, content) == inside
    assert opened(sealed(inside, algorithm, content, typ="JWT"), algorithm, content) == inside


def test_oidc_18_each_key_is_tried_until_it_is_deleted() -> None:
    for name in ("one", "two"):
        assert opened(sealed(token(), name=name), "RSA-OAEP-256", "A256GCM", "one", "two") == token()
    with pytest.raises(refusals.IdTokenDecryption):
        opened(sealed(token(), name="two"))


def test_oidc_18_a_kid_of_ours_means_that_key_and_any_other_means_nothing() -> None:
    both = ("RSA-OAEP-256", "A256GCM", "one", "two")
    assert opened(sealed(token(), kid="cert_rsa_one"), *both) == token()
    assert opened(sealed(token(), kid="whatever"), *both) == token()
    with pytest.raises(refusals.IdTokenDecryption):
        opened(sealed(token(), kid="cert_rsa_two"), *both)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RSA1_5"},
        {"alg": "dir"},
        {"alg": "PBES2-HS256+A128KW", "p2s": "c2FsdA", "p2c": 2_000_000_000},
        {"alg": "A128KW"},
        {"alg": "A128GCMKW"},
        {"alg": "RSA-OAEP"},
        {"alg": "rsa-oaep-256"},
        {"alg": ["RSA-OAEP-256"]},
        {"alg": None},
        {"enc": "A128GCM"},
        {"enc": "A192GCM"},
        {"enc": None},
        {"enc": ["A256GCM"]},
    ],
    ids=str,
)
def test_oidc_18_algorithms_are_the_agreed_ones_whatever_the_token_says(header: dict[str, Any]) -> None:
    """Refused at the header, before any key is used or derived: no count of rounds is ever counted."""
    said = {name: value for name, value in {"alg": "RSA-OAEP-256", "enc": "A256GCM", **header}.items() if value}
    _, *rest = sealed(token()).split(".")
    with pytest.raises(refusals.IdTokenEncryption):
        opened(".".join([part(said), *rest]))


@pytest.mark.parametrize("algorithm", ["RSA1_5", "dir", "A128KW", "PBES2-HS256+A128KW", "none"])
def test_oidc_18_nor_can_a_configuration_bring_them_back(algorithm: str) -> None:
    _, *rest = sealed(token()).split(".")
    with pytest.raises(refusals.IdTokenEncryption):
        opened(".".join([part({"alg": algorithm, "enc": "A256GCM"}), *rest]), algorithm)


@pytest.mark.parametrize(
    "header",
    [{"zip": "DEF"}, {"crit": ["exp"], "exp": 1}, {"b64": False}, {"kid": 5}, {"kid": "k" * 300}, {"cty": "json"}],
    ids=str,
)
def test_oidc_18_headers_that_change_the_meaning(header: dict[str, Any]) -> None:
    _, *rest = sealed(token()).split(".")
    with pytest.raises(refusals.IdTokenMalformed):
        opened(".".join([part({"alg": "RSA-OAEP-256", "enc": "A256GCM", **header}), *rest]))


def test_oidc_17_18_form_and_size_come_before_any_key() -> None:
    good = sealed(token())
    head, key, nonce, ciphertext, tag = good.split(".")
    for odd in (
        ".".join((head + "=", key, nonce, ciphertext, tag)),
        ".".join((head, key + "==", nonce, ciphertext, tag)),
        ".".join((head, key, nonce, ciphertext + "!", tag)),
        ".".join((part(b'{"alg": "dir", "alg": "RSA-OAEP-256", "enc": "A256GCM"}'), key, nonce, ciphertext, tag)),
        ".".join((part(b'{"alg": "RSA-OAEP-256", "enc": "A256GCM", "x": ' + b"[" * 40), key, nonce, ciphertext, tag)),
        ".".join((head, key, nonce, part(b"x" * 65_536), tag)),
        good + "\n",
    ):
        with pytest.raises(refusals.IdTokenMalformed):
            opened(odd)


@pytest.mark.parametrize(
    "plaintext",
    [b"", b"x", b"\xff", b'{"sub": "u1"}', b"a.b", b"a.b.c.d.e", b" a.b.c", b"a.b.c\n", json.dumps({}).encode()],
)
def test_oidc_18_what_is_inside_is_a_signed_token_or_nothing(plaintext: bytes) -> None:
    with pytest.raises(refusals.IdTokenDecryption) as refused:
        opened(sealed(plaintext))
    assert refused.value.facts == {}  # the same answer as for a wrong key


def test_oidc_18_encrypted_twice_is_opened_once() -> None:
    with pytest.raises(refusals.IdTokenDecryption):
        opened(sealed(sealed(token())))


_POINT = recipient("ECDH-ES").as_dict(private=False)
_POINT = {name: _POINT[name] for name in ("kty", "crv", "x", "y")}


@pytest.mark.parametrize(
    "epk",
    [
        None,
        {},
        [],
        "P-256",
        5,
        {**_POINT, "x": part(b"\x01" * 32)},  # on no curve: the invalid-curve attack
        {**_POINT, "y": part(b"\x00" * 32)},
        {**_POINT, "x": ""},
        {**_POINT, "x": 5},
        {**_POINT, "x": "!!"},
        {**_POINT, "x": part(b"\xff" * 400)},
        {**_POINT, "crv": "P-384"},
        {**_POINT, "crv": ["P-256"]},
        {**_POINT, "kty": "RSA"},
        {**_POINT, "d": part(b"\x01" * 32)},
        {"kty": "OKP", "crv": "X25519", "x": part(b"\x01" * 32)},
        ECKey.generate_key("P-384").as_dict(private=False),
    ],
)
@pytest.mark.parametrize("algorithm", ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"])
def test_oidc_18_ephemeral_keys_that_are_none(algorithm: str, epk: object) -> None:
    _, *rest = sealed(token(), algorithm).split(".")
    header = {"alg": algorithm, "enc": "A256GCM", **({} if epk is None else {"epk": epk})}
    with pytest.raises(refusals.IdTokenDecryption) as refused:
        opened(".".join([part(header), *rest]), algorithm)
    assert refused.value.facts == {}


@pytest.mark.parametrize("content", encryption.CONTENT)
@pytest.mark.parametrize("algorithm", encryption.ALGORITHMS)
def test_oidc_18_every_part_that_is_off_gives_the_same_refusal(algorithm: str, content: str) -> None:
    good = sealed(token(), algorithm, content).split(".")
    for place in (1, 2, 3, 4):
        for odd in (b"", b"x", b"x" * 8, b"x" * 16, b"x" * 24, b"x" * 40, b"x" * 256, b"x" * 257, b"x" * 1025):
            broken = [*good[:place], part(odd) if odd else "", *good[place + 1 :]]
            if broken == good:
                continue  # direct agreement has no encrypted key
            with pytest.raises(refusals.IdTokenDecryption) as refused:
                opened(".".join(broken), algorithm, content)
            assert (refused.value.facts, str(refused.value)) == ({}, str(refusals.IdTokenDecryption()))


def test_oidc_18_without_a_key_nothing_opens() -> None:
    asked, secrets = ours()
    with pytest.raises(refusals.IdTokenDecryption):
        encryption.opened(sealed(token()), asked, ConnectionSecrets())
    with pytest.raises(refusals.IdTokenDecryption):
        encryption.opened(sealed(token()), msgspec.structs.replace(asked, jwt_encryption_certificates=()), secrets)


def test_oidc_18_as_agreed_or_not_at_all() -> None:
    assert opened(token(), None) == token()
    with pytest.raises(refusals.IdTokenEncryption):
        opened(sealed(token()), None)
    with pytest.raises(refusals.IdTokenEncryption):
        opened(token())


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 3000), replacement=st.binary(min_size=0, max_size=3))
def test_oidc_18_no_mutation_opens_to_anything_else(place: int, replacement: bytes) -> None:
    for algorithm in ("RSA-OAEP-256", "ECDH-ES+A128KW"):
        good = _once(algorithm).encode()
        at = place % len(good)
        mutated = (good[:at] + replacement + good[at + 1 :]).decode("latin-1")
        try:
            found = opened(mutated, algorithm)
        except Refused:
            continue
        assert found == opened(good.decode(), algorithm)


@functools.cache
def _once(algorithm: str) -> str:
    return sealed(token(), algorithm)
