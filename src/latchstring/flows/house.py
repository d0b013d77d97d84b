"""`House`: clock, chance, network, database and settings in one frozen value that is passed in, never a global."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from latchstring.adapters.base import Door
from latchstring.adapters.registry import Adapters
from latchstring.model import addresses
from latchstring.model.addresses import Addresses, TestIdpIdentity
from latchstring.model.api_call import ApiCall
from latchstring.model.attempt import SignInNews
from latchstring.model.audit import Doer
from latchstring.model.connection import Config, Connection
from latchstring.model.dns import TxtLookup
from latchstring.model.fetch import Fetcher
from latchstring.model.mail import KeptMail, MailServer, Postbox, Voice
from latchstring.model.operator import PasswordDesk
from latchstring.storage.database import Database
from latchstring.storage.vault import Vault


@dataclass(frozen=True, kw_only=True)
class House:
    """Built in `app.py`; tests build one with a frozen clock and seeded chance."""

    now: Callable[[], datetime]
    chance: Callable[[int], bytes]
    sequence: Callable[[str, datetime], str]  # prefix -> an id greater than all before
    database: Database
    vault: Vault
    fetch: Fetcher
    txt: TxtLookup
    adapters: Adapters
    base_url: str
    development: bool
    test_idp: TestIdpIdentity | None
    make_key_pair: Callable[[str, datetime], tuple[str, str]]  # common name -> certificate and RSA private key, PEM
    make_ec_key_pair: Callable[[str, datetime], tuple[str, str]]  # the same with P-256, for signatures
    postbox: Postbox  # where mail leaves
    mail_server: MailServer | None = None  # None: there is none, as in development
    kept_mail: Callable[[], Sequence[KeptMail]]  # in development: what would have left, the newest first
    voice: Callable[[str | None], Voice]  # of a language, by its code; English where nobody knows which
    mail_language: str  # of mails to somebody whose language nobody knows
    passwords: PasswordDesk  # of operators
    heard: Callable[[ApiCall], None]  # puts a request aside for the log of API requests
    unwritten: Callable[[int], Sequence[ApiCall]]  # takes up to so many of those
    told: Callable[[SignInNews], None]  # hears of each sign-in that came to a code or to an end

    def acting(self, doer: Doer) -> House:
        """The same house in the hands of somebody, for the audit log."""
        return replace(self, database=self.database.acting(doer))

    def id(self, prefix: str, now: datetime) -> str:
        return self.sequence(prefix, now)

    def secret(self) -> str:
        """256 bits of chance as 43 characters."""
        return urlsafe_b64encode(self.chance(32)).rstrip(b"=").decode()

    def addresses(self, connection: Connection) -> Addresses:
        return addresses.of(connection, self.base_url)

    def door(self, connection: Connection, config: Config) -> Door[Config]:
        return Door(connection=connection, config=config, ours=self.addresses(connection), test_idp=self.test_idp)
