"""Looks for the record that proves a domain, now or when its time has come; what DNS says changes its state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from latchstring.flows import domains, story
from latchstring.flows.domains import DomainAlreadyVerified, WatchedDomain
from latchstring.flows.house import House
from latchstring.model.dns import DnsUnanswered
from latchstring.model.environment import Pass
from latchstring.model.organization import Domain, DomainState
from latchstring.protocols import domain_proof
from latchstring.protocols.domain_proof import Shortfall
from latchstring.storage import domain_watches, organizations
from latchstring.storage.database import WritingScope
from latchstring.storage.domain_watches import PATIENCE, DomainWatch

LEASE = timedelta(minutes=2)  # who took a domain and died is followed by another one after it
_AT_ONCE = 50  # domains in one round
# How often: somebody may be waiting in front of the screen at first.
_PACE = (
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=10)),
    (PATIENCE, timedelta(hours=1)),
)


def look_again(house: House, pass_: Pass, domain_id: str) -> WatchedDomain:
    """Begins the search anew and looks at once. Raises `DomainAlreadyVerified`, `NotFound`; DNS that fails, nothing."""
    with house.database.read(pass_) as scope:
        before = domains.existing(scope, domain_id)
    if before.state.is_verified:
        raise DomainAlreadyVerified(domain=before.domain)
    waiting = domains.with_record(house, before)
    found = _look(house, waiting)
    now = house.now()
    waiting = msgspec.structs.replace(waiting, state=DomainState.PENDING, verification_strategy="dns", updated_at=now)
    with house.database.write(pass_) as scope:
        if not organizations.change_domain(scope, before, waiting):
            if domains.existing(scope, domain_id).state.is_verified:
                raise DomainAlreadyVerified(domain=before.domain)
            before = msgspec.structs.replace(before, state=DomainState.PENDING)
        if before.state is not DomainState.PENDING:
            domains.tell(house, scope, "organization_domain.updated", story.domain(waiting))
        watch = domain_watches.begin(scope, domain_id, now)
        domain = _conclude(house, scope, waiting, watch, found, now)
        return WatchedDomain(domain=domain, watch=domain_watches.get(scope, domain_id))


def look_due(house: House, pass_: Pass, stopping: Callable[[], bool]) -> tuple[int, int]:
    """Looks for the records whose time has come. How many domains were proven, and how many have failed."""
    with house.database.read(pass_) as scope:
        due = domain_watches.due(scope, house.now(), _AT_ONCE)
    verified, failed = 0, 0
    for watch in due:
        if stopping():
            break
        with house.database.write(pass_) as scope:
            claimed = domain_watches.claim(scope, watch, house.now() + LEASE)
            domain = organizations.domain(scope, watch.domain_id)
        if not claimed or domain is None:
            continue
        found = _look(house, domain)
        with house.database.write(pass_) as scope:
            if organizations.domain(scope, domain.id) is None:
                continue  # deleted while DNS was asked; the other ones are looked for all the same
            state = _conclude(house, scope, domain, watch, found, house.now()).state
        verified += state.is_verified
        failed += state is DomainState.FAILED
    return verified, failed


def _look(house: House, domain: Domain) -> Shortfall | None:
    """None: the record is there."""
    try:
        records = house.txt(domain.domain)
    except DnsUnanswered as refusal:
        return Shortfall(code=refusal.code, message=refusal.message)
    return domain_proof.shortfall(
        records,
        domain=domain.domain,
        prefix=domain.verification_prefix or "",
        token=domain.verification_token or "",
    )


def _conclude(
    house: House, scope: WritingScope, domain: Domain, watch: DomainWatch, found: Shortfall | None, now: datetime
) -> Domain:
    if found is None:
        return domains.prove(
            house, scope, domain, msgspec.structs.replace(domain, state=DomainState.VERIFIED, updated_at=now)
        )
    age = now - watch.begun_at
    wait = next((wait for limit, wait in _PACE if age < limit), None)
    next_at = None if wait is None else min(now + wait, watch.begun_at + PATIENCE)
    kept = domain_watches.keep(scope, msgspec.structs.replace(watch, next_at=next_at, looked_at=now, shortfall=found))
    if next_at is not None or not kept:
        return domain
    failed = msgspec.structs.replace(domain, state=DomainState.FAILED, updated_at=now)
    if organizations.change_domain(scope, domain, failed):
        data = {"reason": "domain_verification_period_expired", "organization_domain": story.domain(failed)}
        domains.tell(house, scope, "organization_domain.verification_failed", data)
    return failed
