"""Encrypts for the service provider, with every part to choose: anybody who reads its metadata can (SAML-22)."""

from __future__ import annotations

import base64
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from latchstring.attacks.saml.signing import Edit, same
from latchstring.effects import randomness
from latchstring.protocols.saml import certificates, names

_SIZES = {"aes128": 16, "aes192": 24, "aes256": 32}
_HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}  # noqa: S303 - inside OAEP
_DIGESTS = {"sha1": names.SHA1_DIGEST, "sha256": names.SHA256_DIGEST}


def seal(
    plaintext: str | bytes,
    certificate: str,
    *,
    content: str = "aes256-gcm",
    content_uri: str | None = None,
    transport: str = "rsa-oaep-mgf1p",
    transport_uri: str | None = None,
    digest: str = "sha1",
    digest_uri: str | None = None,
    mask: str = "sha1",
    keys: int = 1,
    beside: bool = False,
    spoil: Callable[[bytes], bytes] = bytes,
    spoil_key: Callable[[bytes], bytes] = bytes,
    cipher_data: Edit = same,
    key_info: Edit = same,
) -> str:
    """An EncryptedAssertion. `spoil` changes the ciphertext, `spoil_key` the wrapped key; `beside` puts it outside."""
    raw = plaintext.encode() if isinstance(plaintext, str) else plaintext
    size = _SIZES[content.partition("-")[0]]
    key, gcm = randomness.bytes_(size), content.endswith("gcm")
    body = spoil(_gcm(key, raw) if gcm else _cbc(key, raw))
    method = f'<ds:DigestMethod Algorithm="{digest_uri or _DIGESTS[digest]}"/>'
    if transport == "rsa-oaep":
        method += f'<xenc11:MGF xmlns:xenc11="{names.XENC11}" Algorithm="{names.XENC11}mgf1{mask}"/>'
    wrapped = spoil_key(_wrapped(key, certificate, transport, digest, mask))
    encrypted_key = (
        f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{transport_uri or _transport(transport)}">{method}'
        f"</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{_text(wrapped)}</xenc:CipherValue>"
        "</xenc:CipherData></xenc:EncryptedKey>"
    ) * keys
    data = cipher_data(f"<xenc:CipherData><xenc:CipherValue>{_text(body)}</xenc:CipherValue></xenc:CipherData>")
    info = key_info("" if beside else f"<ds:KeyInfo>{encrypted_key}</ds:KeyInfo>")
    algorithm = content_uri or (names.XENC11 if gcm else names.XENC) + content
    return (
        f'<saml:EncryptedAssertion xmlns:saml="{names.SAML}" xmlns:xenc="{names.XENC}" xmlns:ds="{names.DS}">'
        f'<xenc:EncryptedData Type="{names.XENC}Element"><xenc:EncryptionMethod Algorithm="{algorithm}"/>{info}{data}'
        f"</xenc:EncryptedData>{encrypted_key if beside else ''}</saml:EncryptedAssertion>"
    )


def flip(at: int) -> Callable[[bytes], bytes]:
    """One bit at this place."""

    def flipped(body: bytes) -> bytes:
        changed = bytearray(body)
        changed[at] ^= 1
        return bytes(changed)

    return flipped


def _gcm(key: bytes, plaintext: bytes) -> bytes:
    nonce = randomness.bytes_(12)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, None)


def _cbc(key: bytes, plaintext: bytes) -> bytes:
    vector, fill = randomness.bytes_(16), 16 - len(plaintext) % 16
    engine = Cipher(AES(key), CBC(vector)).encryptor()
    return vector + engine.update(plaintext + bytes(fill - 1) + bytes([fill])) + engine.finalize()


def _wrapped(key: bytes, certificate: str, transport: str, digest: str, mask: str) -> bytes:
    public = certificates.public_key(certificate)
    if not isinstance(public, RSAPublicKey):
        raise TypeError("keys are wrapped for RSA")
    if transport == "rsa-1_5":
        return public.encrypt(key, padding.PKCS1v15())
    return public.encrypt(key, padding.OAEP(padding.MGF1(_HASHES[mask]), _HASHES[digest], None))


def _transport(name: str) -> str:
    return (names.XENC11 if name == "rsa-oaep" else names.XENC) + name


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
