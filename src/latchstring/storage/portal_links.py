"""Rows of the links into the Admin Portal; of their secrets there is only the hash."""

from __future__ import annotations

from datetime import datetime

import msgspec

from latchstring.model.portal import Intent, IntentOptions, LinkKind, PortalLink
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_NAMES = (
    "id, organization_id, intent, kind, return_url, success_url, options, external_user_id, recipients, made_by, "
    "created_at, expires_at, first_opened_at, last_opened_at, opened, finished_at, revoked_at"
)
COLUMNS = ", ".join(f"portal_links.{name}" for name in _NAMES.split(", "))
_INSERT = insert("portal_links", f"{_NAMES}, token_hash")
_GET = select(COLUMNS, "portal_links", "id = :id")
_BY_TOKEN = select(COLUMNS, "portal_links", "token_hash = :token_hash")
_OF = select(COLUMNS, "portal_links", "organization_id = :organization_id", tail="ORDER BY id DESC LIMIT :count")
_ACTIVE = select(
    COLUMNS,
    "portal_links",
    "organization_id = :organization_id AND kind = 'set_up' AND revoked_at IS NULL AND finished_at IS NULL "
    "AND expires_at > :now",
    tail="ORDER BY id DESC",
)
_OF_PERSON = select(
    COLUMNS,
    "portal_links",
    "organization_id = :organization_id AND external_user_id = :external_user_id AND revoked_at IS NULL",
)
# The condition is what makes a link of the API open once, however many follow it at the same moment.
_OPEN = update(
    "portal_links",
    "first_opened_at = coalesce(first_opened_at, :now), last_opened_at = :now, opened = opened + 1",
    "id = :id AND revoked_at IS NULL AND finished_at IS NULL AND expires_at > :now "
    "AND (kind = 'set_up' OR first_opened_at IS NULL)",
)
_FINISH = update("portal_links", "finished_at = :now", "id = :id AND finished_at IS NULL AND revoked_at IS NULL")
_REVOKE = update("portal_links", "revoked_at = :now", "id = :id AND revoked_at IS NULL")
_FORGET = delete(
    "portal_links",
    "id IN (SELECT id FROM portal_links WHERE environment_id = :environment_id AND expires_at < :before LIMIT :count)",
)
_options = msgspec.json.Decoder(IntentOptions)
_recipients = msgspec.json.Decoder(tuple[str, ...])


def add(scope: WritingScope, link: PortalLink, token_hash: bytes) -> None:
    scope.change(
        _INSERT,
        id=link.id,
        organization_id=link.organization_id,
        intent=link.intent.value,
        kind=link.kind.value,
        return_url=link.return_url,
        success_url=link.success_url,
        options=msgspec.json.encode(link.options).decode(),
        external_user_id=link.external_user_id,
        recipients=msgspec.json.encode(link.recipients).decode(),
        made_by=link.made_by,
        created_at=to_ms(link.created_at),
        expires_at=to_ms(link.expires_at),
        first_opened_at=None,
        last_opened_at=None,
        opened=0,
        finished_at=None,
        revoked_at=None,
        token_hash=token_hash,
    )


def get(scope: Scope, link_id: str) -> PortalLink | None:
    row = scope.one(_GET, id=link_id)
    return of_row(row) if row else None


def by_token(scope: Scope, token_hash: bytes) -> PortalLink | None:
    row = scope.one(_BY_TOKEN, token_hash=token_hash)
    return of_row(row) if row else None


def of_organization(scope: Scope, organization_id: str, count: int) -> list[PortalLink]:
    """The newest first, whatever has become of them."""
    return [of_row(row) for row in scope.all(_OF, organization_id=organization_id, count=count)]


def active(scope: Scope, organization_id: str, now: datetime) -> list[PortalLink]:
    """Set-up links that still open, the newest first."""
    return [of_row(row) for row in scope.all(_ACTIVE, organization_id=organization_id, now=to_ms(now))]


def of_person(scope: Scope, organization_id: str, external_user_id: str) -> list[PortalLink]:
    """Those made for somebody whom the application named, and not taken back."""
    rows = scope.all(_OF_PERSON, organization_id=organization_id, external_user_id=external_user_id)
    return [of_row(row) for row in rows]


def open_(scope: WritingScope, link_id: str, now: datetime) -> bool:
    """False if it does not open any more."""
    return scope.change(_OPEN, id=link_id, now=to_ms(now)) == 1


def finish(scope: WritingScope, link_id: str, now: datetime) -> bool:
    return scope.change(_FINISH, id=link_id, now=to_ms(now)) == 1


def revoke(scope: WritingScope, link_id: str, now: datetime) -> bool:
    """False if it was taken back before."""
    return scope.change(_REVOKE, id=link_id, now=to_ms(now)) == 1


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that expired before then."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def of_row(row: Row) -> PortalLink:
    id_, organization_id, intent, kind, back, success, options, person, recipients, made_by = row[:10]
    created, expires, first, last, opened, finished, revoked = row[10:17]
    return PortalLink(
        id=id_,
        organization_id=organization_id,
        intent=Intent(intent),
        kind=LinkKind(kind),
        return_url=back,
        success_url=success,
        options=_options.decode(options),
        external_user_id=person,
        recipients=_recipients.decode(recipients),
        made_by=made_by,
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        first_opened_at=optional_from_ms(first),
        last_opened_at=optional_from_ms(last),
        opened=opened,
        finished_at=optional_from_ms(finished),
        revoked_at=optional_from_ms(revoked),
    )
