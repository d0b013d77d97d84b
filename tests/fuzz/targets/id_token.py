"""ID tokens: an attacker knows the public keys, sees good tokens of others, and signs with keys of their own."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from functools import cache
from random import Random
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from latchstring.model.fetch import Fetched
from latchstring.model.refusal import Refusal
from tests.fuzz import keys, mutations
from tests.fuzz.target import Target, Violation
from tests.protocols.oidc import tokens

ALGORITHMS = ("RS256", "PS256", "ES256", "HS256")


@cache
def _key(name: str) -> Any:
    curve = name.startswith("ec")
    secret = keys.ec_key(name, ec.SECP256R1()) if curve else keys.rsa_key(name)
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    named: Any = {"kid": name, "use": "sig"}
    return ECKey.import_key(pem, named) if curve else RSAKey.import_key(pem, named)


@cache
def _jwks() -> Fetched:
    return tokens.jwks(*(_key(name).as_dict(private=False) for name in ("rsa", "rsa again", "ec")))


def _signed(algorithm: str, said: dict[str, Any] | bytes, *, by: str, header: dict[str, Any] | None = None) -> bytes:
    if algorithm == "HS256":
        return tokens.token(said, algorithm=algorithm, header=header).encode()
    signer = _key(by if algorithm[0] != "E" else f"ec {by}".replace("ec rsa", "ec"))
    return tokens.token(said, algorithm=algorithm, signer=signer, header=header).encode()


@cache
def _good() -> tuple[bytes, ...]:
    made = []
    for number, algorithm in enumerate(ALGORITHMS * 2):
        more = {"email": f"good-{number}@example.com", "email_verified": True} if number % 2 else {}
        made.append(_signed(algorithm, tokens.claims(sub=f"good-{number}", **more), by="rsa"))
    made.append(_signed("RS256", tokens.claims(sub="good-8", at_hash=tokens.at_hash("opaque")), by="rsa"))
    made.append(_signed("RS256", tokens.claims(sub="good-9", aud=[tokens.CLIENT], azp=tokens.CLIENT), by="rsa"))
    return tuple(made)


@cache
def _stolen() -> tuple[bytes, ...]:
    """By the right keys, and for nobody here."""
    wrong: tuple[dict[str, Any], ...] = (
        {"aud": "another-client"},
        {"nonce": "another nonce"},
        {"iss": "https://other.example"},
        {"exp": tokens.SECONDS - 3600},
        {"aud": [tokens.CLIENT, "another-client"]},
    )
    return tuple(
        _signed(algorithm, tokens.claims(sub=f"stolen-{number}", **changed), by="rsa")
        for number, changed in enumerate(wrong)
        for algorithm in ("RS256", "ES256")
    )


def _said(token: bytes) -> Any:
    return json.loads(_decoded(token.split(b".")[1]))


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))


@cache
def _honest() -> tuple[Any, ...]:
    return tuple(_said(token) for token in _good())


def run(data: bytes) -> str:
    text, outcome = data.decode("utf-8", "replace"), ""
    for algorithm in ALGORITHMS:
        try:
            found = tokens.verify(text, _jwks(), algorithm=algorithm)
        except Refusal as refusal:
            outcome = outcome or refusal.code
            if refusal.code != "id_token_algorithm_not_allowed":
                outcome = refusal.code
            continue
        if dict(found.claims) not in _honest():
            raise Violation(f"claims that nobody signed with {algorithm}")
        return "accepted"
    return outcome


def _mutate(data: bytes, chance: Random) -> bytes:
    parts = data.split(b".")
    if len(parts) != 3 or chance.random() < 0.15:
        return mutations.letters(data, chance)
    try:
        header, said = json.loads(_decoded(parts[0])), json.loads(_decoded(parts[1]))
    except (ValueError, RecursionError):
        return mutations.letters(data, chance)
    match chance.randrange(7):
        case 0:
            other = chance.choice((*_good(), *_stolen())).split(b".")
            at = chance.randrange(3)
            return b".".join([*parts[:at], other[at], *parts[at + 1 :]])
        case 1:
            return b".".join([_part(_header(header, chance)), *parts[1:]])
        case 2:
            changed = mutations.document(json.dumps(said).encode(), chance)
            return b".".join([parts[0], tokens.part(changed).encode(), parts[2]])
        case 3:
            return _forged(_header(header, chance), mutations.value(said, chance), chance)
        case 4:  # what an attacker makes honestly
            claims = mutations.value(said, chance) if isinstance(said, dict) else {}
            claims = claims if isinstance(claims, dict) else {}
            try:
                return _signed(chance.choice(("RS256", "ES256", "PS256")), claims, by="attacker", header=_more(chance))
            except JoseError:  # the signer's own library will not go that far
                return data
        case 5:  # and the provider's own words, spoilt before they are signed: whatever passes must be what was said
            return b".".join([*parts, *parts[: chance.randint(1, 3)]])
    at = chance.randrange(3)
    spelled = chance.choice(
        (parts[at] + b"=", parts[at][:-1], parts[at] + b"A", parts[at] + b"\n", b"", parts[at][:-1] + b"B")
    )
    return b".".join([*parts[:at], spelled, *parts[at + 1 :]])


def _part(value: Any) -> bytes:
    return tokens.part(value).encode()


def _header(header: Any, chance: Random) -> Any:
    if not isinstance(header, dict) or chance.random() < 0.3:
        return mutations.value(header, chance)
    return {
        **header,
        **_more(chance),
        "alg": chance.choice((*ALGORITHMS, "none", "None", "", "HS512", header.get("alg"))),
    }


def _more(chance: Random) -> dict[str, Any]:
    public = _key("attacker").as_dict(private=False)
    name, value = chance.choice((
        ("kid", "rsa"), ("kid", "ec"), ("kid", "../../dev/null"), ("kid", None), ("kid", "x" * 300), ("typ", "at+jwt"),
        ("jwk", public), ("jku", "https://evil.example/jwks"), ("x5u", "https://evil.example/x"), ("crit", ["exp"]),
        ("b64", False), ("zip", "DEF"), ("typ", "JWT"), ("kid", ["rsa"]),
    ))  # fmt: skip
    return {name: value}


def _forged(header: Any, claims: Any, chance: Random) -> bytes:
    """Signed with what everybody can know."""
    signed = _part(header) + b"." + _part(claims)
    public = _key("rsa").as_pem(private=False)
    secret = chance.choice(
        (b"", public, public.strip(), json.dumps(_key("rsa").as_dict(private=False)).encode(), _jwks().body)
    )
    value = chance.choice(
        (b"", _part(hmac.digest(secret, signed, hashlib.sha256)), _part(b"\0" * 64), _part(b"\0" * 256))
    )
    return signed + b"." + value


TARGET = Target(about="ID tokens", seeds=lambda: [*_good(), *_stolen()], mutate=_mutate, run=run)
