"""The peers that several tests share: each is started once, when the first test asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from tests.real.chromium import chromium
from tests.real.oidc_provider import OidcProvider
from tests.real.product import Product
from tests.real.simplesamlphp import SimpleSamlPhp

expect.set_options(timeout=30_000)  # milliseconds; no figure, only an end: many browsers share a machine here

OidcProviders = Callable[[bool], OidcProvider]


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """The product, as `latchstring dev` starts it; tests make organizations of their own."""
    with Product() as found:
        yield found


@pytest.fixture(scope="session")
def simplesamlphp() -> Iterator[SimpleSamlPhp]:
    """An identity provider that knows no application yet."""
    with SimpleSamlPhp() as provider:
        yield provider


@pytest.fixture(scope="session")
def oidc_providers() -> Iterator[OidcProviders]:
    """Two identity providers without clients: one puts claims into the ID token (True), one into userinfo (False)."""
    started: dict[bool, OidcProvider] = {}
    with ExitStack() as stack:

        def provider(claims_in_id_token: bool) -> OidcProvider:
            if claims_in_id_token not in started:
                found = OidcProvider(claims_in_id_token=claims_in_id_token)
                started[claims_in_id_token] = stack.enter_context(found)
            return started[claims_in_id_token]

        yield provider


class _Application(BaseHTTPRequestHandler):
    """Takes whatever comes to the redirect URI."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the application")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        """Says nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The redirect URI of an application that is there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Application) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/callback"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the product had to say."""
    report = yield
    found = getattr(item, "funcargs", {}).get("product")
    if report.failed and isinstance(found, Product):
        report.sections.append(("what the product said", found.story()[-6000:]))
    return report
