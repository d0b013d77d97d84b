"""Signatures of a dishonest form: references, transforms, digests, comments, second SignedInfos (SAML-10, 13 to 16)."""

from __future__ import annotations

import hashlib
from typing import Any

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import Build, Forge, altered, attack, every, evil, swap
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import C14N, C14N_11, TRANSFORMS, Edit
from latchstring.protocols.saml import names

_ENVELOPED = f'<ds:Transform Algorithm="{names.ENVELOPED}"/>'
_EXCLUSIVE = f'<ds:Transform Algorithm="{names.EXC_C14N}"/>'
_NOWHERE = "http://127.0.0.1:9"


def _forged(**how: Any) -> Build:
    return lambda forge: forge.forged(**how)


def _to(uri: str) -> Build:
    """A reference to `uri`, where {a} and {r} are the IDs of the assertion and of the Response."""
    return lambda forge: forge.forged(uri=uri.format(a=forge.assertion_id, r=forge.response_id))


_URIS: dict[str, tuple[str, str]] = {
    "reference-empty": ("the whole document", ""),
    "reference-fragment-empty": ("an empty fragment", "#"),
    "reference-to-response": ("the Response, from the assertion", "#{r}"),
    "reference-to-nothing": ("an ID that nobody has", "#_nobody"),
    "reference-without-hash": ("the ID without #", "{a}"),
    "reference-blank-around": ("the ID with a blank", "#{a} "),
    "reference-escaped": ("the ID, percent-encoded", "#%5F{a}"),
    "reference-xpointer-root": ("XPointer: the root", "#xpointer(/)"),
    "reference-xpointer-id": ("XPointer: the ID", "#xpointer(id('{a}'))"),
    "reference-http": ("a URL", f"{_NOWHERE}/x"),
    "reference-https": ("a URL of TLS", "https://127.0.0.1:9/x"),
    "reference-file": ("a file", "file:///etc/passwd"),
    "reference-cid": ("a MIME part", "cid:x"),
    "reference-own-url": ("a URL with the fragment", "http://localhost/#{a}"),
}
_SECOND = (
    f'<ds:Reference URI="{{uri}}"><ds:Transforms>{TRANSFORMS}</ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{names.SHA256_DIGEST}"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'
)


def _second_reference(forge: Forge) -> str:
    return forge.forged(in_signed_info=_SECOND.format(uri=f"#{forge.assertion_id}"))


def _second_value(text: str) -> str:
    return text.replace("</ds:SignatureValue>", "</ds:SignatureValue><ds:SignatureValue>AAAA</ds:SignatureValue>")


_REFERENCES: dict[str, tuple[str, Build]] = {
    "reference-missing-uri": ("a Reference without a URI", _forged(reference="<ds:Reference>")),
    "references-two": ("two References", _second_reference),
    "references-none": (
        "a SignedInfo without a Reference",
        _forged(edit=lambda text: text[: text.index("<ds:Reference")] + text[text.index("</ds:SignedInfo>") :]),
    ),
    "signature-object": ("a ds:Object in the signature", _forged(in_signature="<ds:Object/>")),
    "signature-object-signed": (
        "a signed ds:Object that holds the attacker's wish",
        _forged(uri="#_object", in_signature='<ds:Object Id="_object">victim</ds:Object>'),
    ),
    "signature-manifest": ("a Manifest", _forged(in_signature="<ds:Object><ds:Manifest/></ds:Object>")),
    "signature-properties": (
        "SignatureProperties",
        _forged(in_signature="<ds:Object><ds:SignatureProperties/></ds:Object>"),
    ),
    "signature-values-two": ("two SignatureValues", _forged(edit=_second_value)),
    "signature-value-missing": (
        "no SignatureValue",
        _forged(edit=lambda text: text[: text.index("<ds:SignatureValue>")] + "</ds:Signature>"),
    ),
    "signature-empty": (
        "an empty signature",
        altered(
            lambda text: text[: text.index("<ds:SignedInfo>")] + text[text.index("</ds:Signature>") :],
        ),
    ),
    "signature-value-not-base64": ("a SignatureValue that is no Base64", _forged(edit=swap("Value>", "Value>%", 1))),
    "signature-foreign-child": ("a foreign element in the signature", _forged(in_signature='<x xmlns="urn:x"/>')),
}

