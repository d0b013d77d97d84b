"""Links into the Admin Portal: made for one organization and intent, followed, finished, taken back (WEB-07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from latchstring.flows import portal_sessions
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.organization import Organization
from latchstring.model.portal import (
    API_LINK,
    SET_UP_LINK,
    Intent,
    IntentOptions,
    LinkKind,
    LinkState,
    PortalLink,
)
from latchstring.model.refusal import Conflict, InvalidRequest, Mender, NotFound
from latchstring.model.secret import Secret
from latchstring.storage import environments, front_door, organizations, portal_links
from latchstring.storage import portal_sessions as sessions
from latchstring.storage.database import WritingScope

MOST = 50  # that are listed


class PortalLinkOver(InvalidRequest):
    """This link opens nothing."""

    mender = Mender.IT_ADMIN


class PortalLinkUnknown(PortalLinkOver):
    """We do not know this link."""

    code = "portal_link_unknown"
    fix = "Copy the whole link out of the message, or ask whoever sent it for a new one."


class PortalLinkExpired(PortalLinkOver):
    """This link has expired."""

    code = "portal_link_expired"
    fix = "Ask whoever sent it for a new one. What was set up so far is saved."


class PortalLinkUsed(PortalLinkOver):
    """This link was already used."""

    code = "portal_link_used"
    fix = "It opens once. Go back to the application and open the set-up from there again; what was done is saved."


class PortalLinkFinished(PortalLinkOver):
    """The set-up behind this link is finished."""

    code = "portal_link_finished"
    fix = "There is nothing left to do. To change something, ask whoever sent it for a new one."


class PortalLinkRevoked(PortalLinkOver):
    """This link was taken back."""

    code = "portal_link_revoked"
    fix = "Ask whoever sent it whether there is a newer one. What was set up so far is saved."


class PortalLinkActive(Conflict):
    """There is an open set-up link for this organization already."""

    code = "portal_link_active"
    fix = "Take that one back first; an organization has one at a time for each intent."
    link_id: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new link, and its address, which nobody can be told again."""

    link: PortalLink
    url: Secret[str]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A link that would open, before anybody has decided to follow it."""

    pass_: Pass
    link: PortalLink
    organization: Organization


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Where a link leads besides the portal, and what is known already."""

    return_url: str | None = None
    success_url: str | None = None
    options: IntentOptions = IntentOptions()


def make_set_up(
    house: House,
    pass_: Pass,
    organization_id: str,
    *,
    intent: Intent = Intent.SSO,
    recipients: tuple[str, ...] = (),
    ends: Ends = Ends(),  # noqa: B008 - frozen
    replaces: bool = True,
    lives: timedelta = SET_UP_LINK,
) -> Made:
    """A link to be sent to somebody, for thirty days unless `lives` says otherwise.

    One of the same intent that is open ends with it, or forbids it.

    Raises `NotFound`, `PortalLinkActive`.
    """
    now = house.now()
    with house.database.write(pass_) as scope:
        _must_be_there(scope, organization_id)
        for other in portal_links.active(scope, organization_id, now):
            if other.intent is intent:
                if not replaces:
                    raise PortalLinkActive(link_id=other.id)
                _take_back(house, scope, other)
        return add_within(
            house,
            scope,
            pass_,
            organization_id,
            kind=LinkKind.SET_UP,
            intent=intent,
            recipients=recipients,
            ends=ends,
            lives=lives,
        )


def make_beside(
    house: House, pass_: Pass, organization_id: str, *, intent: Intent, recipients: tuple[str, ...]
) -> Made:
    """A set-up link beside one that is open, until it is known whether it can be sent: then `succeed`, or `revoke`.

    Raises `NotFound`.
    """
    with house.database.write(pass_) as scope:
        _must_be_there(scope, organization_id)
        return add_within(
            house,
            scope,
            pass_,
            organization_id,
            kind=LinkKind.SET_UP,
            intent=intent,
            recipients=recipients,
            ends=Ends(),
        )


def succeed(house: House, pass_: Pass, link: PortalLink) -> None:
    """Takes back those that were made before this one, for the same organization and intent."""
    with house.database.write(pass_) as scope:
        for other in portal_links.active(scope, link.organization_id, house.now()):
            if other.intent is link.intent and other.id < link.id:
                _take_back(house, scope, other)


