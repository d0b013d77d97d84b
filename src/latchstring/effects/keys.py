"""Makes key pairs with a self-signed certificate around the public half."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

LIFETIME = timedelta(days=3650)


def rsa_pair(common_name: str, now: datetime) -> tuple[str, str]:
    """A certificate and its RSA-2048 private key (PKCS 8), both PEM."""
    return _certified(rsa.generate_private_key(public_exponent=65537, key_size=2048), common_name, now)


def ec_pair(common_name: str, now: datetime) -> tuple[str, str]:
    """A certificate and its P-256 private key (PKCS 8), both PEM; good for signatures alone."""
    return _certified(ec.generate_private_key(ec.SECP256R1()), common_name, now)


def _certified(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, common_name: str, now: datetime) -> tuple[str, str]:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
