"""Single Logout with SimpleSAMLphp: both ways, over both bindings, and each side checks what the other has signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.real.customer import CALLBACK, Customer, another_key, code_on
from tests.real.login import Browser, Page, Person, query, walk
from tests.real.product import Product
from tests.real.simplesamlphp import BINDINGS, SIGNED_LOGOUT, Binding, SimpleSamlPhp

SIGNED_OUT = "http://localhost:5999/signed-out"  # the application's logout URI
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
NOBODY = Person({})  # goes where the browser is sent, and types nothing
# The installation is on another site than ours, so its cookies come along with a form of ours only if they may.
FROM_OTHER_SITES = {"session.cookie.samesite": "None"}
Peers = Callable[[Binding], SimpleSamlPhp]


@pytest.fixture(scope="module")
def peers() -> Iterator[Peers]:
    """Two providers: one takes logout messages by address, one by form."""
    started: dict[Binding, SimpleSamlPhp] = {}
    with ExitStack() as stack:

        def peer(binding: Binding) -> SimpleSamlPhp:
            if binding not in started:
                found = SimpleSamlPhp(logout_bindings=[binding], configured=FROM_OTHER_SITES)
                started[binding] = stack.enter_context(found)
            return started[binding]

        yield peer


@pytest.fixture(scope="module")
def signing_out(product: Product) -> Product:
    """An environment without a logout URI."""
    return product.environment("Signing out", CALLBACK)


@pytest.fixture(scope="module")
def hearing(product: Product) -> Product:
    """An environment whose application hears of logouts."""
    made = product.environment("Hearing of it", CALLBACK)
    made.set("--logout-uri", SIGNED_OUT)
    return made


@dataclass
class SignedIn:
    """Ann, signed in."""

    customer: Customer
    browser: Browser
    token: dict[str, Any]

    @property
    def product(self) -> Product:
        return self.customer.product

    @property
    def profile_id(self) -> str:
        identifier: str = self.token["profile"]["id"]
        return identifier

    @property
    def lives(self) -> bool:
        """Whether her access token is still good."""
        return self.product.lives(self.token)

    @property
    def asked(self) -> bool:
        """Whether the provider would ask this browser for her password."""
        page = self.browser.open(self.customer.start())
        by_form = any("SAMLResponse" in form.fields for form in page.forms)
        assert by_form != any("username" in form.fields for form in page.forms), page
        return not by_form

    @property
    def known_to_be_out(self) -> bool:
        """Whether the provider has noted in its log that the application confirmed it."""
        return f"Logged out of 'saml:{self.customer.saml['sp_entity_id']}'" in self.customer.peer.story()

    @property
    def told(self) -> list[tuple[str, str]]:
        """What the event log has of it: who ended whose session."""
        every = self.product.told("authentication.sso_session_ended")
        mine = [one for one in every if one["sso"]["connection_id"] == self.customer.connection_id]
        return [(one["ended_by"], one["profile_id"]) for one in mine]

    def leaves(self, **more: str) -> Page:
        """Signs out at the application."""
        made = self.product.create("/sso/logout/authorize", {"profile_id": self.profile_id})
        url = made["logout_url"] + (f"&{urlencode(more)}" if more else "")
        return walk(self.browser, self.browser.open(url), NOBODY)

    def leaves_the_provider(self) -> Page:
        """Signs out at the provider."""
        return walk(self.browser, self.browser.open(self.customer.peer.logout_url), NOBODY)


def _signed_in(customer: Customer, browser: Browser | None = None) -> SignedIn:
    peer = customer.peer
    browser = browser or Browser(CALLBACK, SIGNED_OUT, peer.signed_out_url)
    return SignedIn(customer, browser, customer.product.swap(customer.comes_back(browser=browser)["code"]))


def _customer(product: Product, peer: SimpleSamlPhp, **options: object) -> Customer:
    customer = Customer.of(product, peer)
    _trusted(customer, **options)
    return customer


def _trusted(customer: Customer, **options: object) -> None:
    """The provider's administrator reads our metadata, and lets it send by the one binding by which it receives."""
    customer.trusted()
    (binding,) = customer.peer.logout_bindings
    by = customer.peer.logout_by(customer.saml["sp_entity_id"], binding)
    customer.trusted(options={**SIGNED_LOGOUT, **by, **options})


