"""Domains of organizations: added, proven by DNS or by hand, taken away; and which organization a domain stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from latchstring.flows import story
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.environment import Pass
from latchstring.model.organization import Domain, DomainState
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, InvalidRequest, NotFound
from latchstring.protocols import email_address, public_suffix
from latchstring.protocols.consumer_domains import CONSUMER_DOMAINS
from latchstring.storage import domain_watches, events, organizations
from latchstring.storage.database import Scope, WritingScope
from latchstring.storage.domain_watches import DomainWatch
from latchstring.storage.sqlite import AlreadyThere


class DomainTaken(Conflict):
    """The organization already has the domain '{domain}'."""

    code = "domain_already_exists"
    fix = "Nothing to do, or delete the domain first to start its verification anew."
    domain: str


class DomainAlreadyVerified(InvalidRequest):
    """The domain '{domain}' is verified already."""

    code = "domain_already_verified"
    fix = "Nothing to do."
    domain: str


class DomainNotVerified(Conflict):
    """The organization has not proven that the domain '{domain}' is its own."""

    code = "domain_not_verified"
    fix = "Verify the domain first."
    domain: str


class DomainWish(msgspec.Struct, frozen=True):
    """A domain that an organization shall have."""

    domain: str
    state: Literal["pending", "verified"] = "pending"


class WatchedDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain and, until it is proven, how the search for its record goes."""

    domain: Domain
    watch: DomainWatch | None


def add(
    house: House, pass_: Pass, organization_id: str, *, name: str, state: DomainState = DomainState.PENDING
) -> WatchedDomain:
    """Raises `NotFound`, `InvalidFields`, `DomainTaken`."""
    with house.database.write(pass_) as scope:
        if organizations.get(scope, organization_id) is None:
            raise NotFound(kind="Organization", id=organization_id)
        wish = DomainWish(name, "verified" if state.is_verified else "pending")
        return _watched(scope, add_to(house, scope, made(house, organization_id, wish, house.now())))


def get(house: House, pass_: Pass, domain_id: str) -> WatchedDomain:
    with house.database.read(pass_) as scope:
        return _watched(scope, existing(scope, domain_id))


def verify_by_hand(house: House, pass_: Pass, domain_id: str) -> Domain:
    """For whoever knows by other means that the domain is the organization's. A proven one stays as it is."""
    with house.database.write(pass_) as scope:
        domain = existing(scope, domain_id)
        return domain if domain.state.is_verified else prove(house, scope, domain, by_hand(domain, house.now()))


def prefer(house: House, pass_: Pass, domain_id: str) -> Domain:
    """From now on the domain stands for this organization, whoever else has proven it. Raises `DomainNotVerified`."""
    now = house.now()
    with house.database.write(pass_) as scope:
        domain = existing(scope, domain_id)
        if not domain.state.is_verified:
            raise DomainNotVerified(domain=domain.domain)
        if domain.holds_policy:
            return domain
        holder = organizations.policy_holder(scope, domain.domain)
        if holder is not None:
            _hold(house, scope, holder, now, holds=False)
        return _hold(house, scope, domain, now, holds=True)


def delete(house: House, pass_: Pass, domain_id: str) -> Domain:
    with house.database.write(pass_) as scope:
        domain = existing(scope, domain_id)
        remove(house, scope, domain)
    return domain


def existing(scope: Scope, domain_id: str) -> Domain:
    domain = organizations.domain(scope, domain_id)
    if domain is None:
        raise NotFound(kind="Organization domain", id=domain_id)
    return domain


def made(house: House, organization_id: str, wish: DomainWish, now: datetime) -> Domain:
    """A domain as it is wished for. Raises `InvalidFields`."""
    name = domain_name(wish.domain)
    verified = wish.state == "verified"
    domain = Domain(
        id=house.id(ids.DOMAIN, now),
        organization_id=organization_id,
        domain=name,
        state=DomainState.VERIFIED if verified else DomainState.PENDING,
        verification_strategy="manual" if verified else "dns",
        verification_token=None,
        verification_prefix=None,
        created_at=now,
        updated_at=now,
    )
    return domain if verified else with_record(house, domain)


def by_hand(domain: Domain, now: datetime) -> Domain:
    """As it is once somebody says that it is proven."""
    return msgspec.structs.replace(domain, state=DomainState.VERIFIED, verification_strategy="manual", updated_at=now)


