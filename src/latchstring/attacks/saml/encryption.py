"""Encryption taken for a signature, and ciphertexts that ask an oracle (SAML-22, SAML-23)."""

from __future__ import annotations

from typing import Any

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml import signing
from latchstring.attacks.saml.forge import (
    Build,
    Forge,
    assertion_in,
    attack,
    composed,
    evil,
    swap,
    unsigned,
)
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.sealing import flip, seal
from latchstring.attacks.saml.signing import Edit, same
from latchstring.protocols.saml import names

_NOWHERE = "http://127.0.0.1:9"


def to_us(forge: Forge, plaintext: str | bytes, **how: Any) -> str:
    """Encrypted with the certificate of our metadata."""
    certificate = forge.party.encryption_certificate or forge.keys["stranger"].certificate
    return seal(plaintext, certificate, **how)


def sealed(*, sign: str = "assertion", plain: Edit = same, in_response: Edit = same, **how: Any) -> Build:
    """A response with an encrypted assertion. `plain` changes what is encrypted; `sign` as in `issue`."""

    def build(forge: Forge) -> str:
        text = forge.answer(sign="assertion" if sign in ("assertion", "both") else "none")
        own = assertion_in(text)
        document = in_response(text.replace(own, to_us(forge, plain(own), **how)))
        return signing.enveloped(document, forge.party.pair) if sign in ("response", "both") else document

    return build


def _beside(*, first: bool, signed_is_sealed: bool, other_is_sealed: bool) -> Build:
    """A signed assertion, and an unsigned one of somebody else before or behind it; each plain or encrypted."""

    def build(forge: Forge) -> str:
        text = forge.answer()
        own, other = assertion_in(text), evil(unsigned(assertion_in(forge.another().answer())))
        real = to_us(forge, own) if signed_is_sealed else own
        more = to_us(forge, other) if other_is_sealed else other
        return text.replace(own, more + real if first else real + more)

    return build


_BESIDE: dict[str, tuple[str, Build]] = {
    "sealed-evil-first": ("encrypted before", _beside(first=True, signed_is_sealed=False, other_is_sealed=True)),
    "sealed-evil-last": ("encrypted behind", _beside(first=False, signed_is_sealed=False, other_is_sealed=True)),
    "plain-evil-first": (
        "plain, before an encrypted",
        _beside(first=True, signed_is_sealed=True, other_is_sealed=False),
    ),
    "plain-evil-last": (
        "plain, behind an encrypted",
        _beside(first=False, signed_is_sealed=True, other_is_sealed=False),
    ),
    "both-sealed-first": (
        "encrypted, before an encrypted",
        _beside(first=True, signed_is_sealed=True, other_is_sealed=True),
    ),
    "both-sealed-last": (
        "encrypted, behind an encrypted",
        _beside(first=False, signed_is_sealed=True, other_is_sealed=True),
    ),
}


def _by_stranger(forge: Forge) -> str:
    pair = forge.keys["stranger"]
    text = forge.answer(pair=pair, in_assertion=evil)
    return text.replace(assertion_in(text), to_us(forge, assertion_in(text)))


def _exchanged(forge: Forge) -> str:
    """The Response is signed around one ciphertext, and carries another."""
    text = sealed(sign="response")(forge)
    assert isinstance(text, str)  # noqa: S101 - made here
    start, end = text.index("<saml:EncryptedAssertion"), text.index("</saml:EncryptedAssertion>") + 26
    return text[:start] + to_us(forge, evil(unsigned(assertion_in(forge.answer())))) + text[end:]


def _reference(_: str) -> str:
    return f'<xenc:CipherData><xenc:CipherReference URI="{_NOWHERE}/x"/></xenc:CipherData>'


