"""`latchstring audit`, and that whatever is changed in the terminal stands in it."""

from __future__ import annotations

import csv
import io
import json
from argparse import _SubParsersAction
from typing import Any

from latchstring.cli.main import parser
from tests.cli.program import Terminal
from tests.cli.test_attribute_mapper import refuse
from tests.cli.test_manage import METADATA
from tests.cli.test_operators import accept
from tests.idp_for_tests import pair

# Verbs that change nothing of what people configure, and those whose entries are seen elsewhere.
LOOKS = {
    f"{noun} {verb}"
    for noun in (
        "environment", "key", "redirect-uri", "organization", "domain", "connection", "certificate",
        "custom-attribute", "provider", "operator", "audit",
    )
    for verb in ("list", "show")
} | {
    "attributes findings", "attributes awaiting", "audit verify", "audit export", "portal list",
    "domain check",  # what it finds is told as POST /organization_domains/{id}/verify tells it
    "connection refresh", "connection accept",  # as their routes, which need an identity provider on the network
    "audit prune",  # above
}  # fmt: skip


def verbs() -> set[str]:
    """All that there are: "connection create"."""
    found: set[str] = set()
    (nouns,) = [action for action in parser()._actions if isinstance(action, _SubParsersAction)]
    for noun, theirs in nouns.choices.items():
        for action in theirs._actions:
            if isinstance(action, _SubParsersAction):
                found |= {f"{noun} {verb}" for verb in action.choices}
    return found


