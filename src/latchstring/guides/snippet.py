"""Text that is pasted into a provider as a whole, with our values in it: a script, a file, claim rules.

A placeholder is the name of a value in braces, `{acs_url}`, and stands where the language has a literal: in single
quotes in PowerShell, a shell and PHP, in double quotes in JSON, anywhere in XML. Other braces are the language's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Literal

import msgspec

Language = Literal["claims", "json", "php", "powershell", "properties", "shell", "text", "xml"]

NAMES: Mapping[Language, str] = {
    "claims": "Claim rules",
    "json": "JSON",
    "php": "PHP",
    "powershell": "PowerShell",
    "properties": "Properties",
    "shell": "Shell",
    "text": "Text",
    "xml": "XML",
}
_PLACEHOLDER = re.compile(r"\{(acs_url|acs_url_regex|logout_redirect_uri|redirect_uri|sp_entity_id|sp_metadata_url)\}")
_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")  # PowerShell ends a literal at each of them

_ESCAPES: Mapping[Language, Callable[[str], str]] = {
    "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "php": lambda value: value.replace("\\", "\\\\").replace("'", "\\'"),
    "powershell": lambda value: _QUOTES.sub(r"\1\1", value),
    "shell": lambda value: value.replace("'", "'\\''"),
    "text": lambda value: value,
    "xml": escape,
}


class Snippet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of text in a language, and what it is called: a file, or what it does."""

    title: str
    language: Language
    text: str


def placeholders(snippet: Snippet) -> set[str]:
    """The names of the values that stand in it."""
    return set(_PLACEHOLDER.findall(snippet.text))


def filled(snippet: Snippet, values: Mapping[str, str]) -> str | None:
    """With our values, each escaped as the language wants it; None where one of them is not there."""
    wanted = placeholders(snippet)
    if not wanted <= set(values):
        return None
    if not wanted:
        return snippet.text
    escaped = {name: _ESCAPES[snippet.language](values[name]) for name in wanted}
    return _PLACEHOLDER.sub(lambda found: escaped[found[1]], snippet.text)
