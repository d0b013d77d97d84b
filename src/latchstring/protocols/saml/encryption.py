"""Opens an EncryptedAssertion or EncryptedID (core 6.1): RSA-OAEP around AES-GCM, and AES-CBC under conditions.

Whatever goes wrong behind the first look at the algorithms is one refusal without facts, `DecryptionFailed`: anybody
can encrypt to us, so a difference would answer an attacker's guesses (SAML-23). What comes out is not trusted more
than what came in; it is verified like any other assertion.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree

from latchstring.protocols.saml import certificates, names, refusals, xml

MAX_ENCRYPTED_KEYS = 4
_NONCE = 12  # bytes: 96 bits (XML Encryption 1.1, 5.2.4)
_TAG = 16  # bytes: 128 bits, never less
_BLOCK = 16

# Content encryption -> (mode, key size in bytes). Triple DES is on no list and cannot be switched on.
_CONTENT = {
    f"{names.XENC11}aes128-gcm": ("gcm", 16),
    f"{names.XENC11}aes192-gcm": ("gcm", 24),
    f"{names.XENC11}aes256-gcm": ("gcm", 32),
    f"{names.XENC}aes128-cbc": ("cbc", 16),
    f"{names.XENC}aes192-cbc": ("cbc", 24),
    f"{names.XENC}aes256-cbc": ("cbc", 32),
}
_OAEP_MGF1P = f"{names.XENC}rsa-oaep-mgf1p"  # mask generation with SHA-1, whatever the digest
_OAEP = f"{names.XENC11}rsa-oaep"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    names.SHA1_DIGEST: hashes.SHA1(),  # noqa: S303 - inside OAEP its weaknesses do not matter
    names.SHA256_DIGEST: hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
}
_MASKS: dict[str, hashes.HashAlgorithm] = {
    f"{names.XENC11}mgf1sha1": hashes.SHA1(),  # noqa: S303 - the same
    f"{names.XENC11}mgf1sha256": hashes.SHA256(),
    f"{names.XENC11}mgf1sha384": hashes.SHA384(),
    f"{names.XENC11}mgf1sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An encrypted element taken apart."""

    mode: str
    key_size: int
    ciphertext: bytes
    keys: tuple[tuple[padding.OAEP, bytes], ...]


def is_cbc(encrypted: etree._Element) -> bool:
    """Whether its content is in a mode that does not protect itself against changes."""
    return _content(_data(encrypted))[0] == "cbc"


def decrypt(encrypted: etree._Element, private_keys: Sequence[str]) -> bytes:
    """The plaintext of an EncryptedAssertion or EncryptedID. Every key (PEM) is tried on every EncryptedKey.

    Raises `AlgorithmNotAllowed`, `EncryptionKeyMissing` and `AssertionMalformed` for what can be seen from outside,
    else `DecryptionFailed`.
    """
    sealed = _take_apart(encrypted)
    for pem in private_keys:
        key = certificates.private_key(pem)
        if not isinstance(key, RSAPrivateKey):
            continue
        for scheme, wrapped in sealed.keys:
            try:
                content_key = key.decrypt(wrapped, scheme)
            except ValueError:
                continue
            plaintext = _open(sealed, content_key)
            if plaintext is not None:
                return plaintext
    raise refusals.DecryptionFailed


def _open(sealed: _Sealed, key: bytes) -> bytes | None:
    if len(key) != sealed.key_size:
        return None
    if sealed.mode == "gcm":
        if len(sealed.ciphertext) < _NONCE + _TAG:
            return None
        try:
            return AESGCM(key).decrypt(sealed.ciphertext[:_NONCE], sealed.ciphertext[_NONCE:], None)
        except InvalidTag:
            return None
    if len(sealed.ciphertext) < 2 * _BLOCK or len(sealed.ciphertext) % _BLOCK:
        return None
    opener = Cipher(AES(key), CBC(sealed.ciphertext[:_BLOCK])).decryptor()
    padded = opener.update(sealed.ciphertext[_BLOCK:]) + opener.finalize()
    count = padded[-1]  # the last byte tells how many; the others may be anything (XML Encryption 5.2)
    return padded[:-count] if 1 <= count <= _BLOCK else None


