"""Rows of magic links and of the tokens that open them: a link is used once, by a conditional UPDATE."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.magic_link import MagicLink
from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import delete, insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, to_ms

_COLUMNS = "id, connection_id, email, redirect_uri, app_state, created_at, expires_at, used_at"
_LINK = ", ".join(f"magic_links.{name}" for name in _COLUMNS.split(", "))
_INSERT = insert("magic_links", _COLUMNS)
_GET = select(_LINK, "magic_links", "id = :id")
_BY_TOKEN = select(
    _LINK,
    "magic_links",
    "magic_link_tokens.token_hash = :token_hash",
    join="magic_link_tokens ON magic_link_tokens.environment_id = magic_links.environment_id "
    "AND magic_link_tokens.link_id = magic_links.id",
)
_SPEND = update("magic_links", "used_at = :now", "id = :id AND used_at IS NULL AND expires_at > :now")
_REFUSE = update("magic_links", "refused_at = :now", "id = :id AND refused_at IS NULL")
_FORGET = delete(
    "magic_links",
    "id IN (SELECT id FROM magic_links WHERE environment_id = :environment_id AND expires_at < :before LIMIT :count)",
)

_INSERT_TOKEN = insert("magic_link_tokens", "token_hash, link_id, recipient, sent_at")
_DELETE_TOKEN = delete("magic_link_tokens", "token_hash = :token_hash")
_SENT = select(
    "sent_at",
    "magic_link_tokens",
    "recipient = :recipient AND sent_at > :since",
    tail="ORDER BY sent_at DESC LIMIT :count",
)
_MAILS = select("count(*)", "magic_link_tokens", "link_id = :link_id AND sent_at IS NOT NULL")


def add(scope: WritingScope, link: MagicLink, token_hash: bytes) -> None:
    scope.change(
        _INSERT,
        id=link.id,
        connection_id=link.connection_id,
        email=link.email,
        redirect_uri=link.redirect_uri,
        app_state=link.app_state,
        created_at=to_ms(link.created_at),
        expires_at=to_ms(link.expires_at),
        used_at=None,
    )
    scope.change(_INSERT_TOKEN, token_hash=token_hash, link_id=link.id, recipient=None, sent_at=None)


def get(scope: Scope, link_id: str) -> MagicLink | None:
    row = scope.one(_GET, id=link_id)
    return _link(row) if row else None


def by_token(scope: Scope, token_hash: bytes) -> MagicLink | None:
    row = scope.one(_BY_TOKEN, token_hash=token_hash)
    return _link(row) if row else None


def spend(scope: WritingScope, link_id: str, now: datetime) -> bool:
    """True exactly once, within the link's life."""
    return scope.change(_SPEND, id=link_id, now=to_ms(now)) == 1


def refuse(scope: WritingScope, link_id: str, now: datetime) -> bool:
    """True for the first refusal: whoever reloads a dead link fills no trail."""
    return scope.change(_REFUSE, id=link_id, now=to_ms(now)) == 1


def add_mailed(scope: WritingScope, token_hash: bytes, *, link_id: str, recipient: str, now: datetime) -> None:
    """A token that goes out by mail; it counts against its recipient from now on."""
    scope.change(_INSERT_TOKEN, token_hash=token_hash, link_id=link_id, recipient=recipient, sent_at=to_ms(now))


def drop_token(scope: WritingScope, token_hash: bytes) -> None:
    scope.change(_DELETE_TOKEN, token_hash=token_hash)


def sent_to(scope: Scope, recipient: str, *, since: datetime, count: int) -> list[datetime]:
    """When the last `count` mails went to this address, the newest first."""
    return [from_ms(row[0]) for row in scope.all(_SENT, recipient=recipient, since=to_ms(since), count=count)]


def mails(scope: Scope, link_id: str) -> int:
    """How many mails carried this link."""
    row = scope.one(_MAILS, link_id=link_id)
    return int(row[0]) if row else 0


def forget(scope: WritingScope, before: datetime, count: int) -> int:
    """Drop up to `count` that expired before then, used or not."""
    return scope.change(_FORGET, before=to_ms(before), count=count)


def _link(row: Row) -> MagicLink:
    id_, connection_id, email, redirect_uri, app_state, created, expires, used = row
    return MagicLink(
        id=id_,
        connection_id=connection_id,
        email=email,
        redirect_uri=redirect_uri,
        app_state=app_state,
        created_at=from_ms(created),
        expires_at=from_ms(expires),
        used_at=optional_from_ms(used),
    )
