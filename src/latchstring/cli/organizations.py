"""latchstring organization: create, list, show, delete."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.flows import organizations, story
from latchstring.flows.domains import DomainWish
from latchstring.flows.organizations import OrganizationWish
from latchstring.storage.paging import Window
from latchstring.web.api import shapes

_FIELDS = ("id", "name", "domains.domain", "allow_profiles_outside_organization", "external_id", "created_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "organization",
        "organizations: the customers of the application",
        "  latchstring organization create --name Acme --domain acme.example\n"
        "  latchstring organization list --search acme",
    )
    create = noun.verb("create", "make an organization", _create)
    create.add_argument("--name", required=True)
    create.add_argument(
        "--domain", action="append", default=[], metavar="DOMAIN", help="a domain that you know is theirs; repeatable"
    )
    create.add_argument("--external-id", metavar="ID", help="your own id of this customer")
    create.add_argument(
        "--allow-profiles-outside-organization", action="store_true", help="let any e-mail domain sign in"
    )
    listing = noun.listing("list organizations", _list)
    listing.add_argument("--domain", action="append", default=[], metavar="DOMAIN", help="only with this domain")
    listing.add_argument("--search", metavar="TEXT", help="only with this in the name")
    show = noun.verb("show", "show one organization", _show)
    show.add_argument("id", metavar="ID")
    noun.deletion("delete", "delete an organization with its domains, connections and profiles", _delete)


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    wish = OrganizationWish(
        name=asked.name,
        domains=tuple(DomainWish(domain, "verified") for domain in asked.domain),
        external_id=asked.external_id,
        allow_profiles_outside_organization=asked.allow_profiles_outside_organization,
    )
    shown = story.organization(organizations.create(built, pass_, wish))
    output.show_one(asked, shown, _FIELDS)
    if not asked.json:
        output.say(f"Next: latchstring connection create --organization {shown['id']} ...")
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    window = Window(limit=asked.limit, after=asked.after)
    page = organizations.page(built, pass_, window, domain_names=asked.domain, search=asked.search)
    output.show_list(
        asked,
        shapes.page(page, story.organization),
        ("id", "name", "domains.domain", "created_at"),
        empty="No organization fits.",
    )
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, story.organization(organizations.get(built, pass_, asked.id)), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    organization = organizations.get(built, pass_, asked.id)
    output.confirm(asked, f"{organization.name} with its domains, connections and profiles")
    organizations.delete(built, pass_, organization.id)
    return output.gone(asked, "organization", organization.id)