_FAILURES: dict[str, tuple[str, Build]] = {
    "sealed-for-another": ("a key of somebody else's", lambda f: _for_another(f)),
    "sealed-tag-flipped": ("one bit of the tag", sealed(spoil=flip(-1))),
    "sealed-body-flipped": ("one bit of the ciphertext", sealed(spoil=flip(40))),
    "sealed-nonce-flipped": ("one bit of the nonce", sealed(spoil=flip(3))),
    "sealed-tag-short": ("a tag of 32 bits", sealed(spoil=lambda body: body[:-12])),
    "sealed-tag-missing": ("no tag", sealed(spoil=lambda body: body[:-16])),
    "sealed-nonce-alone": ("a nonce alone", sealed(spoil=lambda body: body[:12])),
    "sealed-nothing": ("an empty ciphertext", sealed(spoil=lambda _: b"")),
    "sealed-key-flipped": ("one bit of the wrapped key", sealed(spoil_key=flip(9))),
    "sealed-key-empty": ("an empty wrapped key", sealed(spoil_key=lambda _: b"")),
    "sealed-key-size": ("a key of another size", sealed(content="aes128-gcm", content_uri=f"{names.XENC11}aes256-gcm")),
    "sealed-pkcs1-as-oaep": (
        "a key wrapped by RSA 1.5 that says OAEP",
        sealed(transport="rsa-1_5", transport_uri=f"{names.XENC}rsa-oaep-mgf1p"),
    ),
}


def _for_another(forge: Forge) -> str:
    text = forge.answer()
    return text.replace(assertion_in(text), seal(assertion_in(text), forge.keys["stranger"].certificate))