_TRANSFORM = '<ds:Transform Algorithm="{}"/>'
_XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
    f"<xsl:value-of select=\"document('{_NOWHERE}/x')\"/></xsl:template></xsl:stylesheet></ds:Transform>"
)
_XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>not(ancestor-or-self::*[local-name()='NameID'])</ds:XPath></ds:Transform>"
)
_NOT_ALLOWED: dict[str, tuple[str, str]] = {
    "transform-xslt": ("a stylesheet", _XSLT),
    "transform-xpath": ("an XPath filter that leaves the name out", _XPATH),
    "transform-xpath-filter2": ("XPath Filter 2", _TRANSFORM.format("http://www.w3.org/2002/06/xmldsig-filter2")),
    "transform-base64": ("Base64", _TRANSFORM.format("http://www.w3.org/2000/09/xmldsig#base64")),
    "transform-decrypt": ("decryption", _TRANSFORM.format("http://www.w3.org/2002/07/decrypt#XML")),
    "transform-xinclude": ("XInclude", _TRANSFORM.format("http://www.w3.org/2001/XInclude")),
    "transform-unknown": ("something unknown", _TRANSFORM.format("urn:x")),
    "transform-nameless": ("something nameless", "<ds:Transform/>"),
    "transform-inclusive": ("inclusive canonicalization", _TRANSFORM.format(C14N)),
    "transform-c14n-1.1": ("Canonical XML 1.1", _TRANSFORM.format(C14N_11)),
}
_ORDER: dict[str, tuple[str, str]] = {
    "transforms-none": ("none", ""),
    "transforms-without-enveloped": ("canonicalization alone", _EXCLUSIVE),
    "transforms-reversed": ("canonicalization first", _EXCLUSIVE + _ENVELOPED),
    "transforms-enveloped-twice": ("enveloped twice", _ENVELOPED * 2 + _EXCLUSIVE),
    "transforms-many": ("canonicalization twenty times", _ENVELOPED + _EXCLUSIVE * 20),
    "transforms-parameter": (
        "a parameter that does not belong there",
        _ENVELOPED + f'<ds:Transform Algorithm="{names.EXC_C14N}"><ds:XPath>1</ds:XPath></ds:Transform>',
    ),
}
_METHODS = {
    "canonicalization-inclusive": C14N,
    "canonicalization-1.1": C14N_11,
    "canonicalization-xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "canonicalization-empty": "",
    "canonicalization-identity": "urn:x",
}


def _empty_digest(algorithm: str) -> Build:
    name = names.DIGESTS[algorithm]
    return _forged(digest_algorithm=algorithm, digest=hashlib.new(name, b"", usedforsecurity=False).digest())


def _golden(*, empty: bool, namespace: str = "1") -> Build:
    """A namespace that no canonicalization accepts: libraries that swallowed the error hashed nothing at all
    (CVE-2025-66568, CVE-2025-66475).
    """
    digest = hashlib.sha256(b"").digest() if empty else None
    return lambda forge: forge.forged(
        digest=digest, after=every(evil, swap("<saml:Subject>", f'<saml:Subject><x xmlns="{namespace}"/>', 1))
    )


_UNREADABLE = {  # what a canonicalization may stumble over although it looks absolute
    "golden-open-bracket": "http://[",
    "golden-percent": "urn:%zz",
    "golden-blank": "urn:a b",
    "golden-port": "http://host:port/",
    "golden-not-ascii": "http://ex\u00e4mple/",
}


def _in(tag: str, before: str) -> Edit:
    """`before` in front of the text of `tag`."""
    return swap(f"<ds:{tag}>", f"<ds:{tag}>{before}", 1)


def _cdata(tag: str) -> Edit:
    return every(swap(f"<ds:{tag}>", f"<ds:{tag}><![CDATA[", 1), swap(f"</ds:{tag}>", f"]]></ds:{tag}>", 1))


def _two_digests(forge: Forge) -> str:
    """The right digest behind the digest of what the attacker would like: which one is read?"""
    wish = "<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ds:DigestValue>"
    return forge.answer(after=every(evil, swap("<ds:DigestValue>", f"{wish}<ds:DigestValue>", 1)))


