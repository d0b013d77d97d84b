"""Logout messages: their form, and the signature inside those that come by a form (SAML-01, 06 to 12, 15 to 21)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from latchstring.protocols.saml import certificates, message, names, refusals, signature, xml
from latchstring.protocols.saml import request as authn
from latchstring.protocols.saml.logout_refusals import LogoutMessageMalformed, LogoutSignatureMissing
from latchstring.protocols.saml.request import Message
from tests.protocols.saml.answers import ACS, IDP, NOW, SP, Edit, Key, answer, forge, key_info, pair, swap
from tests.protocols.saml.answers import REQUEST as ASKED
from tests.protocols.saml.logouts import by_post, by_query, posted, redirected, request, response

KEYS: list[Key] = ["rsa", "ec256", "ec384", "ec521"]
LENIENT = signature.SignaturePolicy(allow_sha1=True, allow_rsa1024=True, allow_inclusive_c14n=True)
SIGNED = posted(request()).decode()
SIGNATURE = SIGNED[SIGNED.index("<ds:Signature") : SIGNED.index("</ds:Signature>") + len("</ds:Signature>")]
EVIL = request(request_id="_evil").decode().replace(">ann<", ">eve<")
WRAPPED = SIGNED.replace(SIGNATURE, "")  # the original, whose signature the attacker has put elsewhere


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("kind", ["SAMLRequest", "SAMLResponse"])
def test_a_message_is_read_without_its_signature_from_the_bytes_that_were_signed(kind: Message, key: Key) -> None:
    document = request("s1") if kind == "SAMLRequest" else response()
    verified = by_post(posted(document, key=key), kind, keys=["other", key])
    assert verified.certificate_fingerprint == certificates.load(pair(key).certificate).fingerprint
    assert xml.canonical(verified.root) == xml.canonical(xml.parse(document))
    assert verified.root.find(f".//{names.SIGNATURE}") is None


def test_a_verified_message_is_made_by_verifying_alone() -> None:
    with pytest.raises(TypeError):
        message.VerifiedMessage(root=xml.parse(request()), certificate_fingerprint="", seal=object())


# Its form, which is the same in both bindings (core 3.2.1, 3.2.2, 3.7.1)

NAMED = '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">eve</saml:NameID>'
INDEX = "<samlp:SessionIndex>s2</samlp:SessionIndex>"
MALFORMED: dict[str, Edit] = {
    "version-1.1": swap('Version="2.0"', 'Version="1.1"'),
    "without-version": swap(' Version="2.0"', ""),
    "without-id": swap(' ID="_logout"', ""),
    "with-an-empty-id": swap('ID="_logout"', 'ID=""'),
    "with-an-endless-id": swap('ID="_logout"', f'ID="{"_" * 257}"'),
    "with-an-id-in-a-namespace": swap(' ID="_logout"', ' saml:ID="_logout"'),
    "saml-1": swap(names.SAMLP, "urn:oasis:names:tc:SAML:1.0:protocol"),
    "two-issuers": swap("<saml:Issuer>", f"<saml:Issuer>{IDP}</saml:Issuer><saml:Issuer>"),
    "two-names": swap("<saml:NameID", f"{NAMED}<saml:NameID"),
    "a-name-and-a-base-id": swap("<saml:NameID", "<saml:BaseID/><saml:NameID"),
    "a-name-and-an-encrypted-id": swap("</samlp:Logout", "<saml:EncryptedID/></samlp:Logout"),
    "an-index-before-the-name": swap("<saml:NameID", f"{INDEX}<saml:NameID"),
    "a-name-behind-an-index": swap("</samlp:Logout", f"{INDEX}{NAMED}</samlp:Logout"),
    "an-issuer-behind-the-name": swap("</samlp:Logout", f"<saml:Issuer>{IDP}</saml:Issuer></samlp:Logout"),
    "extensions-behind-the-name": swap("</samlp:Logout", "<samlp:Extensions/></samlp:Logout"),
    "extensions-twice": swap("<saml:NameID", "<samlp:Extensions/><samlp:Extensions/><saml:NameID"),
    "a-status": swap("</samlp:Logout", "<samlp:Status/></samlp:Logout"),
    "an-assertion": swap("</samlp:Logout", "<saml:Assertion/></samlp:Logout"),
    "a-name-of-no-namespace": swap("</samlp:Logout", "<NameID>eve</NameID></samlp:Logout"),
    "a-name-of-another-namespace": swap("</samlp:Logout", '<x:NameID xmlns:x="urn:x">eve</x:NameID></samlp:Logout'),
    "an-index-of-another-namespace": swap("</samlp:Logout", "<saml:SessionIndex>s</saml:SessionIndex></samlp:Logout"),
}


@pytest.mark.parametrize("row", MALFORMED)
def test_saml_06_a_request_of_another_form_is_refused_in_both_bindings(row: str) -> None:
    document = request(edit=MALFORMED[row])
    with pytest.raises(LogoutMessageMalformed):
        by_query(redirected(document))
    with pytest.raises(LogoutMessageMalformed):  # before the signature is looked at, so none is needed
        by_post(document)


STATUS = '<samlp:Status><samlp:StatusCode Value="x"/></samlp:Status>'
MALFORMED_RESPONSES: dict[str, Edit] = {
    "two-statuses": swap("<samlp:Status>", f"{STATUS}<samlp:Status>"),
    "a-status-code-alone": swap("</samlp:Logout", "<samlp:StatusCode/></samlp:Logout"),
    "a-name": swap("</samlp:Logout", f"{NAMED}</samlp:Logout"),
    "an-index": swap("</samlp:Logout", f"{INDEX}</samlp:Logout"),
    "an-issuer-behind-the-status": swap("</samlp:Logout", f"<saml:Issuer>{IDP}</saml:Issuer></samlp:Logout"),
}


@pytest.mark.parametrize("row", MALFORMED_RESPONSES)
def test_saml_06_a_response_of_another_form_is_refused_in_both_bindings(row: str) -> None:
    document = response(edit=MALFORMED_RESPONSES[row])
    with pytest.raises(LogoutMessageMalformed):
        by_query(redirected(document, kind="SAMLResponse"))
    with pytest.raises(LogoutMessageMalformed):
        by_post(document, "SAMLResponse")


def authn_request() -> bytes:
    return authn.build(request_id=ASKED, issue_instant=NOW, sp_entity_id=SP, acs_url=ACS, destination=IDP)


SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
OTHERS: dict[str, tuple[Message, Callable[[], bytes]]] = {
    "a-response-as-a-request": ("SAMLRequest", response),
    "a-request-as-a-response": ("SAMLResponse", request),
    "a-sign-in-as-a-response": ("SAMLResponse", lambda: answer(sign="none")),
    "an-authn-request": ("SAMLRequest", authn_request),
    "a-request-in-soap": ("SAMLRequest", lambda: SOAP.format(request().decode()).encode()),
}


@pytest.mark.parametrize("row", OTHERS)
def test_saml_06_another_message_than_the_parameter_says_is_refused(row: str) -> None:
    kind, made = OTHERS[row]
    with pytest.raises(LogoutMessageMalformed):
        by_query(redirected(made(), kind=kind))
    with pytest.raises(LogoutMessageMalformed):
        by_post(made(), kind)


def test_parts_that_may_be_left_out_may_also_be_there() -> None:
    full = swap("<saml:NameID", '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions><!-- --><saml:NameID')
    document = request("s1", "s2", "s3", edit=full)
    assert by_query(redirected(document)).root.get("ID") == "_logout"
    assert by_post(posted(document)).root.get("ID") == "_logout"


# The document (SAML-01, 05, 08)

DOCUMENTS: dict[str, tuple[Edit, type[refusals.SamlRefused]]] = {
    "dtd": (lambda text: f"<!DOCTYPE x>{text}", refusals.DocumentHasDtd),
    "not-xml": (lambda text: text[:-1], refusals.DocumentNotXml),
    "two-ids": (swap("<saml:NameID", '<samlp:Extensions><x id="_logout"/></samlp:Extensions><saml:NameID'),
                refusals.DuplicateIds),
    "deep": (swap("<saml:NameID", f"<samlp:Extensions>{'<x>' * 70}{'</x>' * 70}</samlp:Extensions><saml:NameID"),
             refusals.DocumentTooLarge),
}  # fmt: skip


@pytest.mark.parametrize("row", DOCUMENTS)
def test_saml_01_08_a_document_is_parsed_by_the_rules_for_all(row: str) -> None:
    edit, kind = DOCUMENTS[row]
    with pytest.raises(kind):
        by_post(request(edit=edit))
    with pytest.raises(kind):
        by_query(redirected(request(edit=edit)))


# The signature of a form


def test_saml_21_a_form_without_a_signature_is_refused() -> None:
    with pytest.raises(LogoutSignatureMissing):
        by_post(request(), policy=LENIENT)
    with pytest.raises(LogoutSignatureMissing):
        by_post(response(), "SAMLResponse", policy=LENIENT)


@pytest.mark.parametrize(
    ("old", "new"), [(">ann<", ">eve<"), ('Reason="', 'Reason="x'), ("2026-03-04", "2026-03-05"), (">s1<", ">s2<")]
)
def test_a_form_changed_after_signing_is_refused(old: str, new: str) -> None:
    signed = posted(request("s1")).decode()
    with pytest.raises(refusals.SignatureInvalid) as caught:
        by_post(swap(old, new)(signed).encode())
    assert (caught.value.element, caught.value.reason) == ("LogoutRequest", "digest")


def test_saml_18_a_form_signed_with_another_key_is_refused_whatever_certificate_it_shows() -> None:
    with pytest.raises(refusals.CertificateUnknown):
        by_post(posted(request(), key="other"))
    with pytest.raises(refusals.SignatureInvalid) as caught:
        by_post(forge(request(), key="other", key_info=key_info("rsa")))
    assert caught.value.reason == "key"
    with pytest.raises(refusals.CertificateMissing):
        by_post(posted(request()), keys=[])


def test_saml_19_20_weak_and_wrong_algorithms_are_refused() -> None:
    weak = forge(request(), algorithm=names.RSA_SHA1, digest_algorithm=names.SHA1_DIGEST)
    with pytest.raises(refusals.WeakAlgorithm):
        by_post(weak)
    assert by_post(weak, policy=LENIENT).root.get("ID") == "_logout"
    with pytest.raises(refusals.AlgorithmNotAllowed):
        by_post(forge(request(), algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), policy=LENIENT)


@pytest.mark.parametrize("uri", ["", "#_other", "_logout", "#xpointer(id('_logout'))", "file:///etc/passwd"])
def test_saml_10_a_signature_over_something_else_is_refused(uri: str) -> None:
    with pytest.raises(refusals.SignatureMalformed):
        by_post(forge(request(), uri=uri))


# Wrapping: what is signed hides somewhere, and what is not signed takes its place

WRAPPINGS: dict[str, str] = {
    "original-with-its-signature-in-extensions": swap(
        "<saml:NameID", f"<samlp:Extensions>{SIGNED}</samlp:Extensions><saml:NameID"
    )(EVIL),
    "signature-outside-original-in-extensions": swap(
        "<saml:NameID", f"{SIGNATURE}<samlp:Extensions>{WRAPPED}</samlp:Extensions><saml:NameID"
    )(EVIL),
    "original-in-the-signature": swap(
        "<saml:NameID", f"{SIGNATURE[:-15]}<ds:Object>{WRAPPED}</ds:Object></ds:Signature><saml:NameID"
    )(EVIL),
    "signature-of-another-message": swap("<saml:NameID", f"{SIGNATURE}<saml:NameID")(EVIL),
    "the-id-stolen-too": swap("<saml:NameID", f"{SIGNATURE}<saml:NameID")(EVIL).replace("_evil", "_logout"),
    "around-the-original": swap("<saml:NameID", f"{SIGNED}<saml:NameID")(EVIL),
    "two-signatures": swap(SIGNATURE, SIGNATURE + SIGNATURE)(SIGNED),
    "signature-behind-the-name": swap("</samlp:Logout", f"{SIGNATURE}</samlp:Logout")(EVIL),
    "signature-in-the-name": swap(">eve<", f">eve{SIGNATURE}<")(EVIL),
    "signature-first": swap("<saml:Issuer", f"{SIGNATURE}<saml:Issuer")(WRAPPED),
    "name-behind-the-original-s": swap("</samlp:Logout", f"{NAMED}</samlp:Logout")(SIGNED),
}


@pytest.mark.parametrize("row", WRAPPINGS)
def test_saml_09_11_a_wrapped_request_is_refused(row: str) -> None:
    with pytest.raises((refusals.SamlRefused, LogoutMessageMalformed)):
        by_post(WRAPPINGS[row].encode(), policy=LENIENT)


def test_saml_09_a_signature_that_does_not_stand_behind_the_issuer_is_misplaced() -> None:
    inside = swap("<saml:NameID", f"<samlp:Extensions>{SIGNATURE}</samlp:Extensions><saml:NameID")
    beside = swap("<saml:NameID", f"{SIGNATURE}<saml:NameID")
    for document in (request(edit=inside), request(edit=lambda text: inside(beside(text)))):
        with pytest.raises(refusals.SignatureMisplaced) as caught:
            by_post(document)
        assert caught.value.element == "LogoutRequest"
