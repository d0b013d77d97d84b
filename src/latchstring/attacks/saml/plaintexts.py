"""What comes to light when a ciphertext is opened: anything but one signed assertion (SAML-24)."""

from __future__ import annotations

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.encryption import sealed
from latchstring.attacks.saml.forge import attack, evil, inside, unsigned
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import Edit
from latchstring.protocols.saml import names


def _xsw4(text: str) -> str:
    return inside(evil(unsigned(text)).replace(' ID="_', ' ID="_e'), text)


_PLAINTEXTS: dict[str, tuple[str, Edit]] = {
    "plaintext-dtd": ("a document type declaration", lambda text: "<!DOCTYPE x>" + text),
    "plaintext-entity": (
        "an external entity",
        lambda text: f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{text.replace("staff", "&e;")}',
    ),
    "plaintext-two-roots": ("two assertions", lambda text: text + evil(text)),
    "plaintext-evil-first": ("two, the forged one first", lambda text: evil(unsigned(text)) + text),
    "plaintext-response": (
        "a Response",
        lambda text: f'<samlp:Response xmlns:samlp="{names.SAMLP}" ID="_i" Version="2.0">{text}</samlp:Response>',
    ),
    "plaintext-element": ("another element", lambda _: "<x/>"),
    "plaintext-wrapped": ("an assertion inside another element", lambda text: f"<x>{text}</x>"),
    "plaintext-text": ("text", lambda _: "victim"),
    "plaintext-empty": ("nothing", lambda _: ""),
    "plaintext-prefix": ("a prefix that only the Response declares", lambda text: f"<samlp:x/>{text}"),
    "plaintext-in-advice": (
        "one assertion in the other's Advice",
        lambda text: inside(text, f"<saml:Advice>{text}</saml:Advice>"),
    ),
    "plaintext-sealed-again": (
        "an encrypted assertion",
        lambda text: f'<saml:EncryptedAssertion xmlns:saml="{names.SAML}"/>',
    ),
    "plaintext-xsw4": ("a signed assertion inside a forged one", _xsw4),
    "plaintext-deep": ("65 elements, one inside the other", lambda text: "<x>" * 65 + "</x>" * 65),
}

ATTACKS: tuple[Attack[Scene], ...] = tuple(
    attack(name, "SAML-24", f"encrypted: {tries}", "decryption_failed", sealed(plain=plain), party="sealed")
    for name, (tries, plain) in _PLAINTEXTS.items()
)
