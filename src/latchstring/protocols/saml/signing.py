"""Signing: enveloped signatures on documents of ours, and signed queries for the Redirect binding."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from latchstring.protocols.saml import certificates, ecdsa, names, xml

_ECDSA_SHA256 = ec.ECDSA(hashes.SHA256())
_PKCS1 = padding.PKCS1v15()
_SHA256 = hashes.SHA256()

# Written in canonical form, so that the bytes that are signed need no parser: only the namespace moves.
_SIGNED_INFO = (
    "<ds:SignedInfo{namespace}>"
    f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{algorithm}"></ds:SignatureMethod>'
    '<ds:Reference URI="#{id}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{names.ENVELOPED}"></ds:Transform>'
    f'<ds:Transform Algorithm="{names.EXC_C14N}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{names.SHA256_DIGEST}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_SIGNATURE = (
    f'<ds:Signature xmlns:ds="{names.DS}">'
    "{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>"
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    "</ds:Signature>"
)
_NAMESPACE = f' xmlns:ds="{names.DS}"'


def sign(element_or_bytes: etree._Element | bytes, *, key_pem: str, certificate_pem: str) -> bytes:
    """The document with an enveloped signature behind its Issuer: RSA-SHA256 or ECDSA-SHA256, by the kind of the key.

    The root needs an `ID` that is an NCName. An element that is passed in gets the signature too.
    """
    root = xml.parse(element_or_bytes) if isinstance(element_or_bytes, bytes) else element_or_bytes
    key = certificates.private_key(key_pem)
    digest = hashlib.sha256(xml.canonical(root)).digest()
    facts = {"algorithm": _algorithm(key), "id": root.get("ID", ""), "digest": base64.b64encode(digest).decode()}
    value = _sign(key, _SIGNED_INFO.format(namespace=_NAMESPACE, **facts).encode())
    signature = _SIGNATURE.format(
        signed_info=_SIGNED_INFO.format(namespace="", **facts),
        value=base64.b64encode(value).decode(),
        certificate=certificates.bare(certificate_pem),
    )
    first = next(iter(root), None)
    root.insert(1 if first is not None and first.tag == names.ISSUER else 0, xml.reparse(signature.encode()))
    return etree.tostring(root)


def sign_query(query: str, key_pem: str) -> str:
    """`query` with SigAlg and Signature behind it; signed are exactly the octets that are sent.

    `query` is SAMLRequest and RelayState, percent-encoded, in this order, and nothing else.
    """
    key = certificates.private_key(key_pem)
    signed = f"{query}&SigAlg={quote(_algorithm(key), safe='')}"
    value = base64.b64encode(_sign(key, signed.encode("ascii"))).decode()
    return f"{signed}&Signature={quote(value, safe='')}"


def _algorithm(key: certificates.PrivateKey) -> str:
    return names.RSA_SHA256 if isinstance(key, RSAPrivateKey) else names.ECDSA_SHA256


def _sign(key: certificates.PrivateKey, message: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(message, _PKCS1, _SHA256)
    return ecdsa.written(key.sign(message, _ECDSA_SHA256), key.curve)
