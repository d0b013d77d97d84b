"""The attacker's own keys, each in a certificate that would like to be taken for the identity provider's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from latchstring.attacks.saml.scene import Pair

_PEM = serialization.Encoding.PEM


def made(idp: Pair, now: datetime) -> Mapping[str, Pair]:
    """What the catalogue asks for by name. `idp` is the provider that is impersonated."""
    real = x509.load_pem_x509_certificate(idp.certificate.encode())
    rsa_key = rsa.generate_private_key(65537, 2048)
    return {
        "stranger": _pair(rsa_key, real, now),  # the same subject, issuer and serial number as the real one
        "issued": _pair(rsa_key, real, now, signed_by=load_pem_private_key(idp.key.encode(), None)),
        "expired": _pair(rsa.generate_private_key(65537, 2048), real, now, days=-30),
        "rsa1024": _pair(rsa.generate_private_key(65537, 1024), real, now),  # noqa: S505 - to be refused
        "ec256": _pair(ec.generate_private_key(ec.SECP256R1()), real, now),
        "ec384": _pair(ec.generate_private_key(ec.SECP384R1()), real, now),
        "ec521": _pair(ec.generate_private_key(ec.SECP521R1()), real, now),
        "dsa": _pair(dsa.generate_private_key(1024), real, now),  # noqa: S505 - to be refused
    }


def _pair(key: Any, like: x509.Certificate, now: datetime, *, signed_by: Any = None, days: int = 30) -> Pair:
    certificate = (
        x509.CertificateBuilder()
        .subject_name(like.subject)
        .issuer_name(like.subject)
        .public_key(key.public_key())
        .serial_number(like.serial_number)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(signed_by or key, hashes.SHA256())
    )
    private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(key=private.decode(), certificate=certificate.public_bytes(_PEM).decode())
