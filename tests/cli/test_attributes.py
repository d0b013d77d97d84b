"""Mapping at the terminal: what feeds which field, what must be there, and the environment's own attributes."""

from __future__ import annotations

from tests.cli.program import Terminal
from tests.cli.test_manage import METADATA


def test_a_mapping_is_changed_and_shown_and_custom_attributes_are_defined(terminal: Terminal) -> None:
    organization = terminal("organization", "create", "--name", "Acme", "--json").json
    file = terminal.folder / "idp.xml"
    file.write_bytes(METADATA)
    made = terminal(
        "connection", "create", "--organization", organization["id"], "--metadata-file", str(file), "--json"
    ).json
    refused = terminal("connection", "map", made["id"], "badge=badgeNumber", "--json")
    assert refused.code == 1
    assert "custom_attribute_not_found" in refused.err
    created = terminal("custom-attribute", "create", "badge", "--json").json
    assert (created["object"], created["name"]) == ("custom_attribute", "badge")
    words = ("email=mail", "email=email", "badge=badgeNumber", "--require", "last_name, badge")
    changed = terminal("connection", "map", made["id"], *words, "--json").json
    assert changed["attribute_maps"] == {
        "standard_attributes": {"email": ["mail", "email"]},
        "custom_attributes": {"badge": "badgeNumber"},
    }
    assert changed["required_attributes"] == ["last_name", "badge"]
    told = terminal("connection", "map", made["id"], "email=null", "--require", "none").out
    assert "badgeNumber" in told
    assert "mail, email" not in told
    wrong = terminal("connection", "map", made["id"], "email")
    assert wrong.code == 1
    assert "is not a field and its source" in wrong.err
    assert "job_title" in terminal("custom-attribute", "list").out
    assert "addresses" in terminal("custom-attribute", "show", "addresses").out
    assert terminal("custom-attribute", "show", "none").code == 1
    assert terminal("custom-attribute", "delete", "badge", "--yes").code == 0
    shown = terminal("connection", "show", made["id"], "--json").json
    assert shown["attribute_maps"]["custom_attributes"] == {}
