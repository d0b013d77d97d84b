"""Finds what a candidate names in an assertion: an attribute by its Name, or the subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from latchstring.model.profile import Assertion

_MAX_VALUES = 1000
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
SUBJECT: Mapping[str, str | None] = {  # candidate -> the format it insists on
    "@NameID": None,
    "@NameID:emailAddress": None,  # many send an address under another format, and other things under this one
    "@NameID:persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
}

SPLITS: Mapping[str, str] = {"[;]": ";", "[,]": ","}  # end of a candidate -> where the values of a list are taken apart


class Found(msgspec.Struct, frozen=True):
    """What a candidate named: the attribute's Name as received, and its values that are not blank."""

    source: str
    values: tuple[str, ...]


class Said(msgspec.Struct, frozen=True):
    """An assertion with the indexes in which its attributes are looked up."""

    assertion: Assertion
    by_lower_name: Mapping[str, str]
    by_friendly_name: Mapping[str, str]


def index(assertion: Assertion) -> Said:
    by_lower_name: dict[str, str] = {}
    for name in assertion.attributes:
        by_lower_name.setdefault(name.lower(), name)  # of two that differ in case alone, the one received first
    by_friendly_name: dict[str, str] = {}
    for friendly, name in assertion.friendly_names.items():
        by_friendly_name.setdefault(friendly.lower(), name)
    return Said(assertion, by_lower_name, by_friendly_name)


def find(said: Said, candidate: str) -> Found | None:
    """By the full Name, or else by the Name in another case, or else by the FriendlyName."""
    if candidate in SUBJECT:
        return _subject(said.assertion, candidate)
    lower = candidate.lower()
    attributes = said.assertion.attributes
    for name in (candidate, said.by_lower_name.get(lower), said.by_friendly_name.get(lower)):
        if name is None or name not in attributes:
            continue
        if told := tuple(value for value in attributes[name] if value and not value.isspace()):
            return Found(name, told)
    return None


def find_list(said: Said, candidate: str) -> Found | None:
    """The same where a list is meant: `groups[;]` is what `groups` holds, each value taken apart at its semicolons."""
    hit = find(said, candidate)
    mark = SPLITS.get(candidate[-3:])
    if hit is not None or mark is None:
        return hit
    whole = find(said, candidate[:-3])
    if whole is None:
        return None
    parts = [part.strip() for value in whole.values for part in value.split(mark)]
    told = tuple(dict.fromkeys(part for part in parts if part))[:_MAX_VALUES]
    return Found(whole.source, told) if told else None


def first(said: Said, candidates: Iterable[str]) -> Found | None:
    """What the first candidate that names something names."""
    return next((hit for candidate in candidates if (hit := find(said, candidate))), None)


def texts(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Raw attributes as texts by name; one inside another is named by its path: "address.street_address".

    A list stands for its members. A claim that has the dots in its own name comes before a path of the same spelling:
    of two, the less deep one is meant. null says nothing.
    """
    named: dict[str, tuple[str, ...]] = {}
    level: list[tuple[str, Any]] = list(raw.items())
    while level:
        found: dict[str, list[str]] = {}
        deeper: list[tuple[str, Any]] = []
        for name, value in level:
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict):
                    deeper += [(f"{name}.{inner}", within) for inner, within in item.items()]
                elif item is not None and not isinstance(item, list):
                    found.setdefault(name, []).append(_text(item))
        for name, texts in found.items():
            named.setdefault(name, tuple(texts[:_MAX_VALUES]))
        level = deeper
    return named


def _subject(assertion: Assertion, candidate: str) -> Found | None:
    subject, subject_format = assertion.subject, assertion.subject_format
    if subject_format == TRANSIENT or not subject or subject.isspace():
        return None
    if SUBJECT[candidate] not in (None, subject_format):
        return None
    if candidate == "@NameID:emailAddress" and subject_format is None:
        return None  # OpenID Connect: `email_verified` vouches for `email`, never for `sub`
    return Found("@NameID", (subject,))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
