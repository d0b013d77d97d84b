"""Text to be pasted: our values stand in it as the language wants them, whatever they are."""

from __future__ import annotations

import json
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from latchstring.guides.snippet import Language, Snippet, filled, placeholders

NASTY = "https://sso.example/a?b=1&c='\"\\<x>$(id)`id`\u2019;#{acs_url}"


def put(language: Language, text: str) -> str:
    said = filled(Snippet("x", language, text), {"acs_url": NASTY})
    assert said is not None
    return said


def test_json_keeps_a_value_as_it_is() -> None:
    assert json.loads(put("json", '{"a": "{acs_url}", "b": {}}')) == {"a": NASTY, "b": {}}


def test_xml_keeps_a_value_as_it_is() -> None:
    found = ElementTree.fromstring(put("xml", '<a b="{acs_url}">{acs_url}</a>'))  # noqa: S314 - our own text
    assert (found.get("b"), found.text) == (NASTY, NASTY)


def test_a_shell_keeps_a_value_as_it_is() -> None:
    ran = subprocess.run(["/bin/sh", "-c", put("shell", "printf %s '{acs_url}'")], capture_output=True, check=True)
    assert ran.stdout.decode() == NASTY


@pytest.mark.skipif(shutil.which("php") is None, reason="needs PHP")
def test_php_keeps_a_value_as_it_is() -> None:
    ran = subprocess.run(["php", "-r", put("php", "echo '{acs_url}';")], capture_output=True, check=True)
    assert ran.stdout.decode() == NASTY


def test_powershell_ends_a_literal_at_no_quote_of_ours() -> None:
    assert put("powershell", "$a = '{acs_url}'") == "$a = '" + NASTY.replace("'", "''").replace("’", "’’") + "'"


def test_other_braces_are_the_languages_own() -> None:
    snippet = Snippet("x", "powershell", "if ($a) { Get-It '{sp_entity_id}' } else {acs}")
    assert placeholders(snippet) == {"sp_entity_id"}
    assert filled(snippet, {"sp_entity_id": "u"}) == "if ($a) { Get-It 'u' } else {acs}"


def test_without_a_value_there_is_nothing_to_paste() -> None:
    assert filled(Snippet("x", "php", "'{acs_url}' '{sp_entity_id}'"), {"acs_url": "u"}) is None
    assert filled(Snippet("x", "claims", "=> issue(claim = c);"), {}) == "=> issue(claim = c);"
