"""The team of the Dashboard: who is in it, with which role, who is invited, and the one-time links that let them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import msgspec

from latchstring.effects.mail import MailNotConfigured
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model import operator as model
from latchstring.model.mail import Deliver
from latchstring.model.operator import LinkPurpose, OneTimeLink, Operator, Role
from latchstring.model.refusal import Conflict, FieldError, InvalidFields, InvalidRequest, Mender, NotFound, Refusal
from latchstring.model.secret import Secret
from latchstring.protocols import email_address, invitation_mail, password
from latchstring.storage import front_door, half_sessions, operator_factors, operator_sessions, operators, passkeys
from latchstring.storage.database import HouseScope

MAX_NAME = 100


class OperatorLinkOver(InvalidRequest):
    """This link opens nothing: it was used, it has expired, or a newer one has taken its place."""

    code = "operator_link_over"
    mender = Mender.OPERATOR
    fix = (
        "Ask an administrator of this Dashboard for a new one. Who has none yet starts the server again: it prints a "
        "new link."
    )


class OperatorThere(Conflict):
    """{email} has an account already."""

    code = "operator_exists"
    mender = Mender.OPERATOR
    fix = "Change the role of that account, or let it have a new password with `latchstring operator reset`."
    email: str


class LastAdministrator(Conflict):
    """{email} is the last administrator, and without one nobody could look after the team."""

    code = "last_administrator"
    mender = Mender.OPERATOR
    fix = "Make somebody else an administrator first."
    email: str


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link and the only sight of its address."""

    link: OneTimeLink
    url: Secret[str]


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A link, and whether it is on its way by mail; if the mail server would not have it, why."""

    made: NewLink
    mailed: bool
    failure: Refusal | None = None


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who followed a link typed."""

    email: str = ""  # counts for the first administrator alone
    name: str = ""
    password: str = ""


def every(house: House) -> list[Operator]:
    with house.database.house() as whole:
        return operators.every(whole)


def named(house: House, name: str) -> Operator:
    """By id or e-mail address. Raises `NotFound`."""
    with house.database.house() as whole:
        return _named(whole, name)


def invitations(house: House) -> list[OneTimeLink]:
    """Those that may still be followed."""
    with house.database.house() as whole:
        return operators.invitations(whole, house.now())


def front_link(house: House) -> Secret[str]:
    """Where the Dashboard is; while it has no operator, by the link that makes the first administrator.

    Each call makes that link anew, and the one before is good for nothing.
    """
    now = house.now()
    with house.database.write_house() as whole:
        if operators.exist(whole):
            return Secret(f"{house.base_url}/dashboard")
        wanted = LinkPurpose.FIRST_ADMINISTRATOR
        return _link(house, whole, wanted, email=None, role=Role.ADMIN, life=model.FIRST_LINK, now=now).url


def invite(house: House, *, email: str, role: Role) -> NewLink:
    """Raises `InvalidFields`, `OperatorThere`. Takes the place of an invitation to the same address."""
    address = _address(email)
    now = house.now()
    with house.database.write_house() as whole:
        if operators.named(whole, address) is not None:
            raise OperatorThere(email=address)
        wanted = LinkPurpose.INVITATION
        return _link(house, whole, wanted, email=address, role=role, life=model.INVITATION, now=now)


def hand_over(
    house: House, make: Callable[[], NewLink], *, say: Callable[[str], str] = str, language: str = "en"
) -> HandedOver:
    """Makes a link and mails it, where mail is set up. A mail that cannot be sent takes no link back.

    `say` puts a sentence of the mail into `language`: nobody knows that of somebody new, so it is that of whoever asks.
    """
    deliver = _postbox(house)  # before anything is written: it may have to wait for another thread
    made = make()
    if deliver is None or made.link.email is None:
        return HandedOver(made=made, mailed=False)
    mail = invitation_mail.compose(
        to=made.link.email,
        invited=made.link.purpose is LinkPurpose.INVITATION,
        place=house.base_url.partition("://")[2],
        url=made.url.reveal(),
        remaining=made.link.expires_at - house.now(),
        say=say,
        language=language,
    )
    try:
        deliver(mail)
    except Refusal as refusal:
        return HandedOver(made=made, mailed=False, failure=refusal)
    return HandedOver(made=made, mailed=True)


def is_last_admin(house: House, operator: Operator) -> bool:
    if operator.role is not Role.ADMIN or operator.disabled_at is not None:
        return False
    with house.database.house() as whole:
        return not operators.another_admin(whole, operator.id)


def set_role(house: House, name: str, role: Role) -> Operator:
    """Signs them out, so that nothing done under the old role goes on (WEB-01). Raises `LastAdministrator`."""
    with house.database.write_house() as whole:
        found = _named(whole, name)
        if found.role is Role.ADMIN and role is not Role.ADMIN:
            _leave_an_admin(whole, found)
        operators.set_role(whole, found.id, role)
        operator_sessions.end_all(whole, found.id)
        return _named(whole, found.id)


def disable(house: House, name: str) -> Operator:
    """Signs them out everywhere, at once. Raises `LastAdministrator`."""
    now = house.now()
    with house.database.write_house() as whole:
        found = _named(whole, name)
        if found.role is Role.ADMIN and found.disabled_at is None:
            _leave_an_admin(whole, found)
        operators.disable(whole, found.id, now)
        operator_sessions.end_all(whole, found.id)
        operators.drop_links(whole, found.email)
        return _named(whole, found.id)


