"""The Test IdP's page, and what its buttons do."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from latchstring.flows import test_idp as flow
from latchstring.flows.house import House
from latchstring.flows.test_idp import Person, SignIn
from latchstring.protocols import email_address
from latchstring.web.kit import decode, departure, pages
from latchstring.web.kit.language import _
from latchstring.web.kit.message import Reply
from latchstring.web.kit.route import Ask

OUTSIDE = "elsewhere.example"  # Joe's: no organization has it
MAX_NAME = 100
MAX_GROUPS = 500
_EMPTY = {"email": "", "first_name": "", "last_name": "", "groups": ""}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to sign in as with one press."""

    email: str
    first_name: str
    last_name: str
    groups: tuple[str, ...] = ()
    about: str


def by_redirect(house: House, ask: Ask) -> Reply:
    return _question(house, decode.singles(decode.pairs(ask.inbound.query)), "redirect")


def by_post(house: House, ask: Ask) -> Reply:
    return _question(house, decode.singles(decode.pairs(ask.inbound.body)), "post")


def start(house: House, ask: Ask) -> Reply:
    return _page(house, flow.begin(house, external_key=ask.params["external_key"]), _EMPTY, {})


def answer(house: House, ask: Ask) -> Reply:
    sent = decode.singles(decode.pairs(ask.inbound.body))
    ticket = sent.get("ticket", "")
    if sent.get("decision") == "deny":
        return departure.reply(house, flow.deny(house, ticket=ticket))
    values = {name: sent.get(name, "").strip() for name in _EMPTY}
    groups = tuple(filter(None, (group.strip() for group in values["groups"].replace("\n", ",").split(","))))
    values["groups"] = ", ".join(groups)
    errors = _errors(values, groups)
    if errors:
        return _page(house, flow.reopen(house, ticket=ticket), values, errors, status=422)
    person = Person(
        email=values["email"], first_name=values["first_name"], last_name=values["last_name"], groups=groups
    )
    return departure.reply(house, flow.answer(house, ticket=ticket, person=person))


def metadata(house: House, ask: Ask) -> Reply:
    return Reply(
        headers=((b"content-type", b"application/samlmetadata+xml; charset=utf-8"),), body=flow.document(house)
    )


def _question(house: House, sent: Mapping[str, str], binding: flow.Binding) -> Reply:
    asked = flow.receive(
        house, saml_request=sent.get("SAMLRequest", ""), relay_state=sent.get("RelayState"), binding=binding
    )
    return _page(house, asked, {**_EMPTY, "email": sent.get("login_hint", "")[:254]}, {})


def _page(
    house: House, asked: SignIn, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Reply:
    return pages.render(
        house,
        "test_idp.html",
        status=status,
        ticket=asked.ticket,
        organization_name=asked.organization_name,
        persons=_offers(asked.domain),
        values=values,
        errors={name: errors.get(name) for name in _EMPTY},
        failed=bool(errors),
    )


def _offers(domain: str | None) -> list[Offer]:
    home = domain or "example.com"
    return [
        Offer(email=f"ann@{home}", first_name="Ann", last_name="Example", about=_("nothing special")),
        Offer(
            email=f"zoe@{home}",
            first_name="Zoe",
            last_name="Admin",
            groups=("Admins", "Engineering"),
            about=_("in two groups"),
        ),
        Offer(email=f"joe@{OUTSIDE}", first_name="Joe", last_name="Guest", about=_("outside the organization")),
    ]


def _errors(values: Mapping[str, str], groups: tuple[str, ...]) -> dict[str, str]:
    errors: dict[str, str] = {}
    try:
        email_address.email_address(values["email"])
    except email_address.EmailInvalid:
        errors["email"] = _("Enter one e-mail address, such as ann@example.com.")
    for name in ("first_name", "last_name"):
        if len(values[name]) > MAX_NAME or not values[name].isprintable():
            errors[name] = _("A name has at most %(most)s characters on one line.") % {"most": MAX_NAME}
    if len(groups) > MAX_GROUPS or not all(len(group) <= MAX_NAME and group.isprintable() for group in groups):
        said = _("At most %(groups)s groups, each with at most %(most)s characters.")
        errors["groups"] = said % {"groups": MAX_GROUPS, "most": MAX_NAME}
    return errors
