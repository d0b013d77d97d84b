"""Signature wrapping: a signed element moved aside and a forged one put in its place (SAML-06 to SAML-11, SAML-17)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from latchstring.protocols.saml import names, refusals, xml
from tests.protocols.saml.answers import NOW, answer, pair, read, swap, verify

Element = etree._Element


def _found(root: Element, tag: str) -> Element:
    element = next(iter(root.iter(tag)))
    assert element is not None
    return element


def _signature(parent: Element) -> Element:
    found = xml.child(parent, names.SIGNATURE)
    assert found is not None
    return found


def _evil(original: Element, new_id: bool) -> Element:
    """A copy that names somebody else, without the signature."""
    copy = deepcopy(original)
    copy.tail = None
    xml.detach(_signature(copy))
    _found(copy, names.NAME_ID).text = "eve"
    if new_id:
        copy.set("ID", "_evil")
    return copy


def _bare(original: Element) -> Element:
    copy = deepcopy(original)
    xml.detach(_signature(copy))
    return copy


def _object(*parts: Element) -> Element:
    holder = xml.parse(f'<ds:Object xmlns:ds="{names.DS}"/>'.encode())
    holder.extend(parts)
    return holder


def xsw1(root: Element, new_id: bool) -> Element:
    evil, bare, signature = _evil(root, new_id), _bare(root), deepcopy(_signature(root))
    signature.append(bare)
    evil.insert(1, signature)
    return evil


def xsw2(root: Element, new_id: bool) -> Element:
    evil, bare, signature = _evil(root, new_id), _bare(root), deepcopy(_signature(root))
    evil.insert(1, bare)
    evil.insert(2, signature)
    return evil


def xsw3(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    assertion.addprevious(_evil(assertion, new_id))
    return root


def xsw4(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    evil = _evil(assertion, new_id)
    root.replace(assertion, evil)
    evil.append(assertion)
    return root


def xsw5(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    evil, bare, signature = _evil(assertion, new_id), _bare(assertion), deepcopy(_signature(assertion))
    evil.insert(1, signature)
    root.replace(assertion, evil)
    root.append(bare)
    return root


def xsw6(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    evil, bare, signature = _evil(assertion, new_id), _bare(assertion), deepcopy(_signature(assertion))
    signature.append(bare)
    evil.insert(1, signature)
    root.replace(assertion, evil)
    return root


def xsw7(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    extensions = xml.parse(f'<samlp:Extensions xmlns:samlp="{names.SAMLP}"/>'.encode())
    extensions.append(_evil(assertion, new_id))
    root.insert(1, extensions)
    return root


def xsw8(root: Element, new_id: bool) -> Element:
    assertion = _found(root, names.ASSERTION)
    evil, bare, signature = _evil(assertion, new_id), _bare(assertion), deepcopy(_signature(assertion))
    signature.append(_object(bare))
    evil.insert(1, signature)
    root.replace(assertion, evil)
    return root


ATTACKS: dict[str, Callable[[Element, bool], Element]] = {
    attack.__name__: attack for attack in (xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8)
}


@pytest.mark.parametrize("new_id", [True, False], ids=["new-id", "same-id"])
@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_saml_11_wrapping_attacks(attack: str, sign: str, new_id: bool) -> None:
    on_response = attack in ("xsw1", "xsw2")
    if sign == ("assertion" if on_response else "response"):
        sign = "both"  # the attack needs a signature to move
    root = xml.parse(answer(sign=sign))  # type: ignore[arg-type]
    document = etree.tostring(ATTACKS[attack](root, new_id))
    assert b"eve" in document
    with pytest.raises(refusals.SamlRefused):
        read(document)


HIDING_PLACES: dict[str, str] = {
    "extensions": "<samlp:Extensions>{}</samlp:Extensions>|2",
    "status-detail": "<samlp:StatusDetail>{}</samlp:StatusDetail>|status",
    "advice": "<saml:Advice>{}</saml:Advice>|evil",
    "attribute-value": "<saml:AttributeStatement><saml:Attribute Name='x'><saml:AttributeValue>{}</saml:AttributeValue>"
    "</saml:Attribute></saml:AttributeStatement>|evil",
    "subject-confirmation-data": "<saml:Subject><saml:SubjectConfirmation Method='x'><saml:SubjectConfirmationData>{}"
    "</saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>|evil",
    "key-info": "<ds:Signature><ds:KeyInfo>{}</ds:KeyInfo></ds:Signature>|evil",
    "object": "<ds:Signature><ds:Object>{}</ds:Object></ds:Signature>|evil",
    "encrypted-assertion": "<saml:EncryptedAssertion>{}</saml:EncryptedAssertion>|last",
    "second-status": "<samlp:Status>{}</samlp:Status>|last",
    "foreign": "<x:x xmlns:x='urn:x'>{}</x:x>|last",
}


@pytest.mark.parametrize("new_id", [True, False], ids=["new-id", "same-id"])
@pytest.mark.parametrize("place", HIDING_PLACES)
def test_saml_11_a_signed_assertion_hidden_elsewhere_lends_its_signature_to_nobody(place: str, new_id: bool) -> None:
    root = xml.parse(answer())
    assertion = _found(root, names.ASSERTION)
    evil = _evil(assertion, new_id)
    root.replace(assertion, evil)
    template, _, where = HIDING_PLACES[place].partition("|")
    spaces = f'xmlns:samlp="{names.SAMLP}" xmlns:saml="{names.SAML}" xmlns:ds="{names.DS}"'
    holder = xml.parse(f"<r {spaces}>{template.format(etree.tostring(assertion).decode())}</r>".encode())[0]
    match where:
        case "2":
            root.insert(1, holder)
        case "status":
            _found(root, names.STATUS).append(holder)
        case "evil":
            evil.append(holder)
        case _:
            root.append(holder)
    with pytest.raises(refusals.SamlRefused):
        read(etree.tostring(root))


WRAPPERS = {
    "soap": '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>{}</S:Body></S:Envelope>',
    "foreign": "<x>{}</x>",
    "artifact": f'<p:ArtifactResponse xmlns:p="{names.SAMLP}" ID="_x" Version="2.0">{{}}</p:ArtifactResponse>',
    "logout": f'<p:LogoutResponse xmlns:p="{names.SAMLP}" ID="_x" Version="2.0">{{}}</p:LogoutResponse>',
    "response-1.1": '<p:Response xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol" ID="_x" Version="2.0">{}</p:Response>',
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_saml_06_another_root_is_refused(wrapper: str) -> None:
    with pytest.raises(refusals.NotAResponse):
        verify(WRAPPERS[wrapper].format(answer(sign="both").decode()).encode())


def test_saml_06_an_assertion_alone_is_no_response() -> None:
    document = etree.tostring(_found(xml.parse(answer()), names.ASSERTION))
    with pytest.raises(refusals.NotAResponse):
        verify(document)


STATUS_SUCCESS = f'<samlp:Status><samlp:StatusCode Value="{names.STATUS_SUCCESS}"/></samlp:Status>'
SHAPES: dict[str, tuple[Callable[[str], str], type[refusals.SamlRefused]]] = {
    "version-1.1": (swap('ID="_response" Version="2.0"', 'ID="_response" Version="1.1"'), refusals.ResponseMalformed),
    "no-version": (swap('ID="_response" Version="2.0"', 'ID="_response"'), refusals.ResponseMalformed),
    "no-id": (swap('ID="_response" ', ""), refusals.ResponseMalformed),
    "no-status": (swap(STATUS_SUCCESS, ""), refusals.ResponseMalformed),
    "two-statuses": (swap(STATUS_SUCCESS, STATUS_SUCCESS * 2), refusals.ResponseMalformed),
    "foreign-child": (swap(STATUS_SUCCESS, STATUS_SUCCESS + "<x/>"), refusals.ResponseMalformed),
    "nested-response": (
        swap(STATUS_SUCCESS, f"<samlp:Extensions><samlp:Response/></samlp:Extensions>{STATUS_SUCCESS}"),
        refusals.ResponseMalformed,
    ),
    "assertion-1.1": (
        lambda text: text.replace("saml:Assertion", "old:Assertion").replace(
            "<samlp:Response", '<samlp:Response xmlns:old="urn:oasis:names:tc:SAML:1.0:assertion"'
        ),
        refusals.ResponseMalformed,
    ),
    "assertion-deeper": (
        lambda text: text.replace(STATUS_SUCCESS, STATUS_SUCCESS + "<samlp:Extensions>").replace(
            "</samlp:Response>", "</samlp:Extensions></samlp:Response>"
        ),
        refusals.ResponseMalformed,
    ),
    "assertion-in-extensions": (
        lambda text: text.replace(STATUS_SUCCESS, "<samlp:Extensions>").replace(
            "</samlp:Response>", f"</samlp:Extensions>{STATUS_SUCCESS}</samlp:Response>"
        ),
        refusals.ResponseMalformed,
    ),
    "two-status-codes": (
        swap("</samlp:Status>", f'<samlp:StatusCode Value="{names.STATUS_SUCCESS}"/></samlp:Status>'),
        refusals.ResponseMalformed,
    ),
    "no-assertion": (
        lambda text: text[: text.index("<saml:Assertion")] + "</samlp:Response>",
        refusals.NoAssertion,
    ),
    "twice": (
        lambda text: (
            text.replace("</samlp:Response>", "")
            + text[text.index("<saml:Assertion") :].replace('"_assertion"', '"_b"').replace("#_assertion", "#_b")
        ),
        refusals.SeveralAssertions,
    ),
    "in-advice": (
        swap("</saml:Conditions>", '</saml:Conditions><saml:Advice><saml:Assertion ID="_x"/></saml:Advice>'),
        refusals.SeveralAssertions,
    ),
    "namespace-less-assertion": (
        swap("</saml:Conditions>", '</saml:Conditions><saml:Advice><Assertion ID="_x"/></saml:Advice>'),
        refusals.SeveralAssertions,
    ),
    "two-subjects": (swap("<saml:Subject>", "<saml:Subject/><saml:Subject>"), refusals.AssertionMalformed),
    "subject-before-issuer": (
        lambda text: text.replace("</saml:Assertion>", "<x/></saml:Assertion>"),
        refusals.AssertionMalformed,
    ),
    "assertion-without-id": (swap(' ID="_assertion"', ""), refusals.AssertionMalformed),
    "assertion-without-issuer": (
        lambda text: (lambda at: text[:at] + text[text.index("<saml:Subject>") :])(text.rindex("<saml:Issuer>")),
        refusals.AssertionMalformed,
    ),
}


@pytest.mark.parametrize("row", SHAPES)
def test_saml_06_07_a_response_of_another_shape_is_refused(row: str) -> None:
    edit, kind = SHAPES[row]
    with pytest.raises(kind):
        verify(answer(sign="none", in_response=edit))


SIGNATURE_PLACES: dict[str, Callable[[str], str]] = {
    "before-issuer": lambda text: _moved(text, "<saml:Issuer>", first=True),
    "end-of-assertion": lambda text: _moved(text, "</saml:Assertion>"),
    "in-subject": lambda text: _moved(text, "</saml:Subject>"),
    "in-status": lambda text: _moved(text, "</samlp:Status>"),
    "end-of-response": lambda text: _moved(text, "</samlp:Response>"),
    "in-extensions": lambda text: _moved(
        text.replace("<samlp:Status>", "<samlp:Extensions><x/></samlp:Extensions><samlp:Status>"), "<x/>"
    ),
}


def _moved(text: str, before: str, *, first: bool = False) -> str:
    start, end = text.index("<ds:Signature "), text.index("</ds:Signature>") + len("</ds:Signature>")
    signature, rest = text[start:end], text[:start] + text[end:]
    at = rest.index(before, rest.index("<saml:Assertion")) if first else rest.index(before)
    return rest[:at] + signature + rest[at:]


@pytest.mark.parametrize("row", SIGNATURE_PLACES)
def test_saml_09_a_signature_in_another_place_is_refused(row: str) -> None:
    with pytest.raises((refusals.SignatureMisplaced, refusals.AssertionMalformed)):
        verify(answer(after=SIGNATURE_PLACES[row]))


def test_saml_09_two_signatures_on_one_element_are_refused() -> None:
    once = answer(sign="response")
    signature = etree.tostring(_signature(xml.parse(once))).decode()
    twice = once.decode().replace("<samlp:Status>", signature + "<samlp:Status>").encode()
    with pytest.raises(refusals.SignatureMisplaced):
        verify(twice)


@pytest.mark.parametrize("name", ["ID", "Id", "id", "AssertionID", "xml:id"])
@pytest.mark.parametrize("value", ["_assertion", "_response"])
def test_saml_08_an_id_that_stands_twice_is_refused(name: str, value: str) -> None:
    if name == "ID":
        edit = swap("<samlp:Status>", f'<samlp:Status ID="{value}">')
    else:
        edit = swap("<saml:Subject>", f'<saml:Subject {name}="{value}">')
    with pytest.raises(refusals.DuplicateIds):
        verify(answer(sign="none", in_response=edit))


COMMENTS = {
    "inside": ("<!-- -->", "ann@example.com.evil.example", "ann@example.com<!-- -->.evil.example"),
    "front": ("", "eve", "<!-- ann -->eve"),
    "cdata": ("", "ann@example.com", "<![CDATA[ann]]>@example.com"),
}


@pytest.mark.parametrize("row", COMMENTS)
@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_saml_17_a_comment_never_shortens_a_name(row: str, sign: str) -> None:
    _, meant, written = COMMENTS[row]
    signed = answer(name_id=meant, sign=sign)  # type: ignore[arg-type]
    spoilt = signed.replace(f">{meant}<".encode(), f">{written}<".encode())
    assert spoilt != signed
    assert read(spoilt).subject == meant


@pytest.mark.parametrize("element", ["NameID", "Issuer", "Audience"])
def test_saml_17_elements_where_only_text_may_stand_are_refused(element: str) -> None:
    with pytest.raises(refusals.AssertionMalformed):
        read(answer(in_assertion=swap(f"</saml:{element}>", f"<x/></saml:{element}>")))


def test_a_key_of_an_attacker_with_the_same_subject_and_serial_number_is_not_trusted() -> None:
    assert pair("other").certificate != pair("rsa").certificate
    with pytest.raises(refusals.CertificateUnknown):
        read(answer(key="other"), now=NOW)