def _ends_at(url: str, page: Page, customer: Customer) -> None:
    assert (page.status, page.url) == (0, url), f"{page}\n{customer.peer.story()[-3000:]}"


@pytest.mark.parametrize("binding", BINDINGS)
def test_the_application_signs_out_and_the_provider_asks_for_the_password_again(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding))
    assert customer.saml["slo_binding"] == binding
    ann = _signed_in(customer)
    assert ann.lives and not ann.asked
    _ends_at(CALLBACK, ann.leaves(return_to=CALLBACK), customer)
    assert not ann.lives
    assert ann.told == [("application", ann.profile_id)]
    assert ann.asked
    assert signing_out.call("POST", "/sso/logout/authorize", {"profile_id": ann.profile_id})[0] == 404


@pytest.mark.parametrize("binding", BINDINGS)
def test_without_a_way_back_the_person_reads_that_it_is_done(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    page = _signed_in(_customer(signing_out, peers(binding))).leaves()
    assert page.status == 200 and "You are signed out" in page.text and "You can close this window." in page.text


@pytest.mark.parametrize("binding", BINDINGS)
def test_the_provider_signs_out_and_is_content_with_our_answer(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding))
    ann = _signed_in(customer)
    _ends_at(customer.peer.signed_out_url, ann.leaves_the_provider(), customer)
    assert ann.known_to_be_out
    assert not ann.lives
    assert ann.told == [("identity_provider", ann.profile_id)]
    assert ann.asked


@pytest.mark.parametrize("binding", BINDINGS)
def test_the_application_hears_of_it_before_the_provider_is_answered(
    hearing: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(hearing, peers(binding))
    ann = _signed_in(customer)
    page = ann.leaves_the_provider()
    assert page.url.partition("?")[0] == SIGNED_OUT, f"{page}\n{customer.peer.story()[-3000:]}"
    told = query(page.url)
    assert (told["connection_id"], told["profile_id"]) == (customer.connection_id, ann.profile_id)
    assert not ann.lives
    assert not ann.known_to_be_out
    page = walk(ann.browser, ann.browser.open(told["return_to"]), NOBODY)
    _ends_at(customer.peer.signed_out_url, page, customer)
    assert ann.known_to_be_out
    assert ann.told == [("identity_provider", ann.profile_id)]
    assert ann.asked


@pytest.mark.parametrize("binding", BINDINGS)
def test_one_application_signs_out_and_the_provider_signs_the_other_out(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    one = _signed_in(_customer(signing_out, peers(binding)))
    other = _signed_in(_customer(signing_out, peers(binding)), one.browser)
    stays = _signed_in(other.customer)
    _ends_at(CALLBACK, one.leaves(return_to=CALLBACK), one.customer)
    assert (one.lives, other.lives, stays.lives) == (False, False, True)
    assert one.told == [("application", one.profile_id)]
    assert other.told == [("identity_provider", other.profile_id)]
    assert one.asked and not stays.asked


def test_of_two_sign_ins_of_a_browser_the_provider_names_the_last_one(signing_out: Product, peers: Peers) -> None:
    customer = _customer(signing_out, peers("redirect"))
    first = _signed_in(customer)
    second = _signed_in(customer, first.browser)
    assert first.profile_id == second.profile_id
    second.leaves_the_provider()
    assert (first.lives, second.lives) == (True, False)
    assert second.told == [("identity_provider", second.profile_id)]


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize(
    "name_id_format",
    [f"{_FORMAT}persistent", f"{_FORMAT}transient", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"],
    ids=["persistent", "transient", "emailAddress"],
)
def test_whatever_name_the_provider_gave_a_person_it_finds_the_session_by_it(
    signing_out: Product, peers: Peers, binding: Binding, name_id_format: str
) -> None:
    named: dict[str, object] = {"NameIDFormat": name_id_format, "userid.attribute": "id"}
    if name_id_format.endswith("emailAddress"):
        named["authproc"] = {"40": {"class": "saml:AttributeNameID", "attribute": "email", "Format": name_id_format}}
    ann = _signed_in(_customer(signing_out, peers(binding), **named))
    ann.leaves_the_provider()
    assert (ann.lives, ann.told) == (False, [("identity_provider", ann.profile_id)])


@pytest.mark.parametrize("binding", BINDINGS)
def test_saml_42_the_provider_looks_at_the_signatures_of_our_logout_messages(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding))
    ann = _signed_in(customer)
    _trusted(customer, **another_key(customer.peer))
    assert "Unhandled exception" in ann.leaves_the_provider().text  # our answer is not by that key
    ann = _signed_in(customer)
    assert "Unhandled exception" in ann.leaves(return_to=CALLBACK).text
    assert not ann.lives  # what is ours has ended
    assert not ann.asked


@pytest.mark.parametrize("binding", BINDINGS)
def test_saml_21_a_provider_that_does_not_sign_its_logout_messages_is_not_believed(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding), **{"sign.logout": False})
    ann = _signed_in(customer)
    assert code_on(ann.leaves_the_provider()) == "logout_signature_missing"
    assert ann.lives and ann.told == []
    ann = _signed_in(customer)
    assert code_on(ann.leaves(return_to=CALLBACK)) == "logout_signature_missing"
    assert not ann.lives and ann.asked  # both sides have ended it; we only cannot say so


@pytest.mark.parametrize("binding", BINDINGS)
def test_saml_22_the_provider_encrypts_the_name_of_who_signs_out(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding))
    signing_out.create(customer.path("saml_sp_encryption_certs"), {})
    _trusted(customer)
    ann = _signed_in(customer)
    _trusted(customer, **{"nameid.encryption": True})  # of an assertion as well, which is not read
    _ends_at(customer.peer.signed_out_url, ann.leaves_the_provider(), customer)
    assert (ann.lives, ann.told) == (False, [("identity_provider", ann.profile_id)])


