"""latchstring domain: create, list, show, verify, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import organizations, story
from latchstring.model.organization import DomainState

_FIELDS = (
    "id",
    "domain",
    "state",
    "organization_id",
    "verification_strategy",
    "verification_prefix",
    "verification_token",
    "created_at",
)


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "domain",
        "domains: which e-mail addresses an organization's connections may bring",
        "  latchstring domain create --organization org_01... --domain acme.example --state verified\n"
        "  latchstring domain verify org_domain_01...",
    )
    create = noun.verb("create", "add a domain to an organization", _create)
    create.add_argument("--organization", required=True, metavar="ID")
    create.add_argument("--domain", required=True, metavar="DOMAIN")
    create.add_argument("--state", choices=("pending", "verified"), default="pending")
    listing = noun.verb("list", "list the domains of an organization", _list)
    listing.add_argument("--organization", required=True, metavar="ID")
    for name, about, run in (
        ("show", "show one domain", _show),
        ("verify", "declare a domain verified, because you know that it is", _verify),
    ):
        noun.verb(name, about, run).add_argument("id", metavar="ID")
    noun.deletion("delete", "take a domain from its organization", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    state = DomainState(asked.state)
    domain = organizations.add_domain(built, pass_, asked.organization, domain=asked.domain, state=state)
    output.show_one(asked, story.domain(domain), _FIELDS)
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = [story.domain(domain) for domain in organizations.get(built, pass_, asked.organization).domains]
    output.show_list(asked, {"object": "list", "data": found}, _FIELDS[:3], empty="The organization has no domain yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, story.domain(organizations.get_domain(built, pass_, asked.id)), _FIELDS)
    return 0


def _verify(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, story.domain(organizations.verify_domain_by_hand(built, pass_, asked.id)), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    domain = organizations.get_domain(built, pass_, asked.id)
    output.confirm(asked, f"the domain {domain.domain}")
    organizations.delete_domain(built, pass_, domain.id)
    return output.gone(asked, "organization_domain", domain.id)
