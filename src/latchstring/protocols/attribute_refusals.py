"""Why what an identity provider said about a person makes no profile."""

from __future__ import annotations

import re

from latchstring.model.refusal import AssertionRefused

IDENTIFIER_LIMIT = 256  # core 8.3.7 gives a persistent NameID so many characters; OpenID Connect gives `sub` 255
UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # in no identifier: control characters, half characters


class AttributesMissing(AssertionRefused):
    """The identity provider did not send what a profile cannot be without: {missing}."""

    code = "attributes_missing"
    fix = (
        "Send them as attributes, or change the connection's attribute mapping to names that are sent: "
        "`received` lists those that arrived. Beyond `idp_id` and email, the connection's `required_attributes` says "
        "what must be there."
    )
    missing: tuple[str, ...]
    received: tuple[str, ...]


class IdentifierSourceMissing(AssertionRefused):
    """The identity provider did not send '{source}', by which this connection knows its people."""

    code = "identifier_source_missing"
    fix = (
        "Send it again: another identifier would make everybody a new person. If it is gone for good, map `idp_id` to "
        "another attribute with `confirm_identifier_change` (docs/attributes.md, The identifier): that first says who "
        "would lose their profile. `received` lists what arrived."
    )
    source: str
    received: tuple[str, ...]


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