def with_record(house: House, domain: Domain) -> Domain:
    """With a record for DNS: the one it has, or a fresh one."""
    if domain.verification_token and domain.verification_prefix:
        return domain
    return msgspec.structs.replace(
        domain,
        verification_token=house.secret()[:25],
        verification_prefix=f"latchstring-domain-verification-{domain.organization_id[-6:].lower()}",
    )


def add_to(house: House, scope: WritingScope, domain: Domain) -> Domain:
    """Raises `DomainTaken`."""
    try:
        organizations.add_domain(scope, domain)
    except AlreadyThere:
        raise DomainTaken(domain=domain.domain) from None
    domain = settle(house, scope, domain)
    tell(house, scope, "organization_domain.created", story.domain(domain))
    return domain


def settle(house: House, scope: WritingScope, domain: Domain) -> Domain:
    """What a domain that was just written down needs: its record is looked for, or it stands for its organization."""
    if not domain.state.is_verified:
        domain_watches.begin(scope, domain.id, domain.updated_at)
        return domain
    if organizations.policy_holder(scope, domain.domain) is not None:
        return domain
    organizations.hold_policy(scope, domain.id, holds=True, now=domain.updated_at)
    return msgspec.structs.replace(domain, holds_policy=True)


def prove(house: House, scope: WritingScope, before: Domain, after: Domain) -> Domain:
    """`after` is verified. Told once, however many find out at the same moment."""
    if not organizations.change_domain(scope, before, after):
        return existing(scope, before.id)
    domain_watches.end(scope, after.id)
    after = settle(house, scope, after)
    tell(house, scope, "organization_domain.verified", story.domain(after))
    return after


def remove(house: House, scope: WritingScope, domain: Domain) -> None:
    organizations.remove_domain(scope, domain.id)
    gone(house, scope, domain)


def gone(house: House, scope: WritingScope, domain: Domain) -> None:
    """What follows when the row of a domain is away, be it alone or with its organization."""
    pass_on(house, scope, domain)
    tell(house, scope, "organization_domain.deleted", story.domain(domain))


def pass_on(house: House, scope: WritingScope, gone: Domain) -> None:
    """What a domain stood for goes to the organization that has it longest of those that have proven it."""
    if not gone.holds_policy:
        return
    proven = [domain for domain in organizations.same_domain(scope, gone.domain) if domain.state.is_verified]
    if proven:
        _hold(house, scope, proven[0], house.now(), holds=True)


def domain_name(text: str) -> str:
    """Lower-case punycode. Raises `InvalidFields`.

    Refused are the domains of e-mail providers and those under which anybody registers: `gmail.com`, `co.uk`
    (contract 4.2).
    """
    try:
        name = email_address.domain_name(text.strip().rstrip("."))
    except ValueError:
        raise _invalid("domain_invalid", f"'{text[:100]}' is not a domain name.") from None
    if name in CONSUMER_DOMAINS:
        raise _invalid(
            "domain_is_consumer", f"'{name}' is a public e-mail provider: anybody can have an address there."
        )
    if public_suffix.is_registry(name):
        raise _invalid("domain_is_public", f"Anybody can register names under '{name}', so it is nobody's own.")
    return name


def searched(text: str) -> str:
    """A domain by which lists are filtered, in the spelling in which it would be kept; what is none finds nothing."""
    try:
        return email_address.domain_name(text.strip().rstrip("."))
    except ValueError:
        return text.strip().lower()


def tell(house: House, scope: WritingScope, name: str, data: Mapping[str, Any]) -> None:
    now = house.now()
    events.add(scope, house.id(ids.EVENT, now), name, data, now=now)


def _hold(house: House, scope: WritingScope, domain: Domain, now: datetime, *, holds: bool) -> Domain:
    organizations.hold_policy(scope, domain.id, holds=holds, now=now)
    after = msgspec.structs.replace(domain, holds_policy=holds, updated_at=now)
    tell(house, scope, "organization_domain.updated", story.domain(after))
    return after


def _watched(scope: Scope, domain: Domain) -> WatchedDomain:
    return WatchedDomain(domain=domain, watch=domain_watches.get(scope, domain.id))


def _invalid(code: str, message: str) -> InvalidFields:
    return InvalidFields(errors=(FieldError(field="domain", code=code, message=message),))
