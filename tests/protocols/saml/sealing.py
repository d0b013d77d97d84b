"""Encrypts assertions as identity providers do, with every part to choose."""

from __future__ import annotations

import base64
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from latchstring.protocols.saml import names
from latchstring.protocols.saml.signing import sign as enveloped
from tests.protocols.saml.answers import Edit, Key, answer, pair, same

SIZES = {"aes128": 16, "aes192": 24, "aes256": 32}
HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}  # noqa: S303 - inside OAEP
DIGESTS = {"sha1": names.SHA1_DIGEST, "sha256": names.SHA256_DIGEST}
OUR_KEY: Key = "other"  # stands for the service provider's key pair


def uri(content: str) -> str:
    return (names.XENC11 if content.endswith("gcm") else names.XENC) + content


def sealed(
    plaintext: bytes,
    *,
    content: str = "aes256-gcm",
    content_uri: str | None = None,
    transport: str = "rsa-oaep-mgf1p",
    transport_uri: str | None = None,
    digest: str = "sha1",
    mask: str = "sha1",
    to: Key = OUR_KEY,
    keys: int = 1,
    spoil: Any = bytes,
    beside: bool = False,
    cipher_data: Edit = same,
) -> str:
    """An EncryptedAssertion. `spoil` changes the ciphertext; `beside` puts the EncryptedKey beside the data."""
    size = SIZES[content.partition("-")[0]]
    key, nonce = os.urandom(size), os.urandom(12 if content.endswith("gcm") else 16)
    if content.endswith("gcm"):
        body = nonce + AESGCM(key).encrypt(nonce, plaintext, None)
    else:
        fill = 16 - len(plaintext) % 16
        sealer = Cipher(AES(key), CBC(nonce)).encryptor()
        body = nonce + sealer.update(plaintext + os.urandom(fill - 1) + bytes([fill])) + sealer.finalize()
    recipient = pair(to).key
    assert isinstance(recipient, RSAPrivateKey)
    scheme = padding.OAEP(padding.MGF1(HASHES[mask]), HASHES[digest], None)
    wrapped = recipient.public_key().encrypt(key, scheme)
    method = f'<ds:DigestMethod Algorithm="{DIGESTS[digest]}"/>'
    if transport == "rsa-oaep":
        method += f'<xenc11:MGF xmlns:xenc11="{names.XENC11}" Algorithm="{names.XENC11}mgf1{mask}"/>'
    algorithm = transport_uri or (names.XENC11 if transport == "rsa-oaep" else names.XENC) + transport
    encrypted_key = (
        f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{algorithm}">{method}</xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{_text(wrapped)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
    ) * keys
    data = cipher_data(f"<xenc:CipherData><xenc:CipherValue>{_text(spoil(body))}</xenc:CipherValue></xenc:CipherData>")
    info = "" if beside else f"<ds:KeyInfo>{encrypted_key}</ds:KeyInfo>"
    return (
        f'<saml:EncryptedAssertion xmlns:saml="{names.SAML}" xmlns:xenc="{names.XENC}" xmlns:ds="{names.DS}">'
        f'<xenc:EncryptedData Type="{names.XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{content_uri or uri(content)}"/>{info}{data}</xenc:EncryptedData>'
        f"{encrypted_key if beside else ''}</saml:EncryptedAssertion>"
    )


def sealed_answer(
    *,
    sign: str = "assertion",
    key: Key = "rsa",
    plaintext: bytes | None = None,
    more: str = "",
    answer_: dict[str, Any] | None = None,
    **how: Any,
) -> bytes:
    """A Response with an encrypted assertion; `sign` speaks of the plaintext and of the Response around it."""
    inner = "assertion" if sign in ("assertion", "both") else "none"
    text = answer(sign=inner, key=key, **(answer_ or {})).decode()  # type: ignore[arg-type]
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    body = sealed(text[start:end].encode() if plaintext is None else plaintext, **how)
    document = (text[:start] + body + more + text[end:]).encode()
    if sign in ("response", "both"):
        document = enveloped(document, key_pem=pair(key).pem, certificate_pem=pair(key).certificate)
    return document


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
