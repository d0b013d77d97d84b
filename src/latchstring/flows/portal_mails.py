"""Mails to the IT contacts of an organization: its set-up is finished, and its certificate ends."""

from __future__ import annotations

from datetime import datetime

from latchstring.effects.mail import MailNotConfigured
from latchstring.flows import branding, expiry, portal_links, story
from latchstring.flows.house import House
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.mail import Deliver, Mail
from latchstring.model.organization import Organization
from latchstring.model.portal import Intent, PortalLink
from latchstring.model.refusal import Refusal
from latchstring.protocols import portal_mail
from latchstring.storage import chores, it_contacts, organizations

_KIND = "ResponseSigning"  # the one that only the customer can renew
_CLAIM = f"{_KIND}Mail"  # beside the claim of the event of the same step


def finished(house: House, pass_: Pass, organization: Organization, connection: Connection, link: PortalLink) -> int:
    """To the IT contacts, and to whom the link was sent. A mail that cannot be sent changes nothing. How many went."""
    deliver = _postbox(house)
    with house.database.read(pass_) as scope:
        contacts = [each.email for each in it_contacts.of_organization(scope, organization.id)]
    return _send(
        deliver,
        [
            portal_mail.finished(
                to=email,
                organization=organization.name,
                connection=connection.name,
                url=link.success_url or link.return_url,
                support=branding.of(house, pass_).support or None,
            )
            for email in dict.fromkeys((*contacts, *link.recipients))
        ],
    )


def certificate_ends(house: House, pass_: Pass, connection: Connection, now: datetime) -> int:
    """At 90, 30, 7 and 1 days before the end, once each, whichever node comes first: with a link to renew it.

    An earlier link for the same ends with it. How many went; none where there is no mail or nobody to write to.
    """
    config, organization_id = connection.config, connection.organization_id
    if not isinstance(config, SamlConfig) or organization_id is None or not connection.state.admits_logins:
        return 0
    entry = next((each for kind, each in expiry.that_matter(config, now) if kind == _KIND), None)
    threshold = expiry.threshold_of(entry.not_after, now) if entry is not None else None
    deliver = _postbox(house)
    if entry is None or threshold not in expiry.THRESHOLDS or now >= entry.not_after or deliver is None:
        return 0
    with house.database.read(pass_) as scope:
        organization = organizations.get(scope, organization_id)
        contacts = [each.email for each in it_contacts.of_organization(scope, organization_id)]
    if organization is None or not contacts:
        return 0
    with house.database.write(pass_) as scope:
        claimed = chores.warn_once(
            scope,
            connection.id,
            certificate_type=_CLAIM,
            fingerprint=entry.fingerprint,
            threshold=threshold,
            now=now,
        )
    if not claimed:
        return 0
    made = portal_links.make_set_up(
        house, pass_, organization_id, intent=Intent.CERTIFICATE_RENEWAL, recipients=tuple(contacts)
    )
    return _send(
        deliver,
        [
            portal_mail.certificate_ends(
                to=email,
                organization=organization.name,
                days=story.days_until(entry.not_after, now),
                date=f"{entry.not_after:%d %b %Y}",
                url=made.url.reveal(),
                support=branding.of(house, pass_).support or None,
            )
            for email in contacts
        ],
    )


def _send(deliver: Deliver | None, mails: list[Mail]) -> int:
    sent = 0
    if deliver is None:
        return sent
    for mail in mails:
        try:
            deliver(mail)
            sent += 1
        except Refusal:
            continue  # the others get theirs
    return sent


def _postbox(house: House) -> Deliver | None:
    try:
        return house.postbox()
    except MailNotConfigured:
        return None
