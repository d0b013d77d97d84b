"""Responses of another shape: wrong roots, parts missing or twice, IDs twice, signatures elsewhere (SAML-06 to 09)."""

from __future__ import annotations

from latchstring.attacks.outcome import Attack
from latchstring.attacks.saml.forge import (
    Build,
    Forge,
    altered,
    assertion_in,
    attack,
    behind_issuer,
    composed,
    evil,
    inside,
    signature_in,
    swap,
    unsigned,
)
from latchstring.attacks.saml.scene import Scene
from latchstring.attacks.saml.signing import Edit
from latchstring.protocols.saml import names

SUCCESS = f'<samlp:Status><samlp:StatusCode Value="{names.STATUS_SUCCESS}"/></samlp:Status>'
_SAML1 = "urn:oasis:names:tc:SAML:1.0:assertion"


def _wrapped(template: str) -> Build:
    return lambda forge: template.format(forge.answer(sign="both"))


def _in_extensions(text: str, what: str) -> str:
    return behind_issuer(text, f"<samlp:Extensions>{what}</samlp:Extensions>")


_ROOTS: dict[str, tuple[str, Build]] = {
    "root-soap": (
        "a SOAP envelope around the Response",
        _wrapped('<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>{}</S:Body></S:Envelope>'),
    ),
    "root-artifact": (
        "an ArtifactResponse around the Response",
        _wrapped(f'<p:ArtifactResponse xmlns:p="{names.SAMLP}" ID="_x" Version="2.0">{{}}</p:ArtifactResponse>'),
    ),
    "root-logout": (
        "a LogoutResponse around the Response",
        _wrapped(f'<p:LogoutResponse xmlns:p="{names.SAMLP}" ID="_x" Version="2.0">{{}}</p:LogoutResponse>'),
    ),
    "root-trust": (
        "a token of WS-Trust",
        _wrapped(
            '<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">{}'
            "</t:RequestSecurityTokenResponse>"
        ),
    ),
    "root-assertion": ("a signed assertion alone", lambda f: assertion_in(f.answer())),
    "root-saml-1": (
        "a Response of SAML 1.1",
        altered(swap(f'"{names.SAMLP}"', '"urn:oasis:names:tc:SAML:1.0:protocol"')),
    ),
    "root-without-namespace": (
        "a Response without a namespace",
        lambda f: f.answer().replace("<samlp:Response", "<Response").replace("</samlp:Response", "</Response"),
    ),
    "root-capital": (
        "RESPONSE in capitals",
        lambda f: f.answer().replace("samlp:Response", "samlp:RESPONSE"),
    ),
}

_RESPONSES: dict[str, tuple[str, Build]] = {
    "version-1.1": ("Version 1.1", altered(swap('Version="2.0"', 'Version="1.1"', 1))),
    "version-missing": ("no Version", altered(swap(' Version="2.0"', "", 1))),
    "version-2": ("Version 2", altered(swap('Version="2.0"', 'Version="2"', 1))),
    "response-without-id": ("no ID on the Response", lambda f: f.answer(after=swap(f' ID="{f.response_id}"', ""))),
    "status-missing": ("no Status", altered(swap(SUCCESS, ""))),
    "status-twice": ("two Statuses", altered(swap(SUCCESS, SUCCESS * 2))),
    "status-last": ("the Status behind the assertion", lambda f: inside(f.answer(after=swap(SUCCESS, "")), SUCCESS)),
    "foreign-child": ("an element that is not SAML's", altered(swap(SUCCESS, SUCCESS + '<x:x xmlns:x="urn:x"/>'))),
    "response-in-extensions-empty": (
        "an empty Response in Extensions",
        altered(swap(SUCCESS, f"<samlp:Extensions><samlp:Response/></samlp:Extensions>{SUCCESS}")),
    ),
    "saml-1-assertion": (
        "an assertion of SAML 1.1 beside the signed one",
        lambda f: inside(f.answer(), f'<s:Assertion xmlns:s="{_SAML1}" AssertionID="_x"/>'),
    ),
    "namespace-less-assertion": (
        "an assertion without a namespace beside the signed one",
        lambda f: inside(f.answer(), "<Assertion/>"),
    ),
    "prefix-redefined": (
        "the prefix of SAML bound to something else",
        altered(swap(f'<saml:Assertion xmlns:saml="{names.SAML}"', '<saml:Assertion xmlns:saml="urn:x"')),
    ),
    "assertion-in-extensions": (
        "the assertion in Extensions, where none is read",
        altered(lambda text: _in_extensions(text.replace(assertion_in(text), ""), assertion_in(text))),
    ),
}


