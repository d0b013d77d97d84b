"""`Mail`: a message to one person as a value, the language it is in, and the seam through which it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """Both parts say the same. `to` is one address that `protocols.email_address` has read."""

    to: str
    subject: str
    text: str
    html: str


class KeptMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was not sent but kept to be looked at, in development."""

    at: datetime
    mail: Mail


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes our mail, without what lets us in there."""

    host: str
    port: int
    encryption: Literal["implicit", "starttls", "none"]
    user: str | None
    sender: str  # as it stands in the mail


class Voice(msgspec.Struct, frozen=True):
    """The words of one language, for a mail. Sentences are written in English where they are used."""

    language: str  # the `lang` of HTML
    say: Callable[[str], str]
    day: Callable[[datetime], str]  # a date, as this language writes it


Deliver = Callable[[Mail], None]
Postbox = Callable[[], Deliver]
"""Asked before anything is written, since calling out may have to wait for another thread; refuses if it is closed."""
