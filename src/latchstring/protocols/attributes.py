"""What an identity provider said becomes the fields of a profile: which source feeds which field, and what is refused.

For each field the candidates are tried in order and the first that holds a value wins: the connection's own mapping,
then its type's defaults (the guide), then `GENERAL`. A candidate names an attribute by its full Name, or else by its
Name in another case, or else by its FriendlyName; `@NameID` is the subject, unless its format is transient.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from encodings.idna import ToASCII, ToUnicode
from itertools import chain
from typing import Any
from unicodedata import category
from unicodedata import normalize as unicode_form

import msgspec

from latchstring.model.connection import AttributeMaps
from latchstring.model.profile import Assertion
from latchstring.model.refusal import AssertionRefused

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

GENERAL: Mapping[str, tuple[str, ...]] = {
    "idp_id": (
        "id",
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
        "urn:oasis:names:tc:SAML:attribute:subject-id",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.13",  # eduPersonUniqueId
        "urn:oasis:names:tc:SAML:attribute:pairwise-id",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",  # eduPersonTargetedID
        _CLAIMS + "nameidentifier",
        "uid",
        "urn:oid:0.9.2342.19200300.100.1.1",  # uid
        "@NameID",
    ),
    "email": (
        "email",
        "mail",
        "emailAddress",
        _CLAIMS + "emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",  # mail
        "urn:oid:1.2.840.113549.1.9.1",  # emailAddress of PKCS 9
        _CLAIMS + "name",
        _CLAIMS + "upn",
        "@NameID:emailAddress",
    ),
    "first_name": (
        "firstName",
        "first_name",
        "givenName",
        "given_name",
        _CLAIMS + "givenname",
        "urn:oid:2.5.4.42",  # givenName
    ),
    "last_name": (
        "lastName",
        "last_name",
        "sn",
        "surname",
        "familyName",
        "family_name",
        _CLAIMS + "surname",
        "urn:oid:2.5.4.4",  # sn
    ),
    "name": (
        "displayName",
        "http://schemas.microsoft.com/identity/claims/displayname",
        "urn:oid:2.16.840.1.113730.3.1.241",  # displayName
        "cn",
        "urn:oid:2.5.4.3",  # cn
        "name",
    ),
    "groups": (
        "groups",
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "memberOf",
        "isMemberOf",
        "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",  # isMemberOf
        "member",
        "Role",
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        "roles",
    ),
}
"""The candidates of every connection, whatever its type, in order of trust; of spellings that differ in case, one."""

# A user principal name has the shape of an address and is often one; the rest of the time it is no reason to refuse.
_PERHAPS_EMAIL = frozenset({_CLAIMS + "name", _CLAIMS + "upn", "upn", "preferred_username", "@NameID"})

_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_SUBJECT = {  # candidate -> the format it insists on
    "@NameID": None,
    "@NameID:emailAddress": None,  # many send an address under another format, and other things under this one
    "@NameID:persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
}

IDENTIFIER_LIMIT = 256  # core 8.3.7 gives a persistent NameID so many characters; OpenID Connect gives `sub` 255

_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Normalized(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a profile, and where each came from."""

    idp_id: str
    email: str
    emails: tuple[str, ...]  # all values of the winning source, `email` first: the domain rule asks about each
    first_name: str | None
    last_name: str | None
    name: str | None
    groups: tuple[str, ...]
    custom_attributes: Mapping[str, Any]  # None: mapped, but not sent
    raw_attributes: Mapping[str, Any]
    sources: Mapping[str, str]  # field -> Name of the attribute that fed it, as received; for the trace


class AttributesMissing(AssertionRefused):
    """The identity provider did not send what a profile cannot be without: {missing}."""

    code = "attributes_missing"
    fix = (
        "Send them as attributes, or change the connection's attribute mapping to names that are sent: "
        "`received` lists those that arrived."
    )
    missing: tuple[str, ...]
    received: tuple[str, ...]


class EmailInvalid(AssertionRefused):
    """The identity provider sent '{received}' ({source}), which is not one plain e-mail address.

    `reason` is one of: `at_sign` (none, or more than one), `guest` (the user principal name of an Entra ID guest),
    `local_part` and `domain` (before and behind the @), `length`.
    """

    code = "email_invalid"
    fix = (
        "Map the e-mail to an attribute that holds one address as name@domain, without display name, quotes, comments "
        "or a list; for guests of Entra ID that is user.mail."
    )
    received: str
    source: str
    reason: str


