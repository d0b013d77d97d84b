"""A template becomes the response that its product would have sent: on one line, signed inside out by xmlsec."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from lxml import etree

from latchstring.protocols.saml import names, xml
from tests.fuzz.keys import rsa_key


@cache
def own_certificate() -> str:
    """Of the key that all of them are signed with."""
    key = rsa_key("products")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity provider")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2090, 1, 1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def signed(template: str) -> bytes:
    text = "".join(line.strip() for line in template.splitlines())
    root = xml.parse(text.replace("CERTIFICATE", "".join(own_certificate().splitlines()[1:-1])).encode())
    xmlsec.tree.add_ids(root, ["ID"])
    for signature in reversed(list(root.iter(f"{{{names.DS}}}Signature"))):  # the assertion's before the response's
        context = xmlsec.SignatureContext()
        context.key = _key()
        context.sign(signature)
    return etree.tostring(root)


@cache
def _key() -> xmlsec.Key:
    pem = rsa_key("products").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