def _take_apart(encrypted: etree._Element) -> _Sealed:
    data = _data(encrypted)
    mode, size = _content(data)
    wrapped = tuple(_wrapped(key) for key in _encrypted_keys(encrypted))
    if not wrapped:
        raise refusals.EncryptionKeyMissing
    if len(wrapped) > MAX_ENCRYPTED_KEYS:
        _malformed(f"there are more than {MAX_ENCRYPTED_KEYS} EncryptedKeys")
    return _Sealed(mode=mode, key_size=size, ciphertext=_cipher_value(data), keys=wrapped)


def _data(encrypted: etree._Element) -> etree._Element:
    found = encrypted.findall(names.ENCRYPTED_DATA)
    others = {names.ENCRYPTED_DATA, names.ENCRYPTED_KEY}
    if len(found) != 1 or any(part.tag not in others for part in xml.children(encrypted)):
        _malformed("there is not exactly one EncryptedData")
    return found[0]


def _content(data: etree._Element) -> tuple[str, int]:
    method = data.find(names.ENCRYPTION_METHOD)
    algorithm = "" if method is None else method.get("Algorithm", "")
    known = _CONTENT.get(algorithm)
    if known is None:
        raise refusals.AlgorithmNotAllowed(role="encryption", received=algorithm[:256])
    return known


def _encrypted_keys(encrypted: etree._Element) -> Iterator[etree._Element]:
    """Inside the KeyInfo of the data, or beside the data; no RetrievalMethod is followed anywhere."""
    yield from encrypted.iter(names.ENCRYPTED_KEY)


def _wrapped(key: etree._Element) -> tuple[padding.OAEP, bytes]:
    method = key.find(names.ENCRYPTION_METHOD)
    algorithm = "" if method is None else method.get("Algorithm", "")
    if method is None or algorithm not in (_OAEP_MGF1P, _OAEP):  # RSA 1.5 is on no list (SAML-23)
        raise refusals.AlgorithmNotAllowed(role="key transport", received=algorithm[:256])
    digest = _named(method, names.DIGEST_METHOD, _DIGESTS, names.SHA1_DIGEST)
    mask: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303 - what the older algorithm fixes
    if algorithm == _OAEP:
        mask = _named(method, names.MGF, _MASKS, f"{names.XENC11}mgf1sha1")
    label = method.find(names.OAEP_PARAMS)
    scheme = padding.OAEP(padding.MGF1(mask), digest, _base64(label) if label is not None else None)
    return scheme, _cipher_value(key)


def _named(
    method: etree._Element, tag: str, known: dict[str, hashes.HashAlgorithm], default: str
) -> hashes.HashAlgorithm:
    element = method.find(tag)
    algorithm = default if element is None else element.get("Algorithm", "")
    if algorithm not in known:
        raise refusals.AlgorithmNotAllowed(role="key transport", received=algorithm[:256])
    return known[algorithm]


def _cipher_value(element: etree._Element) -> bytes:
    """The bytes that stand in the document; a CipherReference is not followed."""
    data = element.findall(names.CIPHER_DATA)
    values = data[0].findall(names.CIPHER_VALUE) if len(data) == 1 else []
    if len(values) != 1 or len(xml.children(data[0])) != 1:
        _malformed("the ciphertext does not stand in one CipherValue")
    return _base64(values[0])


def _base64(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join(xml.text(element).split()), validate=True)
    except (binascii.Error, ValueError):
        _malformed(f"{xml.local(element)} is not Base64")


def _malformed(reason: str) -> NoReturn:
    raise refusals.AssertionMalformed(element="EncryptedAssertion", reason=reason)