class IdentifierUnstable(AssertionRefused):
    """The identity provider names people differently at each sign-in: its only identifier is a transient NameID."""

    code = "identifier_unstable"
    fix = (
        "Release an identifier that stays the same: a persistent NameID, or an attribute such as `id`, subject-id or "
        "objectidentifier. `received` lists the attributes that arrived."
    )
    received: tuple[str, ...]


class IdentifierTooLong(AssertionRefused):
    """The identifier that the identity provider sent ({source}) has {length} characters; {limit} are allowed."""

    code = "identifier_too_long"
    fix = "Map the identifier to a shorter attribute, such as an employee number or an object id."
    source: str
    length: int
    limit: int = IDENTIFIER_LIMIT


class IdentifierAmbiguous(AssertionRefused):
    """The identity provider sent {count} different identifiers ({source}) for one person."""

    code = "identifier_ambiguous"
    fix = "Map the identifier to an attribute with one value; the order of several is not a promise of any directory."
    source: str
    count: int


class IdentifierMalformed(AssertionRefused):
    """The identifier that the identity provider sent ({source}) contains control characters."""

    code = "identifier_malformed"
    fix = "Map the identifier to an attribute whose value is plain text."
    source: str


class _Found(msgspec.Struct, frozen=True):
    """The candidate that won: the attribute's Name as received, and its values that are not blank."""

    source: str
    values: tuple[str, ...]


class _Said(msgspec.Struct, frozen=True):
    """An assertion with the indexes in which its attributes are looked up."""

    assertion: Assertion
    by_lower_name: Mapping[str, str]
    by_friendly_name: Mapping[str, str]


def normalize(assertion: Assertion, *, maps: AttributeMaps, defaults: Mapping[str, tuple[str, ...]]) -> Normalized:
    """The profile fields of an assertion; `defaults` are those of the connection's type (`Guide.attributes`).

    Raises `AttributesMissing`, `EmailInvalid` and the `Identifier...` refusals. First and last name may be lacking.
    """
    said = _index(assertion)
    found = {field: _first(said, field, maps, defaults) for field in GENERAL}
    identifier, email = found["idp_id"], found["email"]
    if identifier is None or email is None:
        raise _lacking(assertion, identifier, email)
    emails = tuple(email_address(value, email.source) for value in email.values)
    first_name, last_name, name = (_one(found[field]) for field in ("first_name", "last_name", "name"))
    sources = {field: hit.source for field, hit in found.items() if hit}
    if name is None and (first_name or last_name):
        name = " ".join(filter(None, (first_name, last_name)))
        sources["name"] = "first_name + last_name"
    groups = found["groups"]
    return Normalized(
        idp_id=_identifier(identifier),
        email=emails[0],
        emails=emails,
        first_name=first_name,
        last_name=last_name,
        name=name,
        groups=groups.values if groups else (),
        custom_attributes={field: _custom(said, candidates) for field, candidates in maps.custom.items()},
        raw_attributes=assertion.raw,
        sources=sources,
    )


def _index(assertion: Assertion) -> _Said:
    by_lower_name: dict[str, str] = {}
    for name in assertion.attributes:
        by_lower_name.setdefault(name.lower(), name)  # of two that differ in case alone, the one received first
    by_friendly_name: dict[str, str] = {}
    for friendly, name in assertion.friendly_names.items():
        by_friendly_name.setdefault(friendly.lower(), name)
    return _Said(assertion, by_lower_name, by_friendly_name)


def _find(said: _Said, candidate: str) -> _Found | None:
    if candidate in _SUBJECT:
        return _subject(said.assertion, candidate)
    lower = candidate.lower()
    for name in (candidate, said.by_lower_name.get(lower, ""), said.by_friendly_name.get(lower, "")):
        values = said.assertion.attributes.get(name, ())
        if told := tuple(value for value in values if value and not value.isspace()):
            return _Found(name, told)
    return None


def _subject(assertion: Assertion, candidate: str) -> _Found | None:
    subject, subject_format = assertion.subject, assertion.subject_format
    if subject_format == _TRANSIENT or not subject or subject.isspace():
        return None
    if _SUBJECT[candidate] not in (None, subject_format):
        return None
    if candidate == "@NameID:emailAddress" and subject_format is None:
        return None  # OpenID Connect: `email_verified` vouches for `email`, never for `sub`
    return _Found("@NameID", (subject,))


def _first(said: _Said, field: str, maps: AttributeMaps, defaults: Mapping[str, tuple[str, ...]]) -> _Found | None:
    for candidate in maps.standard.get(field, ()):
        if hit := _find(said, candidate):
            return hit  # what somebody chose is taken at its word: a bad value is refused, not passed over
    for candidate in chain(defaults.get(field, ()), GENERAL[field]):
        hit = _find(said, candidate)
        if hit and not (field == "email" and _only_looks_like_email(candidate, hit)):
            return hit
    return None


