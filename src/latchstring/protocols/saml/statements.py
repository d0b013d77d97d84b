"""The parts of a saml:Assertion as values: subject, confirmations, conditions, attributes (core 2.4 to 2.7).

Nothing is decided here but form; whether the parts fit is for the checks in `response.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from latchstring.model.session import NameId, SamlSession
from latchstring.protocols.saml import names, refusals, xml

MAX_NAME_ID = 256  # characters (core 8.3.7)
MAX_VALUES = 1_000
MAX_VALUES_SIZE = 262_144  # characters
KNOWN_CONDITIONS = frozenset({names.AUDIENCE_RESTRICTION, names.ONE_TIME_USE, names.PROXY_RESTRICTION})


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A SubjectConfirmation. `bearer` is by its method."""

    method: str
    recipient: str | None
    not_before: str | None
    not_on_or_after: str | None
    in_response_to: str | None

    @property
    def bearer(self) -> bool:
        return self.method == names.BEARER


@dataclass(frozen=True, slots=True)
class Parts:
    """An assertion taken apart on the child axis."""

    assertion: etree._Element
    name: NameId | None
    name_id: str | None
    name_id_format: str  # "unspecified" if the sender does not say (core 2.2.2)
    confirmations: tuple[Confirmation, ...]
    conditions: etree._Element | None
    authentications: tuple[etree._Element, ...]
    attribute_statements: tuple[etree._Element, ...]

    def audiences(self) -> list[list[str]]:
        """For each AudienceRestriction its audiences; blanks around a URI do not count (xs:anyURI)."""
        if self.conditions is None:
            return []
        return [
            [xml.text(audience).strip() for audience in restriction.findall(names.AUDIENCE)]
            for restriction in self.conditions.findall(names.AUDIENCE_RESTRICTION)
        ]


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the AttributeStatements say, values by Name in the order sent; the same Name twice is one list (SAML-40)."""

    values: Mapping[str, tuple[str, ...]]
    friendly_names: Mapping[str, str]  # FriendlyName -> Name, the first one to use it
    raw: Mapping[str, Any]


def take_apart(assertion: etree._Element) -> Parts:
    """Raises `EncryptedElementUnsupported` or `AssertionMalformed`."""
    subject = conditions = None
    authentications: list[etree._Element] = []
    attribute_statements: list[etree._Element] = []
    for part in xml.children(assertion):
        if part.tag == names.SUBJECT:
            subject = part
        elif part.tag == names.CONDITIONS:
            conditions = part
        elif part.tag == names.AUTHN_STATEMENT:
            authentications.append(part)
        elif part.tag == names.ATTRIBUTE_STATEMENT:
            attribute_statements.append(part)
    name = None if subject is None else _name_id(subject)
    confirmations = () if subject is None else subject.findall(names.SUBJECT_CONFIRMATION)
    return Parts(
        assertion=assertion,
        name=None if name is None else name_id(name),
        name_id=None if name is None else xml.text(name),
        name_id_format=(None if name is None else name.get("Format")) or names.FORMAT_UNSPECIFIED,
        confirmations=tuple(_confirmation(one) for one in confirmations),
        conditions=conditions,
        authentications=tuple(authentications),
        attribute_statements=tuple(attribute_statements),
    )


def name_id(element: etree._Element) -> NameId:
    """A NameID with what qualifies it (core 2.2.2), as sent."""
    return NameId(
        value=xml.text(element),
        format=element.get("Format"),
        name_qualifier=element.get("NameQualifier"),
        sp_name_qualifier=element.get("SPNameQualifier"),
    )


def session(parts: Parts) -> SamlSession | None:
    """What a logout will name (core 3.7.1). Raises `TimeInvalid`."""
    if parts.name is None:
        return None
    ends = [xml.instant(end) for one in parts.authentications if (end := one.get("SessionNotOnOrAfter")) is not None]
    return SamlSession(
        name_id=parts.name,
        indexes=tuple(index for one in parts.authentications if (index := one.get("SessionIndex"))),
        ends_at=min(ends, default=None),
    )


def attributes(parts: Parts) -> Attributes:
    """Raises `EncryptedElementUnsupported`, `AssertionMalformed` or `DocumentTooLarge`."""
    sent: dict[str, list[str | None]] = {}
    friendly_names: dict[str, str] = {}
    size = count = 0
    for statement in parts.attribute_statements:
        for attribute in xml.children(statement):
            if attribute.tag == names.ENCRYPTED_ATTRIBUTE:
                raise refusals.EncryptedElementUnsupported(element="EncryptedAttribute")
            name = attribute.get("Name")
            if attribute.tag != names.ATTRIBUTE or not name:
                raise refusals.AssertionMalformed(element="AttributeStatement", reason="an Attribute without a Name")
            friendly = attribute.get("FriendlyName")
            if friendly:
                friendly_names.setdefault(friendly, name)
            values = sent.setdefault(name, [])
            for value in attribute.findall(names.ATTRIBUTE_VALUE):
                text = _value(value)
                size += len(text or "")
                count += 1
                if count > MAX_VALUES or size > MAX_VALUES_SIZE:
                    raise refusals.DocumentTooLarge(limit="attribute_values", most=MAX_VALUES)
                values.append(text)
    return Attributes(
        values={name: tuple(value for value in values if value is not None) for name, values in sent.items()},
        friendly_names=friendly_names,
        raw={name: values[0] if len(values) == 1 else values for name, values in sent.items()},
    )


def _value(value: etree._Element) -> str | None:
    """Its text, with that of elements inside (eduPersonTargetedID holds a NameID); None for xsi:nil."""
    if value.get(names.XSI_NIL) in ("true", "1"):
        return None
    return xml.full_text(value)


def _name_id(subject: etree._Element) -> etree._Element | None:
    found: etree._Element | None = None
    for part in xml.children(subject):
        if part.tag == names.ENCRYPTED_ID:
            raise refusals.EncryptedElementUnsupported(element="EncryptedID")
        if part.tag == names.NAME_ID:
            if found is not None:
                raise refusals.AssertionMalformed(element="Subject", reason="two NameIDs")
            found = part
        elif part.tag != names.SUBJECT_CONFIRMATION:
            raise refusals.AssertionMalformed(element="Subject", reason="a part that may not stand there")
    return found


def _confirmation(confirmation: etree._Element) -> Confirmation:
    """Core 2.4.1.1. Without data there is nothing to hold anybody to, so it counts for nothing later."""
    data = confirmation.findall(names.SUBJECT_CONFIRMATION_DATA)
    if len(data) > 1:
        raise refusals.AssertionMalformed(element="SubjectConfirmation", reason="two SubjectConfirmationData")
    said: dict[str, str] = {str(name): str(value) for name, value in data[0].items()} if data else {}
    return Confirmation(
        method=confirmation.get("Method", ""),
        recipient=said.get("Recipient"),
        not_before=said.get("NotBefore"),
        not_on_or_after=said.get("NotOnOrAfter"),
        in_response_to=said.get("InResponseTo"),
    )