_PLAIN: dict[str, tuple[str, Build]] = {
    "comment-in-digest": ("a comment in the DigestValue", altered(_in("DigestValue", "<!--AAAA-->"))),
    "comment-splits-digest": (
        "a forged digest, a comment, the real one",
        altered(evil, _in("DigestValue", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=<!---->")),
    ),
    "comment-in-value": ("a comment in the SignatureValue", altered(_in("SignatureValue", "<!--AAAA-->"))),
    "comment-in-signed-info": ("a comment in SignedInfo", altered(_in("SignedInfo", "<!--x-->"))),
    "comment-in-transforms": ("a comment in Transforms", altered(_in("Transforms", "<!--x-->"))),
    "comment-in-signature": ("a comment in the signature", altered(swap("<ds:SignedInfo>", "<!--x--><ds:SignedInfo>"))),
    "cdata-in-digest": ("CDATA in the DigestValue", altered(_cdata("DigestValue"))),
    "element-in-digest": ("an element in the DigestValue", altered(_in("DigestValue", "<ds:X/>"))),
    "digests-two": ("two DigestValues", _two_digests),
    "digest-not-base64": ("a DigestValue that is no Base64", altered(_in("DigestValue", "%"))),
}
_SIGNED_INFO = "<ds:SignedInfo><ds:Reference/></ds:SignedInfo>"
_SECOND_INFOS: dict[str, tuple[str, Build]] = {
    "signed-info-first": ("before the real one", altered(swap("<ds:SignedInfo>", f"{_SIGNED_INFO}<ds:SignedInfo>"))),
    "signed-info-last": ("at the end", altered(swap("</ds:Signature>", f"{_SIGNED_INFO}</ds:Signature>"))),
    "signed-info-in-key-info": ("in KeyInfo", altered(swap("<ds:KeyInfo>", f"<ds:KeyInfo>{_SIGNED_INFO}"))),
    "signed-info-in-value": ("in the SignatureValue", altered(_in("SignatureValue", _SIGNED_INFO))),
    "signed-info-in-reference": (
        "in the Reference",
        altered(swap("</ds:Reference>", f"{_SIGNED_INFO}</ds:Reference>")),
    ),
    "signed-info-nested": ("in itself", altered(_in("SignedInfo", _SIGNED_INFO))),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    *(
        attack(name, "SAML-10", f"a reference: {tries}", "signature_malformed", _to(uri))
        for name, (tries, uri) in _URIS.items()
    ),
    *(attack(name, "SAML-10", tries, "signature_malformed", build) for name, (tries, build) in _REFERENCES.items()),
    *(
        attack(
            name,
            "SAML-13",
            f"a transform: {tries}",
            "algorithm_not_allowed",
            _forged(transforms=_ENVELOPED + transform),
        )
        for name, (tries, transform) in _NOT_ALLOWED.items()
    ),
    attack(
        "transforms-enveloped-alone",
        "SAML-13",
        "no canonicalization, which means the inclusive one",
        "algorithm_not_allowed",
        _forged(transforms=_ENVELOPED, inclusive=True),
    ),
    *(
        attack(name, "SAML-13", f"transforms: {tries}", "signature_malformed", _forged(transforms=transforms))
        for name, (tries, transforms) in _ORDER.items()
    ),
    *(
        attack(
            name,
            "SAML-13",
            f"SignedInfo by {algorithm or 'nothing'}",
            "algorithm_not_allowed",
            _forged(canonicalization=f'<ds:CanonicalizationMethod Algorithm="{algorithm}"/>'),
        )
        for name, algorithm in _METHODS.items()
    ),
    *(
        attack(
            f"digest-of-nothing-{names.DIGESTS[algorithm]}",
            "SAML-14",
            "the digest of nothing",
            code,
            _empty_digest(algorithm),
        )
        for algorithm, code in dict.fromkeys(names.DIGESTS, "signature_malformed").items()
    ),
    attack(
        "golden-response",
        "SAML-14",
        "no canonical form, the digest of nothing",
        "canonicalization_failed",
        _golden(empty=True),
    ),
    *(
        attack(
            name,
            "SAML-14",
            f"the same with a namespace that no program can read: {namespace}",
            "document_not_xml",
            _golden(empty=True, namespace=namespace),
        )
        for name, namespace in _UNREADABLE.items()
    ),
    attack("canonicalization-fails", "SAML-14", "no canonical form", "canonicalization_failed", _golden(empty=False)),
    *(attack(name, "SAML-15", tries, "signature_malformed", build) for name, (tries, build) in _PLAIN.items()),
    *(
        attack(name, "SAML-16", f"a second SignedInfo {tries}", "signature_malformed", build)
        for name, (tries, build) in _SECOND_INFOS.items()
    ),
)