@pytest.mark.parametrize("binding", BINDINGS)
def test_saml_23_a_name_that_cannot_be_opened_ends_nothing(
    signing_out: Product, peers: Peers, binding: Binding
) -> None:
    customer = _customer(signing_out, peers(binding))
    path = customer.path("saml_sp_encryption_certs")
    old = signing_out.create(path, {})
    _trusted(customer)
    ann = _signed_in(customer)
    _trusted(customer, **{"nameid.encryption": True})
    signing_out.create(path, {})
    assert signing_out.call("DELETE", f"{path}/{old['id']}")[0] == 204
    ann.leaves_the_provider()
    assert "Unsuccessful logout. Status was" in customer.peer.story()
    assert ann.lives and ann.told == []
    every = signing_out.told("authentication.sso_logout_refused")
    (event,) = [one for one in every if one["sso"]["connection_id"] == customer.connection_id]
    assert event["error"]["code"] == "logout_subject_missing"


def test_who_offers_both_bindings_is_sent_addresses(signing_out: Product) -> None:
    """Nothing is set by hand on either side, but for the signatures."""
    with SimpleSamlPhp(logout_bindings=["post", "redirect"], hosted=SIGNED_LOGOUT) as peer:
        customer = Customer.of(signing_out, peer)
        assert customer.saml["slo_binding"] == "redirect"
        ann = _signed_in(customer)
        _ends_at(CALLBACK, ann.leaves(return_to=CALLBACK), customer)
        assert ann.asked
        ann = _signed_in(customer)
        _ends_at(peer.signed_out_url, ann.leaves_the_provider(), customer)
        assert not ann.lives and ann.asked


def test_a_provider_that_gets_no_cookies_with_our_form_does_not_sign_the_other_applications_out(
    signing_out: Product,
) -> None:
    """It finds no session, begins another, and says that all is well: docs/logout.md warns of it."""
    with SimpleSamlPhp(logout_bindings=["post"]) as peer:
        one = _signed_in(_customer(signing_out, peer))
        other = _signed_in(_customer(signing_out, peer), one.browser)
        _ends_at(CALLBACK, one.leaves(return_to=CALLBACK), one.customer)
        assert (one.lives, other.lives) == (False, True)
        assert other.told == []
