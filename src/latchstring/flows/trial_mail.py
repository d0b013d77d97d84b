"""A mail to oneself: whether the mail server takes our mail, before somebody waits for a link."""

from __future__ import annotations

from latchstring.flows.house import House
from latchstring.protocols import trial_mail


def send(house: House, to: str) -> None:
    """Raises `MailNotConfigured`, `MailServerFailed`, `RecipientRefused`."""
    deliver = house.postbox()
    deliver(trial_mail.compose(to=to, place=house.base_url.partition("://")[2]))
