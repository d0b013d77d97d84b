"""Whole logins through the product with LemonLDAP::NG, which has no type of its own: custom SAML and OpenID Connect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.real.customer import CALLBACK, code_of
from tests.real.lemonldap import ANN, ATTRIBUTES, JOE, LemonLdap
from tests.real.login import Browser, Page, Person, query, walk
from tests.real.product import Product

HOME = "http://localhost:5999/home"
NOBODY = Person({})
_numbers = count(1)


@pytest.fixture(scope="module")
def peer() -> Iterator[LemonLdap]:
    with LemonLdap() as provider:
        yield provider


@dataclass(frozen=True)
class Customer:
    """An organization whose administrator has told each side the other's metadata address."""

    product: Product
    peer: LemonLdap
    connection: Mapping[str, Any]

    @classmethod
    def of(cls, product: Product, peer: LemonLdap, **saml: object) -> Customer:
        return cls(product, peer, product.create("/connections", cls.wish(product, peer, **saml)))

    @staticmethod
    def wish(product: Product, peer: LemonLdap, **saml: object) -> dict[str, object]:
        return {
            "organization_id": product.organization(f"Lemon customer {next(_numbers)}", "example.com"),
            "connection_type": "GenericSAML",
            "saml_options": {"idp_metadata_url": peer.metadata_url, **saml},
        }

    def trusted(self, attributes: Mapping[str, str] = ATTRIBUTES, **options: object) -> Customer:
        saml = self.connection["saml_options"]
        name = saml["sp_entity_id"].rpartition("/")[2]
        self.peer.trust_metadata(name, saml["sp_metadata_url"], attributes=attributes, options=options)
        return self

    def start(self) -> str:
        return self.product.authorize_url(CALLBACK, connection=self.connection["id"])

    def comes_back(self, person: Person = ANN, browser: Browser | None = None, url: str | None = None) -> Page:
        browser = browser or Browser(CALLBACK, HOME)
        page = walk(browser, browser.open(url or self.start()), person)
        assert page.status == 0, f"the sign-in got stuck\n{page}\n{self.peer.story()[-3000:]}"
        return page


def test_saml_21_a_person_signs_in(product: Product, peer: LemonLdap) -> None:
    customer = Customer.of(product, peer).trusted()
    profile = product.redeem(query(customer.comes_back().url)["code"])
    expected = {
        "connection_type": "GenericSAML",
        "idp_id": "ann",
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Łukaszewicz",
    }
    assert {name: profile[name] for name in expected} == expected
    assert sorted(profile["groups"]) == ["Admins & Owners", "Engineering"]
    assert product.call("GET", f"/connections/{customer.connection['id']}")[1]["state"] == "active"
    assert code_of(query(customer.comes_back(JOE).url)) == "email_outside_organization"


def test_saml_21_without_any_attribute_its_name_for_a_person_is_enough(product: Product, peer: LemonLdap) -> None:
    """As delivered it sends a NameID alone, and that is the e-mail address."""
    customer = Customer.of(product, peer).trusted({})
    profile = product.redeem(query(customer.comes_back().url)["code"])
    assert (profile["idp_id"], profile["email"]) == ("ann@example.com", "ann@example.com")


def test_saml_22_it_encrypts_the_assertion(product: Product, peer: LemonLdap) -> None:
    customer = Customer.of(product, peer)
    product.create(f"/connections/{customer.connection['id']}/saml_sp_encryption_certs", {})
    customer.trusted(samlSPMetaDataOptionsEncryptionMode="assertion")
    assert product.redeem(query(customer.comes_back().url)["code"])["email"] == "ann@example.com"


