"""latchstring portal: links by which a customer's IT admin sets up single sign-on alone."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import Any

from latchstring.cli import output, workplace
from latchstring.cli.nouns import Noun
from latchstring.effects import mail
from latchstring.flows import portal_invitations, portal_links, portal_progress
from latchstring.flows.house import House
from latchstring.flows.story import instant
from latchstring.model.environment import Pass
from latchstring.model.portal import Intent, PortalLink

_FIELDS = ("id", "intent", "state", "recipients", "opened", "step", "expires_at")


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "portal",
        "links into the Admin Portal: a customer's IT admin sets up single sign-on alone",
        "  latchstring portal link --organization org_01... --email it@acme.example\n"
        "  latchstring portal list --organization org_01...",
    )
    link = noun.verb("link", "make a link, good for 30 days; an open one of the same intent ends", _link)
    _of(link)
    link.add_argument(
        "--intent", default=Intent.SSO.value, choices=[each.value for each in Intent], help="what it opens (sso)"
    )
    link.add_argument(
        "--email", action="append", default=[], metavar="ADDRESS", help="mail it there; repeatable; an IT contact then"
    )
    _of(noun.verb("list", "list the links of an organization, and how far they got", _list))
    revoke = noun.deletion("revoke", "take a link back, and end its sessions", _revoke)
    _of(revoke)


def _of(verb: Any) -> None:
    verb.add_argument("--organization", required=True, metavar="ID", help="of which customer")


def _link(asked: Namespace) -> int:
    """The link is printed in any case: whoever runs this can hand it over as they like."""
    built, pass_ = workplace.enter(asked)
    if built.development:  # keeps its mail in the memory of the very process that sends it: nobody would see ours
        built = replace(built, postbox=mail.closed)
    done = portal_invitations.send(built, pass_, asked.organization, Intent(asked.intent), asked.email)
    shown = {**_shown(built, pass_, done.made.link), "url": done.made.url.reveal(), "mailed": list(done.mailed)}
    output.show_one(asked, shown, ("id", "intent", "url", "expires_at", "mailed"))
    for email, refusal in done.failed:
        output.say(f"It could not be mailed to {email}: {refusal.message}")
    if not asked.json:
        output.say("Keep the address now: it is stored as a hash and cannot be shown again.")
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    found = portal_links.of_organization(built, pass_, asked.organization)
    rows = [_shown(built, pass_, each) for each in found]
    output.show_list(asked, {"object": "list", "data": rows}, _FIELDS, empty="There is no link yet.")
    return 0


def _revoke(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.confirm(asked, f"the link {asked.id} and the sessions that began with it")
    portal_links.revoke(built, pass_, asked.organization, asked.id)
    return output.gone(asked, "portal_link", asked.id)


def _shown(built: House, pass_: Pass, link: PortalLink) -> dict[str, Any]:
    return {
        "object": "portal_link",
        "id": link.id,
        "organization_id": link.organization_id,
        "intent": link.intent.value,
        "kind": link.kind.value,
        "state": link.state(built.now()).value,
        "recipients": list(link.recipients),
        "external_user_id": link.external_user_id,
        "opened": link.opened,
        "last_opened_at": instant(link.last_opened_at) if link.last_opened_at else None,
        "step": portal_progress.of(built, pass_, link.organization_id).step.value,
        "created_at": instant(link.created_at),
        "expires_at": instant(link.expires_at),
    }
