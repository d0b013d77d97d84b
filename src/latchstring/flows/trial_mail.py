"""A mail to oneself: whether the mail server takes our mail, before somebody waits for a link."""

from __future__ import annotations

from collections.abc import Callable

from latchstring.flows.house import House
from latchstring.protocols import trial_mail


def send(house: House, to: str, *, say: Callable[[str], str] = str, language: str = "en") -> None:
    """`say` puts a sentence into `language`, that of whoever asks.

    Raises `MailNotConfigured`, `MailServerFailed`, `RecipientRefused`.
    """
    deliver = house.postbox()
    deliver(trial_mail.compose(to=to, place=house.base_url.partition("://")[2], say=say, language=language))
