"""Mails to an organization's IT that leave by themselves: single sign-on is switched on, a certificate ends.

Each is asked for in the database, and sent by the worker. Whoever claims one has it for as long as the wait before the
next try: a node that dies over it is followed by another one after that. So nobody is forgotten, and where a node dies
between the mail server's "taken" and our next write, a mail is sent twice: of a certificate that ends, two mails are
better than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from latchstring.effects.mail import MailNotConfigured, RecipientRefused
from latchstring.flows import branding, expiry, organizations, portal_links, story
from latchstring.flows.house import House
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.environment import Pass
from latchstring.model.mail import Deliver, Mail
from latchstring.model.portal import Intent, PortalLink
from latchstring.model.refusal import Refusal
from latchstring.protocols import portal_mail
from latchstring.protocols.portal_mail import Around, Ending
from latchstring.storage import connections, it_contacts, portal_mails
from latchstring.storage import portal_links as link_rows
from latchstring.storage.database import Scope
from latchstring.storage.portal_mails import About, Errand, Kind

WAITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8), timedelta(hours=24))
TRIES = len(WAITS) + 1  # the last one is before the next step at which a certificate is warned of
_AT_ONCE = 20  # organizations in one round

Stopping = Callable[[], bool]
Languages = Mapping[str, str | None]  # address -> language, if it is known


def ask_finished(house: House, pass_: Pass, link: PortalLink, connection_id: str, language: str) -> None:
    """Single sign-on was switched on by whoever came by this link, on a page in this language."""
    about = About(connection_id=connection_id, link_id=link.id, language=language)
    with house.database.write(pass_) as scope:
        portal_mails.ask(scope, link.organization_id, Kind.SET_UP_FINISHED, about, house.now())


def of_organization(house: House, pass_: Pass, organization_id: str) -> Sequence[Errand]:
    """How the last ones went, one of each kind."""
    with house.database.read(pass_) as scope:
        return portal_mails.of_organization(scope, organization_id)


def around(house: House, pass_: Pass, organization_id: str) -> Around:
    """Raises `NotFound`."""
    looks = branding.of(house, pass_)
    return Around(
        organization=organizations.get(house, pass_, organization_id).name,
        application=looks.application or house.base_url.partition("://")[2],
        support=looks.support,
    )


def send_due(house: House, pass_: Pass, stopping: Stopping) -> tuple[int, int]:
    """Sends what is due. How many mails left, and how many did not."""
    with house.database.read(pass_) as scope:
        due = portal_mails.due(scope, house.now(), _AT_ONCE)
    sent = failed = 0
    for errand in due:
        if stopping():
            break
        until = house.now() + WAITS[min(errand.tries, len(WAITS) - 1)]
        with house.database.write(pass_) as scope:
            claimed = portal_mails.claim(scope, errand, until)
        if claimed is not None:
            went = _run(house, pass_, claimed)
            sent, failed = sent + len(went.mailed), failed + len(went.missed)
    return sent, failed


class _Went(msgspec.Struct, frozen=True):
    """Who has the mail now, and of the others the code of why not."""

    mailed: tuple[str, ...] = ()
    missed: Mapping[str, str] = {}


def _run(house: House, pass_: Pass, errand: Errand) -> _Went:
    went = _Went()
    if errand.tries <= TRIES:  # more: whoever had the last try died over it
        run = _tell_end if errand.kind is Kind.CERTIFICATE_ENDS else _tell_finished
        went = run(house, pass_, errand)
    again = any(code != RecipientRefused.code for code in went.missed.values())
    if errand.kind is Kind.CERTIFICATE_ENDS and went.mailed:
        again = False  # its link would be taken from those who have it
    with house.database.write(pass_) as scope:
        portal_mails.keep(
            scope,
            errand,
            next_at=errand.next_at if again and errand.tries < TRIES else None,
            mailed_at=house.now() if went.mailed else None,
            mailed_to=(*errand.mailed_to, *went.mailed),
            missed={**{at: why for at, why in errand.missed.items() if at not in went.mailed}, **went.missed},
        )
    return went


def _tell_finished(house: House, pass_: Pass, errand: Errand) -> _Went:
    """To the IT contacts, and to whom the link went."""
    about = errand.about
    with house.database.read(pass_) as scope:
        connection = connections.get(scope, house.vault, about.connection_id or "")
        link = link_rows.get(scope, about.link_id or "")
        people = _people(scope, errand, also=link.recipients if link else ())
    if connection is None or not connection.state.admits_logins:
        return _Went()  # it was switched off again
    known = around(house, pass_, errand.organization_id)

    def write(to: str) -> Mail:
        return portal_mail.finished(
            to=to,
            around=known,
            by=link.person if link else None,
            url=(link.success_url or link.return_url) if link else None,
            ends=isinstance(connection.config, SamlConfig),
            voice=house.voice(people[to] or about.language or house.mail_language),
        )

    return _send(house, tuple(people), lambda: write)


def _tell_end(house: House, pass_: Pass, errand: Errand) -> _Went:
    """To the IT contacts, with a new link. It takes the place of an open one as soon as somebody has it."""
    now = house.now()
    with house.database.read(pass_) as scope:
        endings = _endings(connections.of_organization(scope, house.vault, errand.organization_id), now)
        people = _people(scope, errand)
    if not endings:
        return _Went()  # renewed in the meantime
    known, made = around(house, pass_, errand.organization_id), list[portal_links.Made]()

    def with_link() -> Callable[[str], Mail]:
        recipients, intent = tuple(people), Intent.CERTIFICATE_RENEWAL
        fresh = portal_links.make_beside(house, pass_, errand.organization_id, intent=intent, recipients=recipients)
        made.append(fresh)
        return lambda to: portal_mail.certificate_ends(
            to=to,
            around=known,
            endings=endings,
            url=fresh.url.reveal(),
            until=fresh.link.expires_at,
            voice=house.voice(people[to] or house.mail_language),
        )

    went = _send(house, tuple(people), with_link)
    for each in made:
        if went.mailed:
            portal_links.succeed(house, pass_, each.link)
        else:
            portal_links.revoke(house, pass_, errand.organization_id, each.link.id)  # nobody has it
    return went


def _send(house: House, people: Sequence[str], prepare: Callable[[], Callable[[str], Mail]]) -> _Went:
    """`prepare` is asked once, and only if there is somebody to write to and mail can leave at all."""
    if not people:
        return _Went()
    try:
        deliver: Deliver = house.postbox()
    except MailNotConfigured as refusal:
        return _Went((), dict.fromkeys(people, refusal.code))
    write, mailed, missed = prepare(), list[str](), dict[str, str]()
    for to in people:
        try:
            deliver(write(to))
            mailed.append(to)
        except Refusal as refusal:
            missed[to] = refusal.code
            if not mailed and refusal.code != RecipientRefused.code:
                return _Went((), dict.fromkeys(people, refusal.code) | missed)  # it takes nothing: do not wait for each
    return _Went(tuple(mailed), missed)


def _people(scope: Scope, errand: Errand, also: Sequence[str] = ()) -> Languages:
    """IT contacts and others, each once; without those who have this mail, or whom no mail can reach."""
    found: dict[str, str | None] = {}
    over = {each.lower() for each in errand.mailed_to}
    over |= {at.lower() for at, code in errand.missed.items() if code == RecipientRefused.code}
    for contact in it_contacts.of_organization(scope, errand.organization_id):
        if contact.email.lower() not in over:
            found[contact.email] = contact.language
        over.add(contact.email.lower())
    found.update((each, None) for each in also if each.lower() not in over)
    return found


def _endings(found: Sequence[Connection], now: datetime) -> list[Ending]:
    """Of identity providers' certificates alone: ours are renewed by those who look after the application."""
    endings = []
    for connection in found:
        config = connection.config
        if not isinstance(config, SamlConfig) or not connection.state.admits_logins:
            continue
        for kind, entry in expiry.that_matter(config, now):
            if kind == expiry.OF_IDP and expiry.threshold_of(entry.not_after, now) is not None:
                days = story.days_until(entry.not_after, now)
                watched = config.idp_metadata_url is not None
                endings.append(Ending(connection=connection.name, at=entry.not_after, days=days, watched=watched))
    return sorted(endings, key=lambda each: each.at)
