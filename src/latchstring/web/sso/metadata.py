"""What we publish: our SAML metadata and our JWKS for each connection, the JWKS of each environment."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from latchstring.flows import publish
from latchstring.flows.house import House
from latchstring.web.kit.message import Reply, as_json
from latchstring.web.kit.route import Ask


def sp_metadata(house: House, ask: Ask) -> Reply:
    document = publish.sp_metadata(house, ask.params["external_key"])
    return Reply(
        headers=(
            (b"content-type", b"application/samlmetadata+xml; charset=utf-8"),
            (b"content-disposition", b'inline; filename="latchstring-sp-metadata.xml"'),
        ),
        body=document,
    )


def client_jwks(house: House, ask: Ask) -> Reply:
    """Kept by nobody for longer than a quarter of the hour in which a new key is published and does not sign yet."""
    keys = publish.client_jwks(house, ask.params["external_key"])
    return as_json(keys, headers=((b"cache-control", b"public, max-age=900"),))


def jwks(house: House, ask: Ask) -> Reply:
    certificate = x509.load_pem_x509_certificate(publish.jwks_certificate(house, ask.params["client_id"]).encode())
    der = certificate.public_bytes(Encoding.DER)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("an environment's key is RSA")
    numbers = key.public_numbers()
    fingerprint = _base64url(sha256(der).digest())
    entry = {
        "alg": "RS256",
        "kty": "RSA",
        "use": "sig",
        "kid": f"key_{fingerprint}",
        "n": _base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": _base64url(numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big")),
        "x5c": [b64encode(der).decode()],
        "x5t#S256": fingerprint,
    }
    return as_json({"keys": [entry]}, headers=((b"cache-control", b"public, max-age=300"),))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
