"""Whose address a request has behind reverse proxies."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from latchstring import app
from latchstring.effects.settings import Network
from latchstring.web.kit import peer
from latchstring.web.kit.endpoint import Endpoint
from tests import house_for_tests
from tests.events_for_tests import told
from tests.idp_for_tests import saml_idp

OURS: tuple[Network, ...] = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("connected", "lines", "expected"),
    [
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the first one is the caller's own invention
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.7, 10.0.0.2"], "203.0.113.7"),  # two lines are one list
        ("10.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("fd00::1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.7, <script>"], "10.0.0.1"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody of ours says so
        ("not an address", ["198.51.100.1"], "not an address"),
        (None, ["198.51.100.1"], None),
    ],
)
def test_web_05_only_our_own_proxies_are_believed(
    connected: str | None, lines: list[str], expected: str | None
) -> None:
    assert peer.client(connected, lines, OURS) == expected


def test_web_05_without_proxies_nothing_is_believed() -> None:
    assert peer.client("10.0.0.1", ["203.0.113.7"], ()) == "10.0.0.1"


@pytest.mark.parametrize(("proxies", "expected"), [("203.0.113.0/24", "198.51.100.1"), ("10.0.0.0/8", "203.0.113.7")])
def test_web_05_the_address_of_a_sign_in_is_the_persons_behind_our_proxy(
    tmp_path: Path, proxies: str, expected: str
) -> None:
    """The tests' requests come from 203.0.113.7."""
    rig = house_for_tests.rig(tmp_path)
    endpoint = Endpoint(rig.house, app.doors(development=True), secure=False, proxies=(ipaddress.ip_network(proxies),))
    connection = saml_idp(rig).connection
    query = urlencode({"client_id": rig.environment.client_id, "response_type": "code", "connection": connection["id"]})
    answer = house_for_tests.call(
        endpoint, "GET", f"/sso/authorize?{query}", headers={"x_forwarded_for": "192.0.2.1, 198.51.100.1"}
    )
    assert answer.status == 302
    (started,) = told(rig, "authentication.sso_started")
    assert started["ip_address"] == expected
