"""Encrypted assertions: opened where they may be, never believed because they are encrypted (SAML-22 to SAML-24)."""

from __future__ import annotations

from typing import Any

import pytest

from latchstring.protocols.saml import names, refusals, response, signature
from tests.protocols.saml.answers import ACS, EXPECTED, NOW, Key, answer, pair
from tests.protocols.saml.sealing import OUR_KEY, sealed, sealed_answer

STRICT = signature.SignaturePolicy()
CBC_ALLOWED = signature.SignaturePolicy(allow_cbc=True)


def read(
    document: bytes,
    *,
    policy: signature.SignaturePolicy = STRICT,
    keys: tuple[Key, ...] = (OUR_KEY,),
    trusted: tuple[Key, ...] = ("rsa",),
) -> str:
    """Who signed in."""
    verified = signature.verify(
        document,
        certificates=[pair(key).certificate for key in trusted],
        policy=policy,
        decryption_keys=[pair(key).pem for key in keys],
    )
    assert verified.encrypted
    return response.read(verified, EXPECTED, NOW).subject


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
@pytest.mark.parametrize("content", ["aes128-gcm", "aes192-gcm", "aes256-gcm"])
def test_gcm(content: str, sign: str) -> None:
    assert read(sealed_answer(content=content, sign=sign)) == "ann"


@pytest.mark.parametrize("transport", ["rsa-oaep-mgf1p", "rsa-oaep"])
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_oaep(transport: str, digest: str) -> None:
    assert read(sealed_answer(transport=transport, digest=digest)) == "ann"
    if transport == "rsa-oaep":
        assert read(sealed_answer(transport=transport, digest=digest, mask="sha256")) == "ann"


def test_the_encrypted_key_may_stand_beside_the_data() -> None:
    assert read(sealed_answer(beside=True)) == "ann"


def test_every_key_of_ours_is_tried() -> None:
    assert read(sealed_answer(), keys=("rsa", "ec256", OUR_KEY)) == "ann"
    assert read(sealed_answer(keys=3)) == "ann"


@pytest.mark.parametrize("content", ["aes128-cbc", "aes192-cbc", "aes256-cbc"])
def test_saml_23_cbc_needs_a_signature_around_the_ciphertext_or_an_option(content: str) -> None:
    assert read(sealed_answer(content=content, sign="response")) == "ann"
    assert read(sealed_answer(content=content, sign="both")) == "ann"
    with pytest.raises(refusals.CbcNotAllowed):
        read(sealed_answer(content=content))
    assert read(sealed_answer(content=content), policy=CBC_ALLOWED) == "ann"


def test_saml_22_encryption_is_no_signature() -> None:
    with pytest.raises(refusals.SignatureMissing):
        read(sealed_answer(sign="none"))
    with pytest.raises(refusals.CertificateUnknown):
        read(sealed_answer(key="expired"))
    wants = signature.SignaturePolicy(want_assertion_signed=True)
    with pytest.raises(refusals.SignatureMissing):
        read(sealed_answer(sign="response"), policy=wants)
    with pytest.raises(refusals.SignatureMissing):
        read(sealed_answer(), policy=signature.SignaturePolicy(want_response_signed=True))


def test_saml_22_a_second_assertion_beside_the_encrypted_one() -> None:
    plain = answer(sign="none").decode()
    evil = plain[plain.index("<saml:Assertion") : plain.index("</saml:Assertion>") + len("</saml:Assertion>")]
    with pytest.raises(refusals.SeveralAssertions):
        read(sealed_answer(more=evil))
    with pytest.raises(refusals.SeveralAssertions):
        read(sealed_answer(more=sealed(evil.encode())))


def _flip(at: int) -> Any:
    def flip(body: bytes) -> bytes:
        changed = bytearray(body)
        changed[at] ^= 1
        return bytes(changed)

    return flip


