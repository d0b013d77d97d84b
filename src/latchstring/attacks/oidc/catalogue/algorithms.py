"""What signs a token, and with which key: OIDC-03 and OIDC-09."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from latchstring.attacks.oidc import jose
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Behaviour, Facts, Token

_ALGORITHM, _SIGNATURE = "id_token_algorithm_not_allowed", "id_token_signature_invalid"


def _row(
    name: str, requirement: str, tries: str, refused: str, *, token: Token, pinned: str = "RS256", **more: Any
) -> Row:
    options = {} if pinned == "RS256" else {"id_token_signature_algorithm": pinned}
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=Behaviour(token=token, **more),
        options=options,
    )


def _unsigned(alg: str, signature: bytes = b"") -> Token:
    return Token(header={"alg": alg}, sign=jose.bytes_(signature))


def _hmac(secret: Callable[[], bytes]) -> Token:
    return Token(header={"alg": "HS256"}, sign=jose.by_secret(lambda _: secret()))


def _keyed(alg: str, secret: Any, *, kid: Any = ABSENT) -> Token:
    return Token(header={"alg": alg, "kid": kid}, sign=jose.by_secret(secret))


def _cut(token: str, _facts: Facts) -> str:
    return token.rpartition(".")[0] + "."


def _no_third_part(token: str, _facts: Facts) -> str:
    return token.rpartition(".")[0]


def _flipped(token: str, _facts: Facts) -> str:
    """The signature with its first character changed."""
    rest, _, signature = token.rpartition(".")
    return f"{rest}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def _promoted(token: str, facts: Facts) -> str:
    """Other claims under the signature of the first ones."""
    header, _, signature = token.split(".")
    claims = {"iss": facts.issuer, "aud": facts.client_id, "sub": "admin", "nonce": facts.nonce}
    return f"{header}.{jose.encoded({**claims, 'iat': facts.now, 'exp': facts.now + 300})}.{signature}"


ROWS = (
    _row("alg-none", "OIDC-03", "alg none, no signature", _ALGORITHM, token=_unsigned("none")),
    _row("alg-none-mixed-case", "OIDC-03", "alg nOnE", _ALGORITHM, token=_unsigned("nOnE")),
    _row("alg-none-upper-case", "OIDC-03", "alg NONE with a signature", _ALGORITHM, token=_unsigned("NONE", b"x")),
    _row("alg-none-with-blank", "OIDC-03", "alg 'none '", _ALGORITHM, token=_unsigned("none ")),
    _row("alg-empty", "OIDC-03", "alg is empty", _ALGORITHM, token=_unsigned("")),
    _row("alg-missing", "OIDC-03", "no alg, a good RSA signature", _ALGORITHM, token=Token(header={"alg": ABSENT})),
    _row("alg-list", "OIDC-03", "alg is a list", _ALGORITHM, token=Token(header={"alg": ["RS256", "none"]})),
    _row("alg-lower-case", "OIDC-03", "alg rs256", _ALGORITHM, token=Token(header={"alg": "rs256"})),
    _row("alg-other-hash", "OIDC-03", "RS512 where RS256 is pinned", _ALGORITHM,
         token=Token(header={"alg": "RS512"}, sign=jose.by("rsa", "RS512"))),
    _row("alg-other-padding", "OIDC-03", "PS256 where RS256 is pinned", _ALGORITHM,
         token=Token(header={"alg": "PS256"}, sign=jose.by("rsa", "PS256"))),
    _row("es256-where-rs256-is-pinned", "OIDC-03", "another published key's algorithm", _ALGORITHM,
         token=Token(header={"alg": "ES256", "kid": "ec"}, sign=jose.by("ec", "ES256"))),
    _row("rs256-where-es256-is-pinned", "OIDC-03", "and the other way round", _ALGORITHM, pinned="ES256",
         token=Token()),
    _row("eddsa-where-rs256-is-pinned", "OIDC-03", "Ed25519, published as well", _ALGORITHM,
         token=Token(header={"alg": "EdDSA", "kid": "ed"}, sign=jose.by("ed", "EdDSA"))),
    _row("hs256-with-the-pem", "OIDC-03", "HMAC with the public key as PEM", _ALGORITHM,
         token=_hmac(lambda: jose.pem("rsa"))),
    _row("hs256-with-the-der", "OIDC-03", "HMAC with the public key as DER", _ALGORITHM,
         token=_hmac(lambda: jose.der("rsa"))),
    _row("hs256-with-the-jwk", "OIDC-03", "HMAC with the public JWK", _ALGORITHM,
         token=_hmac(lambda: json.dumps(jose.jwk("rsa")).encode())),
    _row("hs256-with-nothing", "OIDC-03", "HMAC with the empty secret", _ALGORITHM, token=_hmac(bytes)),
    _row("hs256-with-the-client-secret", "OIDC-03", "HMAC with the client secret, not asked for", _ALGORITHM,
         token=_keyed("HS256", lambda it: it.client_secret.encode())),
    _row("hs256-pinned-empty-secret", "OIDC-03", "HS256 pinned, the empty secret", _SIGNATURE, pinned="HS256",
         token=_keyed("HS256", lambda _: b"")),
    _row("hs256-pinned-client-id", "OIDC-03", "HS256 pinned, the client id as secret", _SIGNATURE, pinned="HS256",
         token=_keyed("HS256", lambda it: it.client_id.encode())),
    _row("hs256-pinned-public-key", "OIDC-03", "HS256 pinned, the published key as secret", _SIGNATURE,
         pinned="HS256", token=_keyed("HS256", lambda _: jose.pem("rsa"), kid="rsa")),
    _row("hs256-pinned-none", "OIDC-03", "HS256 pinned, alg none", _ALGORITHM, pinned="HS256",
         token=_unsigned("none")),
    _row("rs256-header-over-hmac", "OIDC-03", "RS256 in the header, an HMAC below", _SIGNATURE,
         token=Token(sign=jose.by_secret(lambda _: jose.pem("rsa")))),
    _row("es256-zeros", "OIDC-03", "ES256 with r = s = 0", _SIGNATURE, pinned="ES256",
         token=Token(header={"alg": "ES256", "kid": "ec"}, sign=jose.bytes_(bytes(64)))),
    _row("es256-der", "OIDC-03", "an ECDSA signature in DER", _SIGNATURE, pinned="ES256",
         token=Token(header={"alg": "ES256", "kid": "ec"}, sign=jose.by_der("ec"))),
    _row("rs256-over-sha1", "OIDC-03", "RS256 in the header, SHA-1 below", _SIGNATURE,
         token=Token(sign=jose.by("rsa", "RS1"))),
    _row("rs256-over-pss", "OIDC-03", "RS256 in the header, PSS below", _SIGNATURE,
         token=Token(sign=jose.by("rsa", "PS256"))),
    _row("signature-of-another-key", "OIDC-09", "a stranger's key under a published name", _SIGNATURE,
         token=Token(sign=jose.by("rsa stranger", "RS256"))),
    _row("signature-empty", "OIDC-09", "the signature cut off", _SIGNATURE, token=Token(rewrite=_cut)),
    _row("signature-part-missing", "OIDC-09", "two parts of three", "id_token_malformed",
         token=Token(rewrite=_no_third_part)),
    _row("signature-zeros", "OIDC-09", "256 zero bytes", _SIGNATURE, token=Token(sign=jose.bytes_(bytes(256)))),
    _row("signature-changed", "OIDC-09", "one character of it", _SIGNATURE, token=Token(rewrite=_flipped)),
    _row("claims-changed", "OIDC-09", "other claims under a good signature", _SIGNATURE,
         token=Token(rewrite=_promoted)),
)  # fmt: skip
