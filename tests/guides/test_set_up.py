"""The set-up in the guides: plain sentences, snippets that their languages can read, and pictures of the best known."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree

import pytest

from latchstring import guides
from latchstring.guides import Guide, remedies
from latchstring.guides.snippet import Snippet, filled, placeholders

DESCRIBED = [entry for entry in guides.load().values() if entry.protocol in ("saml", "oidc")]
DRAWN = {
    "ADFSSAML",
    "Auth0SAML",
    "AzureSAML",
    "EntraIdOIDC",
    "GoogleOIDC",
    "GoogleSAML",
    "JumpCloudSAML",
    "KeycloakSAML",
    "OktaOIDC",
    "OktaSAML",
    "OneLoginSAML",
    "PingOneSAML",
}
RUN = {"GenericOIDC", "SimpleSamlPhpSAML", "GenericSAML"}  # what tests/real signs in with
VALUES = {  # such as they may be at worst: entity IDs are up to whoever sets them
    "acs_url": "https://sso.example/saml/acs/1?a=1&b='\"",
    "sp_entity_id": 'https://sso.example/saml/it\'s<"me">&\\more',
    "sp_metadata_url": "https://sso.example/saml/metadata/1?a=1&b='\"",
}
NAMESPACES = (
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:c="http://www.springframework.org/schema/c" xmlns:p="http://www.springframework.org/schema/p"'
)

by_type = pytest.mark.parametrize("entry", DESCRIBED, ids=lambda entry: entry.type)


def snippets(language: str) -> Iterator[tuple[Guide, Snippet, str]]:
    for entry in DESCRIBED:
        for step in entry.steps:
            for one in step.snippets:
                if one.language == language:
                    text = filled(one, VALUES)
                    assert text is not None, (entry.type, one.title)
                    yield entry, one, text


def sentences(text: str) -> list[str]:
    """A quoted name and a piece of code count as one word."""
    return re.split(r"(?<=[.!?:;])\s+", re.sub(r"`[^`]*`|“[^”]*”", "X", text))


def test_there_are_33_of_them() -> None:
    assert len(DESCRIBED) == 33


@by_type
def test_a_guide_says_how_it_is_known(entry: Guide) -> None:
    assert entry.verified_on is not None and date(2026, 11, 1) <= entry.verified_on
    assert entry.quirks
    assert (entry.verified_by == "run") is (entry.type in RUN)


@by_type
def test_a_guide_has_sentences_of_less_than_twenty_words(entry: Guide) -> None:
    texts = [step.text for step in entry.steps] + list(entry.quirks) + [one.fix for one in entry.errors]
    texts += [place.note for place in entry.fixes.values()]
    for text in texts:
        assert not text or text[-1] in ".?!”", text
        assert [said for said in sentences(text) if len(said.split()) >= 20] == []


@by_type
def test_what_stands_in_a_guide_is_short_enough_to_be_found(entry: Guide) -> None:
    assert all(len(step.title) <= 60 for step in entry.steps)
    assert all(len(sentences(step.text)) <= 6 for step in entry.steps)
    assert len(entry.steps) <= 14


def test_the_best_known_have_pictures() -> None:
    assert {entry.type for entry in DESCRIBED if any(step.drawing for step in entry.steps)} == DRAWN


def test_snippets_of_xml_are_well_formed_and_hold_our_values() -> None:
    found = 0
    for _, one, text in snippets("xml"):
        root = ElementTree.fromstring(f"<all {NAMESPACES}>{text}</all>")  # noqa: S314 - our own text
        held = [value for element in root.iter() for value in element.attrib.values()]
        assert {VALUES[name] for name in placeholders(one)} <= set(held)
        found += 1
    assert found == 6


def test_snippets_of_json_can_be_read_and_hold_our_values() -> None:
    found = 0
    for _, one, text in snippets("json"):
        held = json.dumps(json.loads(text))
        assert all(json.dumps(VALUES[name]) in held for name in placeholders(one))
        found += 1
    assert found == 3


@pytest.mark.skipif(shutil.which("php") is None, reason="needs PHP")
def test_snippets_of_php_can_be_run_and_hold_our_values() -> None:
    found = 0
    for _, _, text in snippets("php"):
        ran = subprocess.run(
            ["php", "-r", f"{text}\necho json_encode($metadata);"], capture_output=True, check=True, text=True
        )
        entry = json.loads(ran.stdout)[VALUES["sp_entity_id"]]
        assert entry["AssertionConsumerService"][0]["Location"] == VALUES["acs_url"]
        found += 1
    assert found == 1


def test_snippets_of_powershell_have_our_values_as_literals() -> None:
    """There is no PowerShell here to ask: literals are found by its rules, and the rest has no quotes."""
    found = 0
    for entry, one, text in snippets("powershell"):
        rest = re.sub(r"@'\n.*?\n'@", "", text, flags=re.S)  # a here-string
        literals = [said.replace("''", "'") for said in re.findall(r"'((?:[^']|'')*)'", rest)]
        assert {VALUES[name] for name in placeholders(one)} <= set(literals), entry.type
        left = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "", rest)
        assert "'" not in left and '"' not in left
        assert left.count("{") == left.count("}") and left.count("(") == left.count(")")
        found += 1
    assert found == 2


def test_snippets_of_a_shell_are_shell() -> None:
    for _, _, text in snippets("shell"):
        subprocess.run(["/bin/sh", "-n", "-c", text], check=True)


def test_the_rules_of_ad_fs_are_the_same_in_the_script_and_alone() -> None:
    entry = guides.load()["ADFSSAML"]
    pieces = [one for step in entry.steps for one in step.snippets]
    script = next(
        one.text for one in pieces if one.language == "powershell" and "Add-AdfsRelyingPartyTrust" in one.text
    )
    rules = [one.text for one in pieces if one.language == "claims"]
    assert len(rules) == 3 and all(rule in script for rule in rules)
    for claim in entry.sends:
        if claim.endswith(("emailaddress", "givenname", "surname", "upn", "nameidentifier")):
            assert f'"{claim}"' in script


def test_the_rules_of_ad_fs_hold_no_value_of_ours() -> None:
    """A claim rule has no way to escape a quote."""
    assert [one.title for _, one, _ in snippets("claims") if placeholders(one)] == []


@by_type
def test_a_product_is_named_for_its_people(entry: Guide) -> None:
    assert remedies.product(entry.name)
