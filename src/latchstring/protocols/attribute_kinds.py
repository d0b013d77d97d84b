"""What a value looks like, and what the name of an attribute hints at: guesses, with which nothing is decided alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from latchstring.protocols.attribute_names import GENERAL
from latchstring.protocols.email_address import is_address

Kind = Literal["email", "guest", "guid", "url", "number", "boolean", "json", "transient", "text"]

_GUID = re.compile(r"\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_JOINED = re.compile(r"[^\s;,][;,][^\s;,]")  # "a;b", with no blank around: who writes a sentence puts one there

_HINTS: Mapping[str, tuple[str, ...]] = {
    "email": ("mail", "upn", "userprincipalname"),
    "first_name": ("firstname", "givenname", "forename", "vorname", "prenom", "fname", "nombre"),
    "last_name": ("lastname", "surname", "familyname", "nachname", "lname", "apellido"),
    "name": ("displayname", "fullname", "commonname"),
    "groups": ("group", "role", "memberof", "team", "entitlement", "gruppe"),
    "idp_id": ("objectid", "objectguid", "immutableid", "uuid", "guid", "userid", "subjectid", "uniqueid"),
}
_WHOLE: Mapping[str, frozenset[str]] = {"last_name": frozenset({"sn"}), "name": frozenset({"cn", "name"})}
# Of somebody else, or of many: never a source for who this person is.
_FOREIGN = (
    *("manager", "supervisor", "assistant", "secretary", "sponsor", "owner", "support", "helpdesk", "admin"),
    *("tenant", "organization", "organisation", "company", "client", "session", "identityprovider", "authn"),
)


def kind(value: str) -> Kind:
    """`number` and `boolean` are of the JSON that texts were made of, or of texts that look like it."""
    text = value.strip()
    if is_address(text):
        return "email"
    if "#ext#" in text.lower() and "@" in text:
        return "guest"
    if is_guid(text):
        return "guid"
    if text.lower() in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", text):
        return "number"
    if re.match(r"https?://", text, re.IGNORECASE):
        return "url"
    return "json" if text[:1] + text[-1:] in ("{}", "[]") else "text"


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text.strip()) is not None


def is_guid_address(text: str) -> bool:
    """A GUID where an address should be, with or without a domain behind it."""
    return is_guid(text.strip().partition("@")[0])


def is_like_a_name(text: str) -> bool:
    return "@" not in text and len(text) <= 100 and kind(text) == "text" and any(letter.isalpha() for letter in text)


def is_joined(values: tuple[str, ...]) -> bool:
    """One text that holds several groups; a distinguished name has commas of its own."""
    return len(values) == 1 and "=" not in values[0] and _JOINED.search(values[0]) is not None


def hints_at(field: str, name: str, friendly_name: str | None) -> bool:
    """Whether the name of an attribute, or its FriendlyName, says that it is this field of a profile."""
    for each in (name, friendly_name or ""):
        word = _word(each)
        if any(hint in word for hint in _HINTS[field]) or word in _WHOLE.get(field, ()):
            return True
    return name in GENERAL[field] and not name.startswith("@")


def is_foreign(name: str, friendly_name: str | None) -> bool:
    """Whether it tells about somebody else than the person, such as their manager."""
    return any(part in _word(each) for each in (name, friendly_name or "") for part in _FOREIGN)


def _word(name: str) -> str:
    """The last part of a URI or path, letters alone."""
    return re.sub("[^a-z]", "", re.split("[/:]", name.lower())[-1])