@pytest.mark.parametrize(
    "how",
    [
        {"to": "rsa"},  # for somebody else
        {"spoil": lambda body: b""},
        {"spoil": lambda body: body[:20]},
        {"spoil": lambda body: body[:-1]},
        {"spoil": lambda body: body[:12] + bytes(16)},
        {"spoil": _flip(5)},
        {"spoil": _flip(40)},
        {"spoil": _flip(-1)},
        {"plaintext": b""},
        {"plaintext": b"not xml"},
        {"plaintext": b"<x/>"},
        {"plaintext": b"<!DOCTYPE x><x/>"},
        {"plaintext": answer()},  # a whole Response
        {"plaintext": b"<a/><b/>"},
        {"content": "aes128-gcm", "content_uri": f"{names.XENC11}aes256-gcm"},  # the key has another size
        {"digest": "sha256", "transport_uri": f"{names.XENC11}rsa-oaep", "mask": "sha1", "to": "rsa"},
    ],
)
def test_saml_23_every_failure_looks_the_same(how: dict[str, Any]) -> None:
    with pytest.raises(refusals.DecryptionFailed) as refused:
        read(sealed_answer(**how))
    assert refused.value.facts == {}


@pytest.mark.parametrize("at", [-1, -17, 20, 3])
@pytest.mark.parametrize("sign", ["assertion", "none"])
def test_saml_23_cbc_without_a_signature_around_it_tells_nothing(at: int, sign: str) -> None:
    """Padding, XML, missing or broken signature: one answer, or it would be an oracle."""
    document = sealed_answer(content="aes128-cbc", sign=sign, spoil=_flip(at))
    with pytest.raises(refusals.DecryptionFailed):
        read(document, policy=CBC_ALLOWED)


@pytest.mark.parametrize(
    ("how", "role"),
    [
        ({"content": "aes128-cbc", "content_uri": f"{names.XENC}tripledes-cbc", "sign": "response"}, "encryption"),
        ({"content_uri": f"{names.XENC}kw-aes128"}, "encryption"),
        ({"content_uri": ""}, "encryption"),
        ({"transport_uri": f"{names.XENC}rsa-1_5"}, "key transport"),
        ({"transport_uri": f"{names.XENC}kw-aes256"}, "key transport"),
        ({"transport_uri": "x"}, "key transport"),
    ],
)
def test_saml_23_algorithms_that_are_on_no_list(how: dict[str, Any], role: str) -> None:
    if how.get("content_uri") == "":
        how = {**how, "content_uri": " "}
    with pytest.raises(refusals.AlgorithmNotAllowed) as refused:
        read(sealed_answer(**how), policy=CBC_ALLOWED)
    assert refused.value.role == role


def test_saml_23_no_reference_is_followed_and_keys_are_few() -> None:
    reference = '<xenc:CipherData><xenc:CipherReference URI="https://evil.example/"/></xenc:CipherData>'
    with pytest.raises(refusals.AssertionMalformed):
        read(sealed_answer(cipher_data=lambda _: reference))
    with pytest.raises(refusals.AssertionMalformed):
        read(sealed_answer(cipher_data=lambda text: text + text))
    with pytest.raises(refusals.AssertionMalformed):
        read(sealed_answer(keys=5))
    with pytest.raises(refusals.EncryptionKeyMissing):
        read(sealed_answer(keys=0))


def test_saml_24_what_is_inside_is_held_to_the_same_rules() -> None:
    plain = answer().decode()
    assertion = plain[plain.index("<saml:Assertion") : plain.index("</saml:Assertion>") + len("</saml:Assertion>")]
    nested = assertion.replace("</saml:Subject>", f"</saml:Subject><saml:Advice>{assertion}</saml:Advice>")
    with pytest.raises(refusals.DecryptionFailed):
        read(sealed_answer(plaintext=nested.encode()))
    with pytest.raises(refusals.SignatureInvalid):
        read(sealed_answer(plaintext=assertion.replace(">ann<", ">eve<").encode()))
    with pytest.raises(refusals.RecipientMismatch):
        read(sealed_answer(answer_={"recipient": ACS + "/other"}))


def test_without_a_key_and_without_encryption() -> None:
    with pytest.raises(refusals.EncryptedAssertionUnsupported):
        read(sealed_answer(), keys=())
    wants = signature.SignaturePolicy(want_assertion_encrypted=True)
    with pytest.raises(refusals.AssertionNotEncrypted):
        read(answer(), policy=wants)
    assert read(sealed_answer(), policy=wants) == "ann"
