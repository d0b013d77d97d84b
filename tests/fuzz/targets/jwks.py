"""Published keys, and what is found among them for each algorithm."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey, RSAKey

from latchstring.model.refusal import Refusal
from latchstring.protocols.oidc import keys as published
from tests.fuzz import keys, mutations
from tests.fuzz.target import Target, Violation

_ALGORITHMS = ("RS256", "PS512", "ES256", "ES512", "EdDSA")


def run(data: bytes) -> str:
    outcome = ""
    for algorithm in _ALGORITHMS:
        for kid in (None, "rsa", "ec"):
            try:
                found = published.find(data, algorithm=algorithm, kid=kid)
            except Refusal as refusal:
                outcome = outcome or refusal.code
                continue
            for key in found:
                if key.is_private or key.key_type == "oct":
                    raise Violation("a key that is not public")
                if isinstance(key, RSAKey) and key.public_key.key_size < published.MIN_RSA_BITS:
                    raise Violation("a short RSA key")
                if key.key_type != {"R": "RSA", "P": "RSA", "E": "EC"}.get(algorithm[0]) and algorithm != "EdDSA":
                    raise Violation("a key of another kind")
            if len(found) > published.MAX_TRIES:
                raise Violation("more keys than are tried")
            outcome = "accepted"
    return outcome


@cache
def _public() -> tuple[dict[str, Any], ...]:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    rsa = RSAKey.import_key(keys.rsa_key("rsa").public_key().public_bytes(*form), {"kid": "rsa", "use": "sig"})
    curve = keys.ec_key("ec", ec.SECP256R1()).public_key().public_bytes(*form)
    return (
        rsa.as_dict(private=False),
        ECKey.import_key(curve, {"kid": "ec", "key_ops": ["verify"]}).as_dict(private=False),
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "ed"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "short"},
    )


def _seeds() -> list[bytes]:
    return [json.dumps({"keys": list(_public()[:count])}).encode() for count in (1, 2, 3, 4)]


TARGET = Target(about="key sets of providers", seeds=_seeds, mutate=mutations.some(mutations.document), run=run)
