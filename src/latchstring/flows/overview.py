"""What an operator sees first of an environment: what needs somebody, how sign-ins go, and how far its set-up is."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import msgspec

from latchstring.flows import expiry, sign_ins, story
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.sign_in import SignIn, Wanted
from latchstring.storage import connections, overview
from latchstring.storage.database import Scope
from latchstring.storage.paging import Window

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
STUCK = timedelta(days=7)  # a set-up that takes longer has been left alone
FAILING = 20  # per cent of the last hour's sign-ins
_LEAST = 3  # refused ones: a single mistake is not yet a connection that fails
_SHOWN = 20  # of a kind
_CANDIDATES = 200  # connections of which a warning was given
_WARNED = timedelta(days=expiry.THRESHOLDS[-1] + expiry.AFTER)


class Trouble(Enum):
    """What needs somebody."""

    FAILING = "failing"
    CERTIFICATE = "certificate"
    WAITING = "waiting"
    DOMAIN = "domain"
    STUCK = "stuck"


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that needs somebody, with what it is about."""

    trouble: Trouble
    name: str  # of the connection, or the domain
    connection_id: str | None = None
    organization_id: str | None = None
    count: int = 0  # refused sign-ins, people who wait, or days until the end (not positive: it is over)
    of: int = 0  # sign-ins of which `count` were refused
    state: str = ""  # of a connection that is stuck
    at: datetime | None = None  # the end of a certificate, or the beginning of a set-up


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One of the last 24."""

    since: datetime
    begun: int
    refused: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The last 24 hours, and the connections as they are now."""

    hours: tuple[Hour, ...]  # oldest first
    under_way: int
    active: int
    unfinished: int

    @property
    def begun(self) -> int:
        return sum(hour.begun for hour in self.hours)

    @property
    def refused(self) -> int:
        return sum(hour.refused for hour in self.hours)

    @property
    def percent(self) -> str | None:
        """The good ones of those that came to an end, rounded down: 99.9 is not a hundred. None: there was none."""
        ended = max(self.refused, self.begun - self.under_way)
        return f"{(ended - self.refused) * 1000 // ended / 10:g}" if ended else None


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The first steps; each is true once the environment shows it."""

    redirect_uri: bool
    api_key: bool
    organization: bool
    connection: bool
    sign_in: bool

    @property
    def done(self) -> bool:
        return all(msgspec.structs.astuple(self))


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the page."""

    concerns: tuple[Concern, ...]
    figures: Figures
    latest: tuple[SignIn, ...]
    started: Started


def of(house: House, pass_: Pass) -> Overview:
    now = house.now()
    latest = sign_ins.page(house, pass_, Window(limit=_SHOWN), Wanted()).items
    with house.database.read(pass_) as scope:
        return Overview(
            concerns=(
                *_failing(scope, now),
                *_certificates(house, scope, now),
                *_waiting(scope),
                *_domains(scope),
                *_stuck(scope, now),
            ),
            figures=_figures(scope, now),
            latest=latest,
            started=started(scope),
        )


def started(scope: Scope) -> Started:
    return Started(
        redirect_uri=overview.has_redirect_uri(scope),
        api_key=overview.has_used_key(scope),
        organization=overview.has_organization(scope),
        connection=overview.has_connection(scope),
        sign_in=overview.has_profile(scope),
    )


def _figures(scope: Scope, now: datetime) -> Figures:
    until = now + timedelta(milliseconds=1)  # the newest one is among them
    first = until - DAY
    bounds = [(first + HOUR * number, first + HOUR * (number + 1)) for number in range(24)]
    return Figures(
        hours=tuple(
            Hour(since=since, begun=overview.begun(scope, since, end), refused=overview.refused(scope, since, end))
            for since, end in bounds
        ),
        under_way=overview.under_way(scope),
        active=overview.in_state(scope, "active"),
        unfinished=sum(overview.in_state(scope, state) for state in ("requires_type", "draft", "validating")),
    )


def _failing(scope: Scope, now: datetime) -> list[Concern]:
    found = []
    for connection_id, refused in overview.refused_by_connection(scope, now - HOUR, _SHOWN):
        begun = overview.begun_through(scope, connection_id, now - HOUR)
        connection = overview.named(scope, connection_id)
        if connection is not None and refused >= _LEAST and refused * 100 > begun * FAILING:
            found.append(_about(Trouble.FAILING, connection, count=refused, of=begun))
    return found


def _certificates(house: House, scope: Scope, now: datetime) -> list[Concern]:
    """Of the connections of which the worker has warned: as they are at this moment, the first to end first."""
    found = []
    for connection_id in overview.warned_of(scope, now - _WARNED, _CANDIDATES):
        connection = connections.get(scope, house.vault, connection_id)
        end = expiry.next_end(connection, now) if connection is not None else None
        if connection is not None and end is not None:
            found.append(
                Concern(
                    trouble=Trouble.CERTIFICATE,
                    name=connection.name,
                    connection_id=connection.id,
                    organization_id=connection.organization_id,
                    count=story.days_until(end, now),
                    at=end,
                )
            )
    return sorted(found, key=lambda one: one.count)[:_SHOWN]


def _waiting(scope: Scope) -> list[Concern]:
    found = []
    for connection_id, count in overview.waiting(scope, _SHOWN):
        connection = overview.named(scope, connection_id)
        if connection is not None:
            found.append(_about(Trouble.WAITING, connection, count=count))
    return found


def _domains(scope: Scope) -> list[Concern]:
    return [
        Concern(trouble=Trouble.DOMAIN, name=name, organization_id=organization_id)
        for _, organization_id, name in overview.failed_domains(scope, _SHOWN)
    ]


def _stuck(scope: Scope, now: datetime) -> list[Concern]:
    return [
        _about(Trouble.STUCK, connection, state=connection.state, at=connection.created_at)
        for connection in overview.unfinished(scope, now - STUCK, _SHOWN)
    ]


def _about(
    trouble: Trouble,
    connection: overview.Named,
    *,
    count: int = 0,
    of: int = 0,
    state: str = "",
    at: datetime | None = None,
) -> Concern:
    return Concern(
        trouble=trouble,
        name=connection.name,
        connection_id=connection.id,
        organization_id=connection.organization_id,
        count=count,
        of=of,
        state=state,
        at=at,
    )
