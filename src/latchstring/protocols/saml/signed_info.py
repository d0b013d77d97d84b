"""The form of a ds:Signature, checked to the last child before any of its algorithms is run (core 5.4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import msgspec
from lxml import etree

from latchstring.protocols.saml import certificates, names, refusals, xml

# A digest of nothing means that canonicalization failed silently somewhere (CVE-2025-66568, SAML-14).
_EMPTY_DIGESTS = frozenset(hashlib.new(name, usedforsecurity=False).digest() for name in names.DIGESTS.values())


class SignaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection asks of signatures. Each `allow_...` weakens the verifier; each `want_...` strengthens it."""

    allow_sha1: bool = False
    allow_rsa1024: bool = False
    allow_inclusive_c14n: bool = False
    allow_cbc: bool = False  # AES-CBC in an EncryptedAssertion although the Response is unsigned (SAML-23)
    want_response_signed: bool = False
    want_assertion_signed: bool = False
    want_assertion_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """How a tree becomes bytes."""

    exclusive: bool
    with_comments: bool
    prefixes: tuple[str, ...]

    def of(self, element: etree._Element) -> bytes:
        return xml.canonical(element, self.prefixes, exclusive=self.exclusive, with_comments=self.with_comments)


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """A well-formed signature taken apart; nothing in it is verified yet."""

    element: etree._Element  # the ds:Signature
    parent: etree._Element  # what it signs, by the rules of SAML
    signed_info: etree._Element
    canonicalization: Canonicalization  # of SignedInfo
    algorithm: str
    key_kind: str  # rsa, ec
    hash_name: str
    value: bytes
    transform: Canonicalization  # of the parent
    digest_name: str
    digest: bytes
    key_info: etree._Element | None

    @property
    def readings(self) -> tuple[Canonicalization, ...]:
        """How the parent may have become bytes. A reference to an ID within the document leaves comments out, whatever
        its transform says (XML-DSig 4.4.3.3), as libxmlsec1 does; signxml and other libraries keep them all the same.
        """
        if not self.transform.with_comments:
            return (self.transform,)
        return (replace(self.transform, with_comments=False), self.transform)

    def claimed_fingerprint(self) -> str | None:
        """The certificate that the sender put beside the signature: for the trace alone, never trusted (SAML-18)."""
        if self.key_info is None:
            return None
        for data in self.key_info.findall(names.X509_DATA):
            for certificate in data.findall(names.X509_CERTIFICATE):
                return certificates.fingerprint_of(xml.full_text(certificate))
        return None


def take_apart(signature: etree._Element, parent: etree._Element, policy: SignaturePolicy) -> SignatureParts:
    """Reads a signature that stands in `parent`.

    Raises `SignatureMalformed`, `AlgorithmNotAllowed` or `WeakAlgorithm`.
    """
    where = xml.local(parent)
    parts = _exactly(signature, where, names.SIGNED_INFO, names.SIGNATURE_VALUE, optional=names.KEY_INFO)
    signed_info, value = parts[0], parts[1]
    if sum(1 for _ in signature.iter(names.SIGNED_INFO)) != 1:
        _malformed(where, "a second SignedInfo")
    _check_plain(signature, where)
    method_of_info, method, reference = _exactly(
        signed_info, where, names.CANONICALIZATION_METHOD, names.SIGNATURE_METHOD, names.REFERENCE
    )
    transforms, digest_method, digest_value = _exactly(
        reference, where, names.TRANSFORMS, names.DIGEST_METHOD, names.DIGEST_VALUE
    )
    if reference.get("URI") != f"#{parent.get('ID')}":
        _malformed(where, "the Reference is not to the element that holds the signature")
    key_kind, hash_name = _signature_algorithm(method, where, policy)
    digest = _base64(digest_value, where)
    if digest in _EMPTY_DIGESTS:
        _malformed(where, "a digest of nothing")
    return SignatureParts(
        element=signature,
        parent=parent,
        signed_info=signed_info,
        canonicalization=_canonicalization(method_of_info, "canonicalization", where, policy),
        algorithm=method.get("Algorithm", ""),
        key_kind=key_kind,
        hash_name=hash_name,
        value=_base64(value, where),
        transform=_transform(transforms, where, policy),
        digest_name=_digest_algorithm(digest_method, where, policy),
        digest=digest,
        key_info=parts[2] if len(parts) > 2 else None,
    )


def _malformed(where: str, reason: str) -> NoReturn:
    raise refusals.SignatureMalformed(element=where, reason=reason)


