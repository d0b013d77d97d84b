"""Bombs: small messages that want to become large work, in size, depth, number or by compression (SAML-02, SAML-03)."""

from __future__ import annotations

import gzip
import zlib
from base64 import b64encode
from collections.abc import Callable

from latchstring.attacks.browser import verdict
from latchstring.attacks.outcome import Attack, Verdict
from latchstring.attacks.saml.forge import Build, attack, swap
from latchstring.attacks.saml.scene import Scene, path

_DETAIL = "<samlp:StatusDetail>{}</samlp:StatusDetail></samlp:Status>"


def _within(what: str) -> Build:
    """Somewhere unsigned in a valid response."""
    return lambda forge: forge.answer(after=swap("</samlp:Status>", _DETAIL.format(what)))


_ATTRIBUTES = " ".join(f'a{n}=""' for n in range(300))
_MANY = " ".join(f'a{n}=""' for n in range(20_000))
_NAMESPACES = [f'xmlns:n{n}="urn:n"' for n in range(300)]
_NESTED = "".join(f"<x {' '.join(_NAMESPACES[n : n + 10])}>" for n in range(0, 300, 10)) + "</x>" * 30
_TOO_LARGE: dict[str, tuple[str, Build]] = {
    "bomb-size": ("300,000 bytes", _within("x" * 300_000)),
    "bomb-depth": ("65 elements deep", _within("<x>" * 65 + "</x>" * 65)),
    "bomb-elements": ("5,000 elements more", _within("<x/>" * 5_000)),
    "bomb-comments": ("5,000 comments", _within("<!---->" * 5_000)),
    "bomb-attributes": ("300 attributes", _within(f"<x {_ATTRIBUTES}/>")),
    "bomb-attributes-many": ("20,000 attributes", _within(f"<x {_MANY}/>")),
    "bomb-namespaces": ("300 namespaces", _within(f"<x {' '.join(_NAMESPACES)}/>")),
    "bomb-namespaces-nested": ("300 namespaces, on 30 elements", _within(_NESTED)),
    "bomb-attribute-size": ("an attribute of 70,000 characters", _within(f'<x a="{"a" * 70_000}"/>')),
    "bomb-ids": ("120 IDs", _within("".join(f'<x ID="_{n}"/>' for n in range(120)))),
}

_DEEP = "<x>" * 10_000 + "</x>" * 10_000


def _values(count: int) -> Build:
    """A signed AttributeStatement."""
    return lambda forge: forge.answer(attributes={**forge.attributes(), "list": ("x",) * count})


def _compressed(press: Callable[[bytes], bytes]) -> Build:
    return lambda forge: press(forge.answer().encode())


def _deflated(document: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(document) + engine.flush()


_BOMB = b64encode(_deflated(b"<a>" + b"a" * 4_000_000 + b"</a>")).decode()


def _body(scene: Scene) -> Verdict:
    party = scene.party()
    return scene.post(party, scene.begin(party).browser, [("SAMLResponse", "A" * 3_000_000)])


def _fields(scene: Scene) -> Verdict:
    party = scene.party()
    return scene.post(party, scene.begin(party).browser, [(f"f{n}", "") for n in range(500)])


def _bomb_by_get(scene: Scene) -> Verdict:
    party = scene.party()
    return verdict(scene.browser().get(path(party.acs_url), {"SAMLResponse": _BOMB}))


def _bomb_at_the_test_idp(scene: Scene) -> Verdict:
    return verdict(scene.browser().get("/test-idp/sso", {"SAMLRequest": _BOMB}))


ATTACKS: tuple[Attack[Scene], ...] = (
    *(attack(name, "SAML-02", tries, "document_too_large", build) for name, (tries, build) in _TOO_LARGE.items()),
    attack("bomb-values", "SAML-02", "1,001 attribute values, signed", "document_too_large", _values(1_001)),
    attack(
        "bomb-depth-parser",
        "SAML-02",
        "10,000 elements deep",
        "document_not_xml",
        _within("<x>" * 10_000 + "</x>" * 10_000),
    ),
    Attack(name="bomb-body", requirement="SAML-02", tries="3 MB of form", expected="body_too_large", play=_body),
    Attack(
        name="bomb-fields", requirement="SAML-02", tries="500 form fields", expected="too_many_parameters", play=_fields
    ),
    attack("deflated", "SAML-03", "a deflated response by POST", "document_not_xml", _compressed(_deflated)),
    attack("zlib", "SAML-03", "a zlib stream by POST", "document_not_xml", _compressed(zlib.compress)),
    attack("gzip", "SAML-03", "a gzip file by POST", "document_not_xml", _compressed(gzip.compress)),
    Attack(
        name="deflate-bomb",
        requirement="SAML-03",
        tries="4 MB in 6 kB, as a response by GET",
        expected="method_not_allowed",
        play=_bomb_by_get,
    ),
    Attack(
        name="deflate-bomb-request",
        requirement="SAML-03",
        tries="4 MB in 6 kB, as a request to the Test IdP",
        expected="document_too_large",
        play=_bomb_at_the_test_idp,
    ),
)
