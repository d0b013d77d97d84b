"""Controls: unusual but valid responses, which must be accepted, or refusing everything would pass.

How they are signed, encrypted and delivered is told here; what may be unusual in the
document, in `odd_documents.py`, and in the assertion, in `odd_assertions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml import odd_assertions, odd_documents
from latchstring.attacks.saml.encryption import sealed
from latchstring.attacks.saml.forge import Build, control, encoded, forge, swap
from latchstring.attacks.saml.scene import Scene, SignIn
from latchstring.attacks.saml.signing import C14N, MORE, TRANSFORMS, key_info
from latchstring.protocols.saml import names


def _forged(**how: Any) -> Build:
    return lambda forge: forge.forged(**how)


def _key(name: str, algorithm: str = names.RSA_SHA256) -> Build:
    return lambda forge: forge.forged(pair=forge.keys[name], algorithm=algorithm)


_PREFIX_LIST = TRANSFORMS.replace(
    f'{names.EXC_C14N}"/>',
    f'{names.EXC_C14N}"><ec:InclusiveNamespaces xmlns:ec="{names.EXC_C14N}" PrefixList="xs xsi"/></ds:Transform>',
)
_COMMENTS = TRANSFORMS.replace(names.EXC_C14N, names.EXC_C14N_COMMENTS)
_INCLUSIVE = TRANSFORMS.replace(names.EXC_C14N, C14N)

# name -> (requirement, what is unusual, how it is made, at which connection)
_SIGNED: dict[str, tuple[str, str, Build, str]] = {
    "plain": ("SAML-21", "an assertion as the Test IdP signs it", lambda f: f.answer(), "plain"),
    "response-signed": (
        "SAML-21",
        "the Response signed, the assertion not",
        lambda f: f.answer(sign="response"),
        "plain",
    ),
    "both-signed": ("SAML-21", "both signed", lambda f: f.answer(sign="both"), "plain"),
    "key-info-absent": ("SAML-18", "no KeyInfo", _forged(), "plain"),
    "key-info-foreign": (
        "SAML-18",
        "the right key, somebody else's certificate in KeyInfo",
        lambda f: f.forged(key_info=key_info(f.keys["stranger"].certificate)),
        "plain",
    ),
    "key-info-name": (
        "SAML-18",
        "a KeyName",
        _forged(key_info="<ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo>"),
        "plain",
    ),
    "certificates-several": ("SAML-45", "one of six certificates", lambda f: f.answer(), "many"),
    "certificate-expired": ("SAML-45", "a pinned certificate that has expired", _key("expired"), "many"),
    "ecdsa-256": ("SAML-19", "ECDSA over P-256", _key("ec256", names.ECDSA_SHA256), "many"),
    "ecdsa-384": ("SAML-19", "ECDSA over P-384, SHA-384", _key("ec384", f"{MORE}ecdsa-sha384"), "many"),
    "ecdsa-521": ("SAML-19", "ECDSA over P-521, SHA-512", _key("ec521", f"{MORE}ecdsa-sha512"), "many"),
    "rsa-sha384": (
        "SAML-19",
        "SHA-384 twice",
        _forged(algorithm=f"{MORE}rsa-sha384", digest_algorithm=f"{MORE}sha384"),
        "plain",
    ),
    "rsa-sha512": (
        "SAML-19",
        "SHA-512 twice",
        _forged(algorithm=f"{MORE}rsa-sha512", digest_algorithm=f"{names.XENC}sha512"),
        "plain",
    ),
    "prefix-list": (
        "SAML-13",
        "InclusiveNamespaces",
        _forged(transforms=_PREFIX_LIST, prefixes=("xs", "xsi")),
        "plain",
    ),
    "canonical-with-comments": (
        "SAML-13",
        "exclusive canonicalization with comments",
        _forged(
            transforms=_COMMENTS, with_comments=True, in_assertion=swap("<saml:Subject>", "<!-- x --><saml:Subject>")
        ),
        "plain",
    ),
    "canonical-comments-left-out": (
        "SAML-13",
        "the same, the comment left out as a reference by ID does",
        _forged(transforms=_COMMENTS, in_assertion=swap("<saml:Subject>", "<!-- x --><saml:Subject>")),
        "plain",
    ),
    "sha1-allowed": (
        "SAML-20",
        "RSA-SHA1 where it is allowed",
        _forged(algorithm=names.RSA_SHA1, digest_algorithm=names.SHA1_DIGEST),
        "lenient",
    ),
    "rsa1024-allowed": ("SAML-20", "a key of 1024 bits where it is allowed", _key("rsa1024"), "lenient"),
    "inclusive-allowed": (
        "SAML-13",
        "inclusive canonicalization where it is allowed",
        _forged(
            sign="response",
            transforms=_INCLUSIVE,
            canonicalization=f'<ds:CanonicalizationMethod Algorithm="{C14N}"/>',
            inclusive=True,
        ),
        "lenient",
    ),
    "response-wanted": (
        "SAML-21",
        "the Response signed, as wanted",
        lambda f: f.answer(sign="response"),
        "wants-response",
    ),
    "assertion-wanted": ("SAML-21", "the assertion signed, as wanted", lambda f: f.answer(), "wants-assertion"),
}
_SEALED: dict[str, tuple[str, str, Build, str]] = {
    "sealed-gcm-128": ("SAML-22", "AES-128-GCM", sealed(content="aes128-gcm"), "sealed"),
    "sealed-gcm-192": ("SAML-22", "AES-192-GCM", sealed(content="aes192-gcm"), "sealed"),
    "sealed-gcm-256": ("SAML-22", "AES-256-GCM", sealed(), "sealed"),
    "sealed-oaep-sha256": ("SAML-23", "OAEP with SHA-256", sealed(digest="sha256"), "sealed"),
    "sealed-oaep-1.1": (
        "SAML-23",
        "OAEP and MGF1 with SHA-256",
        sealed(transport="rsa-oaep", digest="sha256", mask="sha256"),
        "sealed",
    ),
    "sealed-key-beside": ("SAML-23", "the wrapped key beside the data", sealed(beside=True), "sealed"),
    "sealed-four-keys": ("SAML-23", "four wrapped keys", sealed(keys=4), "sealed"),
    "sealed-response-signed": (
        "SAML-22",
        "the Response signed around the ciphertext",
        sealed(sign="response"),
        "sealed",
    ),
    "sealed-both-signed": ("SAML-22", "signed outside and inside", sealed(sign="both"), "sealed"),
    "sealed-cbc": ("SAML-23", "CBC inside a signed Response", sealed(sign="response", content="aes128-cbc"), "sealed"),
    "sealed-cbc-allowed": ("SAML-23", "CBC where it is allowed", sealed(content="aes256-cbc"), "cbc"),
    "sealed-as-asked": ("SAML-22", "encrypted where encryption is asked for", sealed(), "secret"),
    "sealed-not-asked": ("SAML-22", "not encrypted, although we could open it", lambda f: f.answer(), "sealed"),
}


def _delivered(make: Callable[[SignIn, str], Sequence[tuple[str, str]]]) -> Callable[[Scene], Verdict]:
    """A valid answer in fields of another kind."""

    def play(scene: Scene) -> Verdict:
        party = scene.party()
        sign_in = scene.begin(party)
        return scene.post(
            party, sign_in.browser, make(sign_in, encoded(forge(scene, party, sign_in.request_id).answer()))
        )

    return play


def _lines(text: str) -> str:
    """As RFC 2045 writes Base64."""
    return "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def _two_sign_ins(scene: Scene) -> Verdict:
    """One browser, two windows: the first sign-in is answered last."""
    party = scene.party()
    first, second = scene.begin(party), scene.begin(party)
    second.browser.cookies |= first.browser.cookies
    first = msgspec.structs.replace(first, browser=second.browser)
    for sign_in in (second, first):
        found = scene.deliver(party, sign_in, encoded(forge(scene, party, sign_in.request_id).answer()))
        if not found.accepted:
            break
    return found


def _chosen_by_relay_state(scene: Scene) -> Verdict:
    """Nobody asked, and the RelayState chooses a registered address, as the environment allows."""
    party = scene.party("relay")
    wish = f"redirect_uri={party.redirect_uri}"
    fields = [("SAMLResponse", encoded(forge(scene, party, None).answer())), ("RelayState", wish)]
    return scene.post(party, scene.browser(), fields)


_DELIVERED: dict[str, tuple[str, str, Callable[[Scene], Verdict]]] = {
    "base64-lines": ("SAML-05", "Base64 in lines", _delivered(lambda _, answer: [("SAMLResponse", _lines(answer))])),
    "relay-state-absent": ("SAML-41", "no RelayState", _delivered(lambda _, answer: [("SAMLResponse", answer)])),
    "relay-state-other": (
        "SAML-41",
        "another RelayState, which decides nothing",
        _delivered(lambda _, answer: [("SAMLResponse", answer), ("RelayState", "https://evil.example/")]),
    ),
    "field-more": (
        "SAML-43",
        "a field that nobody knows",
        _delivered(lambda _, answer: [("SAMLResponse", answer), ("x", "y")]),
    ),
    "two-sign-ins": ("SAML-32", "two sign-ins in one browser", _two_sign_ins),
    "unsolicited-relay-state": ("SAML-41", "a RelayState with a registered address", _chosen_by_relay_state),
}

CONTROLS: tuple[Attack[Scene], ...] = (
    *(
        control(f"valid-{name}", requirement, tries, build, party=party)
        for name, (requirement, tries, build, party) in {**_SIGNED, **_SEALED}.items()
    ),
    *(
        control(f"valid-{name}", requirement, tries, build)
        for name, (requirement, tries, build) in (odd_documents.ROWS | odd_assertions.ROWS).items()
    ),
    *(
        Attack(name=f"valid-{name}", requirement=requirement, tries=tries, expected=None, play=play)
        for name, (requirement, tries, play) in _DELIVERED.items()
    ),
    control(
        "valid-unsolicited",
        "SAML-33",
        "one that nobody asked for, where that is allowed",
        lambda f: f.answer(),
        party="portal",
        unsolicited=True,
    ),
)
