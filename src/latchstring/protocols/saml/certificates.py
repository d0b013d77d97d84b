"""X.509 certificates as pinned keys, in any shape in which people paste them; chains and dates decide nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import datetime
from functools import lru_cache

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from latchstring.model.refusal import InvalidRequest, Mender

STRONG_RSA = 2048  # bits (SAML-20)
MAX_SIZE = 65_536  # characters or bytes
_ARMOUR = re.compile(r"-----BEGIN [A-Z0-9 ]+-----([^-]*)-----END [A-Z0-9 ]+-----")

PublicKey = RSAPublicKey | EllipticCurvePublicKey
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


class CertificateInvalid(InvalidRequest):
    """This is not a certificate (or key) that can be used: {reason}."""

    code = "certificate_invalid"
    mender = Mender.IT_ADMIN
    fix = "Give an X.509 certificate with an RSA or elliptic-curve key, as PEM or as the Base64 text of its DER form."
    reason: str


class CertificateFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about a certificate. The dates are for people: an expired pinned key still verifies."""

    pem: str  # one form for all shapes: 64 columns, "\n" at the end
    fingerprint: str  # SHA-256 of the DER form, lower-case hex
    subject: str  # RFC 4514
    issuer: str
    not_before: datetime
    not_after: datetime
    key_kind: str  # rsa, ec
    key_bits: int
    signature_hash: str | None  # with which the certificate itself is signed, "sha256"; None: not known


class TrustedKey(msgspec.Struct, frozen=True):
    """A parsed public key and the fingerprint of the certificate it stands in."""

    key: PublicKey
    kind: str
    bits: int
    fingerprint: str


def load(text_or_der: str | bytes) -> CertificateFacts:
    """Reads PEM, the Base64 text of DER (also in several lines, with or without BEGIN and END), or DER.

    Raises `CertificateInvalid`. A text with several certificates is refused: which one would be meant?
    """
    der = _der(text_or_der)
    try:
        parsed = x509.load_der_x509_certificate(der)
        key = parsed.public_key()
        subject, issuer = parsed.subject.rfc4514_string(), parsed.issuer.rfc4514_string()
        not_before, not_after = parsed.not_valid_before_utc, parsed.not_valid_after_utc
        signature_hash = _signature_hash(parsed)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise CertificateInvalid(reason="it is not an X.509 certificate") from None
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise CertificateInvalid(reason="its key is neither RSA nor elliptic-curve")
    return CertificateFacts(
        pem=_pem(der),
        fingerprint=hashlib.sha256(der).hexdigest(),
        subject=subject,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        key_kind="rsa" if isinstance(key, RSAPublicKey) else "ec",
        key_bits=key.key_size,
        signature_hash=signature_hash,
    )


def public_key(pem: str) -> PublicKey:
    """The key of a certificate in PEM, parsed once for each text. Raises `CertificateInvalid`."""
    return trusted(pem).key


@lru_cache(maxsize=4096)
def trusted(pem: str) -> TrustedKey:
    """The key of a certificate in PEM with what the verifier asks about it. Raises `CertificateInvalid`."""
    facts = load(pem)
    key = x509.load_pem_x509_certificate(facts.pem.encode()).public_key()
    assert isinstance(key, RSAPublicKey | EllipticCurvePublicKey)  # noqa: S101 - `load` has refused the others
    return TrustedKey(key, facts.key_kind, facts.key_bits, facts.fingerprint)


@lru_cache(maxsize=256)
def private_key(pem: str) -> PrivateKey:
    """A private key in PEM (PKCS 8 or older forms, not encrypted), parsed once. Raises `CertificateInvalid`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateInvalid(reason="the private key cannot be read as PEM without a passphrase") from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise CertificateInvalid(reason="the private key is neither RSA nor elliptic-curve")
    return key


def check_pair(*, key_pem: str, certificate_pem: str) -> None:
    """Refuses a private key that is not the one of the certificate. Raises `CertificateInvalid`."""
    if private_key(key_pem).public_key() != public_key(certificate_pem):
        raise CertificateInvalid(reason="the private key does not belong to the certificate")


def fingerprint_of(base64_der: str) -> str | None:
    """The SHA-256 fingerprint of what stands in an X509Certificate element; None if it is not Base64."""
    try:
        return hashlib.sha256(base64.b64decode("".join(base64_der.split()), validate=True)).hexdigest()
    except (binascii.Error, ValueError):
        return None


def bare(pem: str) -> str:
    """The Base64 text of the DER form in one line, as X509Certificate holds it."""
    return base64.b64encode(_der(pem)).decode()


def _signature_hash(parsed: x509.Certificate) -> str | None:
    try:
        algorithm = parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None
    return algorithm.name if algorithm else None


def _der(text_or_der: str | bytes) -> bytes:
    if len(text_or_der) > MAX_SIZE:
        raise CertificateInvalid(reason="it is too long")
    if isinstance(text_or_der, bytes):
        if (
            text_or_der[:1] == b"\x30"
        ):  # an ASN.1 SEQUENCE; as text it would be the digit 0, which no Base64 DER begins with
            return text_or_der
        text = text_or_der.decode("utf-8", "replace")
    else:
        text = text_or_der
    blocks = _ARMOUR.findall(text)
    if len(blocks) > 1:
        raise CertificateInvalid(reason="there is more than one certificate in it")
    body = "".join((blocks[0] if blocks else text).replace("\\n", "\n").split()).removeprefix("\ufeff")
    try:
        der = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise CertificateInvalid(reason="it is neither PEM nor Base64") from None
    if not der:
        raise CertificateInvalid(reason="it is empty")
    return der


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
