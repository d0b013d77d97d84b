"""XML signatures: bytes in, and out comes an assertion re-parsed from the very bytes that were signed; and signing.

The verifier reads no key, no algorithm and no address from the document that a policy has not allowed before, and
what it hands out cannot be made anywhere else (`VerifiedXml`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import InitVar, dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from latchstring.protocols.saml import certificates, ecdsa, encryption, envelope, names, refusals, signed_info, xml
from latchstring.protocols.saml.signed_info import SignatureParts
from latchstring.protocols.saml.signed_info import SignaturePolicy as SignaturePolicy
from latchstring.protocols.saml.signing import sign as sign
from latchstring.protocols.saml.signing import sign_query as sign_query

_SEAL = object()
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - behind `allow_sha1`
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in _HASHES.items()}
_PKCS1 = padding.PKCS1v15()
_WEAK_RSA = 1024
_STRONG_EC = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedXml:
    """A Response whose signatures hold. Only `verify` makes one."""

    assertion: etree._Element  # re-parsed from the canonical bytes that were signed, its signature taken out
    envelope: etree._Element  # the Response: it may refuse, it never admits
    response_signed: bool
    assertion_signed: bool
    encrypted: bool
    certificate_fingerprint: str  # SHA-256, hex: the stored certificate whose key verified
    algorithm: str  # URI
    digest: str  # sha256, ...
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only signature.verify makes a VerifiedXml")


def verify(
    document: bytes, *, certificates: Sequence[str], policy: SignaturePolicy, decryption_keys: Sequence[str] = ()
) -> VerifiedXml:
    """Verifies every signature of a Response (core 5) against the stored certificates, PEM, and nothing else.

    `decryption_keys` (PEM) open an EncryptedAssertion; each is tried.
    Raises a `refusals.SamlRefused`: of the document, of the envelope, of a signature, or of the encryption.
    """
    root = xml.parse(document)
    return verify_tree(root, certificates=certificates, policy=policy, decryption_keys=decryption_keys)


def verify_tree(
    root: etree._Element,
    *,
    certificates: Sequence[str],
    policy: SignaturePolicy,
    decryption_keys: Sequence[str] = (),
) -> VerifiedXml:
    """The same for a tree that `xml.parse` made and nobody has changed since. It is used up: look at it no more."""
    stage = "envelope"
    try:
        opened = envelope.open_envelope(root)
        stage = "signature"
        return _verify(opened, certificates, policy, decryption_keys)
    except refusals.SamlRefused as refusal:
        raise refusal.at(stage, ())  # noqa: B904 - it is the same refusal


def _verify(
    opened: envelope.Envelope,
    certificates: Sequence[str],
    policy: SignaturePolicy,
    decryption_keys: Sequence[str],
) -> VerifiedXml:
    if not certificates:
        raise refusals.CertificateMissing
    if opened.encrypted is not None:
        return _verify_encrypted(opened, opened.encrypted, certificates, policy, decryption_keys)
    if policy.want_assertion_encrypted:
        raise refusals.AssertionNotEncrypted
    outer = _parts(opened.response_signature, opened.response, policy)
    inner = None if opened.assertion is None else _parts(opened.assertion_signature, opened.assertion, policy)
    _check_wishes(outer, inner, policy)
    # SignedInfo is canonicalized where it stands, so all of them come before any signature is taken out.
    keys = [_check_value(parts, certificates, policy) for parts in (outer, inner) if parts]
    whole = _signed_bytes(outer) if outer else b""
    if inner:
        assertion = xml.reparse(_signed_bytes(inner))
    else:
        found = xml.reparse(whole).find(names.ASSERTION)
        assert found is not None  # noqa: S101 - the bytes were made from the tree in which it was found
        assertion = found
    return _verified(opened, assertion, outer, inner, keys[-1])


def _verify_encrypted(
    opened: envelope.Envelope,
    encrypted: etree._Element,
    stored: Sequence[str],
    policy: SignaturePolicy,
    decryption_keys: Sequence[str],
) -> VerifiedXml:
    """A signature around the ciphertext comes first; then the plaintext, by the rules of any assertion (SAML-22)."""
    if not decryption_keys:
        raise refusals.EncryptedAssertionUnsupported
    outer = _parts(opened.response_signature, opened.response, policy)
    if outer is None and policy.want_response_signed:
        raise refusals.SignatureMissing(element="Response")
    fingerprint = ""
    if outer is not None:
        fingerprint = _check_value(outer, stored, policy)
        found = xml.reparse(_signed_bytes(outer)).find(names.ENCRYPTED_ASSERTION)
        assert found is not None  # noqa: S101 - the bytes were made from the tree in which it was found
        encrypted = found
    loose = outer is None and encryption.is_cbc(encrypted)
    if loose and not policy.allow_cbc:
        raise refusals.CbcNotAllowed
    plaintext = encryption.decrypt(encrypted, decryption_keys)
    try:
        assertion, inner, fingerprint = _verify_plaintext(plaintext, outer, stored, policy, fingerprint)
    except refusals.SamlRefused as refusal:
        if loose:  # nothing vouches for the ciphertext: what its plaintext looks like is nobody's business (SAML-23)
            raise refusals.DecryptionFailed from refusal
        raise
    return _verified(opened, assertion, outer, inner, fingerprint)


def _verify_plaintext(
    plaintext: bytes, outer: SignatureParts | None, stored: Sequence[str], policy: SignaturePolicy, fingerprint: str
) -> tuple[etree._Element, SignatureParts | None, str]:
    try:
        root = xml.parse(plaintext, max_bytes=xml.MOST_BYTES)  # no longer than the ciphertext, which was admitted
        signature = envelope.open_plaintext(root)
    except refusals.SamlRefused as refusal:
        raise refusals.DecryptionFailed from refusal  # the same for padding, key, tag and XML (SAML-23, SAML-24)
    inner = _parts(signature, root, policy)
    _check_wishes(outer, inner, policy)
    if inner is None:
        return root, None, fingerprint
    fingerprint = _check_value(inner, stored, policy)
    return xml.reparse(_signed_bytes(inner)), inner, fingerprint


def _verified(
    opened: envelope.Envelope,
    assertion: etree._Element,
    outer: SignatureParts | None,
    inner: SignatureParts | None,
    fingerprint: str,
) -> VerifiedXml:
    last = inner or outer
    assert last is not None  # noqa: S101 - `_check_wishes` has refused
    return VerifiedXml(
        assertion=assertion,
        envelope=opened.response,
        response_signed=outer is not None,
        assertion_signed=inner is not None,
        encrypted=opened.encrypted is not None,
        certificate_fingerprint=fingerprint,
        algorithm=last.algorithm,
        digest=last.digest_name,
        seal=_SEAL,
    )


def _parts(signature: etree._Element | None, parent: etree._Element, policy: SignaturePolicy) -> SignatureParts | None:
    return None if signature is None else signed_info.take_apart(signature, parent, policy)


def _check_wishes(outer: SignatureParts | None, inner: SignatureParts | None, policy: SignaturePolicy) -> None:
    if outer is None and inner is None:
        raise refusals.SignatureMissing(element="Assertion or Response")
    if outer is None and policy.want_response_signed:
        raise refusals.SignatureMissing(element="Response")
    if inner is None and policy.want_assertion_signed:
        raise refusals.SignatureMissing(element="Assertion")


def check_enveloped(
    element: etree._Element, parent: etree._Element, stored: Sequence[str], policy: SignaturePolicy
) -> tuple[etree._Element, str]:
    """`parent` re-parsed from what the signature `element` in it covers, and the stored certificate that made it.

    Raises a `refusals.SamlRefused`. The tree is used up: look at it no more.
    """
    if not stored:
        raise refusals.CertificateMissing
    parts = signed_info.take_apart(element, parent, policy)
    fingerprint = _check_value(parts, stored, policy)
    return xml.reparse(_signed_bytes(parts)), fingerprint


def check_octets(octets: bytes, *, algorithm: str, value: bytes, stored: Sequence[str], policy: SignaturePolicy) -> str:
    """The fingerprint of the stored certificate whose key signed `octets` (bindings 3.4.4.1). Raises as above."""
    if not stored:
        raise refusals.CertificateMissing
    kind, hash_name = signed_info.allowed(algorithm, policy)
    keys = [certificates.trusted(pem) for pem in stored]
    fingerprint = _maker(octets, value, kind, hash_name, keys, policy, ecdsa.in_query)
    if fingerprint is None:
        raise refusals.SignatureInvalid(element="query", reason="key")
    return fingerprint


def _check_value(parts: SignatureParts, stored: Sequence[str], policy: SignaturePolicy) -> str:
    """The fingerprint of the stored certificate whose key made the signature over SignedInfo."""
    keys = [certificates.trusted(pem) for pem in stored]
    signed = parts.canonicalization.of(parts.signed_info)
    fingerprint = _maker(signed, parts.value, parts.key_kind, parts.hash_name, keys, policy, ecdsa.in_xml)
    if fingerprint is not None:
        return fingerprint
    known = tuple(key.fingerprint for key in keys)
    claimed = parts.claimed_fingerprint()
    if claimed is not None and claimed not in known:
        raise refusals.CertificateUnknown(expected=known, received=claimed)
    raise refusals.SignatureInvalid(element=xml.local(parts.parent), reason="key")


def _maker(
    signed: bytes,
    value: bytes,
    kind: str,
    hash_name: str,
    keys: Sequence[certificates.TrustedKey],
    policy: SignaturePolicy,
    form: ecdsa.Form,
) -> str | None:
    """Whose key made the signature; None: nobody's. Raises `WeakAlgorithm` for a key that is too short."""
    for key in keys:
        if key.kind == kind and _holds(key.key, value, hash_name, signed, form):
            if key.kind == "rsa" and key.bits < (_WEAK_RSA if policy.allow_rsa1024 else certificates.STRONG_RSA):
                raise refusals.WeakAlgorithm(received=f"RSA with {key.bits} bits")
            if key.kind == "ec" and key.bits < _STRONG_EC:
                raise refusals.WeakAlgorithm(received=f"an elliptic curve of {key.bits} bits")
            return key.fingerprint
    return None


def _holds(key: certificates.PublicKey, value: bytes, hash_name: str, signed: bytes, form: ecdsa.Form) -> bool:
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(value, signed, _PKCS1, _HASHES[hash_name])
        else:
            der = form(value, key.curve)
            if der is None:
                return False
            key.verify(der, signed, _ECDSA[hash_name])
    except InvalidSignature:
        return False
    return True


def _signed_bytes(parts: SignatureParts) -> bytes:
    """What the digest is of: the parent without this signature. Takes the signature out of the tree."""
    xml.detach(parts.element)
    for reading in parts.readings:
        made = reading.of(parts.parent)
        digest = hashlib.new(parts.digest_name, made, usedforsecurity=False).digest()
        if hmac.compare_digest(digest, parts.digest):
            return made
    raise refusals.SignatureInvalid(element=xml.local(parts.parent), reason="digest")
