"""/dashboard/{environment}/organizations/{id}/links: the IT admin's link, how far they are, and whom to write to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from latchstring.effects.mail import MailNotConfigured, RecipientRefused
from latchstring.flows import (
    contact_mails,
    it_contacts,
    organizations,
    portal_invitations,
    portal_links,
    portal_progress,
)
from latchstring.flows.house import House
from latchstring.flows.it_contacts import ItContactsFull, ItContactTaken
from latchstring.flows.portal_invitations import Sent
from latchstring.model.operator import Role
from latchstring.model.organization import Organization
from latchstring.model.portal import Intent, LinkKind, LinkState
from latchstring.model.refusal import InvalidFields, Refusal
from latchstring.storage.portal_mails import Errand, Kind
from latchstring.web.dashboard import browser, portal_link_rows
from latchstring.web.dashboard.guard import HOME, Page, Visit, render
from latchstring.web.dashboard.organizations import ORGANIZATION, address, tabs
from latchstring.web.kit import decode, words
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply, redirect

_LINKS = f"{ORGANIZATION}/links"
_CONTACTS = f"{ORGANIZATION}/contacts"
_INTENTS = frozenset(each.value for each in Intent)
_SHOWN = 10  # links that are over


def shown(house: House, visit: Visit) -> Reply:
    """`intent` of the query is the one that the form proposes."""
    asked = decode.singles(decode.pairs(visit.inbound.query)).get("intent", "")
    return _page(house, visit, _meant(house, visit), intent=asked if asked in _INTENTS else Intent.SSO.value)


def make(house: House, visit: Visit) -> Reply:
    """The one sight of the link: it is on this page, and in the mails that it went out with."""
    organization, sent = _meant(house, visit), browser.form(visit.inbound)
    typed = sent.get("emails", "")
    contacts = it_contacts.listed(house, visit.pass_, organization.id)
    chosen = [each.email for each in contacts if sent.get(f"to-{each.id}") == "yes"]
    emails = [*chosen, *typed.replace(",", " ").split()]
    intent = sent.get("intent", "")
    if intent not in _INTENTS:
        intent = Intent.SSO.value
    try:
        done = portal_invitations.send(house, visit.pass_, organization.id, Intent(intent), emails)
    except (InvalidFields, ItContactsFull) as refusal:
        fault = refusal.errors[0].message if isinstance(refusal, InvalidFields) else words.message(refusal)
        return _page(house, visit, organization, typed=typed, intent=intent, errors={"emails": _(fault)})
    return _made(house, visit, organization, done)


def revoke(house: House, visit: Visit) -> Reply:
    portal_links.revoke(house, visit.pass_, visit.params["id"], visit.params["link"])
    return redirect(f"{address(visit, visit.params['id'])}/links")


def add_contact(house: House, visit: Visit) -> Reply:
    organization = _meant(house, visit)
    email = browser.form(visit.inbound).get("email", "")
    try:
        it_contacts.create(house, visit.pass_, organization.id, email)
    except (InvalidFields, ItContactTaken, ItContactsFull) as refusal:
        fault = _(refusal.errors[0].message) if isinstance(refusal, InvalidFields) else words.message(refusal)
        return _page(house, visit, organization, email=email, errors={"email": fault})
    return redirect(f"{address(visit, organization.id)}/links#contacts")


def delete_contact(house: House, visit: Visit) -> Reply:
    it_contacts.delete(house, visit.pass_, visit.params["id"], visit.params["contact"])
    return redirect(f"{address(visit, visit.params['id'])}/links#contacts")


def _page(
    house: House,
    visit: Visit,
    organization: Organization,
    *,
    typed: str = "",
    intent: str = Intent.SSO.value,
    email: str = "",
    errors: Mapping[str, str] = {},
) -> Reply:
    now = house.now()
    found = portal_links.of_organization(house, visit.pass_, organization.id)
    links = [each for each in found if each.kind is LinkKind.SET_UP and each.state(now) is LinkState.OPEN]
    return render(
        house,
        visit,
        "dashboard_organization_links.html",
        status=422 if errors else 200,
        organization=organization,
        tabs=tabs(visit, organization.id),
        address=address(visit, organization.id),
        links=[portal_link_rows.row(house, visit.pass_, each) for each in links],
        others=[portal_link_rows.row(house, visit.pass_, each) for each in found if each not in links][:_SHOWN],
        progress=portal_progress.of(house, visit.pass_, organization.id),
        mails=[_mail(each) for each in contact_mails.of_organization(house, visit.pass_, organization.id)],
        contacts=it_contacts.listed(house, visit.pass_, organization.id),
        intents=[(value, label, about) for value, (label, about) in portal_link_rows.intents().items()],
        intent=intent,
        typed=typed[:2000],
        email=email[:300],
        errors={"emails": errors.get("emails"), "email": errors.get("email")},
        may_change=visit.operator.role.may(Role.DEVELOPER),
        fresh=visit.session.is_fresh(house.now()),
        confirm_url=f"{HOME}/confirm?next={quote(f'{address(visit, organization.id)}/links', safe='/')}",
    )


def _made(house: House, visit: Visit, organization: Organization, done: Sent) -> Reply:
    return render(
        house,
        visit,
        "dashboard_portal_link_made.html",
        organization=organization,
        address=address(visit, organization.id),
        url=done.made.url.reveal(),
        link=portal_link_rows.row(house, visit.pass_, done.made.link),
        mailed=", ".join(done.mailed),
        failed=[(email, _why(refusal)) for email, refusal in done.failed],
    )


def _mail(errand: Errand) -> dict[str, Any]:
    """What was mailed by itself, to whom, and of the others why not."""
    about = {
        Kind.SET_UP_FINISHED: _("Single sign-on is set up"),
        Kind.CERTIFICATE_ENDS: _("A certificate ends"),
    }
    why = {
        MailNotConfigured.code: _("Mail is not set up on this server."),
        RecipientRefused.code: _("The mail server delivers no mail to this address."),
    }
    return {
        "about": about[errand.kind],
        "at": errand.mailed_at if errand.mailed_to else errand.asked_at,
        "mailed": errand.mailed_to,
        "missed": [(to, why.get(code, _("The mail server did not take it."))) for to, code in errand.missed.items()],
        "next_at": errand.next_at,
    }


def _why(refusal: Refusal) -> str:
    return f"{words.message(refusal)} {words.fix(refusal)}"


def _meant(house: House, visit: Visit) -> Organization:
    return organizations.get(house, visit.pass_, visit.params["id"])


PAGES = (
    Page(method="GET", path=_LINKS, summary="Links for the IT admin", least=Role.SUPPORT, show=shown),
    Page(
        method="POST",
        path=_LINKS,
        summary="Make a link for the IT admin",
        least=Role.DEVELOPER,
        fresh=True,  # whoever has it can change certificates (WEB-11)
        back=_LINKS,
        show=make,
    ),
    Page(
        method="POST",
        path=f"{_LINKS}/{{link}}/revoke",
        summary="Take a link back",
        least=Role.DEVELOPER,
        back=_LINKS,
        show=revoke,
    ),
    Page(method="POST", path=_CONTACTS, summary="Add an IT contact", least=Role.DEVELOPER, show=add_contact),
    Page(
        method="POST",
        path=f"{_CONTACTS}/{{contact}}/delete",
        summary="Delete an IT contact",
        least=Role.DEVELOPER,
        show=delete_contact,
    ),
)
