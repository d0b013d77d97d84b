"""Rows of the mails to an organization's IT that are asked for: when to try next, who has theirs, and who has not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import msgspec

from latchstring.storage.database import Row, Scope, WritingScope
from latchstring.storage.statement import insert, select, update
from latchstring.storage.times import from_ms, optional_from_ms, optional_to_ms, to_ms

_COLUMNS = "organization_id, kind, about, asked_at, next_at, tries, mailed_at, mailed_to, missed"
_ASK = insert(
    "portal_mails",
    _COLUMNS,
    tail="ON CONFLICT (environment_id, organization_id, kind) DO UPDATE SET about = excluded.about, "
    "asked_at = excluded.asked_at, next_at = excluded.next_at, tries = 0, mailed_to = '[]', missed = '{}'",
)
_DUE = select(_COLUMNS, "portal_mails", "next_at <= :now", tail="ORDER BY next_at LIMIT :count")
_OF = select(_COLUMNS, "portal_mails", "organization_id = :organization_id", tail="ORDER BY kind")
_MINE = "organization_id = :organization_id AND kind = :kind AND next_at = :before"
_CLAIM = update("portal_mails", "next_at = :until, tries = tries + 1", _MINE)
# What was asked for anew while this one was being sent stays asked for: its time is another one.
_KEEP = update(
    "portal_mails",
    "next_at = :next_at, mailed_at = coalesce(:mailed_at, mailed_at), mailed_to = :mailed_to, missed = :missed",
    _MINE,
)
_addresses = msgspec.json.Decoder(tuple[str, ...])
_reasons = msgspec.json.Decoder(dict[str, str])


class Kind(Enum):
    """What is told."""

    SET_UP_FINISHED = "set_up_finished"
    CERTIFICATE_ENDS = "certificate_ends"


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What cannot be found out when the mail is written."""

    connection_id: str | None = None
    link_id: str | None = None  # by which the set-up was done
    language: str | None = None  # in which


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is asked for, or was."""

    organization_id: str
    kind: Kind
    about: About
    asked_at: datetime
    next_at: datetime | None  # None: it is over
    tries: int = 0
    mailed_at: datetime | None = None  # the last success, of this one or an earlier one
    mailed_to: tuple[str, ...] = ()
    missed: Mapping[str, str] = {}  # address -> the code of why not; of nobody: of them all


_about = msgspec.json.Decoder(About)


def ask(scope: WritingScope, organization_id: str, kind: Kind, about: About, now: datetime) -> None:
    """To be sent from now on. Raises `OwnerGone`."""
    scope.change(
        _ASK,
        organization_id=organization_id,
        kind=kind.value,
        about=msgspec.json.encode(about).decode(),
        asked_at=to_ms(now),
        next_at=to_ms(now),
        tries=0,
        mailed_at=None,
        mailed_to="[]",
        missed="{}",
    )


def due(scope: Scope, now: datetime, count: int) -> list[Errand]:
    """Those whose time has come, the oldest first."""
    return [_errand(row) for row in scope.all(_DUE, now=to_ms(now), count=count)]


def of_organization(scope: Scope, organization_id: str) -> list[Errand]:
    return [_errand(row) for row in scope.all(_OF, organization_id=organization_id)]


def claim(scope: WritingScope, errand: Errand, until: datetime) -> Errand | None:
    """Takes the work until then, and counts the try. None if somebody was faster."""
    if errand.next_at is None or not _is_mine(scope, errand, until):
        return None
    return msgspec.structs.replace(errand, next_at=until, tries=errand.tries + 1)


def keep(
    scope: WritingScope,
    claimed: Errand,
    *,
    next_at: datetime | None,
    mailed_at: datetime | None,
    mailed_to: tuple[str, ...],
    missed: Mapping[str, str],
) -> bool:
    """How it went. False if another one was asked for in the meantime, or the time was over."""
    changed = scope.change(
        _KEEP,
        organization_id=claimed.organization_id,
        kind=claimed.kind.value,
        before=optional_to_ms(claimed.next_at),
        next_at=optional_to_ms(next_at),
        mailed_at=optional_to_ms(mailed_at),
        mailed_to=msgspec.json.encode(mailed_to).decode(),
        missed=msgspec.json.encode(missed).decode(),
    )
    return changed == 1


def _is_mine(scope: WritingScope, errand: Errand, until: datetime) -> bool:
    changed = scope.change(
        _CLAIM,
        organization_id=errand.organization_id,
        kind=errand.kind.value,
        before=optional_to_ms(errand.next_at),
        until=to_ms(until),
    )
    return changed == 1


def _errand(row: Row) -> Errand:
    organization_id, kind, about, asked, next_at, tries, mailed, mailed_to, missed = row
    return Errand(
        organization_id=organization_id,
        kind=Kind(kind),
        about=_about.decode(about),
        asked_at=from_ms(asked),
        next_at=optional_from_ms(next_at),
        tries=tries,
        mailed_at=optional_from_ms(mailed),
        mailed_to=_addresses.decode(mailed_to),
        missed=_reasons.decode(missed),
    )
