"""What python-xmlsec (libxmlsec1) and signxml make of a document: of one signature, or as a careless application asks.

Both are shown certificates of ours and nothing else, and each algorithm that we could allow is allowed there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import xmlsec
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, VerifyResult, XMLVerifier
from signxml.exceptions import SignXMLException

from latchstring.protocols.saml import names

_METHODS = frozenset(SignatureMethod)
_DIGESTS = frozenset(DigestAlgorithm)


def xmlsec_verifies(signature: etree._Element, certificates: Sequence[str], *, signed: etree._Element) -> bool:
    """Whether this signature holds, by one of the certificates, over this very element: no other ID is known."""
    return any(_xmlsec_holds(signature, certificate, signed) for certificate in certificates)


def _xmlsec_holds(signature: etree._Element, certificate: str, signed: etree._Element | None) -> bool:
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem)
    if signed is not None:
        context.register_id(signed, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def xmlsec_is_content(document: bytes, certificates: Sequence[str]) -> bool:
    """Careless: whatever has an ID may be signed, and any signature will do that some certificate holds for."""
    try:
        root = etree.fromstring(document)  # noqa: TID251 - as others do
    except etree.XMLSyntaxError:
        return False
    xmlsec.tree.add_ids(root, ["ID"])
    return any(
        _xmlsec_holds(signature, certificate, None)
        for signature in root.iter(names.SIGNATURE)
        for certificate in certificates
    )


def xmlsec_decrypts(encrypted: etree._Element, keys: Sequence[str]) -> bytes | None:
    """The plaintext of an EncryptedAssertion by one of the keys, as an element."""
    for key in keys:
        manager = xmlsec.KeysManager()
        manager.add_key(xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem))
        copy = etree.fromstring(etree.tostring(encrypted))  # noqa: TID251 - it puts the plaintext into the tree
        try:
            return etree.tostring(xmlsec.EncryptionContext(manager).decrypt(copy[0]), with_tail=False)
        except xmlsec.Error:
            continue
    return None


def signxml_signed(
    document: bytes, certificates: Sequence[str], *, signature_in: str, now: datetime
) -> etree._Element | None:
    """What the signature in this place (an ElementPath) covers, parsed from the bytes of its digest; None: nothing."""
    allowed = SignatureConfiguration(
        signature_methods=_METHODS, digest_algorithms=_DIGESTS, verification_time=now, location=signature_in
    )
    for certificate in certificates:
        try:
            found = XMLVerifier().verify(document, x509_cert=certificate, id_attribute="ID", expect_config=allowed)
        except (SignXMLException, etree.LxmlError, ValueError, KeyError, TypeError, AttributeError):
            continue  # it falls over what it does not expect, which is a "no" too
        assert isinstance(found, VerifyResult)
        return found.signed_xml
    return None


def signxml_is_content(document: bytes, certificates: Sequence[str], *, now: datetime) -> bool:
    """Careless: the first signature there is, wherever it stands."""
    return signxml_signed(document, certificates, signature_in=".//", now=now) is not None
