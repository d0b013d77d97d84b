"""python-xmlsec and signxml are asked too: what we accept they find valid, over the very element that we read.

Where they accept what we refuse, the catalogue says why we are right (`attacks/saml/why.py`).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import NameOID
from lxml import etree

from latchstring.attacks.saml import why
from latchstring.cli.explain_case import RELAXATIONS, WISHES
from latchstring.protocols.saml import encryption, issue, names, signature, xml
from latchstring.protocols.saml.signature import SignaturePolicy
from tests.attacks.recorded import Delivery, Play, Recorded, case, played
from tests.fuzz import saml_seeds
from tests.protocols.saml import vectors
from tests.protocols.saml.answers import NOW, Key, answer, forged, pair
from tests.protocols.saml.other_libraries import (
    signxml_is_content,
    signxml_signed,
    xmlsec_decrypts,
    xmlsec_is_content,
    xmlsec_verifies,
)
from tests.protocols.saml.sealing import OUR_KEY, sealed_answer


class Vector(msgspec.Struct, frozen=True, kw_only=True):
    """A response that is valid, and what it is judged by."""

    name: str
    document: bytes
    certificates: tuple[str, ...]
    policy: SignaturePolicy = SignaturePolicy()
    keys: tuple[str, ...] = ()
    now: datetime = NOW


_COMMENTS = "leaves comments out of what an ID refers to, or keeps them (XML-DSig 4.4.3.3): each library knows one way"
_BESIDE = "looks for the wrapped key in KeyInfo, not beside the EncryptedData, where SAML allows it too (core 2.2.4)"
# (library, vector): it cannot agree, and why. Everything that is not named here must be agreed upon.
DISAGREEMENTS: dict[tuple[str, str], str] = {
    ("signxml", "valid-certificate-expired"): "refuses a pinned certificate whose dates are over; to us the key counts",
    ("signxml", "valid-canonical-comments-left-out"): _COMMENTS,
    ("signxml", "a comment left out"): _COMMENTS,
    ("xmlsec", "valid-canonical-with-comments"): _COMMENTS,
    ("xmlsec", "valid-sealed-key-beside"): _BESIDE,
    ("xmlsec", "key beside"): _BESIDE,
}


def test_everything_that_we_accept_is_valid_for_both_other_libraries() -> None:
    asked = list(_vectors())
    assert len(asked) > 120
    assert {(library, vector.name) for vector in asked for library in _disagreeing(vector)} == set(DISAGREEMENTS)


MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA512 = f"{names.XENC}sha512"
RSA_KEYS: tuple[Key, ...] = ("rsa", "rsa3072", "rsa4096", "rsa-odd", "rsa-three")
EC_KEYS: tuple[Key, ...] = ("ec256", "ec384", "ec521", "brainpool256", "brainpool384")
HASHES = (("sha256", names.SHA256_DIGEST), ("sha384", f"{MORE}sha384"), ("sha512", SHA512))


@pytest.mark.parametrize("where", ["assertion", "response"])
@pytest.mark.parametrize(("hash_", "digest"), HASHES)
@pytest.mark.parametrize("key", [*RSA_KEYS, *EC_KEYS])
def test_saml_19_every_key_that_a_provider_may_have(
    key: Key, hash_: str, digest: str, where: Literal["assertion", "response"]
) -> None:
    algorithm = f"{MORE}{'rsa' if key in RSA_KEYS else 'ecdsa'}-{hash_}"
    document = forged(sign=where, key=key, algorithm=algorithm, digest_algorithm=digest)
    assert _disagreeing(Vector(name=key, document=document, certificates=(pair(key).certificate,))) == set()


@pytest.mark.parametrize("key", [*RSA_KEYS, *EC_KEYS])
@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_what_we_sign_ourselves_is_valid_by_every_key(sign: issue.Signed, key: Key) -> None:
    document = answer(sign=sign, key=key)
    assert _disagreeing(Vector(name=key, document=document, certificates=(pair(key).certificate,))) == set()


@pytest.mark.parametrize("content", ["aes128-gcm", "aes256-gcm", "aes128-cbc"])
@pytest.mark.parametrize("key", RSA_KEYS)
def test_saml_22_every_rsa_key_of_ours_opens_what_is_sealed_for_it(key: Key, content: str) -> None:
    how: dict[str, Any] = {"transport": "rsa-oaep", "digest": "sha256", "mask": "sha1"} if "256" in content else {}
    vector = Vector(
        name=key,
        document=sealed_answer(sign="both", key="ec384", to=key, content=content, **how),
        certificates=(pair("ec384").certificate,),
        keys=(pair("rsa1024").pem, pair(key).pem),  # not the first one that is tried
    )
    assert _disagreeing(vector) == set()


def _certificate(issuer_key: Any, *, hash_: hashes.SHA256 | hashes.SHA512, pss: bool = False) -> str:
    """Around the provider's key "rsa", issued by another key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ünder the sea, Ltd.")])
    start = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=pair("rsa").key.public_key())
    made = (
        start.serial_number(2**158)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    scheme = padding.PSS(padding.MGF1(hash_), hash_.digest_size) if pss else None
    signed = made.sign(issuer_key, hash_, rsa_padding=scheme)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("how", ["by RSA", "by RSA-PSS", "by ECDSA", "with SHA-512"])
def test_saml_18_how_a_pinned_certificate_is_signed_decides_nothing(how: str) -> None:
    """It is a container for the key: no chain is followed, and its own signature may be of any kind."""
    hash_ = hashes.SHA512() if "512" in how else hashes.SHA256()
    key = pair("ec384" if "EC" in how else "other").key
    certificate = _certificate(key, hash_=hash_, pss="PSS" in how)
    assert _disagreeing(Vector(name=how, document=answer(sign="both"), certificates=(certificate,))) == set()


def test_what_other_libraries_accept_and_we_refuse_has_its_reason() -> None:
    """A careless application with either library lets hundreds of the attacks in; `why.WHY` says what it overlooks."""
    play = played()
    accepted: dict[str, set[str]] = {"xmlsec": set(), "signxml": set()}
    codes: set[str] = set()
    shown = 0
    for recorded in play.recorded:
        document = None if recorded.attack.control else _posted(recorded)
        if document is None:
            continue
        assert recorded.last is not None and recorded.attack.expected is not None
        certificates = case(play, recorded.last)["idp_certs"]
        shown += 1
        theirs = {
            "xmlsec": xmlsec_is_content(document, certificates),
            "signxml": signxml_is_content(document, certificates, now=play.now + timedelta(minutes=1)),
        }
        for library, content in theirs.items():
            if content:
                accepted[library].add(recorded.attack.name)
                codes.add(recorded.attack.expected)
    print(
        f"\n{shown} attacks shown: " + ", ".join(f"{library} accepts {len(all_)}" for library, all_ in accepted.items())
    )
    assert shown > 580
    assert all(len(names_) > 200 for names_ in accepted.values())  # or the question was not put to them rightly
    assert codes == set(why.WHY)


# Attacks that are no document of a form at the ACS, or none that can be decoded: there is nothing to show.
NOTHING_TO_SHOW = {
    *("address-of-oidc", "form-artifact", "form-as-json", "form-by-get", "form-empty", "form-in-query"),
    *("form-name-in-capitals", "form-response-twice", "replay-at-once", "bomb-fields"),
    *("base64-not-ascii", "base64-unpadded", "deflate-bomb", "deflate-bomb-request"),
}


def test_every_attack_is_shown_that_is_a_document() -> None:
    hidden = {
        recorded.attack.name
        for recorded in played().recorded
        if not recorded.attack.control and _posted(recorded) is None
    }
    assert hidden == NOTHING_TO_SHOW


def _posted(recorded: Recorded) -> bytes | None:
    if recorded.last is None or recorded.last.posted is None:
        return None
    try:
        return b64decode(recorded.last.posted)
    except ValueError:
        return None


def _vectors() -> Iterator[Vector]:
    play = played()
    for recorded in play.recorded:
        if recorded.attack.control:
            assert recorded.last is not None
            yield _of_catalogue(play, recorded, recorded.last)
    for name, document in zip((*saml_seeds.GOOD, "wide"), saml_seeds.good(), strict=True):
        yield Vector(
            name=name,
            document=document,
            certificates=tuple(pair(kind).certificate for kind in saml_seeds.TRUSTED),
            policy=SignaturePolicy(**dict.fromkeys(RELAXATIONS.values(), True)),
            keys=(pair(OUR_KEY).pem,),
        )

    for stored in vectors.EVERY:
        yield Vector(name=stored.name, document=stored.response, certificates=(vectors.certificate(),))


def _of_catalogue(play: Play, recorded: Recorded, delivery: Delivery) -> Vector:
    asked = case(play, delivery)
    options = [RELAXATIONS[name] for name in asked["allow"]] + [WISHES[name] for name in asked["want"]]
    return Vector(
        name=recorded.attack.name,
        document=b64decode(asked["document"]),
        certificates=tuple(asked["idp_certs"]),
        policy=SignaturePolicy(**dict.fromkeys(options, True)),
        keys=tuple(asked["sp_keys"]),
        now=play.now + timedelta(minutes=1),  # for signxml: certificates that were made this very second count
    )


def _disagreeing(vector: Vector) -> set[str]:
    """The libraries that do not find every signature valid, or another element signed than the one that we read."""
    ours = signature.verify(
        vector.document, certificates=vector.certificates, policy=vector.policy, decryption_keys=vector.keys
    )
    whole, found = xml.parse(vector.document), set[str]()
    document, inner, place = vector.document, whole.find(names.ASSERTION), f"./{names.ASSERTION}/"
    if ours.encrypted:
        sealed = whole.find(names.ENCRYPTED_ASSERTION)
        assert sealed is not None
        document, place = encryption.decrypt(sealed, vector.keys), "./"
        inner = xml.parse(document)
        theirs = xmlsec_decrypts(sealed, vector.keys)
        if theirs is None or xml.canonical(xml.parse(theirs)) != xml.canonical(inner):
            found.add("xmlsec")
    assert inner is not None
    if ours.assertion_signed:
        found |= _apart(vector, document, inner, place, lambda signed: (signed, ours.assertion))
    if ours.response_signed:
        read_here = not ours.encrypted and not ours.assertion_signed  # else it is held against the document
        found |= _apart(
            vector,
            vector.document,
            whole,
            "./",
            lambda signed: (signed.find(names.ASSERTION), ours.assertion) if read_here else (signed, _bare(whole)),
        )
    return found


def _apart(
    vector: Vector,
    document: bytes,
    parent: etree._Element,
    place: str,
    compare: Callable[[etree._Element], tuple[etree._Element | None, etree._Element]],
) -> set[str]:
    """Asks both about one signature; `compare` gets what signxml says is signed."""
    found = set[str]()
    own = parent.find(names.SIGNATURE)
    assert own is not None
    if not xmlsec_verifies(own, vector.certificates, signed=parent):
        found.add("xmlsec")
    signed = signxml_signed(document, vector.certificates, signature_in=place, now=vector.now)
    if signed is None:
        return found | {"signxml"}
    theirs, ours = compare(signed)
    if theirs is None or xml.canonical(theirs) != xml.canonical(ours):
        found.add("signxml")
    return found


def _bare(whole: etree._Element) -> etree._Element:
    """Without its own signature."""
    copy = xml.reparse(etree.tostring(whole))
    own = copy.find(names.SIGNATURE)
    assert own is not None
    xml.detach(own)
    return copy
