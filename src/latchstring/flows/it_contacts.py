"""IT contacts of an organization: kept, invited by mail with a set-up link, and uninvited (contract 4)."""

from __future__ import annotations

from collections.abc import Sequence

from latchstring.flows import portal_invitations, portal_links
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.portal import Intent
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, InvalidRequest, NotFound
from latchstring.protocols import email_address
from latchstring.storage import it_contacts, organizations
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.it_contacts import ItContact

MOST = 100  # of one organization
_NOT_YET = ("directory_sync", "log_streams", "bring_your_own_key")  # what an invitation may name, and is not there


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


class InvitationNotOffered(InvalidRequest):
    """An IT contact cannot be invited to {intents} yet."""

    code = "it_contact_invitation_not_offered"
    fix = "Invite them to `sso`, which has domains in it as well, or to `domain_verification` alone."
    intents: tuple[str, ...]


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


def delete(house: House, pass_: Pass, organization_id: str, contact_id: str) -> None:
    """And takes back the set-up links that were sent to them. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        contact = _get(scope, organization_id, contact_id)
        portal_links.revoke_sent_to(house, scope, organization_id, contact.email)
        it_contacts.remove(scope, organization_id, contact_id)


def invite(house: House, pass_: Pass, organization_id: str, contact_id: str, intents: Sequence[str]) -> None:
    """Mails a set-up link. An organization has one open invitation at a time.

    Raises `NotFound`, `InvalidFields`, `InvitationNotOffered`, `PortalLinkActive`, and what the mail server brings
    about.
    """
    intent = _intent(intents)
    with house.database.read(pass_) as scope:
        contact = _get(scope, organization_id, contact_id)
    portal_invitations.invite(house, pass_, organization_id, intent, contact.email)


def uninvite(house: House, pass_: Pass, organization_id: str, contact_id: str) -> None:
    """Takes back the set-up links that were sent to them, and ends their sessions. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        contact = _get(scope, organization_id, contact_id)
        portal_links.revoke_sent_to(house, scope, organization_id, contact.email)


def _intent(intents: Sequence[str]) -> Intent:
    """The one that has all of them in it."""
    if not intents or not set(intents) <= {"sso", "domain_verification", *_NOT_YET}:
        text = "intents must name one or more of: sso, domain_verification."
        raise InvalidFields(errors=(FieldError("intents", "intents_invalid", text),))
    missing = tuple(each for each in dict.fromkeys(intents) if each in _NOT_YET)
    if missing:
        raise InvitationNotOffered(intents=missing)
    return Intent.SSO if "sso" in intents else Intent.DOMAIN_VERIFICATION


def _get(scope: Scope, organization_id: str, contact_id: str) -> ItContact:
    _must_be_there(scope, organization_id)
    found = it_contacts.get(scope, organization_id, contact_id)
    if found is None:
        raise NotFound(kind="IT contact", id=contact_id[:100])
    return found


def _must_be_there(scope: Scope, organization_id: str) -> None:
    if organizations.get(scope, organization_id) is None:
        raise NotFound(kind="Organization", id=organization_id[:100])
