"""Signatures between us and SimpleSAMLphp, both ways: what it signs with, when it changes keys, when we must sign."""

from __future__ import annotations

import pytest

from tests.real.customer import CALLBACK, Customer, another_key
from tests.real.login import Browser, walk
from tests.real.product import Product
from tests.real.simplesamlphp import ANN, BINDINGS, ROLLING_OVER, SECOND_KEY, SIGNED, Binding, Signed, SimpleSamlPhp

_SHA1 = {"signature.algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"


@pytest.mark.parametrize("signed", SIGNED)
def test_saml_20_sha1_is_refused_until_the_connection_allows_it(
    product: Product, simplesamlphp: SimpleSamlPhp, signed: Signed
) -> None:
    customer = Customer.of(product, simplesamlphp, signed=signed, options=_SHA1)
    came = customer.comes_back()
    assert came["error_uri"] == f"{product.base_url}/errors/weak_algorithm"
    customer.set(allow_sha1=True)
    assert customer.profile()["email"] == "ann@example.com"
    customer.set(allow_sha1=False)
    assert customer.refusal() == "weak_algorithm"


@pytest.mark.parametrize("algorithm", ["rsa-sha384", "rsa-sha512"])
def test_saml_19_longer_digests_are_accepted(product: Product, simplesamlphp: SimpleSamlPhp, algorithm: str) -> None:
    customer = Customer.of(
        product, simplesamlphp, signed="both", options={"signature.algorithm": f"{_MORE}{algorithm}"}
    )
    assert customer.profile()["email"] == "ann@example.com"


@pytest.mark.parametrize(("signed", "want"), [("assertion", "response"), ("response", "assertion")])
def test_saml_21_a_signature_that_the_connection_asks_for_must_be_there(
    product: Product, simplesamlphp: SimpleSamlPhp, signed: Signed, want: str
) -> None:
    customer = Customer.of(product, simplesamlphp, signed=signed)
    customer.set(**{f"want_{want}_signed": True})
    assert customer.refusal() == "signature_missing"
    customer.trusted("both")
    assert customer.profile()["email"] == "ann@example.com"


def test_saml_21_without_any_signature_nobody_signs_in(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    unsigned = {"saml20.sign.response": False, "saml20.sign.assertion": False}
    customer = Customer.of(product, simplesamlphp, options=unsigned)
    assert customer.refusal() == "signature_missing"


def test_saml_45_the_provider_changes_to_the_key_that_its_metadata_announced(product: Product) -> None:
    with SimpleSamlPhp(hosted=ROLLING_OVER) as peer:
        customer = Customer.of(product, peer, signed="both")
        held = product.call("GET", customer.path("saml_idp_signing_certs"))[1]["data"]
        assert len(held) == 2
        first = customer.profile()
        customer.trusted("both", SECOND_KEY)
        assert customer.profile()["id"] == first["id"]
        second = next(entry for entry in held if _body(entry["value"]) == _body(peer.second_certificate))
        (old,) = [entry for entry in held if entry is not second]
        assert product.call("DELETE", customer.path("saml_idp_signing_certs", old["id"]))[0] == 204
        assert customer.profile()["id"] == first["id"]
        customer.trusted("both")  # back to a key that is not trusted any more
        assert customer.refusal() == "certificate_unknown"


def test_saml_18_a_key_that_nobody_announced_is_not_trusted(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer = Customer.of(product, simplesamlphp, signed="both", options=SECOND_KEY)
    assert customer.refusal() == "certificate_unknown"
    product.create(customer.path("saml_idp_signing_certs"), {"value": simplesamlphp.second_certificate})
    assert customer.profile()["email"] == "ann@example.com"


@pytest.mark.parametrize("binding", BINDINGS)
def test_saml_42_the_provider_requires_signed_requests_and_verifies_ours(
    product: Product, simplesamlphp: SimpleSamlPhp, binding: Binding
) -> None:
    customer = Customer.of(product, simplesamlphp)
    customer.set(sso_binding=binding)
    required = {"validate.authnrequest": True}
    customer.trusted("assertion", required)
    assert _turned_away(customer)  # unsigned, and without a key of ours in what it knows: its own error page
    product.create(customer.path("saml_sp_signing_cert"), {})
    customer.trusted("assertion")  # our metadata say that requests are signed, and with which key
    assert customer.profile()["email"] == "ann@example.com"
    customer.set(sign_requests=False)
    assert _turned_away(customer)
    customer.set(sign_requests=True)
    customer.trusted("assertion", {**required, **another_key(simplesamlphp)})
    assert _turned_away(customer)  # so it does look at the signature


def _turned_away(customer: Customer) -> bool:
    """Whether the provider shows its own error page instead of asking who it is."""
    browser = Browser(CALLBACK)
    return "Unhandled exception" in walk(browser, browser.open(customer.start()), ANN).text


def _body(pem: str) -> str:
    return "".join(word for word in pem.split() if "-" not in word)
