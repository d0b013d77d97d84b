"""Rows of the people of an organization's IT to whom links into the Admin Portal are sent."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, to_ms

_COLUMNS = "id, organization_id, email, created_at, updated_at, language"
_INSERT = insert("it_contacts", f"{_COLUMNS}, email_key")
_OF = select(_COLUMNS, "it_contacts", "organization_id = :organization_id", tail="ORDER BY email_key")
_GET = select(_COLUMNS, "it_contacts", "id = :id AND organization_id = :organization_id")
_BY_EMAIL = select(_COLUMNS, "it_contacts", "organization_id = :organization_id AND email_key = :email_key")
_SPEAKS = update(
    "it_contacts",
    "language = :language",
    "organization_id = :organization_id AND email_key = :email_key AND (language IS NULL OR language <> :language)",
)
_REMOVE = delete("it_contacts", "id = :id AND organization_id = :organization_id")


class ItContact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of an organization's IT."""

    id: str
    organization_id: str
    email: str
    created_at: datetime
    updated_at: datetime
    language: str | None = None  # in which they were in the portal last; None: nobody knows


def add(scope: WritingScope, contact: ItContact) -> None:
    """Raises `AlreadyThere`, `OwnerGone`."""
    scope.change(
        _INSERT,
        id=contact.id,
        organization_id=contact.organization_id,
        email=contact.email,
        created_at=to_ms(contact.created_at),
        updated_at=to_ms(contact.updated_at),
        language=contact.language,
        email_key=contact.email.lower(),
    )


def of_organization(scope: Scope, organization_id: str) -> list[ItContact]:
    """By their addresses."""
    return [_contact(row) for row in scope.all(_OF, organization_id=organization_id)]


def get(scope: Scope, organization_id: str, contact_id: str) -> ItContact | None:
    row = scope.one(_GET, id=contact_id, organization_id=organization_id)
    return _contact(row) if row else None


def by_email(scope: Scope, organization_id: str, email: str) -> ItContact | None:
    row = scope.one(_BY_EMAIL, organization_id=organization_id, email_key=email.lower())
    return _contact(row) if row else None


def speaks(scope: WritingScope, organization_id: str, email: str, language: str) -> None:
    """Keeps the language of whoever has this address; nothing happens if nobody has, or it is known."""
    scope.change(_SPEAKS, organization_id=organization_id, email_key=email.lower(), language=language)


def remove(scope: WritingScope, organization_id: str, contact_id: str) -> bool:
    return scope.change(_REMOVE, id=contact_id, organization_id=organization_id) == 1


def _contact(row: Row) -> ItContact:
    id_, organization_id, email, created, updated, language = row
    return ItContact(
        id=id_,
        organization_id=organization_id,
        email=email,
        created_at=from_ms(created),
        updated_at=from_ms(updated),
        language=language,
    )
