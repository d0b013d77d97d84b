"""Set-up links that are mailed: to an IT contact at the application's word, or to several from the Dashboard."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from latchstring.effects.mail import MailNotConfigured
from latchstring.flows import branding, portal_links
from latchstring.flows import organizations as organization_flow
from latchstring.flows.house import House
from latchstring.flows.portal_links import Made
from latchstring.model.environment import Pass
from latchstring.model.mail import Deliver, Mail
from latchstring.model.portal import Intent
from latchstring.model.refusal import FieldError, InvalidFields, Refusal
from latchstring.protocols import email_address, portal_mail

MOST = 20  # people to whom one link is sent


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A link, to whom it is on its way, and of the others why it is not."""

    made: Made
    mailed: tuple[str, ...] = ()
    failed: tuple[tuple[str, Refusal], ...] = ()


def invite(house: House, pass_: Pass, organization_id: str, intent: Intent, email: str) -> Made:
    """One link to one person. A mail that cannot be sent takes it back: nobody else has it.

    Raises `NotFound`, `PortalLinkActive`, and what the mail server brings about (`effects.mail`).
    """
    deliver = house.postbox()  # before anything is written: it may have to wait for another thread
    made = portal_links.make_set_up(house, pass_, organization_id, intent=intent, recipients=(email,), replaces=False)
    try:
        deliver(_mail(house, pass_, made, email))
    except Refusal:
        portal_links.revoke(house, pass_, organization_id, made.link.id)
        raise
    return made


def send(house: House, pass_: Pass, organization_id: str, intent: Intent, emails: Sequence[str]) -> Sent:
    """Makes a link, which takes the place of an open one, and mails it to these, if there are any.

    A mail that cannot be sent takes nothing back: whoever made the link sees it. Raises `NotFound`, `InvalidFields`.
    """
    people = tuple(dict.fromkeys(each.strip() for each in emails if each.strip()))
    if len(people) > MOST:
        raise InvalidFields(errors=(FieldError("emails", "too_many_emails", "These are more than 20 addresses."),))
    if not all(email_address.is_address(each) for each in people):
        text = "Give plain e-mail addresses such as it@acme.example."
        raise InvalidFields(errors=(FieldError("emails", "email_invalid", text),))
    deliver, failure = _postbox(house) if people else (None, None)
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


def _postbox(house: House) -> tuple[Deliver | None, Refusal | None]:
    try:
        return house.postbox(), None
    except MailNotConfigured as refusal:
        return None, refusal


def _mail(house: House, pass_: Pass, made: Made, to: str) -> Mail:
    looks = branding.of(house, pass_)
    return portal_mail.invitation(
        to=to,
        purpose=made.link.intent.value,
        organization=organization_flow.get(house, pass_, made.link.organization_id).name,
        application=looks.application or house.base_url.partition("://")[2],
        support=looks.support,
        url=made.url.reveal(),
        life=made.link.expires_at - made.link.created_at,
    )
