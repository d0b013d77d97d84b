"""Our SAML code against SimpleSAMLphp, without the rest of the product: what one writes, the other reads."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime
from http.client import HTTPMessage

import pytest

from latchstring.protocols.saml import metadata, refusals, request, response, signature
from tests.real.login import Browser, Form, Page, walk
from tests.real.simplesamlphp import ANN, BINDINGS, SIGNED, Binding, Signed, SimpleSamlPhp
from tests.real.simplesamlphp_config import PEOPLE

_ACS = "https://app.example.com/sso/saml/acs/key"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the identity provider's clock is the machine's


def _idp(provider: SimpleSamlPhp) -> metadata.IdpMetadata:
    with urllib.request.urlopen(provider.metadata_url) as answer:
        return metadata.read_idp(answer.read(), _now())


def _answer(provider: SimpleSamlPhp, binding: Binding, entity_id: str, request_id: str) -> Form:
    """Signs Ann in, up to the form that would go to our ACS."""
    idp = _idp(provider)
    document = request.build(
        request_id=request_id,
        issue_instant=_now(),
        sp_entity_id=entity_id,
        acs_url=_ACS,
        destination=idp.sso_url,
    )
    browser = Browser(_ACS)
    if binding == "redirect":
        page = browser.open(request.redirect_url(idp.sso_url, document, "relay & state"))
    else:
        form = Form(idp.sso_url, "post", request.post_fields(document, "relay & state"))
        page = browser.submit(Page("https://app.example.com/", 200, HTTPMessage(), ""), form)
    while not any("SAMLResponse" in form.fields for form in page.forms):
        form = page.form_with("username", "password")
        page = browser.submit(page, form, ANN.fields)
    found = page.form_with("SAMLResponse")
    assert walk(browser, page, ANN).url == _ACS
    return found


@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize("binding", BINDINGS)
def test_what_simplesamlphp_signs_is_verified_and_read(
    simplesamlphp: SimpleSamlPhp, binding: Binding, signed: Signed
) -> None:
    entity_id = f"https://app.example.com/alone/{binding}/{signed}"
    simplesamlphp.trust(entity_id, _ACS, signed)
    form = _answer(simplesamlphp, binding, entity_id, "_request-1")
    assert form.fields["RelayState"] == "relay & state"
    idp = _idp(simplesamlphp)
    verified = signature.verify(
        response.decode(form.fields["SAMLResponse"]),
        certificates=[one.pem for one in idp.certificates],
        policy=signature.SignaturePolicy(),
    )
    assert (verified.response_signed, verified.assertion_signed) == (signed != "assertion", signed != "response")
    expected = response.Expected(
        idp_entity_id=idp.entity_id, sp_entity_id=entity_id, acs_url=_ACS, request_id="_request-1"
    )
    assertion = response.read(verified, expected, _now())
    assert {name: list(values) for name, values in assertion.attributes.items()} == PEOPLE["ann"]


def test_an_answer_for_another_application_is_refused(simplesamlphp: SimpleSamlPhp) -> None:
    entity_id = "https://app.example.com/alone/other"
    simplesamlphp.trust(entity_id, _ACS)
    form = _answer(simplesamlphp, "redirect", entity_id, "_request-2")
    idp = _idp(simplesamlphp)
    verified = signature.verify(
        response.decode(form.fields["SAMLResponse"]),
        certificates=[one.pem for one in idp.certificates],
        policy=signature.SignaturePolicy(),
    )
    expected = response.Expected(
        idp_entity_id=idp.entity_id, sp_entity_id="https://app.example.com/us", acs_url=_ACS, request_id="_request-2"
    )
    with pytest.raises(refusals.AudienceMismatch):
        response.read(verified, expected, _now())


@pytest.mark.parametrize("binding", BINDINGS)
def test_metadata_say_which_binding_it_takes(binding: Binding) -> None:
    with SimpleSamlPhp(bindings=[binding]) as provider:
        assert _idp(provider).sso_binding == binding
