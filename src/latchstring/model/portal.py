"""`PortalLink`, `PortalSession` and `PortalProgress`: how a customer's IT admin comes in, and how far they have got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import msgspec

API_LINK = timedelta(minutes=5)  # until it is followed; then a session goes on (WEB-07)
SET_UP_LINK = timedelta(days=30)
SESSION = timedelta(hours=12)
IDLE = timedelta(hours=2)  # the consoles of identity providers take their time


class Intent(Enum):
    """What somebody may do who follows a link (contract 5)."""

    SSO = "sso"
    DOMAIN_VERIFICATION = "domain_verification"
    CERTIFICATE_RENEWAL = "certificate_renewal"


class LinkKind(Enum):
    """Who made it, and so how often it opens."""

    API = "api"  # once, within minutes
    SET_UP = "set_up"  # by an operator, for somebody to whom it is sent: until it is done or taken back


class LinkState(Enum):
    """What has become of a link."""

    OPEN = "open"
    FOLLOWED = "followed"  # of the API: it has opened once
    EXPIRED = "expired"
    FINISHED = "finished"
    REVOKED = "revoked"


class Step(Enum):
    """The walk, in its order."""

    START = "start"
    DOMAIN = "domain"
    PROVIDER = "provider"
    GUIDE = "guide"
    DETAILS = "details"
    ATTRIBUTES = "attributes"
    TEST = "test"
    DONE = "done"

    @property
    def number(self) -> int:
        """0 for the start, which is before the first one."""
        return list(Step).index(self)


class IntentOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What whoever made the link knows already."""

    provider_type: str | None = None  # of a connection: the picker is passed over
    bookmark_slug: str | None = None  # taken and kept; there are no bookmarks here


class PortalLink(msgspec.Struct, frozen=True, kw_only=True):
    """Opens the portal for one organization and one intent. Its secret is known to nobody but who has the link."""

    id: str
    organization_id: str
    intent: Intent
    kind: LinkKind
    return_url: str | None  # where "back" leads
    success_url: str | None  # where somebody goes who is done
    options: IntentOptions
    external_user_id: str | None  # whom the application made it for, in its own words
    recipients: tuple[str, ...]  # e-mail addresses that it was sent to
    made_by: str  # the actor, as in the event log
    created_at: datetime
    expires_at: datetime
    first_opened_at: datetime | None = None
    last_opened_at: datetime | None = None
    opened: int = 0  # how often
    finished_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> LinkState:
        if self.revoked_at is not None:
            return LinkState.REVOKED
        if self.finished_at is not None:
            return LinkState.FINISHED
        if self.kind is LinkKind.API and self.first_opened_at is not None:
            return LinkState.FOLLOWED
        return LinkState.EXPIRED if now >= self.expires_at else LinkState.OPEN

    @property
    def person(self) -> str | None:
        """Whoever follows it, as far as anybody knows."""
        if self.external_user_id is not None:
            return self.external_user_id
        return self.recipients[0] if len(self.recipients) == 1 else None


class PortalSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser in the portal, and the link by which it came."""

    link: PortalLink
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class PortalProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the set-up of an organization is: one for all who work on it."""

    step: Step = Step.START  # where it goes on
    part: int = 0  # of that step: the steps of a guide that are done
    connection_id: str | None = None  # that is being set up
    connection_type: str | None = None  # that was chosen
    kept: Mapping[str, str] = {}  # what was typed or ticked and has no place of its own yet
    version: int = 0  # counts the changes; 0: there was none
    updated_by: str | None = None  # as people know them
    updated_at: datetime | None = None

    def reaching(self, step: Step, part: int = 0) -> PortalProgress:
        """The same at that step, unless it is further already."""
        if (self.step.number, self.part) >= (step.number, part):
            return self
        return msgspec.structs.replace(self, step=step, part=part)