def _exactly(element: etree._Element, where: str, *tags: str, optional: str = "") -> list[etree._Element]:
    """The children, which must be these and no other, in this order; comments count as "other"."""
    parts = list(element)
    found = [part.tag for part in parts]
    if found != list(tags) and not (optional and found == [*tags, optional]):
        _malformed(where, f"{xml.local(element)} does not hold exactly what it should")
    return parts


def _check_plain(signature: etree._Element, where: str) -> None:
    """No comments and no CDATA in a signature: digest, value and certificate have one spelling (SAML-15)."""
    if any(part.tag.__class__ is not str for part in signature.iter()):
        _malformed(where, "a comment inside the Signature")
    if b"<![CDATA[" in etree.tostring(signature, with_tail=False):
        _malformed(where, "CDATA inside the Signature")


def _base64(element: etree._Element, where: str) -> bytes:
    if len(element):
        _malformed(where, f"{xml.local(element)} holds more than text")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        _malformed(where, f"{xml.local(element)} is not Base64")


def allowed(algorithm: str, policy: SignaturePolicy) -> tuple[str, str]:
    """Kind of key and hash of a signature algorithm. Raises `AlgorithmNotAllowed` or `WeakAlgorithm`."""
    known = names.SIGNATURES.get(algorithm)
    if known is None:
        raise refusals.AlgorithmNotAllowed(role="signature", received=algorithm[:256])
    if known[1] == "sha1" and not policy.allow_sha1:
        raise refusals.WeakAlgorithm(received=algorithm)
    return known


def _signature_algorithm(method: etree._Element, where: str, policy: SignaturePolicy) -> tuple[str, str]:
    known = allowed(method.get("Algorithm", ""), policy)
    if len(method):  # HMACOutputLength and its like
        _malformed(where, "SignatureMethod has parameters")
    return known


def _digest_algorithm(method: etree._Element, where: str, policy: SignaturePolicy) -> str:
    algorithm = method.get("Algorithm", "")
    known = names.DIGESTS.get(algorithm)
    if known is None:
        raise refusals.AlgorithmNotAllowed(role="digest", received=algorithm[:256])
    if known == "sha1" and not policy.allow_sha1:
        raise refusals.WeakAlgorithm(received=algorithm)
    if len(method):
        _malformed(where, "DigestMethod has parameters")
    return known


def _transform(transforms: etree._Element, where: str, policy: SignaturePolicy) -> Canonicalization:
    """Enveloped first, then at most one canonicalization; XSLT and XPath never get as far as being run (SAML-13)."""
    steps = list(transforms)
    if any(step.tag != names.TRANSFORM for step in steps):
        _malformed(where, "Transforms holds more than transforms")
    for step in steps:
        algorithm = step.get("Algorithm", "")
        known = algorithm == names.ENVELOPED or algorithm in names.CANONICALIZATIONS
        if not known and not (policy.allow_inclusive_c14n and algorithm in names.INCLUSIVE_CANONICALIZATIONS):
            raise refusals.AlgorithmNotAllowed(role="transform", received=algorithm[:256])
    if not 1 <= len(steps) <= 2 or steps[0].get("Algorithm") != names.ENVELOPED or len(steps[0]):
        _malformed(where, "the transforms are not enveloped-signature and one canonicalization")
    if len(steps) == 2:
        return _canonicalization(steps[1], "transform", where, policy)
    if not policy.allow_inclusive_c14n:  # without a second transform it is Canonical XML 1.0 (XML-DSig 4.4.3.2)
        raise refusals.AlgorithmNotAllowed(role="transform", received="")
    return Canonicalization(exclusive=False, with_comments=False, prefixes=())


def _canonicalization(method: etree._Element, role: str, where: str, policy: SignaturePolicy) -> Canonicalization:
    algorithm = method.get("Algorithm", "")
    known = names.CANONICALIZATIONS.get(algorithm)
    if known is None and policy.allow_inclusive_c14n:
        known = names.INCLUSIVE_CANONICALIZATIONS.get(algorithm)
    if known is None:
        raise refusals.AlgorithmNotAllowed(role=role, received=algorithm[:256])
    return Canonicalization(exclusive=known[0], with_comments=known[1], prefixes=_prefixes(method, known[0], where))


def _prefixes(method: etree._Element, exclusive: bool, where: str) -> tuple[str, ...]:
    parts: Sequence[etree._Element] = list(method)
    if not parts:
        return ()
    if not exclusive or len(parts) > 1 or parts[0].tag != names.INCLUSIVE_NAMESPACES or len(parts[0]):
        _malformed(where, "a canonicalization with unknown parameters")
    return tuple(parts[0].get("PrefixList", "").split())