def add_within(
    house: House,
    scope: WritingScope,
    pass_: Pass,
    organization_id: str,
    *,
    kind: LinkKind,
    intent: Intent,
    ends: Ends,
    recipients: tuple[str, ...] = (),
    external_user_id: str | None = None,
    lives: timedelta = SET_UP_LINK,
) -> Made:
    """Inside a transaction that has seen the organization."""
    now, secret = house.now(), house.secret()
    settings = environments.settings(house.database, pass_.environment_id)
    link = PortalLink(
        id=house.id(ids.PORTAL_LINK, now),
        organization_id=organization_id,
        intent=intent,
        kind=kind,
        return_url=ends.return_url or settings.portal_return_url,
        success_url=ends.success_url or settings.portal_success_url,
        options=ends.options,
        external_user_id=external_user_id,
        recipients=recipients,
        made_by=pass_.actor,
        created_at=now,
        expires_at=now + (API_LINK if kind is LinkKind.API else lives),
    )
    portal_links.add(scope, link, front_door.digest(secret))
    return Made(link=link, url=Secret(f"{house.base_url}/portal/launch?token={secret}"))


def look(house: House, token: str) -> Seen:
    """What a link would open. Nothing is used up by it: programs that check mails look at links, too.

    Raises a `PortalLinkOver`.
    """
    pass_ = front_door.by_portal_link(house.database, token[:200])
    if pass_ is None:
        raise PortalLinkUnknown
    with house.database.read(pass_) as scope:
        link = portal_links.by_token(scope, front_door.digest(token))
        organization = organizations.get(scope, link.organization_id) if link else None
    if link is None or organization is None:
        raise PortalLinkUnknown
    _must_be_open(house, link)
    return Seen(pass_=pass_, link=link, organization=organization)


def open_(house: House, seen: Seen) -> Secret[str]:
    """Follows it: the secret of a new session. Each time stands in the audit log. Raises a `PortalLinkOver`."""
    with house.database.write(seen.pass_) as scope:
        opened = portal_links.open_(scope, seen.link.id, house.now())
        if opened:
            return portal_sessions.begin_within(house, scope, seen.link)
        newest = portal_links.get(scope, seen.link.id)
    if newest is not None:
        _must_be_open(house, newest)
    raise PortalLinkUnknown


def finish(house: House, pass_: Pass, link_id: str) -> None:
    """What it was made for is done: it does not open again. Who is in the portal by it may stay."""
    with house.database.write(pass_) as scope:
        portal_links.finish(scope, link_id, house.now())


def of_organization(house: House, pass_: Pass, organization_id: str) -> Sequence[PortalLink]:
    """The newest first, whatever has become of them."""
    with house.database.read(pass_) as scope:
        return portal_links.of_organization(scope, organization_id, MOST)


def revoke(house: House, pass_: Pass, organization_id: str, link_id: str) -> None:
    """Takes it back, and ends the sessions that began with it. Raises `NotFound`; a second time changes nothing."""
    with house.database.write(pass_) as scope:
        link = portal_links.get(scope, link_id)
        if link is None or link.organization_id != organization_id:
            raise NotFound(kind="Link", id=link_id[:100])
        _take_back(house, scope, link)


def revoke_of_person(house: House, pass_: Pass, organization_id: str, external_user_id: str) -> int:
    """All that the application made for somebody, with their sessions. How many. Raises `NotFound`."""
    with house.database.write(pass_) as scope:
        _must_be_there(scope, organization_id)
        return sum(
            _take_back(house, scope, link) for link in portal_links.of_person(scope, organization_id, external_user_id)
        )


def revoke_sent_to(house: House, scope: WritingScope, organization_id: str, email: str) -> int:
    """Those set-up links that went to this address. How many."""
    return sum(
        _take_back(house, scope, link)
        for link in portal_links.active(scope, organization_id, house.now())
        if email.lower() in {each.lower() for each in link.recipients}
    )


def _take_back(house: House, scope: WritingScope, link: PortalLink) -> bool:
    """With its sessions, and the links that were handed on from those."""
    sessions.end_of(scope, link.id)
    taken = portal_links.revoke(scope, link.id, house.now())
    for other in portal_links.active(scope, link.organization_id, house.now()):
        if other.made_by == f"portal:{link.id}":
            _take_back(house, scope, other)
    return taken


def _must_be_there(scope: WritingScope, organization_id: str) -> None:
    if organizations.get(scope, organization_id) is None:
        raise NotFound(kind="Organization", id=organization_id[:100])


def _must_be_open(house: House, link: PortalLink) -> None:
    state = link.state(house.now())
    if state is LinkState.REVOKED:
        raise PortalLinkRevoked
    if state is LinkState.FINISHED:
        raise PortalLinkFinished
    if state is LinkState.FOLLOWED:
        raise PortalLinkUsed
    if state is LinkState.EXPIRED:
        raise PortalLinkExpired
