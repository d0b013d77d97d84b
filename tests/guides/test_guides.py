"""The guides: every connection type of the contract has one, every file is readable, and a bad one says why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from latchstring import guides
from latchstring.protocols.attribute_names import GENERAL

FOLDER = Path(guides.__file__).parent

# The types of the contract in its order and spelling. Old SDKs fail on a value that they do not know: hence a literal.
# fmt: off
TYPES = [
    "Pending", "ADFSSAML", "AdpOidc", "AppleOAuth", "Auth0Migration", "Auth0SAML", "AzureSAML",
    "BitbucketOAuth", "CasSAML", "ClassLinkSAML", "CleverOIDC", "CloudflareSAML", "CyberArkSAML",
    "DiscordOAuth", "DuoSAML", "EntraIdOIDC", "GenericOIDC", "GenericSAML", "GitHubOAuth", "GitLabOAuth",
    "GoogleOAuth", "GoogleOIDC", "GoogleSAML", "GrokOAuth", "XOAuth", "IntuitOAuth", "JumpCloudSAML",
    "KeycloakSAML", "LastPassSAML", "LinkedInOAuth", "LoginGovOidc", "MagicLink", "MicrosoftOAuth",
    "MiniOrangeSAML", "NetIqSAML", "OktaOIDC", "OktaSAML", "OneLoginSAML", "OracleSAML", "PingFederateSAML",
    "PingOneSAML", "RipplingSAML", "SalesforceSAML", "ShibbolethGenericSAML", "ShibbolethSAML",
    "SimpleSamlPhpSAML", "SalesforceOAuth", "SlackOAuth", "TestIdp", "VercelMarketplaceOAuth", "VercelOAuth",
    "VMwareSAML", "XeroOAuth",
]
# fmt: on

GOOD = """+++
type = "OktaSAML"
name = "Okta SAML"
protocol = "saml"
category = "enterprise"
priority = 0
give = ["acs_url"]
want = ["idp_metadata_url"]
vendor_page = "https://help.okta.com/"
verified_on = 2026-11-25
verified_by = "documentation"

[attributes]
idp_id = ["id", "@NameID"]

[fields]
acs_url = { name = "Single sign-on URL" }
idp_metadata_url = { name = "Metadata URL" }

[sends]
"email" = "user.email"

[[steps]]
title = "All at once"
copy = ["acs_url"]
fetch = ["idp_metadata_url"]
sends = true

