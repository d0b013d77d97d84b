"""Signatures: what verifies, and each way in which a signature may lie (SAML-08 to SAML-21)."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import pytest
from lxml import etree
from signxml import XMLSigner, XMLVerifier
from signxml.algorithms import CanonicalizationMethod

from latchstring.protocols.saml import issue, names, refusals, response, signature, xml
from tests.protocols.saml.answers import (
    ACS,
    EXPECTED,
    IDP,
    NOW,
    TRANSFORMS,
    Key,
    answer,
    forge,
    forged,
    key_info,
    pair,
    read,
    swap,
    verify,
)

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


@pytest.mark.parametrize("key", ["rsa", "ec256", "ec384", "ec521", "expired"])
@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_saml_45_what_we_issue_verifies_whatever_the_dates_of_the_certificate(sign: issue.Signed, key: Key) -> None:
    verified = verify(answer(sign=sign, key=key), keys=[key])
    assert verified.assertion_signed == (sign in ("assertion", "both"))
    assert verified.response_signed == (sign in ("response", "both"))
    assert verified.certificate_fingerprint == hashlib.sha256(pair(key).der).hexdigest()
    assert response.read(verified, EXPECTED, NOW).subject == "ann"


@pytest.mark.parametrize("algorithm", [name for name in names.SIGNATURES if "sha1" not in name])
def test_each_algorithm_of_the_list_verifies(algorithm: str) -> None:
    key: Key = "rsa" if "rsa" in algorithm else "ec256"
    assert read(forged(key=key, algorithm=algorithm), keys=[key]).subject == "ann"


@pytest.mark.parametrize("digest", [name for name in names.DIGESTS if "sha1" not in name])
def test_each_digest_of_the_list_verifies(digest: str) -> None:
    assert read(forged(digest_algorithm=digest)).subject == "ann"


def test_any_of_several_certificates_will_do() -> None:
    assert read(answer(), keys=["other", "ec256", "rsa"]).subject == "ann"


def test_inclusive_namespaces_are_honoured() -> None:
    listed = f'<ec:InclusiveNamespaces xmlns:ec="{names.EXC_C14N}" PrefixList="xs xsi"/>'
    transforms = TRANSFORMS.replace(f'{names.EXC_C14N}"/>', f'{names.EXC_C14N}">{listed}</ds:Transform>')
    assert read(forged(transforms=transforms, prefixes=["xs", "xsi"])).subject == "ann"


def test_saml_20_a_short_elliptic_curve_is_too_weak_to_be_believed() -> None:
    for lenient in (False, True):
        policy = signature.SignaturePolicy(allow_sha1=lenient, allow_rsa1024=lenient)
        with pytest.raises(refusals.WeakAlgorithm) as caught:
            verify(answer(key="ec224"), keys=["ec224"], policy=policy)
        assert caught.value.received == "an elliptic curve of 224 bits"


def test_a_verified_xml_is_made_by_verify_alone() -> None:
    root = xml.parse(answer())
    with pytest.raises(TypeError):
        signature.VerifiedXml(
            assertion=root,
            envelope=root,
            response_signed=True,
            assertion_signed=True,
            encrypted=False,
            certificate_fingerprint="",
            algorithm="",
            digest="",
            seal=object(),
        )


def test_saml_12_the_assertion_is_read_from_the_signed_bytes_and_has_no_way_back_to_the_response() -> None:
    assert verify(answer(sign="assertion")).assertion.getparent() is None


def test_comments_and_blanks_around_the_signature_do_not_break_it() -> None:
    def pretty(text: str) -> str:
        return text.replace("</saml:Issuer>", "</saml:Issuer>\n  <!-- here -->\n  ", 1)

    def behind(text: str) -> str:  # the same blanks, once the signatures are taken out
        return text.replace("\n  <!-- here -->\n  <ds:Signature", "\n  <!-- here --><ds:Signature").replace(
            "</ds:Signature>", "</ds:Signature>\n  "
        )

    document = answer(sign="assertion", in_assertion=pretty)
    assert document.count(b"-->\n  <ds:Signature") == 0
    assert read(document).subject == "ann"
    document = answer(sign="response", in_response=pretty, after=lambda text: text)
    assert read(document).subject == "ann"
    assert behind(document.decode()) != document.decode()


def test_saml_21_a_signed_response_vouches_for_an_unsigned_assertion() -> None:
    assert read(answer(sign="response")).subject == "ann"


@pytest.mark.parametrize(
    ("sign", "policy", "missing"),
    [
        ("none", {}, "Assertion or Response"),
        ("assertion", {"want_response_signed": True}, "Response"),
        ("response", {"want_assertion_signed": True}, "Assertion"),
    ],
)
def test_saml_21_what_is_not_signed_where_it_must_be_is_refused(
    sign: issue.Signed, policy: dict[str, bool], missing: str
) -> None:
    with pytest.raises(refusals.SignatureMissing) as caught:
        verify(answer(sign=sign), policy=signature.SignaturePolicy(**policy))
    assert caught.value.element == missing


BROKEN = {
    "assertion": swap("<saml:NameID", "<saml:NameID "),  # not a change: canonical XML does not see it
    "name": swap(">ann<", ">eve<"),
    "status": swap('IssueInstant="2026', 'IssueInstant="2025'),
    "attribute": swap("staff", "boss"),
}


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
@pytest.mark.parametrize("what", ["name", "attribute"])
def test_a_document_changed_after_signing_is_refused(sign: issue.Signed, what: str) -> None:
    with pytest.raises(refusals.SignatureInvalid) as caught:
        verify(answer(sign=sign, after=BROKEN[what]))
    assert caught.value.reason == "digest"


def test_a_change_that_canonical_xml_does_not_see_is_none() -> None:
    assert read(answer(after=BROKEN["assertion"])).subject == "ann"


def test_saml_21_an_invalid_signature_beside_a_valid_one_is_not_ignored() -> None:
    document = answer(sign="both", after=swap('Destination="', 'Consent="urn:x" Destination="'))
    with pytest.raises(refusals.SignatureInvalid) as caught:
        verify(document)
    assert caught.value.element == "Response"


def test_both_signatures_must_be_by_stored_keys() -> None:
    inner = answer(sign="assertion", key="other")
    document = signature.sign(inner, key_pem=pair().pem, certificate_pem=pair().certificate)
    with pytest.raises(refusals.CertificateUnknown):
        verify(document)


def test_saml_18_a_certificate_in_key_info_is_never_trusted() -> None:
    with pytest.raises(refusals.CertificateUnknown) as caught:
        verify(answer(key="other"))
    assert caught.value.received == hashlib.sha256(pair("other").der).hexdigest()
    assert caught.value.expected == (hashlib.sha256(pair("rsa").der).hexdigest(),)


def test_saml_18_the_true_certificate_beside_an_attackers_signature_does_not_help() -> None:
    with pytest.raises(refusals.SignatureInvalid) as caught:
        verify(forged(key="other", key_info=key_info("rsa")))
    assert caught.value.reason == "key"


@pytest.mark.parametrize(
    "info",
    [
        "<ds:KeyInfo><ds:KeyName>idp</ds:KeyName></ds:KeyInfo>",
        '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/key"/></ds:KeyInfo>',
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%%%</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        "",
    ],
    ids=["name", "retrieval", "garbage", "absent"],
)
def test_saml_18_what_stands_in_key_info_changes_nothing(info: str) -> None:
    assert read(forged(key_info=info)).subject == "ann"
    with pytest.raises(refusals.SignatureInvalid):
        verify(forged(key="other", key_info=info))


def test_a_signature_of_the_other_kind_of_key_is_refused() -> None:
    with pytest.raises(refusals.SignatureInvalid):
        verify(forged(key="ec256", algorithm=names.ECDSA_SHA256))


def test_an_ecdsa_signature_in_der_is_refused() -> None:
    der = lambda text: text.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")  # noqa: E731 - an edit
    with pytest.raises(refusals.SignatureInvalid):
        verify(forged(key="ec256", algorithm=names.ECDSA_SHA256, edit=der), keys=["ec256"])


@pytest.mark.parametrize(
    "algorithm",
    [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        MORE + "hmac-sha256",
        MORE + "hmac-sha512",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2009/xmldsig11#dsa-sha256",
        MORE + "rsa-md5",
        "none",
        "",
        names.RSA_SHA256.upper(),
        names.RSA_SHA256 + " ",
    ],
)
@pytest.mark.parametrize("lenient", [False, True])
def test_saml_19_other_signature_algorithms_are_refused(algorithm: str, lenient: bool) -> None:
    policy = signature.SignaturePolicy(allow_sha1=lenient, allow_rsa1024=lenient, allow_inclusive_c14n=lenient)
    with pytest.raises(refusals.AlgorithmNotAllowed) as caught:
        verify(forged(algorithm=algorithm), policy=policy)
    assert caught.value.role == "signature"


@pytest.mark.parametrize("digest", [MORE + "md5", "", "http://www.w3.org/2001/04/xmlenc#ripemd160", "none"])
def test_saml_19_other_digests_are_refused(digest: str) -> None:
    with pytest.raises(refusals.AlgorithmNotAllowed) as caught:
        verify(forged(digest_algorithm=digest))
    assert caught.value.role == "digest"


WEAK: dict[str, tuple[dict[str, Any], Key, dict[str, bool]]] = {
    "signature": ({"algorithm": names.RSA_SHA1}, "rsa", {"allow_sha1": True}),
    "digest": ({"digest_algorithm": names.SHA1_DIGEST}, "rsa", {"allow_sha1": True}),
    "ecdsa": ({"algorithm": MORE + "ecdsa-sha1", "key": "ec256"}, "ec256", {"allow_sha1": True}),
    "key": ({"key": "rsa1024"}, "rsa1024", {"allow_rsa1024": True}),
}


@pytest.mark.parametrize("row", WEAK)
def test_saml_20_weak_algorithms_need_their_switch(row: str) -> None:
    wishes, key, switch = WEAK[row]
    document = forged(**wishes)
    with pytest.raises(refusals.WeakAlgorithm):
        verify(document, keys=[key])
    assert read(document, keys=[key], policy=signature.SignaturePolicy(**switch)).subject == "ann"
    others = {name: name not in switch for name in ("allow_sha1", "allow_rsa1024", "allow_inclusive_c14n")}
    with pytest.raises(refusals.WeakAlgorithm):
        verify(document, keys=[key], policy=signature.SignaturePolicy(**others))


XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/></ds:Transform>'
)
FORBIDDEN_TRANSFORMS = {
    "xslt": XSLT + TRANSFORMS,
    "xslt-last": TRANSFORMS + XSLT,
    "xpath": TRANSFORMS.replace(
        names.EXC_C14N + '"/>',
        'http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor::x)</ds:XPath></ds:Transform>',
    ),
    "xpath-filter-2": f'{TRANSFORMS}<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>',
    "base64": f'{TRANSFORMS}<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/>',
    "unknown": f'{TRANSFORMS}<ds:Transform Algorithm="urn:x"/>',
    "inclusive": TRANSFORMS.replace(names.EXC_C14N, C14N),
    "enveloped-alone": f'<ds:Transform Algorithm="{names.ENVELOPED}"/>',
}


@pytest.mark.parametrize("row", FORBIDDEN_TRANSFORMS)
def test_saml_13_a_transform_that_is_not_listed_is_refused_before_any_runs(row: str) -> None:
    with pytest.raises(refusals.AlgorithmNotAllowed) as caught:
        verify(forged(transforms=FORBIDDEN_TRANSFORMS[row]))
    assert caught.value.role == "transform"


MALFORMED_TRANSFORMS = {
    "none": "",
    "enveloped-twice": f'<ds:Transform Algorithm="{names.ENVELOPED}"/>' + TRANSFORMS,
    "c14n-alone": f'<ds:Transform Algorithm="{names.EXC_C14N}"/>',
    "c14n-first": f'<ds:Transform Algorithm="{names.EXC_C14N}"/><ds:Transform Algorithm="{names.ENVELOPED}"/>',
    "c14n-twice": f'{TRANSFORMS}<ds:Transform Algorithm="{names.EXC_C14N}"/>',
    "parameters": TRANSFORMS.replace(
        names.EXC_C14N + '"/>', names.EXC_C14N + '"><ds:XPath>1</ds:XPath></ds:Transform>'
    ),
    "enveloped-parameters": TRANSFORMS.replace(names.ENVELOPED + '"/>', names.ENVELOPED + '"><ds:X/></ds:Transform>'),
    "not-a-transform": TRANSFORMS + "<ds:Other/>",
}


@pytest.mark.parametrize("row", MALFORMED_TRANSFORMS)
def test_saml_13_transforms_out_of_order_or_twice_are_refused(row: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        verify(forged(transforms=MALFORMED_TRANSFORMS[row]))


@pytest.mark.parametrize("algorithm", [C14N, "http://www.w3.org/2006/12/xml-c14n11"])
@pytest.mark.parametrize("sign", ["response", "assertion"])
def test_saml_13_inclusive_canonicalization_needs_its_switch(
    algorithm: str, sign: Literal["response", "assertion"]
) -> None:
    document = forged(
        sign=sign,
        transforms=TRANSFORMS.replace(names.EXC_C14N, algorithm),
        canonicalization=f'<ds:CanonicalizationMethod Algorithm="{algorithm}"/>',
        inclusive=True,
    )
    with pytest.raises(refusals.AlgorithmNotAllowed):
        verify(document)
    assert read(document, policy=signature.SignaturePolicy(allow_inclusive_c14n=True)).subject == "ann"


@pytest.mark.parametrize("algorithm", [C14N, "http://www.w3.org/2006/12/xml-c14n11", "", "urn:x"])
def test_saml_13_other_canonicalizations_of_signed_info_are_refused(algorithm: str) -> None:
    with pytest.raises(refusals.AlgorithmNotAllowed) as caught:
        verify(forged(canonicalization=f'<ds:CanonicalizationMethod Algorithm="{algorithm}"/>'))
    assert caught.value.role == "canonicalization"


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_saml_14_a_digest_of_nothing_is_refused(name: str) -> None:
    uri = next(uri for uri, known in names.DIGESTS.items() if known == name)
    with pytest.raises(refusals.SignatureMalformed):
        verify(forged(digest_algorithm=uri, digest=hashlib.new(name, b"").digest()))


@pytest.mark.parametrize("uri", ["", "#", "#_response", "#_other", "#xpointer(/)", "#xpointer(id('_assertion'))"])
def test_saml_10_a_reference_to_anything_but_the_parent_is_refused(uri: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        verify(forged(uri=uri))


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/x", "file:///etc/passwd", "cid:x", "_assertion"])
def test_saml_10_a_reference_elsewhere_is_refused_without_following_it(uri: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        verify(forged(uri=uri))


SECOND_REFERENCE = (
    f'<ds:Reference URI="#_assertion"><ds:Transforms>{TRANSFORMS}</ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{names.SHA256_DIGEST}"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'
)
MALFORMED: dict[str, dict[str, Any]] = {
    "two-references": {"in_signed_info": SECOND_REFERENCE},
    "object": {"in_signature": "<ds:Object/>"},
    "object-manifest": {"in_signature": "<ds:Object><ds:Manifest/></ds:Object>"},
    "second-signature-value": {"in_signature": "<ds:SignatureValue>AAAA</ds:SignatureValue>"},
    "second-signed-info": {"edit": lambda text: text.replace("</ds:Signature>", "<ds:SignedInfo/></ds:Signature>")},
    "signed-info-first": {"edit": lambda text: text.replace("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>")},
    "signed-info-in-key-info": {"key_info": "<ds:KeyInfo><ds:SignedInfo/></ds:KeyInfo>"},
    "comment-in-digest": {"edit": lambda text: text.replace("<ds:DigestValue>", "<ds:DigestValue><!-- x -->")},
    "comment-in-signed-info": {"edit": lambda text: text.replace("<ds:SignedInfo>", "<ds:SignedInfo><!-- x -->")},
    "comment-in-value": {"edit": lambda text: text.replace("<ds:SignatureValue>", "<ds:SignatureValue><!-- x -->")},
    "comment-in-signature": {"edit": lambda text: text.replace("<ds:SignatureValue>", "<!-- x --><ds:SignatureValue>")},
    "element-in-digest": {"edit": lambda text: text.replace("</ds:DigestValue>", "<ds:X/></ds:DigestValue>")},
    "value-not-base64": {"edit": lambda text: text.replace("<ds:SignatureValue>", "<ds:SignatureValue>%")},
    "digest-not-base64": {"edit": lambda text: text.replace("<ds:DigestValue>", "<ds:DigestValue>%")},
    "no-value": {"edit": lambda text: text.replace("ds:SignatureValue", "ds:Other")},
    "in-reference": {"in_reference": "<ds:Other/>"},
    "method-parameters": {
        "edit": lambda text: text.replace(
            f'{names.RSA_SHA256}"/>',
            f'{names.RSA_SHA256}"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>',
        )
    },
    "digest-parameters": {
        "edit": lambda text: text.replace(
            f'{names.SHA256_DIGEST}"/>', f'{names.SHA256_DIGEST}"><ds:X/></ds:DigestMethod>'
        )
    },
}


@pytest.mark.parametrize("row", MALFORMED)
def test_saml_15_16_a_signature_of_another_form_is_refused(row: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        verify(forged(**MALFORMED[row]))


@pytest.mark.parametrize("tag", ["ds:DigestValue", "ds:SignatureValue", "ds:X509Certificate"])
def test_saml_15_cdata_in_a_signature_is_refused(tag: str) -> None:
    document = answer(after=lambda text: _wrapped(text, tag))
    with pytest.raises(refusals.SignatureMalformed):
        verify(document)


@pytest.mark.parametrize("tag", ["ds:SignedInfo", "ds:DigestValue", "ds:SignatureValue", "ds:X509Certificate"])
def test_saml_15_a_comment_in_a_signature_is_refused(tag: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        verify(answer(after=swap(f"</{tag}>", f"<!-- x --></{tag}>")))


def _wrapped(text: str, tag: str) -> str:
    before, _, rest = text.partition(f"<{tag}>")
    value, _, after = rest.partition(f"</{tag}>")
    return f"{before}<{tag}><![CDATA[{value}]]></{tag}>{after}"


def test_without_a_certificate_nothing_verifies() -> None:
    with pytest.raises(refusals.CertificateMissing):
        verify(answer(), keys=[])


def test_what_signxml_signs_verifies_here() -> None:
    root = xml.parse(answer(sign="none"))
    root.insert(1, xml.parse(f'<ds:Signature xmlns:ds="{names.DS}" Id="placeholder"/>'.encode()))
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(root, key=pair().pem, cert=pair().certificate, reference_uri="#_response", id_attribute="ID")
    assert read(etree.tostring(signed)).subject == "ann"


def test_a_signed_request_verifies_by_signxml() -> None:
    document = f'<a xmlns:saml="{names.SAML}" ID="_1"><saml:Issuer>{IDP}</saml:Issuer><b to="{ACS}"/></a>'.encode()
    signed = signature.sign(document, key_pem=pair().pem, certificate_pem=pair().certificate)
    assert xml.parse(signed)[1].tag == names.SIGNATURE
    XMLVerifier().verify(signed, x509_cert=pair().certificate, id_attribute="ID")


def test_the_tests_own_signer_is_honest() -> None:
    assert read(forged()).subject == "ann"
    assert verify(forge(answer(sign="none"))).response_signed


@pytest.mark.parametrize("kept", [True, False])
def test_saml_13_comments_in_what_an_id_refers_to_may_have_been_kept_or_left_out(kept: bool) -> None:
    """XML-DSig 4.4.3.3 leaves them out whatever the transform says; not every library does. They say nothing anyhow."""
    transforms = TRANSFORMS.replace(names.EXC_C14N, names.EXC_C14N_COMMENTS)
    commented = swap(">ann<", ">an<!-- who? -->n<")
    document = answer(sign="none", in_assertion=commented).decode()
    assertion = document[document.index("<saml:Assertion") : document.index("</samlp:Response>")]
    canonical = xml.canonical(xml.parse(assertion.encode()), with_comments=kept)
    good = forged(in_assertion=commented, transforms=transforms, digest=hashlib.sha256(canonical).digest())
    assert read(good).subject == "ann"
    with pytest.raises(refusals.SignatureInvalid):
        read(good.replace(b"an<!-- who? -->n<", b"an<!-- who? -->dy<"))
