"""Where a real browser lets the forms of our pages lead, with all the redirects behind them, over https."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from latchstring.web.kit import pages
from latchstring.web.kit.message import Reply
from tests.house_for_tests import Rig
from tests.real.simplesamlphp import key_pair


class _OverHttps(BaseHTTPRequestHandler):
    """Shows a page of ours, and sends whoever posts to it on to an application."""

    page: Reply
    to: str

    def do_GET(self) -> None:
        self.send_response(self.page.status)
        for name, value in self.page.headers:
            self.send_header(name.decode(), value.decode())
        self.end_headers()
        self.wfile.write(self.page.body)

    def do_POST(self) -> None:
        self.send_response(303)
        self.send_header("Location", self.to)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        """Says nothing."""


@contextmanager
def _served(page: Reply, to: str, folder: Path) -> Iterator[str]:
    for name, text in zip(("key", "certificate"), key_pair(), strict=True):
        (folder / name).write_text(text, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    handler = type("_Page", (_OverHttps,), {"page": page, "to": to})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_web_04_a_form_of_ours_may_end_at_an_application_on_the_developers_machine(
    rig: Rig, browser: Browser, app: str, host: str, tmp_path: Path
) -> None:
    """A staging environment of a server in production: the Test IdP, a question, a logout, each of them a form."""
    house = replace(rig.house, development=False)
    callback = app.replace("localhost", host)
    form = pages.render(house, "hand_off.html", url="/", fields={"SAMLResponse": "x"}, destination_host="x")
    with _served(form, callback, tmp_path) as url:
        context = browser.new_context(ignore_https_errors=True, java_script_enabled=False)
        opened = context.new_page()
        opened.goto(url)
        opened.get_by_role("button").click()
        expect(opened).to_have_url(callback)
        context.close()
