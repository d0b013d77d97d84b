"""Enveloped signatures with every part to choose: honest ones that are unusual, and dishonest ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils
from lxml import etree

from latchstring.attacks.saml.scene import Pair
from latchstring.protocols.saml import certificates, names, xml

Edit = Callable[[str], str]

TRANSFORMS = f'<ds:Transform Algorithm="{names.ENVELOPED}"/><ds:Transform Algorithm="{names.EXC_C14N}"/>'
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - to be refused
    "sha1": hashes.SHA1(),  # noqa: S303 - to be refused
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def same(text: str) -> str:
    return text


def enveloped(
    document: str,
    pair: Pair,
    *,
    algorithm: str | None = None,
    digest_algorithm: str = names.SHA256_DIGEST,
    digest: bytes | None = None,
    transforms: str = TRANSFORMS,
    canonicalization: str = f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"/>',
    uri: str | None = None,
    reference: str = "<ds:Reference{uri}>",
    in_reference: str = "",
    in_signed_info: str = "",
    in_signature: str = "",
    key_info: str = "",
    inclusive: bool = False,
    with_comments: bool = False,
    prefixes: Sequence[str] = (),
    hmac_key: bytes | None = None,
    value: bytes | None = None,
    edit: Edit = same,
) -> str:
    """A signature behind the Issuer of the root, made with `pair`; by default one as every provider makes it.

    `edit` changes the ds:Signature as text after it was made; what it says then is no longer what was signed.
    """
    if algorithm is None:
        algorithm = fitting(pair, names.RSA_SHA256)
    root = xml.reparse(document.encode())
    if digest is None:
        canonical = xml.canonical(root, prefixes, exclusive=not inclusive, with_comments=with_comments)
        name = digest_algorithm.rpartition("#")[2]
        digest = hashlib.new(name if name in _HASHES else "sha256", canonical, usedforsecurity=False).digest()
    where = f"#{root.get('ID')}" if uri is None else uri
    opening = reference.format(uri=f' URI="{where}"')
    info = (
        f'<ds:SignedInfo>{canonicalization}<ds:SignatureMethod Algorithm="{algorithm}"/>'
        f"{opening}<ds:Transforms>{transforms}</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{digest_algorithm}"/>'
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue>{in_reference}</ds:Reference>"
        f"{in_signed_info}</ds:SignedInfo>"
    )
    draft = xml.reparse(f'<ds:Signature xmlns:ds="{names.DS}">{info}</ds:Signature>'.encode())
    root.insert(1, draft)
    signed = xml.canonical(draft[0], exclusive=not inclusive, with_comments=with_comments)
    xml.detach(draft)
    if value is None:
        value = made(signed, pair, algorithm, hmac_key)
    text = edit(
        f'<ds:Signature xmlns:ds="{names.DS}">{info}'
        f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>{key_info}{in_signature}"
        "</ds:Signature>"
    )
    root.insert(1, xml.reparse(text.encode()))
    return etree.tostring(root, encoding="unicode")


def fitting(pair: Pair, algorithm: str) -> str:
    """The algorithm of the same hash that fits the pair's key, where the one given is a known one for RSA."""
    kind, hash_name = names.SIGNATURES.get(algorithm, ("", ""))
    if kind != "rsa" or not isinstance(_private_key(pair.key), ec.EllipticCurvePrivateKey):
        return algorithm
    return next(uri for uri, known in names.SIGNATURES.items() if known == ("ec", hash_name))


def made(message: bytes, pair: Pair, algorithm: str, hmac_key: bytes | None = None) -> bytes:
    """The value that `algorithm` gives for `message`, as far as the kind of key allows it."""
    name = algorithm.rpartition("-")[2]
    hash_ = _HASHES.get(name, _HASHES["sha256"])
    if hmac_key is not None:
        return hmac.new(hmac_key, message, name if name in _HASHES else "sha256").digest()
    key = _private_key(pair.key)
    if isinstance(key, rsa.RSAPrivateKey):
        if "rsa-MGF1" in algorithm:
            return key.sign(message, padding.PSS(padding.MGF1(hash_), hash_.digest_size), hash_)
        return key.sign(message, padding.PKCS1v15(), hash_)
    if isinstance(key, dsa.DSAPrivateKey):
        return key.sign(message, hash_)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a key that nobody signs XML with")
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hash_)))
    half = (key.curve.key_size + 7) // 8
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


@cache
def _private_key(pem: str) -> object:
    """Parsed once: reading a key checks it, which takes longer than a signature."""
    return serialization.load_pem_private_key(pem.encode(), None)


def key_info(*pems: str) -> str:
    """A KeyInfo with these certificates."""
    held = "".join(f"<ds:X509Certificate>{certificates.bare(pem)}</ds:X509Certificate>" for pem in pems)
    return f"<ds:KeyInfo><ds:X509Data>{held}</ds:X509Data></ds:KeyInfo>"
