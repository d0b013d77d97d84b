"""Key ids, and what a provider publishes as its keys: OIDC-05."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from latchstring.attacks.oidc import jose, journeys
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Answer, Behaviour, Token

_UNKNOWN, _INVALID, _MALFORMED = "id_token_key_unknown", "jwks_invalid", "id_token_malformed"
_HUGE = 300_000  # bytes


def _kid(name: str, tries: str, kid: Any, refused: str = _UNKNOWN) -> Row:
    return _row(name, tries, refused, token=Token(header={"kid": kid}))


def _published(name: str, tries: str, refused: str, keys: Callable[[], list[Any]], **header: Any) -> Row:
    return _row(name, tries, refused, token=Token(header=header), keys=lambda: {"keys": keys()})


def _answered(name: str, tries: str, refused: str, answer: Answer) -> Row:
    return _row(name, tries, refused, answers={"/jwks": lambda _: answer})


def _row(name: str, tries: str, refused: str, at_most: Mapping[str, int] | None = None, **behaviour: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-05",
        tries=tries,
        refused=refused,
        behaviour=Behaviour(**behaviour),
        at_most=at_most or {},
    )


def _oct() -> dict[str, Any]:
    return {"kty": "oct", "kid": "secret", "k": jose.encoded(b"a secret that everybody can read")}


ROWS = (
    _row("kid-unknown", "a key that is not published", _UNKNOWN, at_most={"/jwks": 1},
         token=Token(header={"kid": "rotated"}, sign=jose.by("rsa stranger", "RS256"))),
    Row(
        name="oidc-kid-unknown-again-and-again",
        requirement="OIDC-05",
        tries="five sign-ins with keys that are not published, one look at the keys",
        refused=_UNKNOWN,
        behaviour=Behaviour(token=Token(header={"kid": lambda it: it.nonce}, sign=jose.by("rsa stranger", "RS256"))),
        journey=journeys.again_and_again,
        at_most={"/jwks": 1},
    ),
    _kid("kid-path", "a path into the file system", "../../../../../../dev/null"),
    _kid("kid-sql", "a piece of SQL", "x' UNION SELECT 'secret' --"),
    _kid("kid-command", "a piece of shell", "|/bin/true"),
    _kid("kid-empty", "an empty one", ""),
    _kid("kid-of-another-kind-of-key", "the published EC key for RS256", "ec"),
    _kid("kid-overlong", "257 characters", "k" * 257, _MALFORMED),
    _kid("kid-array", "a list", ["rsa"], _MALFORMED),
    _kid("kid-number", "a number", 0, _MALFORMED),
    _kid("kid-object", "an object", {"kid": "rsa"}, _MALFORMED),
    _published("jwks-symmetric", "a symmetric key among them", _INVALID, lambda: [jose.jwk("rsa"), _oct()]),
    _published("jwks-private", "a private key among them", _INVALID, lambda: [jose.private_jwk("rsa")]),
    _published("jwks-duplicate-kid", "two keys of one name", _INVALID,
               lambda: [jose.jwk("rsa"), jose.jwk("rsa stranger", kid="rsa")]),
    _published("jwks-encryption-key", "only a key for encryption", _UNKNOWN, lambda: [jose.jwk("rsa", use="enc")]),
    _published("jwks-key-ops", "a key that may only encrypt", _UNKNOWN,
               lambda: [jose.jwk("rsa", use=None, key_ops=["encrypt"])]),
    _published("jwks-short-rsa-key", "RSA with 1,024 bits", _UNKNOWN, lambda: [jose.jwk("weak", kid="rsa")]),
    _published("jwks-point-off-the-curve", "an EC point that is none", _INVALID,
               lambda: [jose.jwk("rsa"), jose.jwk("ec", x=jose.encoded(bytes(32)))]),
    _published("jwks-kid-number", "a numeric name", _INVALID, lambda: [jose.jwk("rsa", kid=7)]),
    _published("jwks-empty", "no key at all", _UNKNOWN, list),
    _published("jwks-not-objects", "a list of strings", _INVALID, lambda: ["rsa"]),
    _published("jwks-too-many", "101 keys", _INVALID, lambda: [jose.jwk("rsa", kid=str(n)) for n in range(101)]),
    _published("jwks-eleventh-key", "no kid, and the right key is the 11th", "id_token_signature_invalid",
               lambda: [*(jose.jwk("rsa stranger", kid=str(n)) for n in range(10)), jose.jwk("rsa")], kid=ABSENT),
    _published("jwks-exponent-one", "an RSA key with which every signature is good", _INVALID,
               lambda: [jose.jwk("rsa", e="AQ")]),
    _published("jwks-giant-modulus", "a modulus of a million bits", _UNKNOWN,
               lambda: [jose.jwk("rsa", n=jose.encoded(b"\xff" * 125_000))]),
    _published("jwks-member-of-another-type", "a coordinate that is a number", _INVALID,
               lambda: [jose.jwk("rsa"), jose.jwk("ec", x=5)]),
    _row("jwks-no-list", "keys is no list", _INVALID, keys=lambda: {"keys": {"rsa": jose.jwk("rsa")}}),
    _row("jwks-array", "a list for a document", _INVALID, keys=lambda: [jose.jwk("rsa")]),
    _answered("jwks-html", "a page", _INVALID, Answer(body=b"<html>", content_type="text/html")),
    _answered("jwks-500", "a server error", _INVALID, Answer(status=500)),
    _answered("jwks-huge", "300 kB", "idp_unreachable", Answer(body=b" " * _HUGE)),
    _answered("jwks-duplicate-member", "keys twice", _INVALID, Answer(body=b'{"keys": [], "keys": []}')),
)  # fmt: skip