def _only_looks_like_email(candidate: str, hit: _Found) -> bool:
    if candidate not in _PERHAPS_EMAIL and hit.source not in _PERHAPS_EMAIL:
        return False
    return any(_fault(_trimmed(value)) for value in hit.values)


def _lacking(assertion: Assertion, identifier: _Found | None, email: _Found | None) -> AssertionRefused:
    received = tuple(assertion.attributes)
    if email and assertion.subject_format == _TRANSIENT:
        return IdentifierUnstable(received=received)
    lacking = {"idp_id": identifier, "email": email}
    return AttributesMissing(missing=tuple(field for field, hit in lacking.items() if not hit), received=received)


def _identifier(found: _Found) -> str:
    # Kept to the last space: were "ann" and "ann " one person here, whoever may choose a user name could be Ann.
    identifier = found.values[0]
    if len(set(found.values)) > 1:
        raise IdentifierAmbiguous(source=found.source, count=len(set(found.values)))
    if len(identifier) > IDENTIFIER_LIMIT:
        raise IdentifierTooLong(source=found.source, length=len(identifier))
    if _UNSTORABLE.search(identifier):
        raise IdentifierMalformed(source=found.source)
    return identifier


def _one(found: _Found | None) -> str | None:
    return found.values[0].strip() if found else None


def _custom(said: _Said, candidates: tuple[str, ...]) -> str | list[str] | None:
    for candidate in candidates:
        if hit := _find(said, candidate):
            return hit.values[0] if len(hit.values) == 1 else list(hit.values)
    return None


_ATEXT = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
)  # RFC 5322, 3.2.3
_LDH_LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def email_address(text: str, source: str = "email") -> str:
    """The one address that `text` is, without the blanks around it and otherwise as sent. Raises `EmailInvalid`.

    The whole of `text` must be a dot-atom, an @, and a domain name (RFC 5322 addr-spec without quotes, comments and
    literals; RFC 6531 letters). No lenient reading is tried, because two readers of `a@x, b@y` see two people.
    """
    address = _trimmed(text)
    if reason := _fault(address):
        raise EmailInvalid(received=address[:254], source=source, reason=reason)
    return address


def email_domain(email: str) -> str:
    """The domain of an address, as `Organization.admits` compares it: lower case, punycode. Raises `EmailInvalid`."""
    return domain_name(email_address(email).partition("@")[2])


def domain_name(text: str) -> str:
    """A host name of at least two labels in lower case and punycode. Raises `ValueError`.

    The standard library speaks IDNA 2003, which maps some letters that IDNA 2008 keeps: `straße.de` becomes
    `strasse.de`, which may be somebody else's. So a label is taken only if it survives the way there and back. What is
    left means the same under both standards; what they dispute is refused, not guessed, and needs no further package.
    """
    if len(text) > 253:
        raise ValueError("a domain name has at most 253 characters")
    labels = [_label(label) for label in text.split(".")]
    name = ".".join(labels)
    if len(labels) < 2 or labels[-1].isdigit() or len(name) > 253:
        raise ValueError("not a domain name of at least two labels")
    return name


def _label(text: str) -> str:
    label = text.lower()
    if not text.isascii():
        if not all(_is_letter(c) or c == "-" for c in label):
            raise ValueError("a character that no domain name has")
        encoded = ToASCII(label)
        if label.isascii() or ToUnicode(encoded) != label:  # the Kelvin sign is a k in lower case
            raise ValueError("a spelling that the standards of international domain names read differently")
        label = encoded.decode("ascii")
    if not _LDH_LABEL.fullmatch(label):
        raise ValueError("labels are letters, digits and inner hyphens, 63 at most")
    return label


def _is_letter(character: str) -> bool:
    return category(character)[0] in "LMN"


def _trimmed(text: str) -> str:
    return text.strip(" \t\r\n")  # what a pretty-printer may add; a no-break space is the sender's mistake


def _fault(address: str) -> str | None:
    local, at, domain = address.partition("@")
    if not at or "@" in domain:
        return "at_sign"
    if len(address) > 254:
        return "length"
    if "#ext#" in local.lower():
        return "guest"
    if not all(map(_is_atom, local.split("."))) or unicode_form("NFKC", local) != local:
        return "local_part"
    if len(local.encode()) > 64 or len(address.encode(errors="replace")) > 254:
        return "length"
    try:
        domain_name(domain)
    except ValueError:
        return "domain"
    return None


def _is_atom(text: str) -> bool:
    return bool(text) and all(c in _ATEXT or (c > "\x7f" and _is_letter(c)) for c in text)