def _twice(*, first: bool, signed: bool) -> Build:
    """A second assertion, of somebody else, before or behind the signed one."""

    def build(forge: Forge) -> str:
        text, more = forge.answer(), evil(assertion_in(forge.another().answer()))
        more = more if signed else unsigned(more)
        own = assertion_in(text)
        return text.replace(own, more + own if first else own + more)

    return build


def _both_signed(forge: Forge) -> str:
    """Two assertions that the provider itself has signed, as a shared or hostile one could."""
    second = assertion_in(forge.another().answer(name_id=evil(forge.party.person)))
    return inside(forge.answer(), second)


def _in_value(forge: Forge) -> str:
    hidden = '<saml:AttributeValue><Assertion ID="_x"/></saml:AttributeValue></saml:Attribute>'
    return forge.answer(in_assertion=swap("</saml:Attribute>", hidden, 1))


_COUNTS: dict[str, tuple[str, str, Build]] = {
    "assertion-missing": ("none", "no_assertion", altered(lambda text: text.replace(assertion_in(text), ""))),
    "assertions-unsigned-first": ("an unsigned one first", "several_assertions", _twice(first=True, signed=False)),
    "assertions-unsigned-last": ("an unsigned one last", "several_assertions", _twice(first=False, signed=False)),
    "assertions-broken-first": ("a broken one first", "several_assertions", _twice(first=True, signed=True)),
    "assertions-broken-last": ("a broken one last", "several_assertions", _twice(first=False, signed=True)),
    "assertions-both-signed": ("two that are signed", "several_assertions", _both_signed),
    "assertion-in-signed-advice": (
        "one inside the signed one's Advice",
        "several_assertions",
        composed(lambda text: inside(text, '<saml:Advice><saml:Assertion ID="_x"/></saml:Advice>')),
    ),
    "assertion-in-signed-value": ("one without a namespace in a signed value", "several_assertions", _in_value),
    "assertion-in-response-signed": (
        "one in Extensions, the Response signed",
        "several_assertions",
        lambda f: f.answer(
            sign="response",
            in_response=lambda text: _in_extensions(text, evil(assertion_in(f.another().answer()))),
        ),
    ),
}


def _id_twice(name: str, *, of_response: bool) -> Build:
    def build(forge: Forge) -> str:
        value = forge.response_id if of_response else forge.assertion_id
        return forge.answer(after=swap("<samlp:Status>", f'<samlp:Status xmlns:w="urn:w" {name}="{value}">'))

    return build


def _other_id(name: str) -> Build:
    """The reference is to an attribute that only looks like the ID."""
    return lambda forge: forge.forged(
        in_assertion=swap(" ID=", f' xmlns:w="urn:w" {name}="_signed" ID=', 1), uri="#_signed"
    )


_ID_NAMES = {
    "same": "ID",
    "mixed-case": "Id",
    "lower-case": "id",
    "saml-1": "AssertionID",
    "xml-id": "xml:id",
    "wsu-id": "w:Id",
    "foreign": "w:ID",
}


def _moved(before: str, *, last: bool = False) -> Build:
    """The assertion's signature, moved to another place."""

    def build(forge: Forge) -> str:
        text = forge.answer()
        signature, rest = signature_in(text), unsigned(text)
        at = rest.rindex(before) if last else rest.index(before)
        return rest[:at] + signature + rest[at:]

    return build


