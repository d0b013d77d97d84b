"""Our own key pairs towards a provider: read, matched with algorithms, and published as a JWKS (RFC 7517)."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from latchstring.model.connection import Certificate, OidcConfig

ClientKey = RSAKey | ECKey

MIN_RSA_BITS = 2048
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_RSA_SIGNATURES = ("RS256", "PS256")  # the one that everybody has, and the one that some profiles ask for (FAPI)


@lru_cache(maxsize=256)
def private(pem: str) -> ClientKey:
    """A private key in PEM, as the settings have checked it. Parsed once."""
    loaded = load_pem_private_key(pem.encode(), password=None)
    kind = RSAKey if isinstance(loaded.public_key(), RSAPublicKey) else ECKey
    return kind.import_key(pem)


def algorithm(key: ClientKey, supported: Sequence[str]) -> str:
    """What this key signs with: by its curve, or the first of RS256 and PS256 that the provider takes."""
    if isinstance(key, ECKey):
        return {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[key.curve_name]
    return next((name for name in _RSA_SIGNATURES if name in supported), _RSA_SIGNATURES[0])


def usable(certificate_pem: str) -> str | None:
    """`rsa` or `ec` for a certificate whose key will do; None for a weak one or another kind."""
    key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    if isinstance(key, RSAPublicKey):
        return "rsa" if key.key_size >= MIN_RSA_BITS else None
    return "ec" if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES else None


def kind_for(encryption_algorithm: str) -> str:
    """Which kind of key an ID token is encrypted for."""
    return "rsa" if encryption_algorithm.startswith("RSA") else "ec"


def jwks(config: OidcConfig) -> dict[str, Any]:
    """Public halves alone: every key that signs or will sign, and those that ID tokens may be encrypted for.

    The newest ones first: a provider that takes the first key for encryption takes that one.
    """
    found = [_jwk(entry, {"use": "sig"}) for entry in reversed(config.jwt_signing_certificates)]
    encryption = config.id_token_encryption_algorithm
    if encryption is not None:
        found += [
            _jwk(entry, {"use": "enc", "alg": encryption})
            for entry in reversed(config.jwt_encryption_certificates)
            if usable(entry.pem) == kind_for(encryption)
        ]
    return {"keys": found}


def _jwk(entry: Certificate, says: dict[str, str]) -> dict[str, Any]:
    certificate = x509.load_pem_x509_certificate(entry.pem.encode())
    key = certificate.public_key()
    der = certificate.public_bytes(Encoding.DER)
    more = {
        "kid": entry.id,
        **says,
        "x5c": [b64encode(der).decode()],
        "x5t#S256": _base64url(bytes.fromhex(entry.fingerprint)),
    }
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e), **more}
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("the settings let only RSA and elliptic-curve keys in")
    size = (key.key_size + 7) // 8
    point = key.public_numbers()
    curve = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}[key.curve.name]
    return {
        "kty": "EC",
        "crv": curve,
        "x": _base64url(point.x.to_bytes(size, "big")),
        "y": _base64url(point.y.to_bytes(size, "big")),
        **more,
    }


def _integer(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
