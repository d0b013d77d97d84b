"""latchstring domain: create, list, show, check, verify, take-policy, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import domain_proof, domains, organizations, story
from latchstring.flows.domains import WatchedDomain
from latchstring.model.organization import Domain, DomainState

_FIELDS = ("id", "domain", "state", "organization_id", "verification_strategy", "domain_policy", "created_at")
_SEARCH = (
    "verification.record.name",
    "verification.record.type",
    "verification.record.value",
    "verification.looked_at",
    "verification.shortfall.message",
    "verification.shortfall.seen",
    "verification.next_look_at",
    "verification.gives_up_at",
)


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "domain",
        "domains: which e-mail addresses an organization's connections may bring",
        "  latchstring domain create --organization org_01... --domain acme.example\n"
        "  latchstring domain check org_domain_01...",
    )
    create = noun.verb("create", "add a domain to an organization; shows the record to put into its DNS", _create)
    create.add_argument("--organization", required=True, metavar="ID")
    create.add_argument("--domain", required=True, metavar="DOMAIN")
    create.add_argument(
        "--state",
        choices=("pending", "verified"),
        default="pending",
        help="pending: to be proven by DNS (default); verified: because you know that it is theirs",
    )
    listing = noun.verb("list", "list the domains of an organization", _list)
    listing.add_argument("--organization", required=True, metavar="ID")
    for name, about, run in (
        ("show", "show one domain, its record and what was seen in DNS", _show),
        ("check", "look for the record in DNS now, and for thirty days from now", _check),
        ("verify", "declare a domain verified, because you know that it is", _verify),
        ("take-policy", "of the organizations that have proven the domain, let it mean this one", _take_policy),
    ):
        noun.verb(name, about, run).add_argument("id", metavar="ID")
    noun.deletion("delete", "take a domain from its organization", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    added = domains.add(built, pass_, asked.organization, name=asked.domain, state=DomainState(asked.state))
    return _show_watched(asked, added)


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = [story.domain(domain) for domain in organizations.get(built, pass_, asked.organization).domains]
    output.show_list(asked, {"object": "list", "data": found}, _FIELDS[:3], empty="The organization has no domain yet.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    return _show_watched(asked, domains.get(built, pass_, asked.id))


def _check(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    return _show_watched(asked, domain_proof.look_again(built, pass_, asked.id))


def _verify(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    return _show_domain(asked, domains.verify_by_hand(built, pass_, asked.id))


def _take_policy(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    return _show_domain(asked, domains.prefer(built, pass_, asked.id))


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    domain = domains.get(built, pass_, asked.id).domain
    output.confirm(asked, f"the domain {domain.domain}")
    domains.delete(built, pass_, domain.id)
    return output.gone(asked, "organization_domain", domain.id)


def _show_watched(asked: Namespace, found: WatchedDomain) -> int:
    shown = {**story.domain(found.domain), **story.domain_search(found.domain, found.watch)}
    output.show_one(asked, shown, _FIELDS + (_SEARCH if "verification" in shown else ()))
    return 0


def _show_domain(asked: Namespace, domain: Domain) -> int:
    output.show_one(asked, story.domain(domain), _FIELDS)
    return 0
