"""Finds sign-ins, for whoever may see them: one by its id or reference, a list, and what is new since a moment ago."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.refusal import NotFound
from latchstring.model.sign_in import Outcome, SignIn, Wanted
from latchstring.storage import events, sign_ins
from latchstring.storage.paging import Page, Window

LATE = timedelta(seconds=3)  # a row of another process may be committed this much after its id was made
_AT_ONCE = 1000
_REMEMBERED = timedelta(minutes=15)  # longer than a code lives
_ENDS = frozenset({"authentication.sso_failed", "authentication.sso_succeeded", "authentication.sso_timed_out"})


def find(house: House, pass_: Pass, named: str) -> SignIn:
    """By id, or by the reference that people are shown. Of two that share a reference, the newer. Raises `NotFound`."""
    named = named.strip()
    with house.database.read(pass_) as scope:
        found = sign_ins.get(scope, named)
        span = ids.of_reference(ids.ATTEMPT, named, house.now()) if found is None else None
        if span is not None:
            found = sign_ins.ending(scope, *span)
    if found is None:
        raise NotFound(kind="Sign-in", id=named[:100])
    return found


def page(house: House, pass_: Pass, window: Window, wanted: Wanted) -> Page[SignIn]:
    """The newest first."""
    with house.database.read(pass_) as scope:
        return sign_ins.page(scope, window, wanted)


def fits(one: SignIn, wanted: Wanted) -> bool:
    """Whether a list that is narrowed to `wanted` would have it."""
    return (
        (wanted.email is None or wanted.email.lower() == one.email)
        and wanted.connection_id in (None, one.attempt.connection_id)
        and wanted.organization_id in (None, one.attempt.organization_id)
        and wanted.refusal in (None, one.refusal)
        and wanted.outcome in (None, one.outcome)
        and (wanted.since is None or one.attempt.created_at >= wanted.since)
        and (wanted.until is None or one.attempt.created_at < wanted.until)
    )


class Tail(msgspec.Struct, frozen=True):
    """How far somebody who watches has come, and what was told lately: each outcome of a sign-in is told once."""

    since: datetime
    told: Mapping[tuple[str, Outcome], datetime] | None = None  # None: nobody has looked yet


def watch(house: House) -> Tail:
    """From now on."""
    return Tail(house.now())


def news(house: House, pass_: Pass, tail: Tail) -> tuple[list[SignIn], Tail]:
    """The sign-ins that began or ended since, each as it is now, the oldest first; and how far that is.

    A good one is told when it began and when its code is redeemed, unless both come together.
    """
    now, since = house.now(), tail.since - LATE
    with house.database.read(pass_) as scope:
        found = {one.id: one for one in sign_ins.newer(scope, ids.first(ids.ATTEMPT, since), _AT_ONCE)}
        for event in events.after(scope, ids.first(ids.EVENT, since), _AT_ONCE):
            named = event.data.get("sso", {}).get("session_id") if event.event in _ENDS else None
            one = sign_ins.get(scope, named) if named is not None and named not in found else None
            if one is not None:
                found[one.id] = one
    told = {key: at for key, at in (tail.told or {}).items() if now - at < _REMEMBERED}
    fresh = [one for one in found.values() if (one.id, one.outcome) not in told]
    if tail.told is None:  # what was there before somebody began to watch is not new
        fresh = [one for one in fresh if (one.ended_at or one.attempt.created_at) >= tail.since]
    told |= {(one.id, one.outcome): now for one in found.values()}
    return sorted(fresh, key=lambda one: one.id), Tail(now, told)
