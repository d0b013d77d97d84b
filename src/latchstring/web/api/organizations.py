"""/organizations (contract 4.2)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET

from latchstring.flows import organizations as flow
from latchstring.flows import story
from latchstring.flows.domains import DomainWish
from latchstring.flows.house import House
from latchstring.flows.organizations import OrganizationWish
from latchstring.web.api import once, shapes
from latchstring.web.kit import decode
from latchstring.web.kit.message import Reply, as_json
from latchstring.web.kit.route import Ask


class DomainData(msgspec.Struct, frozen=True):
    """A domain and whether it is known to be the organization's."""

    domain: str
    state: Literal["pending", "verified"] = "pending"


class OrganizationBody(msgspec.Struct, frozen=True, kw_only=True):
    """What an organization shall be. A null means the same as leaving the field out: SDKs send nulls for what is unset.

    `domains` and `domain_data`, if given, replace the set. In `metadata`, a null takes the pair away. An empty
    `external_id` or `stripe_customer_id` clears it.
    """

    name: str | None = None
    domain_data: list[DomainData] | None = None
    domains: list[str] | None = None
    allow_profiles_outside_organization: bool | None = None
    metadata: dict[str, str | None] | None = None
    external_id: str | None = None
    stripe_customer_id: str | None = None


def create(house: House, ask: Ask) -> Reply:
    body: OrganizationBody = ask.body
    return once.answered(house, ask, lambda: (201, story.organization(flow.create(house, ask.caller, _wish(body)))))


def listed(house: House, ask: Ask) -> Reply:
    found = decode.pairs(ask.inbound.query)
    page = flow.page(
        house,
        ask.caller,
        decode.window(found),
        domain_names=decode.listed(found, "domains"),
        search=dict(found).get("search") or None,
    )
    return as_json(shapes.page(page, story.organization))


def get(house: House, ask: Ask) -> Reply:
    return as_json(story.organization(flow.get(house, ask.caller, ask.params["id"])))


def by_external_id(house: House, ask: Ask) -> Reply:
    return as_json(story.organization(flow.by_external_id(house, ask.caller, ask.params["external_id"])))


def update(house: House, ask: Ask) -> Reply:
    return as_json(story.organization(flow.update(house, ask.caller, ask.params["id"], _wish(ask.body))))


def delete(house: House, ask: Ask) -> Reply:
    flow.delete(house, ask.caller, ask.params["id"])
    return as_json({}, status=202)  # one SDK fails on the bare text "Accepted" (contract 1.9)


def _wish(body: OrganizationBody) -> OrganizationWish:
    given: dict[str, Any] = {
        "name": body.name,
        "domains": _domains(body),
        "allow_profiles_outside_organization": body.allow_profiles_outside_organization,
        "metadata": body.metadata,
        "external_id": body.external_id,
        "stripe_customer_id": body.stripe_customer_id,
    }
    wish = OrganizationWish(**{name: UNSET if value is None else value for name, value in given.items()})
    cleared = {name: None for name in ("external_id", "stripe_customer_id") if given[name] == ""}
    return msgspec.structs.replace(wish, **cleared)


def _domains(body: OrganizationBody) -> tuple[DomainWish, ...] | None:
    if body.domain_data is not None:
        return tuple(DomainWish(entry.domain, entry.state) for entry in body.domain_data)
    if body.domains is not None:  # the older way; such domains were taken on trust (contract 4.2)
        return tuple(DomainWish(domain, "verified") for domain in body.domains)
    return None
