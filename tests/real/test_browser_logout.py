"""A real browser signs out: by links and by forms that send themselves, and in the frames of an identity provider."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.real.chromium import page
from tests.real.customer import Customer
from tests.real.login import query
from tests.real.product import Product
from tests.real.simplesamlphp import BINDINGS, SIGNED_LOGOUT, Binding, SimpleSamlPhp
from tests.real.simplesamlphp_config import PASSWORD


class _Application(BaseHTTPRequestHandler):
    """Takes what comes to its redirect URI; hears of logouts, and sends the browser back."""

    def do_GET(self) -> None:
        heard: list[dict[str, str]] = self.server.heard  # type: ignore[attr-defined]
        if self.path.startswith("/signed-out?"):
            heard.append(query(self.path))
            self.send_response(302)
            self.send_header("Location", heard[-1]["return_to"])
        else:
            self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        """Says nothing."""


@pytest.fixture(scope="module")
def application() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Application) as server:
        server.heard = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def hearing(product: Product, application: ThreadingHTTPServer) -> Product:
    made = product.environment("Browsers sign out", _callback(application))
    made.set("--logout-uri", f"http://localhost:{application.server_port}/signed-out")
    return made


def _callback(application: ThreadingHTTPServer) -> str:
    return f"http://localhost:{application.server_port}/callback"


def _customer(hearing: Product, peer: SimpleSamlPhp, binding: Binding) -> Customer:
    customer = Customer.of(hearing, peer)
    customer.trusted(options={**SIGNED_LOGOUT, **peer.logout_by(customer.saml["sp_entity_id"], binding)})
    return customer


def _signed_in(opened: Page, customer: Customer, callback: str) -> dict[str, Any]:
    opened.goto(customer.product.authorize_url(callback, connection=customer.connection_id))
    opened.locator("input[name=username]").fill("ann")
    opened.locator("input[name=password]").fill(PASSWORD)
    opened.locator("input[name=password]").press("Enter")
    opened.wait_for_url(f"{callback}?*")
    return customer.product.swap(query(opened.url)["code"])


@pytest.mark.parametrize("binding", BINDINGS)
def test_a_browser_signs_out_from_either_side(
    browser: Browser, hearing: Product, application: ThreadingHTTPServer, binding: Binding
) -> None:
    """By form on one site, since a browser keeps the provider's cookies from the forms of others."""
    callback = _callback(application)
    host = "localhost" if binding == "post" else "127.0.0.1"
    with SimpleSamlPhp(host=host, logout_bindings=[binding]) as peer, page(browser) as opened:
        customer = _customer(hearing, peer, binding)
        token = _signed_in(opened, customer, callback)
        made = hearing.create("/sso/logout/authorize", {"profile_id": token["profile"]["id"]})
        opened.goto(f"{made['logout_url']}&return_to={callback}")
        opened.wait_for_url(callback)
        assert not hearing.lives(token)
        token = _signed_in(opened, customer, callback)  # by her password again
        opened.goto(peer.logout_url)
        opened.wait_for_url(peer.signed_out_url)
        assert not hearing.lives(token)
        assert application.heard[-1]["profile_id"] == token["profile"]["id"]  # type: ignore[attr-defined]
        opened.goto(hearing.authorize_url(callback, connection=customer.connection_id))
        expect(opened.locator("input[name=password]")).to_be_visible()


def test_a_provider_signs_out_in_frames(browser: Browser, hearing: Product, application: ThreadingHTTPServer) -> None:
    with SimpleSamlPhp(hosted={"logouttype": "iframe"}) as peer, page(browser) as opened:
        customer = _customer(hearing, peer, "redirect")
        token = _signed_in(opened, customer, _callback(application))
        opened.goto(peer.logout_url)
        opened.get_by_text("Yes, all services").click()
        opened.wait_for_url(peer.signed_out_url)
        assert not hearing.lives(token)
        assert application.heard[-1]["profile_id"] == token["profile"]["id"]  # type: ignore[attr-defined]
        assert "slo-iframe-fail" not in peer.story()
