"""What a token's header would like to have done: OIDC-04, OIDC-17 and OIDC-18."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from latchstring.attacks.oidc import jose
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts, Token

_MALFORMED = "id_token_malformed"
_OWN = "rsa stranger"  # the attacker's key
_UNTOUCHED = {"/canary": 0}  # where the header points to


def _row(name: str, requirement: str, tries: str, refused: str, header: Mapping[str, Any], **token: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=Behaviour(token=Token(header=header, **token)),
        at_most=_UNTOUCHED,
    )


def _key_row(name: str, tries: str, refused: str = "id_token_signature_invalid", **header: Any) -> Row:
    """Signed by the attacker's own key, which the header brings along or points to."""
    return _row(name, "OIDC-04", tries, refused, header, sign=jose.by(_OWN, "RS256"))


def _sealed(**header: Any) -> Token:
    """Five parts, as an encrypted token has."""

    def rewrite(_token: str, _facts: Facts) -> str:
        parts = (header, bytes(256), bytes(12), bytes(200), bytes(16))
        return ".".join(jose.encoded(part) for part in parts)

    return Token(rewrite=rewrite)


def _encrypted(name: str, tries: str, **header: Any) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-18",
        tries=tries,
        refused="id_token_encryption_mismatch",
        behaviour=Behaviour(token=_sealed(**header)),
    )


def _canary(facts: Facts) -> str:
    return f"{facts.issuer}/canary"


def _own_jwk(_: Facts) -> dict[str, Any]:
    return jose.jwk(_OWN)


def _own_chain(_: Facts) -> list[str]:
    return [b64encode(jose.der(_OWN)).decode()]


ROWS = (
    _key_row("header-jwk", "the attacker's key in the header", jwk=_own_jwk),
    _key_row("header-jwk-alone", "... and no kid", jwk=_own_jwk, kid=ABSENT),
    _key_row("header-jwk-with-its-kid", "... under its own kid", "id_token_key_unknown", jwk=_own_jwk, kid=_OWN),
    _key_row("header-jku", "a URL of keys in the header", jku=_canary),
    _key_row("header-jku-with-its-kid", "... with a kid from there", "id_token_key_unknown", jku=_canary, kid=_OWN),
    _key_row("header-x5u", "a URL of certificates in the header", x5u=_canary),
    _key_row("header-x5c", "a certificate chain in the header", x5c=_own_chain),
    _row("header-crit", "OIDC-04", "a critical extension nobody knows", _MALFORMED, {"crit": ["exp"], "exp": 1}),
    _row("header-crit-empty", "OIDC-04", "an empty list of critical ones", _MALFORMED, {"crit": []}),
    _row("header-b64-false", "OIDC-04", "b64: false, critical (RFC 7797)", _MALFORMED, {"b64": False, "crit": ["b64"]}),
    _row("header-b64-alone", "OIDC-04", "b64: false, not critical", _MALFORMED, {"b64": False}),
    _row("header-zip", "OIDC-04", "a deflated payload", _MALFORMED, {"zip": "DEF"}),
    _row("header-typ-access-token", "OIDC-04", "an access token in its place", _MALFORMED, {"typ": "at+jwt"}),
    _row("header-typ-long-name", "OIDC-04", "... by its whole media type", _MALFORMED, {"typ": "application/at+jwt"}),
    _row("header-typ-logout-token", "OIDC-04", "a logout token in its place", _MALFORMED, {"typ": "logout+jwt"}),
    _row("header-typ-list", "OIDC-04", "typ is a list", _MALFORMED, {"typ": ["JWT"]}),
    _encrypted("jwe-rsa1-5", "an encrypted token nobody asked for", alg="RSA1_5", enc="A128CBC-HS256"),
    _encrypted("jwe-dir", "... with the shared secret as key", alg="dir", enc="A256GCM"),
    _encrypted("jwe-pbes2", "... with 2 billion rounds of PBKDF2", alg="PBES2-HS256+A128KW", enc="A128GCM",
               p2c=2_000_000_000, p2s="c2FsdA"),
    _encrypted("jwe-rsa-oaep-bomb", "... with a compressed payload", alg="RSA-OAEP-256", enc="A256GCM", zip="DEF"),
)  # fmt: skip
