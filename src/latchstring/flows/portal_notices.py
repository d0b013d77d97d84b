"""A change to a connection through which people sign in, made in the Admin Portal, is told to the administrators.

The audit log hears of it by itself; this sends the mails (WEB-08).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from latchstring.effects.mail import MailNotConfigured
from latchstring.flows import operators
from latchstring.flows.house import House
from latchstring.model.connection import Connection
from latchstring.model.environment import Pass
from latchstring.model.mail import Deliver
from latchstring.model.operator import Role
from latchstring.model.organization import Organization
from latchstring.model.refusal import Refusal
from latchstring.protocols import portal_mail
from latchstring.storage import connections

T = TypeVar("T")
Alteration = Literal[
    "certificates", "details", "attributes", "switched_off", "switched_on", "switched_on_untested", "reset"
]
WORDS: dict[Alteration, str] = {
    "certificates": "its certificates were changed",
    "details": "the details of its identity provider were changed",
    "attributes": "its attribute mapping was changed",
    "switched_off": "it was switched off",
    "switched_on": "it was switched on",
    "switched_on_untested": "it was switched on without a good test",
    "reset": "it was reset",
}


def changing(
    house: House,
    pass_: Pass,
    organization: Organization,
    connection: Connection,
    change: Callable[[], T],
    *,
    what: Alteration,
    by: str | None,
) -> T:
    """Makes the change and mails the administrators, if people can sign in through the connection before or after it.

    A mail that cannot be sent takes no change back: that is in the audit log in any case.
    """
    deliver = _postbox(house)  # before anything is written: it may have to wait for another thread
    done = change()
    with house.database.read(pass_) as scope:
        after = connections.get(scope, house.vault, connection.id)
    if connection.state.admits_logins or (after is not None and after.state.admits_logins):
        _tell(house, deliver, organization, connection, what, by)
    return done


def _tell(
    house: House,
    deliver: Deliver | None,
    organization: Organization,
    connection: Connection,
    what: Alteration,
    by: str | None,
) -> None:
    if deliver is None:
        return
    for operator in operators.every(house):
        if operator.role is not Role.ADMIN or operator.disabled_at is not None:
            continue
        mail = portal_mail.change(
            to=operator.email,
            what=WORDS[what],
            connection=connection.name,
            organization=organization.name,
            by=by or "somebody who has its link",
            url=f"{house.base_url}/dashboard/{connection.environment_id}/connections/{connection.id}",
        )
        try:
            deliver(mail)
        except Refusal:
            continue  # the others are told; and whoever looks at the audit log


def _postbox(house: House) -> Deliver | None:
    try:
        return house.postbox()
    except MailNotConfigured:
        return None
