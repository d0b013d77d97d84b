"""ECDSA signatures in their two forms, by the word of others too (SAML-19, SAML-42; xmlsec, signxml, cryptography)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier

from latchstring.protocols.saml import ecdsa, names, refusals, request, signature, signing, xml
from tests.protocols.saml.answers import ACS, NOW, REQUEST, SP, Key, forge, pair
from tests.protocols.saml.logouts import by_post, by_query, posted, redirected, unsigned
from tests.protocols.saml.logouts import request as logout_request

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
HASHES: dict[str, tuple[hashes.HashAlgorithm, Any]] = {
    f"{MORE}ecdsa-sha256": (hashes.SHA256(), xmlsec.constants.TransformEcdsaSha256),
    f"{MORE}ecdsa-sha384": (hashes.SHA384(), xmlsec.constants.TransformEcdsaSha384),
    f"{MORE}ecdsa-sha512": (hashes.SHA512(), xmlsec.constants.TransformEcdsaSha512),
}
KEYS: list[Key] = ["ec256", "ec384", "ec521"]


def octets(algorithm: str = names.ECDSA_SHA256) -> str:
    return f"{unsigned(logout_request(), relay_state='r')}&SigAlg={quote(algorithm, safe='')}"


def with_value(value: bytes, algorithm: str = names.ECDSA_SHA256) -> str:
    return f"{octets(algorithm)}&Signature={quote(base64.b64encode(value).decode(), safe='')}"


def der(key: Key = "ec256", algorithm: str = names.ECDSA_SHA256) -> bytes:
    """As OpenSSL, Java's JCA and so OpenSAML for Java sign."""
    made: bytes = pair(key).key.sign(octets(algorithm).encode(), ec.ECDSA(HASHES[algorithm][0]))
    return made


def numbers(key: Key = "ec256") -> tuple[int, int]:
    return utils.decode_dss_signature(der(key))


def side_by_side(r: int, s: int, key: Key = "ec256") -> bytes:
    half = (pair(key).key.curve.key_size + 7) // 8
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


# What we send


@pytest.mark.parametrize("key", KEYS)
def test_saml_42_xmlsec_verifies_our_signed_queries(key: Key) -> None:
    signed, _, value = redirected(logout_request(), key=key, relay_state="r").partition("&Signature=")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair(key).certificate, xmlsec.constants.KeyDataFormatCertPem)
    made = base64.b64decode(unquote(value))
    context.verify_binary(signed.encode(), xmlsec.constants.TransformEcdsaSha256, made)
    with pytest.raises(xmlsec.Error):
        context.verify_binary(signed.encode() + b"x", xmlsec.constants.TransformEcdsaSha256, made)


@pytest.mark.parametrize("key", ["rsa", *KEYS])
def test_saml_42_xmlsec_and_signxml_verify_our_signed_forms(key: Key) -> None:
    document = request.build(request_id=REQUEST, issue_instant=NOW, sp_entity_id=SP, acs_url=ACS, destination=ACS)
    fields = request.post_fields(
        document, None, signing_key_pem=pair(key).pem, signing_certificate_pem=pair(key).certificate
    )
    for signed in (base64.b64decode(fields["SAMLRequest"]), posted(logout_request(), key=key)):
        assert by_xmlsec(signed, key)
        result = XMLVerifier().verify(
            signed,
            x509_cert=pair(key).certificate,
            id_attribute="ID",
            expect_config=SignatureConfiguration(location="./"),
        )
        assert not isinstance(result, list) and result.signed_xml is not None
        assert result.signed_xml.tag == xml.parse(signed).tag
        assert not by_xmlsec(signed.replace(b'Version="2.0"', b'Version="2.1"'), key)


def by_xmlsec(signed: bytes, key: Key) -> bool:
    root = xml.parse(signed)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair(key).certificate, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(root[1])
    except xmlsec.Error:
        return False
    return True


# What comes in a query


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("key", KEYS)
def test_saml_42_a_query_that_xmlsec_has_signed_verifies(key: Key, algorithm: str) -> None:
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair(key).pem, xmlsec.constants.KeyDataFormatPem)
    value = context.sign_binary(octets(algorithm).encode(), HASHES[algorithm][1])
    assert by_query(with_value(value, algorithm), keys=[key]).root.get("ID") == "_logout"


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("key", KEYS)
def test_saml_42_a_query_signed_in_der_verifies(key: Key, algorithm: str) -> None:
    assert by_query(with_value(der(key, algorithm), algorithm), keys=["rsa", key]).root.get("ID") == "_logout"
    for other in KEYS:
        if other != key:
            with pytest.raises(refusals.SignatureInvalid):
                by_query(with_value(der(key, algorithm), algorithm), keys=[other])


def _long(value: bytes) -> bytes:
    """The length of the SEQUENCE in two bytes where one would do."""
    return b"\x30\x81" + value[1:]


def _padded(value: bytes) -> bytes:
    """A zero before r that nothing asks for."""
    return bytes((0x30, value[1] + 1, 0x02, value[3] + 1, 0x00)) + value[4:]


def _indefinite(value: bytes) -> bytes:
    return b"\x30\x80" + value[2:] + b"\x00\x00"


def _negative(value: bytes) -> bytes:
    """r without the zero that keeps it positive."""
    r, s = utils.decode_dss_signature(value)
    body = b"\x02\x20" + r.to_bytes(32, "big") + utils.encode_dss_signature(r, s)[4 + value[3] :]
    return bytes((0x30, len(body))) + body


def _third(value: bytes) -> bytes:
    """A third INTEGER behind r and s."""
    return bytes((0x30, value[1] + 3)) + value[2:] + b"\x02\x01\x01"


