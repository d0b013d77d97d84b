"""IT contacts of an organization: kept, and let go with the links that were sent to them (contract 4)."""

from __future__ import annotations

from collections.abc import Sequence

from latchstring.flows import portal_links
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.portal import PortalLink
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, InvalidRequest, NotFound
from latchstring.protocols import email_address
from latchstring.storage import it_contacts, organizations
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.it_contacts import ItContact

MOST = 100  # of one organization


class ItContactTaken(Conflict):
    """{email} is an IT contact of this organization already."""

    code = "it_contact_exists"
    fix = "Use the one that is there."
    email: str


class ItContactsFull(InvalidRequest):
    """An organization has at most {limit} IT contacts."""

    code = "it_contacts_full"
    fix = "Delete those that are not needed any more."
    limit: int


def listed(house: House, pass_: Pass, organization_id: str) -> Sequence[ItContact]:
    """By their addresses. Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        _must_be_there(scope, organization_id)
        return it_contacts.of_organization(scope, organization_id)


def create(house: House, pass_: Pass, organization_id: str, email: str) -> ItContact:
    """Nothing is mailed. Raises `NotFound`, `InvalidFields`, `ItContactTaken`, `ItContactsFull`."""
    address = email.strip()
    if not email_address.is_address(address):
        text = "email must be one plain address such as it@acme.example."
        raise InvalidFields(errors=(FieldError("email", "email_invalid", text),))
    with house.database.write(pass_) as scope:
        _must_be_there(scope, organization_id)
        if it_contacts.by_email(scope, organization_id, address) is not None:
            raise ItContactTaken(email=address)
        return add_within(house, scope, organization_id, address)


def add_within(house: House, scope: WritingScope, organization_id: str, email: str) -> ItContact:
    """The one of this address, new or not, inside a transaction that has seen the organization. Raises
    `ItContactsFull`."""
    known = it_contacts.by_email(scope, organization_id, email)
    if known is not None:
        return known
    if len(it_contacts.of_organization(scope, organization_id)) >= MOST:
        raise ItContactsFull(limit=MOST)
    now = house.now()
    contact = ItContact(
        id=house.id(ids.IT_CONTACT, now),
        organization_id=organization_id,
        email=email,
        created_at=now,
        updated_at=now,
    )
    it_contacts.add(scope, contact)
    return contact


def keep(house: House, pass_: Pass, organization_id: str, emails: Sequence[str]) -> None:
    """Those of them who are not there yet. Raises `NotFound`, `ItContactsFull`."""
    with house.database.write(pass_) as scope:
        _must_be_there(scope, organization_id)
        for email in emails:
            add_within(house, scope, organization_id, email)


def delete(house: House, pass_: Pass, organization_id: str, contact_id: str) -> None:
    """And takes back the set-up links that were sent to them. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        contact = _get(scope, organization_id, contact_id)
        portal_links.revoke_sent_to(house, scope, organization_id, contact.email)
        it_contacts.remove(scope, organization_id, contact_id)


def get(house: House, pass_: Pass, organization_id: str, contact_id: str) -> ItContact:
    """Raises `NotFound`."""
    with house.database.read(pass_) as scope:
        return _get(scope, organization_id, contact_id)


def language_of(house: House, pass_: Pass, organization_id: str, email: str) -> str | None:
    """In which they were in the portal last; None where nobody knows."""
    with house.database.read(pass_) as scope:
        contact = it_contacts.by_email(scope, organization_id, email)
    return contact.language if contact else None


def heard(house: House, pass_: Pass, link: PortalLink, language: str) -> None:
    """Whoever follows this link reads this language. Of a link that went to several it is not known who it is."""
    if len(link.recipients) == 1:
        with house.database.write(pass_) as scope:
            it_contacts.speaks(scope, link.organization_id, link.recipients[0], language)


def uninvite(house: House, pass_: Pass, organization_id: str, contact_id: str) -> None:
    """Takes back the set-up links that were sent to them, and ends their sessions. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        contact = _get(scope, organization_id, contact_id)
        portal_links.revoke_sent_to(house, scope, organization_id, contact.email)


def _get(scope: Scope, organization_id: str, contact_id: str) -> ItContact:
    _must_be_there(scope, organization_id)
    found = it_contacts.get(scope, organization_id, contact_id)
    if found is None:
        raise NotFound(kind="IT contact", id=contact_id[:100])
    return found


def _must_be_there(scope: Scope, organization_id: str) -> None:
    if organizations.get(scope, organization_id) is None:
        raise NotFound(kind="Organization", id=organization_id[:100])