_PLACES: dict[str, tuple[str, str, Build]] = {
    "signature-before-issuer": (
        "the assertion's signature before its Issuer",
        "assertion_malformed",
        _moved("<saml:Issuer>", last=True),
    ),
    "signature-at-end": ("... at the end of the assertion", "signature_misplaced", _moved("</saml:Assertion>")),
    "signature-in-subject": ("... in the Subject", "signature_misplaced", _moved("</saml:Subject>")),
    "signature-in-conditions": ("... in the Conditions", "signature_misplaced", _moved("</saml:Conditions>")),
    "signature-in-value": ("... in an AttributeValue", "signature_misplaced", _moved("</saml:AttributeValue>")),
    "signature-in-status": ("... in the Status", "signature_misplaced", _moved("</samlp:Status>")),
    "signature-at-very-end": ("... at the end of the Response", "signature_misplaced", _moved("</samlp:Response>")),
    "signature-on-response": ("... where the Response's would stand", "signature_malformed", _moved("<samlp:Status>")),
    "signature-in-extensions": (
        "... in Extensions",
        "signature_misplaced",
        altered(lambda text: _in_extensions(unsigned(text), signature_in(text))),
    ),
    "signatures-two": (
        "two signatures on the Response",
        "signature_misplaced",
        lambda f: f.answer(sign="response", after=lambda text: behind_issuer(text, signature_in(text))),
    ),
    "signatures-two-on-assertion": (
        "two signatures on the assertion",
        "signature_misplaced",
        altered(lambda text: text.replace(signature_in(text), signature_in(text) * 2)),
    ),
}
_ASSERTIONS: dict[str, tuple[str, Edit]] = {
    "assertion-version": ("an assertion of Version 1.1", swap('Version="2.0"', 'Version="1.1"', 1)),
    "subjects-two": ("two Subjects", swap("<saml:Subject>", "<saml:Subject/><saml:Subject>")),
    "conditions-two": ("two Conditions", swap("</saml:Conditions>", "</saml:Conditions><saml:Conditions/>")),
    "names-two": ("two NameIDs", swap("</saml:NameID>", "</saml:NameID><saml:NameID>victim</saml:NameID>")),
    "assertion-foreign-child": ("a foreign element", lambda text: inside(text, '<x:x xmlns:x="urn:x"/>')),
    "confirmation-data-two": (
        "two SubjectConfirmationData",
        swap("</saml:SubjectConfirmation>", "<saml:SubjectConfirmationData/></saml:SubjectConfirmation>"),
    ),
}

ATTACKS: tuple[Attack[Scene], ...] = (
    *(attack(name, "SAML-06", tries, "not_a_response", build) for name, (tries, build) in _ROOTS.items()),
    *(attack(name, "SAML-06", tries, "response_malformed", build) for name, (tries, build) in _RESPONSES.items()),
    *(
        attack(name, "SAML-06", f"{tries}, signed", "assertion_malformed", composed(edit))
        for name, (tries, edit) in _ASSERTIONS.items()
    ),
    *(attack(name, "SAML-07", tries, code, build) for name, (tries, code, build) in _COUNTS.items()),
    *(
        attack(
            f"id-twice-{word}-of-{'response' if of_response else 'assertion'}",
            "SAML-08",
            f"the {'Response' if of_response else 'assertion'}'s ID again, as {name}",
            "duplicate_ids",
            _id_twice(name, of_response=of_response),
        )
        for word, name in _ID_NAMES.items()
        for of_response in (False, True)
    ),
    *(
        attack(f"reference-by-{word}", "SAML-08", f"a reference to {name}", "signature_malformed", _other_id(name))
        for word, name in _ID_NAMES.items()
        if name != "ID"
    ),
    *(attack(name, "SAML-09", tries, code, build) for name, (tries, code, build) in _PLACES.items()),
)