NEARLY: dict[str, Callable[[bytes], bytes]] = {
    "a-byte-behind": lambda value: value + b"\x00",
    "a-byte-before": lambda value: b"\x00" + value,
    "cut-off": lambda value: value[:-1],
    "a-long-length": _long,
    "a-padded-number": _padded,
    "an-indefinite-length": _indefinite,
    "a-negative-number": _negative,
    "a-third-number": _third,
    "a-set": lambda value: b"\x31" + value[1:],
    "twice": lambda value: value + value,
    "in-an-octet-string": lambda value: bytes((0x04, len(value))) + value,
    "nothing": lambda value: b"\x30\x00",
}


@pytest.mark.parametrize("row", NEARLY)
def test_saml_19_what_is_der_but_for_a_little_is_refused(row: str) -> None:
    high = next(value for _ in range(1000) if (value := der())[3] == 0x21 and len(value) == 71)  # r above 2**255
    assert by_query(with_value(high), keys=["ec256"]).root.get("ID") == "_logout"
    spoilt = NEARLY[row](high)
    assert ecdsa.in_query(spoilt, ec.SECP256R1()) is None
    with pytest.raises(refusals.SignatureInvalid):
        by_query(with_value(spoilt), keys=["ec256"])


@pytest.mark.parametrize(
    "edit",
    [
        lambda value: value + b"\x00",
        lambda value: b"\x00" + value,
        lambda value: value[:-1],
        lambda value: value[:32] + b"\x00" + value[32:],
        lambda value: b"\x00" + value[:32] + b"\x00" + value[32:],
        lambda value: value[32:] + value[:32],
        lambda value: value + value,
        lambda value: b"\x00",
    ],
    ids=["a-byte-behind", "a-byte-before", "cut-off", "a-longer-s", "both-longer", "turned-round", "twice", "a-zero"],
)
def test_saml_19_r_and_s_of_another_length_or_order_are_refused(edit: Callable[[bytes], bytes]) -> None:
    good = side_by_side(*numbers())
    assert by_query(with_value(good), keys=["ec256"]).root.get("ID") == "_logout"
    with pytest.raises(refusals.SignatureInvalid):
        by_query(with_value(edit(good)), keys=["ec256"])


OUTSIDE: dict[str, Callable[[int, int, int], tuple[int, int]]] = {
    "r-0": lambda r, s, n: (0, s),
    "s-0": lambda r, s, n: (r, 0),
    "both-0": lambda r, s, n: (0, 0),
    "r-is-n": lambda r, s, n: (n, s),
    "s-is-n": lambda r, s, n: (r, n),
    "both-n": lambda r, s, n: (n, n),
    "r-and-n": lambda r, s, n: (r + n, s),  # the same number to whoever reckons modulo n
    "s-and-n": lambda r, s, n: (r, s + n),
}


@pytest.mark.parametrize("row", OUTSIDE)
@pytest.mark.parametrize("key", KEYS)
def test_saml_19_numbers_outside_their_range_are_refused_in_both_forms(key: Key, row: str) -> None:
    r, s = OUTSIDE[row](*numbers(key), pair(key).key.curve.group_order)
    with pytest.raises(refusals.SignatureInvalid):
        by_query(with_value(utils.encode_dss_signature(r, s)), keys=[key])
    half = (pair(key).key.curve.key_size + 7) // 8
    if max(r, s).bit_length() <= half * 8:
        with pytest.raises(refusals.SignatureInvalid):
            by_query(with_value(side_by_side(r, s, key)), keys=[key])


def test_saml_19_the_length_decides_between_the_forms_so_no_value_has_two_readings() -> None:
    small = utils.encode_dss_signature(1 << 224, 1 << 224)  # no signer's numbers: 29 bytes each, in DER just 64
    assert len(small) == 64
    assert ecdsa.in_query(small, ec.SECP256R1()) == ecdsa.in_xml(small, ec.SECP256R1()) != small
    assert ecdsa.in_query(small, ec.SECP384R1()) == small


# What comes in a form


@pytest.mark.parametrize("key", KEYS)
def test_saml_19_der_is_refused_in_an_xml_signature(key: Key) -> None:
    def in_der(text: str) -> str:
        start, end = text.index("SignatureValue>") + 15, text.index("</ds:SignatureValue>")
        value = base64.b64decode(text[start:end])
        half = len(value) // 2
        made = utils.encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        return text[:start] + base64.b64encode(made).decode() + text[end:]

    good = forge(logout_request(), key=key, algorithm=names.ECDSA_SHA256)
    assert by_post(good, keys=[key]).root.get("ID") == "_logout"
    with pytest.raises(refusals.SignatureInvalid) as caught:
        by_post(forge(logout_request(), key=key, algorithm=names.ECDSA_SHA256, edit=in_der), keys=[key])
    assert caught.value.reason == "key"


def test_a_form_that_xmlsec_has_signed_verifies() -> None:
    root = xml.parse(logout_request())
    node = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformEcdsaSha256, ns="ds"
    )
    root.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.constants.TransformSha256, uri="#_logout")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair("ec256").pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(node)
    assert by_post(etree.tostring(root), keys=["ec256"]).root.get("ID") == "_logout"


@pytest.mark.parametrize("key", KEYS)
def test_what_we_sign_is_in_the_form_of_xml_in_queries_too(key: Key) -> None:
    value = base64.b64decode(unquote(signing.sign_query("SAMLRequest=x", pair(key).pem).partition("&Signature=")[2]))
    assert len(value) == 2 * ((pair(key).key.curve.key_size + 7) // 8)
    assert ecdsa.written(ecdsa.in_xml(value, pair(key).key.curve) or b"", pair(key).key.curve) == value
    assert signature.sign_query is signing.sign_query
