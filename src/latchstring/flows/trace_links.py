"""Links that show one trace to somebody without an account: made, listed, revoked, and followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from latchstring.flows import sign_ins, trace
from latchstring.flows.house import House
from latchstring.flows.trace import Sight, Trace
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.refusal import Conflict, Mender, NotFound
from latchstring.model.secret import Secret
from latchstring.model.trace_link import TraceLink
from latchstring.storage import front_door, trace_links

LIFETIME = timedelta(days=7)
MOST = 10  # of one sign-in, open at a time


class TraceLinkOver(NotFound):
    """This link to a sign-in is not good, or not any more."""

    code = "trace_link_over"
    mender = Mender.DEVELOPER
    fix = "Ask whoever sent it for another one: such a link is good for seven days, and can be taken back."


class TooManyTraceLinks(Conflict):
    """There are {limit} open links to this sign-in already."""

    code = "trace_links_too_many"
    fix = "Send one of those that there are, or take one back first."
    limit: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new link, and its address, which nobody can be told again."""

    link: TraceLink
    url: Secret[str]


def create(house: House, pass_: Pass, named: str) -> Made:
    """Raises `NotFound` and `TooManyTraceLinks`."""
    sign_in = sign_ins.find(house, pass_, named)
    now, secret = house.now(), house.secret()
    link = TraceLink(
        id=house.id(ids.TRACE_LINK, now),
        attempt_id=sign_in.id,
        made_by=pass_.actor,
        created_at=now,
        expires_at=now + LIFETIME,
        revoked_at=None,
    )
    with house.database.write(pass_) as scope:
        if sum(each.is_open(now) for each in trace_links.of(scope, sign_in.id)) >= MOST:
            raise TooManyTraceLinks(limit=MOST)
        trace_links.add(scope, link, front_door.digest(secret))
    return Made(link=link, url=Secret(f"{house.base_url}/t/{secret}"))


def of(house: House, pass_: Pass, sign_in_id: str) -> Sequence[TraceLink]:
    """Those that are open, the newest first."""
    with house.database.read(pass_) as scope:
        return [each for each in trace_links.of(scope, sign_in_id) if each.is_open(house.now())]


def revoke(house: House, pass_: Pass, sign_in_id: str, link_id: str) -> None:
    """Raises `NotFound` for one that is no link to this sign-in; one that was taken back before stays so."""
    with house.database.write(pass_) as scope:
        if all(each.id != link_id for each in trace_links.of(scope, sign_in_id)):
            raise NotFound(kind="Link", id=link_id[:100])
        trace_links.revoke(scope, sign_in_id, link_id, house.now())


def follow(house: House, token: str, say: Callable[[str], str] = str) -> tuple[TraceLink, Trace]:
    """What somebody outside sees. Raises `TraceLinkOver`, whatever is wrong with it."""
    pass_ = front_door.by_trace_link(house.database, token)
    if pass_ is not None:
        with house.database.read(pass_) as scope:
            link = trace_links.by_token(scope, front_door.digest(token))
        if link is not None and link.is_open(house.now()):
            return link, trace.of(house, pass_, link.attempt_id, Sight.SHARED, say)
    raise TraceLinkOver(kind="Link", id="")
