"""Signing out at the certified oidc-provider: its endpoints, its question, the ways back, and what is over then."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.real.login import Browser, query
from tests.real.oidc_customer import CALLBACK, OidcCustomer, confirmed
from tests.real.oidc_provider import MAX, OidcProvider
from tests.real.product import Product

_SIGNED_OUT = "http://localhost:5999/signed-out"


@pytest.fixture(scope="module")
def leaving(product: Product) -> Product:
    """An environment whose application has a place to go after a sign-out."""
    found = product.environment("Leaving", CALLBACK)
    found.set("--logout-uri", _SIGNED_OUT)
    return found


@pytest.fixture(scope="module")
def peer() -> Iterator[OidcProvider]:
    with OidcProvider(claims_in_id_token=True) as found:
        yield found


def _ours(browser: Browser) -> list[str]:
    return [name for _, _, name in browser.cookies if "ls_" in name]


def test_a_person_signs_out_at_the_provider_and_is_asked_again_next_time(leaving: Product, peer: OidcProvider) -> None:
    customer, browser = OidcCustomer.of(leaving, peer), Browser(CALLBACK, _SIGNED_OUT)
    token = customer.signed_in(browser)
    assert not customer.is_asked_who_it_is(browser), "its session at the provider lives"

    question = customer.left(browser, token, _SIGNED_OUT)
    assert question.url.startswith(f"{peer.issuer}/session/end?")
    asked = query(question.url)
    assert set(asked) == {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}
    assert asked["client_id"] == customer.client.client_id
    assert asked["post_logout_redirect_uri"] == customer.connection["oidc_options"]["post_logout_redirect_uri"]
    assert not leaving.lives(token), "what is ours ends when the browser leaves, whatever it answers there"

    back = confirmed(browser, question)
    assert (back.status, back.url) == (0, _SIGNED_OUT)
    assert urlsplit(browser.visited[-2])._replace(query="").geturl() == asked["post_logout_redirect_uri"]
    assert query(browser.visited[-2]) == {"state": asked["state"]}
    assert _ours(browser) == []

    assert customer.is_asked_who_it_is(browser)
    again = customer.signed_in(browser)
    assert (again["profile"]["id"], leaving.lives(again)) == (token["profile"]["id"], True)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_its_tokens_are_revoked_before_the_browser_goes(leaving: Product, peer: OidcProvider, method: str) -> None:
    customer, browser = OidcCustomer.of(leaving, peer, {"token_authentication_method": method}), Browser(CALLBACK)
    token = customer.signed_in(browser)
    before = peer.heard(customer.client.client_id)
    question = customer.left(browser, token, CALLBACK)
    assert peer.heard(customer.client.client_id) == [*before, "access_token.destroyed"], peer.story()[-3000:]
    assert confirmed(browser, question).url == CALLBACK
    assert peer.heard(customer.client.client_id)[-1] == "end_session.success"


@pytest.mark.parametrize(
    "options",
    [
        *({"id_token_signature_algorithm": algorithm} for algorithm in ("PS256", "ES256", "ES512", "EdDSA")),
        {"id_token_encryption_algorithm": "RSA-OAEP-256", "id_token_content_encryption": "A256GCM"},
        {"id_token_encryption_algorithm": "ECDH-ES+A256KW", "id_token_content_encryption": "A256CBC-HS512"},
    ],
    ids=lambda options: next(iter(options.values())),
)
def test_it_knows_its_id_token_again(leaving: Product, peer: OidcProvider, options: dict[str, str]) -> None:
    """However it was signed; and one that was encrypted for us goes back as what was inside."""
    customer, browser = OidcCustomer.of(leaving, peer, options), Browser(CALLBACK)
    question = customer.left(browser, customer.signed_in(browser), CALLBACK)
    assert query(question.url)["id_token_hint"].count(".") == 2
    assert confirmed(browser, question).url == CALLBACK
    assert customer.is_asked_who_it_is(browser)


def test_without_return_to_the_way_ends_on_our_page(leaving: Product, peer: OidcProvider) -> None:
    customer, browser = OidcCustomer.of(leaving, peer), Browser(CALLBACK)
    end = confirmed(browser, customer.left(browser, customer.signed_in(browser)))
    assert (end.status, urlsplit(end.url).netloc) == (200, urlsplit(leaving.base_url).netloc)
    assert "You are signed out" in end.text
    assert _ours(browser) == []


def test_who_stays_signed_in_there_comes_back_all_the_same(leaving: Product, peer: OidcProvider) -> None:
    """ "No, stay signed in" ends nothing but what this client was given; what is ours was over before."""
    customer, browser = OidcCustomer.of(leaving, peer), Browser(CALLBACK)
    token = customer.signed_in(browser)
    assert confirmed(browser, customer.left(browser, token, CALLBACK), None).url == CALLBACK
    assert not leaving.lives(token)
    assert not customer.is_asked_who_it_is(browser)


def test_the_browser_that_leaves_is_the_one_that_is_signed_out_there(leaving: Product, peer: OidcProvider) -> None:
    """Here the person is signed out everywhere; at the provider, each browser has a session of its own."""
    customer, laptop, phone = OidcCustomer.of(leaving, peer), Browser(CALLBACK), Browser(CALLBACK)
    tokens = [customer.signed_in(laptop), customer.signed_in(phone)]
    assert tokens[0]["profile"]["id"] == tokens[1]["profile"]["id"]
    assert confirmed(phone, customer.left(phone, tokens[1], CALLBACK)).url == CALLBACK
    assert [leaving.lives(token) for token in tokens] == [False, False]
    assert customer.is_asked_who_it_is(phone)
    assert not customer.is_asked_who_it_is(laptop)


def test_an_unregistered_way_back_is_its_error_and_costs_nothing_here(leaving: Product, peer: OidcProvider) -> None:
    customer, browser = OidcCustomer.of(leaving, peer, returns=False), Browser(CALLBACK)
    token = customer.signed_in(browser)
    stuck = customer.left(browser, token, CALLBACK)
    assert (stuck.status, "post_logout_redirect_uri not registered" in stuck.text) == (400, True)
    assert urlsplit(stuck.url).netloc == urlsplit(peer.issuer).netloc
    assert not leaving.lives(token)

    again = customer.signed_in(browser)  # the person goes back to the application, and works on
    assert leaving.lives(again)

    ours = customer.connection["oidc_options"]
    peer.redirect_to(
        customer.client, ours["redirect_uri"], post_logout_redirect_uris=[ours["post_logout_redirect_uri"]]
    )
    assert confirmed(browser, browser.open(stuck.url)).url == CALLBACK, "the way that got stuck leads on"
    assert leaving.lives(again), "and ended nothing that began after it"
    assert confirmed(browser, customer.left(browser, customer.signed_in(browser), CALLBACK)).url == CALLBACK


def test_a_provider_without_an_end_session_endpoint_is_named_so(leaving: Product) -> None:
    with OidcProvider(claims_in_id_token=True, offers_logout=False) as silent:
        customer, browser = OidcCustomer.of(leaving, silent, returns=False), Browser(CALLBACK)
        token = customer.signed_in(browser)
        profile = {"profile_id": token["profile"]["id"]}
        status, refused = leaving.call("POST", "/sso/logout/authorize", profile)
        assert (status, refused["error"]) == (400, "connection_invalid")
        assert "end_session_endpoint" in refused["error_description"]
        assert leaving.lives(token), "and nothing has ended"


def test_a_very_long_id_token_goes_in_a_form(leaving: Product) -> None:
    with OidcProvider(claims_in_id_token=True, takes_forms=True) as patient:
        customer, browser = OidcCustomer.of(leaving, patient), Browser(CALLBACK)
        page = customer.left(browser, customer.signed_in(browser, MAX), CALLBACK)
        form = page.form_with("id_token_hint")
        assert (form.method, form.action) == ("post", f"{patient.issuer}/session/end")
        assert len(form.fields["id_token_hint"]) > 4000
        assert confirmed(browser, browser.submit(page, form)).url == CALLBACK
        assert customer.is_asked_who_it_is(browser)