[[errors]]
says = "No"
fix = "Look."
+++
# Okta SAML
"""

SNIPPET = """
[[steps.snippets]]
title = "x"
language = "php"
text = "'{acs_url}'"
"""


def test_every_connection_type_of_the_contract_has_one_guide_and_no_other_exists() -> None:
    assert len(TYPES) == 53
    assert sorted(guides.types()) == sorted(TYPES)


def test_every_file_is_a_guide() -> None:
    assert len(list(FOLDER.glob("*.md"))) == len(guides.load())


@pytest.mark.parametrize("connection_type", TYPES)
def test_a_guide_is_complete(connection_type: str) -> None:
    guide = guides.load()[connection_type]
    assert guide.type == connection_type
    assert guide.body.startswith(f"# {guide.name}\n\n")
    assert len(set(guide.give)) == len(guide.give)
    assert len(set(guide.want)) == len(guide.want)
    for sources in guide.attributes.values():
        assert sources
        assert len(set(sources)) == len(sources)
    if connection_type != "Pending":  # it has no provider, so nothing to read
        assert {"idp_id", "email"} <= set(guide.attributes)


@pytest.mark.parametrize("connection_type", TYPES)
def test_a_guide_maps_only_what_a_profile_has(connection_type: str) -> None:
    assert set(guides.load()[connection_type].attributes) <= set(GENERAL)


def test_what_is_exchanged_fits_the_protocol() -> None:
    for guide in guides.load().values():
        match guide.protocol:
            case "saml":
                assert {"acs_url", "sp_metadata_url"} & set(guide.give), guide.type
                assert {"idp_metadata_url", "idp_metadata_xml", "idp_sso_url"} & set(guide.want), guide.type
            case "oidc" | "oauth":
                assert "redirect_uri" in guide.give, guide.type
                assert "client_id" in guide.want, guide.type
                assert guide.attributes["idp_id"][-1] == "@NameID", guide.type
            case "other":
                assert not guide.give + guide.want, guide.type


@pytest.mark.parametrize("connection_type", TYPES)
def test_a_guide_has_the_providers_words_for_what_is_exchanged_and_its_steps(connection_type: str) -> None:
    guide = guides.load()[connection_type]
    not_asked = {"client_secret"} if connection_type == "AppleOAuth" else set()  # it is made of the private key
    assert set(guide.fields) == {*guide.give, *guide.want} - not_asked
    assert bool(guide.steps) is (guide.protocol != "other")
    words = [term.name for term in guide.fields.values()] + list(guide.sends.values())
    words += [said for step in guide.steps for said in (step.title, step.text or "-")]
    assert all(words) and "WorkOS" not in " ".join(words)
    assert len({step.title for step in guide.steps}) == len(guide.steps)
    copied = [name for step in guide.steps for name in step.copy]
    assert len(copied) == len(set(copied)) and bool(copied) is bool(guide.give)
    assert [step.sends for step in guide.steps].count(True) == (1 if guide.sends else 0)
    assert all(step.text == "" or step.text[-1] in ".?!" for step in guide.steps)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("OktaSAML", "OktaSAML"),
        ("GithubOAuth", "GitHubOAuth"),  # the list filter of the contract
        ("oktasaml", "OktaSAML"),
        ("OKTASAML", "OktaSAML"),
        ("okta-saml", None),
        ("", None),
    ],
)
def test_a_guide_is_found_in_any_case(asked: str, found: str | None) -> None:
    guide = guides.guide(asked)
    assert (guide and guide.type) == found


def test_the_first_in_the_picker_come_first() -> None:
    priorities = [guide.priority for guide in guides.load().values()]
    assert priorities == sorted(priorities)


def test_no_file_is_read_before_somebody_asks() -> None:
    program = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from latchstring import guides
assert not [name for name in opened if name.endswith(".md")], opened
guides.load()
assert [name for name in opened if name.endswith(".md")]
guides.load()
assert len([name for name in opened if name.endswith(".md")]) == len(guides.types())
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "okta-saml.md").write_text(GOOD)
    assert guides.read(tmp_path)["OktaSAML"].body == "# Okta SAML\n"


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("okta-saml.md", "# Okta\n", "the front matter must stand at the top"),
        ("okta-saml.md", "\n" + GOOD, "the front matter must stand at the top"),
        ("okta-saml.md", "+++\ntype = 'OktaSAML'\n", "the front matter must stand at the top"),
        ("okta-saml.md", GOOD.replace('"saml"', "saml"), "Invalid value"),
        ("okta-saml.md", GOOD.replace("want =", "wants ="), "unknown field `wants`"),
        ("okta-saml.md", GOOD.replace("want =", "#want ="), "missing required field `want`"),
        ("okta-saml.md", GOOD.replace("want =", 'body = "x"\nwant ='), "the text stands behind the front matter"),
        ("okta-saml.md", GOOD.replace('"acs_url"', '"acs"'), "Invalid enum value 'acs' - at `$.give[0]`"),
        ("okta-saml.md", GOOD.replace('"idp_metadata_url"', '"x"'), "Invalid enum value 'x' - at `$.want[0]`"),
        ("okta-saml.md", GOOD.replace('"saml"', '"ws-fed"'), "`$.protocol`"),
        ("okta-saml.md", GOOD.replace('"enterprise"', '"big"'), "`$.category`"),
        ("okta-saml.md", GOOD.replace("idp_id =", "id ="), "`$.attributes`"),
        ("okta-saml.md", GOOD.replace('"@NameID"', '"@Name"'), "`$.attributes[...][1]`"),
        ("okta-saml.md", GOOD.replace('"@NameID"', '"@NameID:transient"'), "`$.attributes[...][1]`"),
        ("okta-saml.md", GOOD.replace('"@NameID"', '""'), "`$.attributes[...][1]`"),
        (
            "okta-saml.md",
            GOOD.replace("\n+++\n#", '\n[[steps]]\ntitle = "x"\ncopy = ["y"]\n+++\n#'),
            "a step copies what is not",
        ),
        ("okta-saml.md", GOOD.replace('copy = ["acs_url"]\n', ""), "no step copies acs_url"),
        ("okta-saml.md", GOOD.replace('fetch = ["idp_metadata_url"]\n', ""), "no step fetches idp_metadata_url"),
        ("okta-saml.md", GOOD.replace("sends = true\n", ""), "no step enters attributes"),
        ("okta-saml.md", GOOD.replace('fetch = ["', 'fetch = ["idp_cert", "'), "a step fetches what is not wanted"),
        ("okta-saml.md", GOOD.replace("acs_url = {", "relay_state = {"), "the provider has no word for"),
        ("okta-saml.md", GOOD.replace("verified_on =", "#"), "it needs vendor_page, verified_on and verified_by"),
        ("okta-saml.md", GOOD.replace("verified_by =", "#"), "it needs vendor_page, verified_on and verified_by"),
        ("okta-saml.md", GOOD.replace("vendor_page =", "#"), "it needs vendor_page, verified_on and verified_by"),
        ("okta-saml.md", GOOD.replace('"documentation"', '"hearsay"'), "Invalid enum value 'hearsay'"),
        ("okta-saml.md", GOOD.replace("2026-11-25", '"today"'), "`$.verified_on`"),
        ("okta-saml.md", GOOD.replace("https://help", "http://help"), "the vendor's page is an https address"),
        ("okta-saml.md", GOOD[: GOOD.index("[[errors]]")] + "+++\n# x\n", "it says nothing of errors"),
        (
            "okta-saml.md",
            GOOD.replace("\n[[errors]]", SNIPPET.replace("{acs_url}", "{sp_entity_id}") + "\n[[errors]]"),
            "the snippet 'x' holds what is not given",
        ),
        (
            "okta-saml.md",
            GOOD.replace("\n[[errors]]", '[steps.drawing]\nwindow = "x"\npage = "y"\nfields = []\n\n[[errors]]'),
            "the drawing of 'y': no field is marked",
        ),
        ("okta.md", GOOD, "the file is not named for its type OktaSAML"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(tmp_path: Path, file: str, text: str, fault: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(ValueError) as refused:
        guides.read(tmp_path)
    assert str(refused.value).startswith(f"{file}: ")
    assert fault in str(refused.value)


def test_a_type_has_one_guide(tmp_path: Path) -> None:
    (tmp_path / "okta-saml.md").write_text(GOOD)
    (tmp_path / "oktasaml.md").write_text(GOOD)
    with pytest.raises(ValueError, match=r"oktasaml\.md: the type OktaSAML has another guide already"):
        guides.read(tmp_path)