def enable(house: House, name: str) -> Operator:
    with house.database.write_house() as whole:
        found = _named(whole, name)
        operators.enable(whole, found.id)
        return _named(whole, found.id)


def reset(house: House, name: str) -> NewLink:
    """Password and second factors are good for nothing from now on, every session ends, and the link chooses a new
    password."""
    now = house.now()
    with house.database.write_house() as whole:
        found = _named(whole, name)
        operators.set_password(whole, found.id, None)
        operator_factors.drop_all(whole, found.id)
        passkeys.remove_all(whole, found.id)
        half_sessions.drop_of(whole, found.id)
        operator_sessions.end_all(whole, found.id)
        wanted = LinkPurpose.NEW_PASSWORD
        return _link(house, whole, wanted, email=found.email, role=found.role, life=model.FIRST_LINK, now=now)


def look(house: House, token: str) -> OneTimeLink:
    """Changes nothing, so that a scanner of mail may look. Raises `OperatorLinkOver`."""
    with house.database.house() as whole:
        link = operators.link(whole, front_door.digest(token))
        over = link is None or not link.is_open(house.now()) or not _still_meant(whole, link)
    if link is None or over:
        raise OperatorLinkOver
    return link


def accept(house: House, token: str, newcomer: Newcomer) -> Operator:
    """The link is used, and its person has a password. Raises `OperatorLinkOver`, `InvalidFields`, `PasswordUnfit`."""
    link = look(house, token)
    email, name = _who(house, link, newcomer)
    password.check(newcomer.password, email=email, name=name)
    hashed = house.passwords().hash(newcomer.password)
    now = house.now()
    operator = Operator(id=house.id(ids.OPERATOR, now), email=email, name=name, role=link.role, created_at=now)
    with as_operator(house, _known(house, email) or operator).database.write_house() as whole:
        if not _still_meant(whole, link) or not operators.spend_link(whole, front_door.digest(token), now):
            raise OperatorLinkOver
        found = operators.named(whole, email)
        if found is not None:
            operators.set_password(whole, found.id, hashed)
            operator_sessions.end_all(whole, found.id)
            return found
        operators.add(whole, operator, hashed)
        return operator


def as_operator(house: House, operator: Operator) -> House:
    """The house in the hands of an operator who has just shown who they are."""
    here = house.database.doer
    return house.acting(msgspec.structs.replace(here, actor=f"operator:{operator.id}", name=operator.name))


def _known(house: House, email: str) -> Operator | None:
    with house.database.house() as whole:
        return operators.named(whole, email)


def _postbox(house: House) -> Deliver | None:
    try:
        return house.postbox()
    except MailNotConfigured:
        return None


def _link(
    house: House,
    whole: HouseScope,
    purpose: LinkPurpose,
    *,
    email: str | None,
    role: Role,
    life: timedelta,
    now: datetime,
) -> NewLink:
    token = house.secret()
    link = OneTimeLink(purpose=purpose, email=email, role=role, created_at=now, expires_at=now + life)
    operators.add_link(whole, front_door.digest(token), link)
    return NewLink(link=link, url=Secret(f"{house.base_url}/dashboard/welcome?link={token}"))


def _still_meant(whole: HouseScope, link: OneTimeLink) -> bool:
    """A link speaks of the moment when it was made; what happened since then may have overtaken it."""
    found = operators.named(whole, link.email) if link.email is not None else None
    match link.purpose:
        case LinkPurpose.FIRST_ADMINISTRATOR:
            return not operators.exist(whole)
        case LinkPurpose.INVITATION:
            return found is None
        case LinkPurpose.NEW_PASSWORD:
            return found is not None and found.disabled_at is None


def _who(house: House, link: OneTimeLink, newcomer: Newcomer) -> tuple[str, str]:
    """Address and name, from the link and the account as far as they are known."""
    if link.purpose is LinkPurpose.NEW_PASSWORD and link.email is not None:
        return link.email, named(house, link.email).name
    faults = []
    name = " ".join("".join(c if c.isprintable() else " " for c in newcomer.name).split())
    if not name or len(name) > MAX_NAME:
        faults.append(FieldError("name", "name_invalid", f"Give a name of 1 to {MAX_NAME} characters."))
    email = link.email
    if email is None:
        email = newcomer.email.strip()
        if not email_address.is_address(email):
            faults.append(_email_fault())
    if faults:
        raise InvalidFields(errors=tuple(faults))
    return email, name


def _address(email: str) -> str:
    if not email_address.is_address(email):
        raise InvalidFields(errors=(_email_fault(),))
    return email_address.email_address(email)


def _email_fault() -> FieldError:
    return FieldError("email", "email_invalid", "Give one plain e-mail address such as ann@acme.example.")


def _named(whole: HouseScope, name: str) -> Operator:
    found = operators.named(whole, name)
    if found is None:
        _missing(name)
    return found


def _missing(name: str) -> NoReturn:
    raise NotFound(kind="Operator", id=name[:254])


def _leave_an_admin(whole: HouseScope, found: Operator) -> None:
    if not operators.another_admin(whole, found.id):
        raise LastAdministrator(email=found.email)
