"""Tokens as a forger makes them: every byte of a JWS at hand, signed by the primitives alone.

No JOSE library: those refuse to make most of what an attack needs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from latchstring.attacks.oidc.values import Facts

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Sign = Callable[[bytes, Facts], bytes]

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - a forger may
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_WEAK = 1024


_keys: dict[str, Private] = {}
_making = threading.Lock()  # two threads of the provider may want the same key, and are to get the same


def key(name: str) -> Private:
    """The key of that name, made once a process: `rsa...`, `ec...`, `ed...`, `weak...`."""
    with _making:
        if name not in _keys:
            _keys[name] = _made(name)
        return _keys[name]


def _made(name: str) -> Private:
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    if name.startswith("ed"):
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=_WEAK if name.startswith("weak") else 2048)


def encoded(value: Any) -> str:
    """base64url without padding, of bytes or of a value as JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwk(name: str, **more: Any) -> dict[str, Any]:
    """The public key as a JWK; a None in `more` takes a member away."""
    public = key(name).public_key()
    found: dict[str, Any] = {"kid": name, "use": "sig"}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        found |= {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}
    elif isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        found |= {"kty": "EC", "crv": "P-256", "x": encoded(point.x.to_bytes(32)), "y": encoded(point.y.to_bytes(32))}
    else:
        found |= {"kty": "OKP", "crv": "Ed25519", "x": encoded(public.public_bytes_raw())}
    return {member: value for member, value in (found | more).items() if value is not None}


def private_jwk(name: str) -> dict[str, Any]:
    """An RSA key with the member that must never be published."""
    found = key(name)
    assert isinstance(found, rsa.RSAPrivateKey)  # noqa: S101 - the catalogue names an RSA key
    return jwk(name) | {"d": _integer(found.private_numbers().d)}


def pem(name: str) -> bytes:
    """The public key as providers print it: what a confused verifier takes for an HMAC secret."""
    return key(name).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


def der(name: str) -> bytes:
    return key(name).public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


def by(name: str, algorithm: str) -> Sign:
    """The signature of `algorithm` (RFC 7518) with the key of that name."""

    def sign(signed: bytes, _facts: Facts) -> bytes:
        found = key(name)
        if isinstance(found, ed25519.Ed25519PrivateKey):
            return found.sign(signed)
        digest = _HASHES[algorithm[2:]]
        if isinstance(found, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(found.sign(signed, ec.ECDSA(digest)))
            return r.to_bytes(32) + s.to_bytes(32)
        if algorithm.startswith("PS"):
            return found.sign(signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return found.sign(signed, padding.PKCS1v15(), digest)

    return sign


def by_der(name: str) -> Sign:
    """An ECDSA signature as X.509 writes it, which JWS does not."""

    def sign(signed: bytes, _facts: Facts) -> bytes:
        found = key(name)
        assert isinstance(found, ec.EllipticCurvePrivateKey)  # noqa: S101 - the catalogue names an EC key
        return found.sign(signed, ec.ECDSA(hashes.SHA256()))

    return sign


def by_secret(secret: Callable[[Facts], bytes], digest: str = "sha256") -> Sign:
    """An HMAC with whatever an attacker takes for the secret."""
    return lambda signed, facts: hmac.new(secret(facts), signed, digest).digest()


def bytes_(signature: bytes) -> Sign:
    """No signature at all, but these bytes in its place."""
    return lambda _signed, _facts: signature


def half_hash(text: str, name: str = "sha256") -> str:
    """at_hash and c_hash (OpenID Connect Core 3.1.3.6)."""
    digest = hashlib.new(name, text.encode()).digest()
    return encoded(digest[: len(digest) // 2])


def _integer(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8))
