"""A link into the Admin Portal as the pages of an organization show it: for whom, whether opened, how far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latchstring.flows import portal_links, portal_progress
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.portal import Intent, LinkKind, LinkState, PortalLink
from latchstring.web.kit.language import _


def row(house: House, pass_: Pass, link: PortalLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "intent": intents()[link.intent.value][0],
        "by_api": link.kind is LinkKind.API,
        "state": link.state(house.now()).value,
        "for_whom": ", ".join(link.recipients) or link.external_user_id or "",
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "opened": link.opened,
        "last_opened_at": link.last_opened_at,
        "step": portal_progress.of(house, pass_, link.organization_id).step.value,
    }


def pending(house: House, pass_: Pass, organization_id: str) -> dict[str, Any] | None:
    """The open link by which single sign-on is being set up, if there is one."""
    now = house.now()
    found = portal_links.of_organization(house, pass_, organization_id)
    open_ = (each for each in found if each.kind is LinkKind.SET_UP and each.state(now) is LinkState.OPEN)
    link = next((each for each in open_ if each.intent is Intent.SSO), None)
    return None if link is None else row(house, pass_, link)


def intents() -> Mapping[str, tuple[str, str]]:
    """Each in the language of the page, with what it opens."""
    return {
        Intent.SSO.value: (_("Set up single sign-on"), _("everything: domains, the connection, its certificate")),
        Intent.DOMAIN_VERIFICATION.value: (_("Verify domains"), _("domains alone")),
        Intent.CERTIFICATE_RENEWAL.value: (_("Renew a certificate"), _("the certificate of a connection alone")),
    }