def test_saml_44_a_key_without_a_certificate_is_called_so(product: Product, peer: LemonLdap) -> None:
    """Installations that began years ago have none: their Manager made bare keys."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    bare = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    with peer.changed(samlServicePublicKeySig=bare):
        status, refused = product.call("POST", "/connections", Customer.wish(product, peer))
    assert (status, refused["code"]) == (400, "metadata_has_bare_key")


def test_saml_42_it_reads_our_metadata_before_its_own_are_brought(product: Product, peer: LemonLdap) -> None:
    """The order of a set-up by guide. It wants signed requests, looks at them, and never reads our metadata again."""
    wish = {**Customer.wish(product, peer), "draft": True}
    brought = {"saml_options": wish.pop("saml_options")}
    made = product.create("/connections", wish)
    key = made["callback_endpoint"].rpartition("/")[2]
    peer.trust_metadata(key, f"{product.base_url}/sso/saml/metadata/{key}")
    status, connection = product.call("PATCH", f"/connections/{made['id']}", brought)
    assert (status, connection["state"]) == (200, "validating")
    page = Customer(product, peer, connection).comes_back()
    assert product.redeem(query(page.url)["code"])["email"] == "ann@example.com"


def test_saml_33_a_person_begins_at_its_menu(product: Product, peer: LemonLdap) -> None:
    welcoming = product.environment("Lemon menu", HOME, CALLBACK)
    for allowed, code in (("allow", None), ("refuse", "idp_initiated_sso_disabled")):
        customer = Customer.of(welcoming, peer, idp_initiated=allowed)
        customer.trusted(samlSPMetaDataOptionsEnableIDPInitiatedURL=1)
        page = customer.comes_back(url=peer.portal_url(customer.connection["saml_options"]["sp_entity_id"]))
        came = query(page.url)
        assert page.url.partition("?")[0] == HOME
        assert (code_of(came) if code else None) == code


def test_saml_42_the_application_signs_out_and_it_asks_who_it_is_again(product: Product, peer: LemonLdap) -> None:
    customer, browser = Customer.of(product, peer).trusted(), Browser(CALLBACK)
    token = product.swap(query(customer.comes_back(browser=browser).url)["code"])
    assert not browser.open(customer.start()).forms[0].kinds.get("password")
    url = product.create("/sso/logout/authorize", {"profile_id": token["profile"]["id"]})["logout_url"]
    page = walk(browser, browser.open(f"{url}&return_to={CALLBACK}"), NOBODY)
    assert (page.status, page.url) == (0, CALLBACK), f"{page}\n{peer.story()[-5000:]}"
    assert not product.lives(token)
    assert browser.open(customer.start()).forms[0].kinds.get("password")


def test_saml_42_it_signs_out_and_tells_us_in_a_frame(product: Product, peer: LemonLdap) -> None:
    signing = {"samlSPMetaDataOptionsSignSLOMessage": 1}  # its own requests, which as delivered it does not sign
    customer, browser = Customer.of(product, peer).trusted(ATTRIBUTES, **signing), Browser(CALLBACK)
    token = product.swap(query(customer.comes_back(browser=browser).url)["code"])
    page = browser.open(peer.logout_url)
    (frame,) = re.findall('<iframe[^>]* src="([^"]+)"', page.text)
    assert browser.open(unescape(frame)).url.endswith("/icons/ok.png")  # the tick that it shows beside our name
    assert not product.lives(token)
    ended = product.told("authentication.sso_session_ended")[-1]
    assert (ended["ended_by"], ended["profile_id"]) == ("identity_provider", token["profile"]["id"])


def test_oidc_09_a_person_signs_in_by_openid_connect(product: Product, peer: LemonLdap) -> None:
    client = {"client_id": "latchstring", "client_secret": "secret-of-the-tests"}
    body = {
        "organization_id": product.organization(f"Lemon customer {next(_numbers)}", "example.com"),
        "connection_type": "GenericOIDC",
        "oidc_options": {"discovery_endpoint": peer.discovery, **client},
    }
    made = product.create("/connections", body)
    ours = made["oidc_options"]
    peer.register(**client, redirect_uri=ours["redirect_uri"], PostLogoutRedirectUris=ours["post_logout_redirect_uri"])
    browser = Browser(CALLBACK)
    page = walk(browser, browser.open(product.authorize_url(CALLBACK, connection=made["id"])), ANN)
    assert page.status == 0, f"{page}\n{peer.story()[-3000:]}"
    token = product.swap(query(page.url)["code"])
    profile = token["profile"]
    expected = {
        "connection_type": "GenericOIDC",
        "idp_id": "ann",
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Łukaszewicz",
    }
    assert {name: profile[name] for name in expected} == expected
    assert sorted(profile["groups"]) == ["Admins & Owners", "Engineering"]
    url = product.create("/sso/logout/authorize", {"profile_id": profile["id"]})["logout_url"]
    asked = browser.open(f"{url}&return_to={CALLBACK}")
    page = browser.submit(asked, asked.form_with("confirm"))
    assert (page.status, page.url) == (0, CALLBACK), page
    assert not product.lives(token)
