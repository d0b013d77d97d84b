"""Set-up links that are mailed: to an IT contact at the application's word, or to several from the Dashboard."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from latchstring.effects.mail import MailNotConfigured
from latchstring.flows import contact_mails, it_contacts, portal_links
from latchstring.flows.house import House
from latchstring.flows.portal_links import Made
from latchstring.model.environment import Pass
from latchstring.model.mail import Deliver, Mail
from latchstring.model.portal import Intent
from latchstring.model.refusal import FieldError, InvalidFields, InvalidRequest, Refusal
from latchstring.protocols import email_address, portal_mail

_NOT_YET = ("directory_sync", "log_streams", "bring_your_own_key")  # what an invitation may name, and is not there
MOST = 20  # people to whom one link is sent


class InvitationNotOffered(InvalidRequest):
    """An IT contact cannot be invited to {intents} yet."""

    code = "it_contact_invitation_not_offered"
    fix = "Invite them to `sso`, which has domains in it as well, or to `domain_verification` alone."
    intents: tuple[str, ...]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A link, to whom it is on its way, and of the others why it is not."""

    made: Made
    mailed: tuple[str, ...] = ()
    failed: tuple[tuple[str, Refusal], ...] = ()


def invite(house: House, pass_: Pass, organization_id: str, contact_id: str, intents: Sequence[str]) -> Made:
    """Mails a set-up link. An organization has one open invitation at a time for an intent.

    A mail that cannot be sent takes the link back: nobody else has it. Raises `NotFound`, `InvalidFields`,
    `InvitationNotOffered`, `PortalLinkActive`, and what the mail server brings about (`effects.mail`).
    """
    intent = _intent(intents)
    email = it_contacts.get(house, pass_, organization_id, contact_id).email
    deliver = house.postbox()  # before anything is written: it may have to wait for another thread
    made = portal_links.make_set_up(house, pass_, organization_id, intent=intent, recipients=(email,), replaces=False)
    try:
        deliver(_mail(house, pass_, made, email))
    except Refusal:
        portal_links.revoke(house, pass_, organization_id, made.link.id)
        raise
    return made


def send(house: House, pass_: Pass, organization_id: str, intent: Intent, emails: Sequence[str]) -> Sent:
    """Makes a link, which takes the place of an open one, and mails it to these, if there are any: IT contacts now.

    A mail that cannot be sent takes nothing back: whoever made the link sees it. Raises `NotFound`, `InvalidFields`,
    `ItContactsFull`.
    """
    people = _checked(emails)
    deliver, failure = _postbox(house) if people else (None, None)
    it_contacts.keep(house, pass_, organization_id, people)
    made = portal_links.make_set_up(house, pass_, organization_id, intent=intent, recipients=people)
    mailed, failed = list[str](), list[tuple[str, Refusal]]()
    for each in people:
        if deliver is None:
            failed.append((each, failure or MailNotConfigured()))
            continue
        try:
            deliver(_mail(house, pass_, made, each))
            mailed.append(each)
        except Refusal as refusal:
            failed.append((each, refusal))
    return Sent(made=made, mailed=tuple(mailed), failed=tuple(failed))


def _checked(emails: Sequence[str]) -> tuple[str, ...]:
    """Each once. Raises `InvalidFields`."""
    people = tuple(dict.fromkeys(each.strip() for each in emails if each.strip()))
    if len(people) > MOST:
        raise InvalidFields(errors=(FieldError("emails", "too_many_emails", "These are more than 20 addresses."),))
    if not all(email_address.is_address(each) for each in people):
        text = "Give plain e-mail addresses such as it@acme.example."
        raise InvalidFields(errors=(FieldError("emails", "email_invalid", text),))
    return people


def _intent(intents: Sequence[str]) -> Intent:
    """The one that has all of them in it."""
    if not intents or not set(intents) <= {"sso", "domain_verification", *_NOT_YET}:
        text = "intents must name one or more of: sso, domain_verification."
        raise InvalidFields(errors=(FieldError("intents", "intents_invalid", text),))
    missing = tuple(each for each in dict.fromkeys(intents) if each in _NOT_YET)
    if missing:
        raise InvitationNotOffered(intents=missing)
    return Intent.SSO if "sso" in intents else Intent.DOMAIN_VERIFICATION


def _postbox(house: House) -> tuple[Deliver | None, Refusal | None]:
    try:
        return house.postbox(), None
    except MailNotConfigured as refusal:
        return None, refusal


def _mail(house: House, pass_: Pass, made: Made, to: str) -> Mail:
    known = it_contacts.language_of(house, pass_, made.link.organization_id, to)
    return portal_mail.invitation(
        to=to,
        purpose=made.link.intent.value,
        around=contact_mails.around(house, pass_, made.link.organization_id),
        url=made.url.reveal(),
        life=made.link.expires_at - made.link.created_at,
        voice=house.voice(known or house.mail_language),
    )
