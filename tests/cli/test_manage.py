"""The nouns: created, listed, shown and deleted at the terminal, in the API's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from latchstring.effects import keys
from latchstring.protocols.saml import metadata
from tests.cli.program import Terminal
from tests.house_for_tests import START
from tests.real.product import Product

PEM, _KEY = keys.rsa_pair("acme", START)
METADATA = metadata.write_idp(
    entity_id="https://idp.acme.example", sso_url="https://idp.acme.example/sso", certificates=(PEM,)
)


def test_what_the_terminal_shows_is_what_the_api_shows(terminal: Terminal) -> None:
    organization = terminal("organization", "create", "--name", "Acme", "--domain", "acme.example", "--json").json
    assert (organization["object"], organization["domains"][0]["state"]) == ("organization", "verified")
    file = terminal.folder / "idp.xml"
    file.write_bytes(METADATA)
    connection = terminal(
        "connection",
        "create",
        "--organization",
        organization["id"],
        "--type",
        "OktaSAML",
        "--metadata-file",
        str(file),
        "--json",
    ).json
    uri = terminal("redirect-uri", "create", "https://app.example.com/cb", "--json").json
    with Product(data=terminal.folder) as product:
        base = product.base_url
        for path, shown in (
            (f"/organizations/{organization['id']}", organization),
            (f"/connections/{connection['id']}", connection),
            (f"/organization_domains/{organization['domains'][0]['id']}", organization["domains"][0]),
        ):
            assert _placeless(product.call("GET", path)[1], base) == _placeless(
                shown, connection["callback_endpoint"].split("/sso")[0]
            )
        listed = product.call("GET", "/user_management/redirect_uris?limit=100")[1]["data"]
        assert uri in listed


def _placeless(value: Any, base: str) -> Any:
    """Without the origin, which changed with the port."""
    if isinstance(value, dict):
        return {name: _placeless(each, base) for name, each in value.items()}
    if isinstance(value, list):
        return [_placeless(each, base) for each in value]
    return value.replace(base, "") if isinstance(value, str) else value


def test_organizations_and_domains(terminal: Terminal) -> None:
    made = terminal("organization", "create", "--name", "Acme", "--external-id", "c-1")
    assert made.code == 0
    assert "Acme" in made.out and "Next: latchstring connection create" in made.err
    listed = terminal("organization", "list")
    assert (
        listed.out.splitlines()[0].split() == ["id", "name", "domains.domain", "created", "at"] or "name" in listed.out
    )
    identifier = terminal("organization", "list", "--search", "acme", "--json").json["data"][0]["id"]
    domain = terminal("domain", "create", "--organization", identifier, "--domain", "acme.example", "--json").json
    assert domain["state"] == "pending"
    assert terminal("domain", "verify", domain["id"], "--json").json["state"] == "verified"
    assert [each["id"] for each in terminal("domain", "list", "--organization", identifier, "--json").json["data"]] == [
        domain["id"]
    ]
    assert "acme.example" in terminal("domain", "show", domain["id"]).out
    assert terminal("domain", "delete", domain["id"], "--yes").code == 0
    assert terminal("organization", "show", identifier, "--json").json["domains"] == []
    assert terminal("organization", "delete", identifier, "--yes", "--json").json["deleted"] is True
    gone = terminal("organization", "show", identifier)
    assert (gone.code, gone.out) == (1, "")
    assert f"Organization not found: '{identifier}'." in gone.err


def test_connections(terminal: Terminal) -> None:
    file = terminal.folder / "cert.pem"
    file.write_text(PEM)
    words = ("--entity-id", "urn:x", "--sso-url", "https://idp.example/sso", "--certificate-file", str(file))
    made = terminal("connection", "create", "--organization", "org_test_idp", "--name", "Second", *words)
    assert made.code == 0, made.err
    for name in ("acs url", "sp entity id", "sp metadata url"):
        assert name in made.out
    listed = terminal("connection", "list", "--organization", "org_test_idp", "--type", "GenericSAML", "--json").json
    identifier = listed["data"][0]["id"]
    assert terminal("connection", "deactivate", identifier, "--json").json["state"] == "inactive"
    assert terminal("connection", "activate", identifier, "--json").json["state"] == "active"
    assert "Second" in terminal("connection", "show", identifier).out
    assert terminal("connection", "delete", identifier, "--yes").code == 0
    assert "conn_test_idp" in terminal("connection", "list").out


def test_keys(terminal: Terminal) -> None:
    made = terminal("key", "create", "--name", "web", "--json").json
    assert made["value"].startswith("sk_test_")
    shown = terminal("key", "list", "--json")
    assert made["value"] not in shown.out
    assert {each["name"] for each in shown.json["data"]} == {"Development", "web"}
    assert terminal("key", "show", made["id"], "--json").json["hint"] == made["value"][-4:]
    ends = terminal("key", "create", "--name", "short", "--expires-in-days", "30", "--json").json
    assert ends["expires_at"] is not None and made["expires_at"] is None and ends["last_used_at"] is None
    assert terminal("key", "create", "--expires-in-days", "0").code == 1
    assert terminal("key", "delete", made["id"], "--yes").code == 0
    assert terminal("key", "delete", made["id"], "--yes").code == 1
    assert terminal("key", "show", made["id"], "--json").json["revoked_at"] is not None


def test_redirect_uris(terminal: Terminal) -> None:
    made = terminal("redirect-uri", "create", "https://app.example.com/cb", "--json").json
    assert terminal("redirect-uri", "default", made["id"], "--json").json["default"] is True
    refused = terminal("redirect-uri", "delete", made["id"], "--yes")
    assert (refused.code, "Cannot delete the default redirect URI." in refused.err) == (1, True)
    bad = terminal("redirect-uri", "create", "javascript:alert(1)")
    assert bad.code == 1
    assert "  - " in bad.err
    assert "http://localhost:*/callback" in terminal("redirect-uri", "list").out
    assert terminal("redirect-uri", "show", made["id"]).code == 0


def test_environments(terminal: Terminal) -> None:
    made = terminal("environment", "create", "--name", "Live", "--kind", "production", "--json").json
    assert made["kind"] == "production"
    ambiguous = terminal("organization", "list")
    assert (ambiguous.code, "--environment" in ambiguous.err) == (1, True)
    assert terminal("organization", "list", "--environment", "Live", "--json").json["data"] == []
    assert len(terminal("organization", "list", "--environment", "Staging", "--json").json["data"]) == 1
    unknown = terminal("organization", "list", "--environment", "Nowhere")
    assert (unknown.code, "Nowhere" in unknown.err) == (1, True)
    assert "Live" in terminal("environment", "list").out
    assert terminal("environment", "show", made["id"], "--json").json["name"] == "Live"
    assert terminal("environment", "create", "--name", "Live").code == 1
    assert terminal("environment", "delete", "Live", "--yes").code == 0
    assert terminal("organization", "list").code == 0


def test_oauth_02_the_terminal_sets_loose_redirect_uri_rules_for_staging_alone(terminal: Terminal) -> None:
    refused = terminal("redirect-uri", "create", "http://app.intranet.example/cb")
    assert (refused.code, "--redirect-uri-rules loose" in " ".join(refused.err.split())) == (1, True)
    changed = terminal("environment", "set", "Staging", "--redirect-uri-rules", "loose", "--json").json
    assert changed["redirect_uri_rules"] == "loose"
    assert terminal("redirect-uri", "create", "http://app.intranet.example/cb").code == 0
    terminal("environment", "create", "--name", "Live", "--kind", "production")
    production = terminal("environment", "set", "Live", "--redirect-uri-rules", "loose")
    assert (production.code, "takes no loose redirect URI rules" in production.err) == (1, True)
    assert terminal("environment", "show", "Live", "--json").json["redirect_uri_rules"] == "strict"


def test_mails_with_magic_links_are_limited_from_the_terminal(terminal: Terminal) -> None:
    assert terminal("environment", "show", "Staging", "--json").json["magic_links_per_hour"] == 10
    changed = terminal("environment", "set", "Staging", "--magic-links-per-hour", "0", "--json").json
    assert changed["magic_links_per_hour"] == 0
    wrong = terminal("environment", "set", "Staging", "--magic-links-per-hour", "1001")
    assert (wrong.code, "is not a number from 0 to 1000" in wrong.err) == (2, True)


def test_an_organization_gets_magic_links_from_the_terminal(terminal: Terminal) -> None:
    made = terminal("connection", "create", "--organization", "org_test_idp", "--type", "MagicLink", "--json").json
    assert (made["connection_type"], made["organization_id"]) == ("MagicLink", "org_test_idp")


def test_nothing_goes_without_a_yes(terminal: Terminal) -> None:
    done = terminal("organization", "delete", "org_test_idp")
    assert (done.code, "--yes" in done.err) == (1, True)
    assert terminal("organization", "show", "org_test_idp").code == 0


def test_refusals_as_json(terminal: Terminal) -> None:
    import json

    done = terminal("organization", "create", "--name", "", "--json")
    assert (done.code, done.out) == (1, "")
    assert [error["code"] for error in json.loads(done.err)["errors"]] == ["name_required"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--metadata-file", "nowhere.xml"), "nowhere.xml"),
        ((), "saml_options, oidc_options and oauth_options"),
        (("--metadata-url", "https://idp.invalid/metadata"), "did not answer"),
        (
            ("--discovery-url", "https://op.example/.well-known/openid-configuration", "--client-id", "c"),
            "client secret",
        ),
    ],
)
def test_connections_that_cannot_be(terminal: Terminal, words: tuple[str, ...], text: str) -> None:
    done = terminal("connection", "create", "--organization", "org_test_idp", *words)
    assert (done.code, done.out) == (1, "")
    assert text in done.err


def test_without_a_database(terminal: Terminal, tmp_path: Path) -> None:
    terminal.folder = tmp_path / "empty"
    done = terminal("organization", "list")
    assert done.code == 1
    assert "There is no database at" in done.err and "latchstring dev" in done.err
