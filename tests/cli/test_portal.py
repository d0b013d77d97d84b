"""`latchstring portal`: a link for a customer's IT admin, what has become of it, and its end."""

from __future__ import annotations

import re

from tests.cli.program import Terminal


def test_web_07_a_link_is_made_listed_and_taken_back_at_the_terminal(terminal: Terminal) -> None:
    acme = terminal("organization", "create", "--name", "Acme", "--json").json["id"]
    made = terminal("portal", "link", "--organization", acme, "--email", "it@acme.example", "--json").json
    assert re.fullmatch(r"http://localhost:\d+/portal/launch\?token=[\w-]{43}", made["url"])
    assert (made["object"], made["intent"], made["mailed"]) == ("portal_link", "sso", [])
    assert made["recipients"] == ["it@acme.example"]
    renewal = terminal("portal", "link", "--organization", acme, "--intent", "certificate_renewal")
    assert "/portal/launch?token=" in renewal.out and "cannot be shown again" in renewal.err
    listed = terminal("portal", "list", "--organization", acme, "--json").json["data"]
    assert [(each["intent"], each["state"]) for each in listed] == [("certificate_renewal", "open"), ("sso", "open")]
    assert "url" not in listed[0]
    gone = terminal("portal", "revoke", made["id"], "--organization", acme, "--yes", "--json")
    assert gone.code == 0
    states = {
        each["id"]: each["state"] for each in terminal("portal", "list", "--organization", acme, "--json").json["data"]
    }
    assert states[made["id"]] == "revoked"


def test_what_cannot_be_is_refused_at_the_terminal(terminal: Terminal) -> None:
    unknown = terminal("portal", "link", "--organization", "org_none")
    assert unknown.code == 1 and "Organization not found" in unknown.err
    acme = terminal("organization", "create", "--name", "Acme", "--json").json["id"]
    wrong = terminal("portal", "link", "--organization", acme, "--email", "nobody")
    assert wrong.code == 1
    assert terminal("portal", "link", "--organization", acme, "--intent", "coffee").code == 2
    assert terminal("portal", "list", "--organization", acme).err.strip() == "There is no link yet."
