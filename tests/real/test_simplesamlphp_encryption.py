"""Encrypted assertions of SimpleSAMLphp: its library encrypts to the key of our metadata, we open it or say why not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.real.customer import Customer
from tests.real.product import Product
from tests.real.simplesamlphp import SIGNED, Signed, SimpleSamlPhp
from tests.real.simplesamlphp_config import CONTENT, KEY_TRANSPORT

_XENC = "http://www.w3.org/2001/04/xmlenc#"
_XENC11 = "http://www.w3.org/2009/xmlenc11#"


def _customer(
    product: Product, peer: SimpleSamlPhp, signed: Signed = "assertion", options: Mapping[str, object] = {}
) -> tuple[Customer, Mapping[str, object]]:
    """With a key to encrypt to, which the provider found in our metadata; and what was set at the provider."""
    customer = Customer.of(product, peer)
    product.create(customer.path("saml_sp_encryption_certs"), {})
    settings = {"assertion.encryption": True, **options}
    customer.trusted(signed, settings)
    return customer, settings


@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize("size", ["128", "192", "256"])
def test_saml_22_an_assertion_encrypted_with_gcm_is_opened_and_verified(
    product: Product, simplesamlphp: SimpleSamlPhp, size: str, signed: Signed
) -> None:
    customer, _ = _customer(product, simplesamlphp, signed, {CONTENT: f"{_XENC11}aes{size}-gcm"})
    customer.set(encrypt_assertions=True)
    assert customer.profile()["email"] == "ann@example.com"


@pytest.mark.parametrize("transport", [f"{_XENC}rsa-oaep-mgf1p", f"{_XENC11}rsa-oaep"], ids=["mgf1p", "oaep"])
def test_saml_23_the_key_travels_by_oaep(product: Product, simplesamlphp: SimpleSamlPhp, transport: str) -> None:
    customer, _ = _customer(
        product, simplesamlphp, "assertion", {CONTENT: f"{_XENC11}aes256-gcm", KEY_TRANSPORT: transport}
    )
    assert customer.profile()["email"] == "ann@example.com"


def test_saml_23_the_key_does_not_travel_by_rsa_1_5(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer, _ = _customer(
        product, simplesamlphp, "both", {CONTENT: f"{_XENC11}aes256-gcm", KEY_TRANSPORT: f"{_XENC}rsa-1_5"}
    )
    assert customer.refusal() == "algorithm_not_allowed"
    customer.set(allow_cbc=True, allow_sha1=True, allow_rsa1024=True, allow_inclusive_c14n=True)
    assert customer.refusal() == "algorithm_not_allowed"  # there is no option for it


def test_saml_23_as_delivered_it_encrypts_with_cbc_which_needs_a_signed_response_or_the_option(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer, settings = _customer(product, simplesamlphp)
    assert customer.refusal() == "encryption_mode_not_allowed"
    for signed in ("response", "both"):
        customer.trusted(signed, settings)
        assert customer.profile()["email"] == "ann@example.com"
    customer.trusted("assertion", settings)
    customer.set(allow_cbc=True)
    assert customer.profile()["email"] == "ann@example.com"


def test_saml_23_triple_des_is_never_read(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer, _ = _customer(product, simplesamlphp, "both", {CONTENT: f"{_XENC}tripledes-cbc"})
    customer.set(allow_cbc=True)
    assert customer.refusal() == "algorithm_not_allowed"


def test_saml_23_a_key_that_both_sides_know_beforehand_is_not_read(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer, _ = _customer(
        product, simplesamlphp, "both", {"sharedkey": "0123456789abcdef", "sharedkey_algorithm": f"{_XENC11}aes128-gcm"}
    )
    assert customer.refusal() == "encryption_key_missing"


def test_saml_23_what_is_encrypted_to_another_key_is_not_opened(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer, settings = _customer(product, simplesamlphp, "assertion", {CONTENT: f"{_XENC11}aes128-gcm"})
    (old,) = product.call("GET", customer.path("saml_sp_encryption_certs"))[1]["data"]
    product.create(customer.path("saml_sp_encryption_certs"), {})
    assert customer.profile()["email"] == "ann@example.com"  # with the old key, beside the new one
    assert product.call("DELETE", customer.path("saml_sp_encryption_certs", old["id"]))[0] == 204
    assert customer.refusal() == "decryption_failed"
    customer.trusted("assertion", settings)  # has read our metadata again
    assert customer.profile()["email"] == "ann@example.com"


def test_saml_22_encryption_without_a_key_of_ours_and_plain_text_where_encryption_is_asked_for(
    product: Product, simplesamlphp: SimpleSamlPhp
) -> None:
    customer, settings = _customer(product, simplesamlphp, "assertion", {CONTENT: f"{_XENC11}aes128-gcm"})
    customer.set(encrypt_assertions=True)
    assert customer.profile()["email"] == "ann@example.com"
    customer.trusted("both")
    assert customer.refusal() == "assertion_not_encrypted"
    customer.trusted("assertion", settings)
    (held,) = product.call("GET", customer.path("saml_sp_encryption_certs"))[1]["data"]
    customer.set(encrypt_assertions=False)
    assert product.call("DELETE", customer.path("saml_sp_encryption_certs", held["id"]))[0] == 204
    assert customer.refusal() == "encrypted_assertion_unsupported"


def test_saml_22_an_encrypted_name_is_refused(product: Product, simplesamlphp: SimpleSamlPhp) -> None:
    customer, _ = _customer(
        product, simplesamlphp, "assertion", {"assertion.encryption": False, "nameid.encryption": True}
    )
    assert customer.refusal() == "encrypted_element_unsupported"
