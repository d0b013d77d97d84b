"""latchstring domain: the record to publish, and what a real name server says about it."""

from __future__ import annotations

import pytest

from tests.cli.program import Terminal
from tests.effects.names import name_server, zone


def created(terminal: Terminal, domain: str) -> str:
    organization = terminal("organization", "create", "--name", "Acme", "--json").json["id"]
    return str(terminal("domain", "create", "--organization", organization, "--domain", domain, "--json").json["id"])


def test_a_record_in_dns_proves_the_domain(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = created(terminal, "acme.example")
    shown = terminal("domain", "show", domain)
    record = terminal("domain", "show", domain, "--json").json["verification"]["record"]
    assert record["value"] in shown.out and "TXT" in shown.out
    records = {"acme.example.": [("TXT", '"v=spf1 -all"')]}
    with name_server(zone(records)) as port:
        monkeypatch.setenv("LATCHSTRING_DNS_SERVERS", f"127.0.0.1:{port}")
        missing = terminal("domain", "check", domain)
        assert (missing.code, "has no such TXT record yet (1 others)" in missing.out) == (0, True), missing.out
        records["acme.example."].append(("TXT", f'"{record["value"]}"'))
        found = terminal("domain", "check", domain)
        assert "state" in found.out and "verified" in found.out
        refused = terminal("domain", "check", domain)
    assert (refused.code, "verified already" in refused.err) == (1, True)
    assert terminal("domain", "show", domain, "--json").json["domain_policy"] is True


def test_servers_that_do_not_answer_fail_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = created(terminal, "acme.example")
    monkeypatch.setenv("LATCHSTRING_DNS_SERVERS", "127.0.0.1:1")
    checked = terminal("domain", "check", domain, "--json")
    assert checked.code == 0
    assert checked.json["state"] == "pending"
    assert checked.json["verification"]["shortfall"]["code"] == "dns_unanswered"


def test_the_worker_looks_as_well(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = created(terminal, "acme.example")
    value = terminal("domain", "show", domain, "--json").json["verification"]["record"]["value"]
    with name_server(zone({"acme.example.": [("TXT", f'"{value}"')]})) as port:
        monkeypatch.setenv("LATCHSTRING_DNS_SERVERS", f"127.0.0.1:{port}")
        assert terminal("worker", "--once").code == 0
    assert terminal("domain", "show", domain, "--json").json["state"] == "verified"


def test_by_hand(terminal: Terminal) -> None:
    domain = created(terminal, "acme.example")
    assert "verified" in terminal("domain", "verify", domain).out
    second = created(terminal, "acme.example")
    assert terminal("domain", "take-policy", second).code == 1
    terminal("domain", "verify", second)
    assert terminal("domain", "take-policy", second, "--json").json["domain_policy"] is True
    assert terminal("domain", "show", domain, "--json").json["domain_policy"] is False


@pytest.mark.parametrize("servers", ["dns.example", "127.0.0.1:0", "127.0.0.1:http", "10.0.0.1,;", "[::1]:99999"])
def test_servers_that_are_none(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, servers: str) -> None:
    monkeypatch.setenv("LATCHSTRING_DNS_SERVERS", servers)
    refused = terminal("organization", "list")
    assert refused.code == 1 and "LATCHSTRING_DNS_SERVERS" in refused.err