_UNLISTED: dict[str, tuple[str, Build]] = {
    "sealed-rsa-1.5": ("RSA 1.5", sealed(transport="rsa-1_5")),
    "sealed-3des": (
        "Triple DES",
        sealed(sign="response", content="aes192-cbc", content_uri=f"{names.XENC}tripledes-cbc"),
    ),
    "sealed-key-wrap": ("a symmetric key wrap", sealed(transport_uri=f"{names.XENC}kw-aes256")),
    "sealed-unknown": ("an unknown cipher", sealed(content_uri="urn:x")),
    "sealed-nameless": ("a cipher without a name", sealed(content_uri=" ")),
    "sealed-oaep-md5": ("OAEP with MD5", sealed(digest_uri=f"{signing.MORE}md5")),
    "sealed-xor": ("a stream cipher", sealed(content_uri=f"{names.XENC}arcfour")),
}
_SHAPELESS: dict[str, tuple[str, Build]] = {
    "sealed-reference": ("a ciphertext to be fetched", sealed(cipher_data=_reference)),
    "sealed-two-values": ("two ciphertexts", sealed(cipher_data=lambda text: text * 2)),
    "sealed-no-value": ("no ciphertext", sealed(cipher_data=lambda _: "")),
    "sealed-five-keys": ("five wrapped keys", sealed(keys=5)),
    "sealed-hundred-keys": ("a hundred wrapped keys", sealed(keys=100)),
    "sealed-not-base64": (
        "a ciphertext that is no Base64",
        sealed(cipher_data=swap("<xenc:CipherValue>", "<xenc:CipherValue>%")),
    ),
    "sealed-two-data": (
        "two EncryptedData",
        sealed(
            in_response=lambda text: text.replace(
                "<xenc:EncryptedData ", "<xenc:EncryptedData/><xenc:EncryptedData ", 1
            )
        ),
    ),
}
_KEYLESS: dict[str, tuple[str, Build]] = {
    "sealed-no-key": ("no wrapped key", sealed(keys=0)),
    "sealed-key-elsewhere": (
        "a wrapped key to be fetched",
        sealed(key_info=lambda _: f'<ds:KeyInfo><ds:RetrievalMethod URI="{_NOWHERE}/key"/></ds:KeyInfo>'),
    ),
}
_PROBES: dict[str, tuple[str, Build]] = {
    "cbc-padding": ("the last byte", sealed(content="aes256-cbc", spoil=flip(-1))),
    "cbc-block": ("a byte of the block before the last", sealed(content="aes256-cbc", spoil=flip(-17))),
    "cbc-vector": ("the first byte, so that the XML breaks", sealed(content="aes256-cbc", spoil=flip(0))),
    "cbc-attribute": ("a byte in the middle", sealed(content="aes256-cbc", spoil=flip(200))),
    "cbc-short": ("a block less", sealed(content="aes256-cbc", spoil=lambda body: body[:-16])),
    "cbc-odd": ("a byte less", sealed(content="aes256-cbc", spoil=lambda body: body[:-1])),
    "cbc-unsigned": ("nothing: an unsigned plaintext", sealed(content="aes256-cbc", sign="none")),
    "cbc-signature": ("the signature inside", sealed(content="aes256-cbc", plain=evil)),
}
ATTACKS: tuple[Attack[Scene], ...] = (
    attack(
        "sealed-unsigned",
        "SAML-22",
        "an encrypted assertion without a signature",
        "signature_missing",
        sealed(sign="none"),
        party="sealed",
    ),
    attack(
        "sealed-by-stranger",
        "SAML-22",
        "one that the attacker has signed",
        "certificate_unknown",
        _by_stranger,
        party="sealed",
    ),
    attack(
        "sealed-edited",
        "SAML-22",
        "one that was changed after it was signed",
        "signature_invalid",
        sealed(plain=evil),
        party="sealed",
    ),
    attack(
        "sealed-exchanged",
        "SAML-22",
        "another one in a signed Response",
        "signature_invalid",
        _exchanged,
        party="sealed",
    ),
    attack(
        "sealed-for-nobody",
        "SAML-22",
        "one at a connection that has no key",
        "encrypted_assertion_unsupported",
        sealed(),
    ),
    attack(
        "sealed-not",
        "SAML-22",
        "a plain one where encryption is asked for",
        "assertion_not_encrypted",
        lambda f: f.answer(),
        party="secret",
    ),
    *(
        attack(name, "SAML-22", f"an unsigned one, {tries}", "several_assertions", build, party="sealed")
        for name, (tries, build) in _BESIDE.items()
    ),
    attack(
        "name-sealed",
        "SAML-22",
        "an encrypted NameID",
        "encrypted_element_unsupported",
        composed(
            lambda text: (
                text[: text.index("<saml:NameID")]
                + "<saml:EncryptedID/>"
                + text[text.index("<saml:SubjectConfirmation ") :]
            )
        ),
    ),
    attack(
        "attribute-sealed",
        "SAML-22",
        "an encrypted attribute",
        "encrypted_element_unsupported",
        composed(swap("</saml:AttributeStatement>", "<saml:EncryptedAttribute/></saml:AttributeStatement>")),
    ),
    *(
        attack(name, "SAML-23", f"encrypted with {tries}", "decryption_failed", build, party="sealed")
        for name, (tries, build) in _FAILURES.items()
    ),
    *(
        attack(name, "SAML-23", f"encrypted with {tries}", "algorithm_not_allowed", build, party="sealed")
        for name, (tries, build) in _UNLISTED.items()
    ),
    *(
        attack(name, "SAML-23", f"encrypted with {tries}", "assertion_malformed", build, party="sealed")
        for name, (tries, build) in _SHAPELESS.items()
    ),
    *(
        attack(name, "SAML-23", f"encrypted with {tries}", "encryption_key_missing", build, party="sealed")
        for name, (tries, build) in _KEYLESS.items()
    ),
    *(
        attack(
            f"cbc-{size}",
            "SAML-23",
            f"AES-{size} in CBC, and nothing signed around it",
            "encryption_mode_not_allowed",
            sealed(content=f"aes{size}-cbc"),
            party="sealed",
        )
        for size in (128, 192, 256)
    ),
    *(
        attack(name, "SAML-23", f"a padding oracle asked: {tries}", "decryption_failed", build, party="cbc")
        for name, (tries, build) in _PROBES.items()
    ),
)
