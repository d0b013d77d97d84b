"""Whether the token belongs to this sign-in and to this access token: OIDC-07 and OIDC-08."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from latchstring.attacks.oidc import jose, journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts, Token

_NONCE, _HASH = "id_token_nonce_mismatch", "id_token_at_hash_mismatch"


def _row(name: str, requirement: str, tries: str, refused: str, **claims: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=Behaviour(token=Token(claims=claims)),
    )


def _whole_hash(facts: Facts) -> str:
    return jose.encoded(sha256(facts.access_token.encode()).digest())


ROWS = (
    _row("nonce-missing", "OIDC-07", "no nonce", _NONCE, nonce=ABSENT),
    _row("nonce-other", "OIDC-07", "another one", _NONCE, nonce="another"),
    _row("nonce-empty", "OIDC-07", "an empty one", _NONCE, nonce=""),
    _row("nonce-list", "OIDC-07", "a list with the right one", _NONCE, nonce=lambda it: [it.nonce]),
    _row("nonce-prefix", "OIDC-07", "the right one without its end", _NONCE, nonce=lambda it: it.nonce[:-1]),
    _row("nonce-upper-case", "OIDC-07", "the right one in other case", _NONCE, nonce=lambda it: it.nonce.swapcase()),
    _row("nonce-with-umlaut", "OIDC-07", "one that is not ASCII", _NONCE, nonce="ä"),
    Row(
        name="oidc-nonce-of-another-sign-in",
        requirement="OIDC-07",
        tries="a stolen code, at a provider that ignores PKCE",
        refused=_NONCE,
        behaviour=Behaviour(lenient=True),
        journey=journeys.with_the_code_of_another_attempt,
    ),
    _row("at-hash-other", "OIDC-08", "the hash of another access token", _HASH, at_hash=jose.half_hash("another")),
    _row("at-hash-empty", "OIDC-08", "an empty one", _HASH, at_hash=""),
    _row("at-hash-number", "OIDC-08", "a number", _HASH, at_hash=0),
    _row("at-hash-whole", "OIDC-08", "the whole hash, not its half", _HASH, at_hash=_whole_hash),
    _row("at-hash-sha512", "OIDC-08", "of another hash algorithm", _HASH,
         at_hash=lambda it: jose.half_hash(it.access_token, "sha512")),
    Row(
        name="oidc-at-hash-without-access-token",
        requirement="OIDC-08",
        tries="a hash of what is not there",
        refused=_HASH,
        behaviour=Behaviour(
            token=Token(claims={"at_hash": jose.half_hash("")}), token_answer={"access_token": ABSENT}
        ),
    ),
    Row(
        name="oidc-at-hash-eddsa-sha256",
        requirement="OIDC-08",
        tries="EdDSA with the hash of RS256",
        refused=_HASH,
        options={"id_token_signature_algorithm": "EdDSA"},
        behaviour=Behaviour(
            token=Token(
                header={"alg": "EdDSA", "kid": "ed"},
                claims={"at_hash": lambda it: jose.half_hash(it.access_token)},
                sign=jose.by("ed", "EdDSA"),
            )
        ),
    ),
)  # fmt: skip