def entries(terminal: Terminal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = terminal("audit", "list", "--json", "--limit", "1000").json["data"]
    return found


def test_i5_the_log_is_listed_verified_exported_and_pruned(terminal: Terminal) -> None:
    terminal("organization", "create", "--name", "=cmd|' /C calc'!A0", "--domain", "acme.example")
    newest = entries(terminal)
    made = next(entry for entry in newest if entry["action"] == "organization.created" and entry["actor"] != "system")
    assert str(made["actor"]).startswith("terminal:") and made["target_name"] == "=cmd|' /C calc'!A0"
    listed = terminal("audit", "list", "--action", "organization.created", "--limit", "1")
    assert "=cmd|' /C calc'!A0" in listed.out and "There is more: --older-than" in listed.err
    assert terminal("audit", "list", "--action", "nothing", "--json").json["data"] == []
    assert terminal("audit", "list", "--action", "nothing").err == "No such entry.\n"
    assert terminal("audit", "list", "--environment", "Nowhere").code == 1

    exported = terminal("audit", "export")
    assert [entry["sequence"] for entry in json.loads(exported.out)] == [entry["sequence"] for entry in newest]
    rows = list(csv.DictReader(io.StringIO(terminal("audit", "export", "--format", "csv").out)))
    (row,) = [row for row in rows if row["sequence"] == str(made["sequence"])]
    assert row["target_name"] == "'=cmd|' /C calc'!A0" and json.loads(row["changes"]) == made["changes"]
    assert len(rows) == len(newest)

    verified = terminal("audit", "verify")
    assert verified.out.strip() == f"{newest[0]['sequence']}:{newest[0]['hash']}"
    assert terminal("audit", "verify", "--known", verified.out.strip(), "--json").json["first"] == 1
    wrong = terminal("audit", "verify", "--known", f"1:{newest[0]['hash']}")
    assert (wrong.code, "entry 1 is not the one you know" in wrong.err) == (1, True)
    assert terminal("audit", "verify", "--known", "1:abc").code == 2
    assert terminal("audit", "prune", "--before", "tomorrow").code == 2
    assert terminal("audit", "prune", "--before", "2026-01-01").code == 1, "nobody said yes"
    assert terminal("audit", "prune", "--before", "2100-01-01", "--yes").code == 1, "that is to come"
    assert terminal("audit", "prune", "--before", "1969-01-01", "--yes").err == "There is nothing that old.\n"
    terminal("audit", "prune", "--before", str(newest[0]["at"]), "--yes")
    assert entries(terminal)[0]["action"] == "audit_log.pruned"
    assert terminal("audit", "verify", "--known", verified.out.strip()).code == 0


def test_i5_every_verb_that_changes_something_leaves_an_entry(terminal: Terminal) -> None:
    walked: set[str] = set()

    def walk(words: str, action: str, *more: str) -> dict[str, Any]:
        before = entries(terminal)[0]["sequence"]
        done = terminal(*words.split(), *more, "--json")
        assert done.code == 0, (words, more, done.err)
        left = [entry for entry in entries(terminal) if entry["sequence"] > before]
        assert action in [entry["action"] for entry in left], (words, left)
        assert all(str(entry["actor"]).startswith("terminal:") for entry in left)
        walked.add(words)
        shown: dict[str, Any] = done.json
        return shown

    file, pem = terminal.folder / "idp.xml", terminal.folder / "more.pem"
    file.write_bytes(METADATA)
    pem.write_text(pair("more")[0])
    acme = walk("organization create", "organization.created", "--name", "Acme", "--domain", "acme.example")["id"]
    other = terminal("organization", "create", "--name", "Other", "--json").json["id"]
    on = ("--domain", "acme2.example")
    first = walk("domain create", "domain.created", "--organization", acme, *on)["id"]
    second = terminal("domain", "create", "--organization", other, *on, "--json").json["id"]
    walk("domain verify", "domain.verified", first)
    terminal("domain", "verify", second)
    walk("domain take-policy", "domain.updated", second)
    walk("domain delete", "domain.deleted", first, "--yes")

    walk("portal link", "portal_link.created", "--organization", acme)
    (link,) = terminal("portal", "list", "--organization", acme, "--json").json["data"]
    walk("portal revoke", "portal_link.revoked", "--organization", acme, link["id"], "--yes")

    made = walk("connection create", "connection.created", "--organization", acme, "--metadata-file", str(file))["id"]
    updated = "connection.updated"
    walk("connection set", updated, made, "clock_skew_seconds=30")
    walk("connection map", updated, made, "email=contact")
    walk("attributes apply", updated, "first_name=given", "--connection", made)
    refuse(terminal.folder, made)
    (waits,) = terminal("attributes", "awaiting", "--connection", made, "--json").json["data"]
    walk("attributes delete", "reconciliation.deleted", "--connection", made, waits["id"], "--yes")
    walk("connection deactivate", "connection.deactivated", made)
    walk("connection activate", "connection.activated", made)
    here = ("--connection", made)
    walk("certificate create", updated, *here, "--use", "idp", "--file", str(pem))
    terminal("certificate", "create", *here, "--use", "signing")
    pairs = terminal("certificate", "create", *here, "--use", "signing", "--json").json
    walk("certificate activate", updated, *here, pairs["id"])
    more = next(each["id"] for each in terminal("certificate", "list", *here, "--json").json["data"])
    walk("certificate delete", updated, *here, more, "--yes")
    walk("connection delete", "connection.deleted", made, "--yes")
    walk("organization delete", "organization.deleted", other, "--yes")

    walk("custom-attribute create", "custom_attribute.created", "badge")
    walk("custom-attribute delete", "custom_attribute.deleted", "badge", "--yes")
    walk("provider set", "connection.created", "GitHubOAuth")
    walk("provider delete", "connection.deleted", "GitHubOAuth", "--yes")
    key = walk("key create", "api_key.created", "--name", "web")["id"]
    walk("key delete", "api_key.revoked", key, "--yes")
    old = next(each for each in terminal("redirect-uri", "list", "--json").json["data"] if each["default"])["id"]
    uri = walk("redirect-uri create", "redirect_uri.created", "https://app.example.com/cb")["id"]
    walk("redirect-uri default", "redirect_uri.updated", uri)
    walk("redirect-uri delete", "redirect_uri.deleted", old, "--yes")
    walk("environment set", "environment.settings_changed", "Staging", "--domain-selector", "resolve")
    live = ("--name", "Live", "--kind", "production")
    walk("environment create", "environment.created", *live)
    walk("environment delete", "environment.deleted", "Live", "--yes")

    for name in ("ann", "eve"):
        role = "admin" if name == "ann" else "support"
        link = walk("operator invite", "operator.invited", f"{name}@example.com", "--role", role)
        accept(terminal, link["url"])
    walk("operator role", "operator.role_changed", "eve@example.com", "developer")
    walk("operator disable", "operator.disabled", "eve@example.com")
    walk("operator enable", "operator.enabled", "eve@example.com")
    walk("operator reset", "operator.password_reset", "eve@example.com")
    walk("operator second-factor", "house_settings.changed", "needed")
    walk("operator sso", "house_settings.changed", "--organization", "org_test_idp")
    there = verbs()
    assert walked == there - LOOKS
    assert terminal("audit", "verify").code == 0
