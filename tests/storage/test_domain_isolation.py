"""Domains that are looked for, and what they stand for, in one environment are unknown to its twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from latchstring.model.organization import DomainState
from latchstring.protocols.domain_proof import Shortfall
from latchstring.storage import domain_watches, organizations
from latchstring.storage.domain_watches import DomainWatch
from latchstring.storage.sqlite import AlreadyThere
from tests.storage.conftest import NOW, Twins
from tests.storage.test_isolation import organization
from tests.storage.test_once import in_parallel

LATER = NOW + timedelta(hours=1)
DOMAIN = "org_domain_twin"


@pytest.fixture
def watched(twins: Twins) -> Twins:
    for letter, pass_ in (("a", twins.a), ("b", twins.b)):
        with twins.database.write(pass_) as scope:
            organizations.add(scope, organization(letter))
            domain_watches.begin(scope, DOMAIN, NOW)
    return twins


def test_a_watch_is_kept_as_it_is_and_its_twin_is_left_alone(watched: Twins) -> None:
    seen = Shortfall(code="record_different", message="Not this one.", seen=("a=b",))
    full = DomainWatch(domain_id=DOMAIN, begun_at=NOW, next_at=LATER, looked_at=NOW, shortfall=seen)
    with watched.database.write(watched.a) as scope:
        assert domain_watches.keep(scope, full)
        assert domain_watches.get(scope, DOMAIN) == full
        assert domain_watches.due(scope, NOW, 10) == []
        assert domain_watches.due(scope, LATER, 10) == [full]
    with watched.database.write(watched.b) as scope:
        twin = domain_watches.get(scope, DOMAIN)
        assert twin == DomainWatch(domain_id=DOMAIN, begun_at=NOW, next_at=NOW)
        assert domain_watches.claim(scope, twin, LATER)
        domain_watches.end(scope, DOMAIN)
        assert not domain_watches.keep(scope, full)
    with watched.database.write(watched.a) as scope:
        assert domain_watches.get(scope, DOMAIN) == full
        over = replace(full, next_at=None)
        assert domain_watches.keep(scope, over)
        assert domain_watches.due(scope, LATER + timedelta(days=99), 10) == []
        assert not domain_watches.claim(scope, over, LATER)
        again = domain_watches.begin(scope, DOMAIN, LATER)
        assert (
            domain_watches.get(scope, DOMAIN) == again == DomainWatch(domain_id=DOMAIN, begun_at=LATER, next_at=LATER)
        )
        assert not domain_watches.keep(scope, full), "what an older search found is of no use to a newer one"


def test_a_watch_is_claimed_by_one_of_many(watched: Twins) -> None:
    def claim() -> bool:
        with watched.database.write(watched.a) as scope:
            return domain_watches.claim(scope, DomainWatch(domain_id=DOMAIN, begun_at=NOW, next_at=NOW), LATER)

    assert in_parallel(50, claim) == 1


def test_a_watch_goes_with_its_domain(watched: Twins) -> None:
    with watched.database.write(watched.a) as scope:
        assert organizations.remove_domain(scope, DOMAIN)
        assert domain_watches.get(scope, DOMAIN) is None
    with watched.database.read(watched.b) as scope:
        assert domain_watches.get(scope, DOMAIN) is not None


def test_what_a_domain_stands_for_is_decided_in_each_environment_alone(watched: Twins) -> None:
    for pass_ in (watched.a, watched.b):
        with watched.database.write(pass_) as scope:
            assert organizations.policy_holder(scope, "example.com") is None
            organizations.hold_policy(scope, DOMAIN, holds=True, now=NOW)
            assert organizations.policy_holder(scope, "example.com") is not None
    with watched.database.write(watched.b) as scope:
        assert len(organizations.same_domain(scope, "example.com")) == 1
        organizations.hold_policy(scope, DOMAIN, holds=False, now=NOW)
        domain = organizations.domain(scope, DOMAIN)
        assert domain is not None
        assert organizations.change_domain(scope, domain, replace(domain, state=DomainState.FAILED))
        assert not organizations.change_domain(scope, domain, replace(domain, state=DomainState.PENDING))
    with watched.database.read(watched.a) as scope:
        held = organizations.policy_holder(scope, "example.com")
        assert held is not None and held.state is DomainState.VERIFIED


def test_the_database_itself_lets_one_organization_be_meant(watched: Twins) -> None:
    with watched.database.write(watched.a) as scope:
        other = organization("a")
        domain = replace(other.domains[0], id="org_domain_other", organization_id="org_other")
        organizations.add(scope, replace(other, id="org_other", domains=(domain,)))
        organizations.hold_policy(scope, DOMAIN, holds=True, now=NOW)
        with pytest.raises(AlreadyThere):
            organizations.hold_policy(scope, "org_domain_other", holds=True, now=NOW)
