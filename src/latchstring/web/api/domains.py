"""/organization_domains (contract 4.2); of one domain, also how the search for its record in DNS goes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from latchstring.flows import domain_proof, domains, story
from latchstring.flows.domains import WatchedDomain
from latchstring.flows.house import House
from latchstring.model.organization import DomainState
from latchstring.web.kit.message import Reply, as_json, empty
from latchstring.web.kit.route import Ask


class DomainBody(msgspec.Struct, frozen=True, kw_only=True):
    """A domain for an organization; `state` is our own addition, for whoever knows that the domain is theirs."""

    organization_id: str
    domain: str
    state: Literal["pending", "verified"] | None = None


def add(house: House, ask: Ask) -> Reply:
    body: DomainBody = ask.body
    state = DomainState.VERIFIED if body.state == "verified" else DomainState.PENDING
    added = domains.add(house, ask.caller, body.organization_id, name=body.domain, state=state)
    return as_json(_shown(added), status=201)


def get(house: House, ask: Ask) -> Reply:
    return as_json(_shown(domains.get(house, ask.caller, ask.params["id"])))


def verify(house: House, ask: Ask) -> Reply:
    return as_json(_shown(domain_proof.look_again(house, ask.caller, ask.params["id"])), status=201)


def verify_by_hand(house: House, ask: Ask) -> Reply:
    return as_json(story.domain(domains.verify_by_hand(house, ask.caller, ask.params["id"])))


def prefer(house: House, ask: Ask) -> Reply:
    return as_json(story.domain(domains.prefer(house, ask.caller, ask.params["id"])))


def delete(house: House, ask: Ask) -> Reply:
    domains.delete(house, ask.caller, ask.params["id"])
    return empty()


def _shown(found: WatchedDomain) -> dict[str, Any]:
    return {**story.domain(found.domain), **story.domain_search(found.domain, found.watch)}
