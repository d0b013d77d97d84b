"""The seam to a protocol: what goes out (`Departure`), what comes back (`Arrival`), and the two legs of an `Adapter`.

Both legs have one shape for all protocols, so no caller ever asks which protocol it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from latchstring.model.addresses import Addresses, TestIdpIdentity
from latchstring.model.answer import Answer, without_secrets
from latchstring.model.attempt import LoginAttempt
from latchstring.model.connection import Connection
from latchstring.model.fetch import Fetcher
from latchstring.model.profile import Assertion
from latchstring.model.session import IdpSession


class Redirect(msgspec.Struct, frozen=True):
    """Send the browser to `url`."""

    url: str


class AutoPost(msgspec.Struct, frozen=True):
    """Let the browser post these fields to `url`."""

    url: str
    fields: Mapping[str, str]


Departure = Redirect | AutoPost


def sent(departure: Departure) -> dict[str, str]:
    """What the browser carries to the identity provider, for the trace."""
    if isinstance(departure, AutoPost):
        return without_secrets(departure.fields)
    return without_secrets(dict(parse_qsl(urlsplit(departure.url).query, max_num_fields=200)))


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the application asked for beyond the login itself (contract 2.1)."""

    force_login: bool = False  # prompt=login
    login_hint: str | None = None
    domain_hint: str | None = None
    provider_scopes: tuple[str, ...] = ()
    provider_query_params: Mapping[str, str] = {}


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, opened and not to be trusted. It is good for one `finish`."""

    handle: str | None  # of the attempt that it claims to belong to; None: it claims none
    content: Any  # the adapter's own
    document: bytes = b""  # SAML: the Response as it came
    parameters: Mapping[str, str] = {}  # what the browser brought besides
    heard: dict[str, Any] = {}  # `finish` fills it as it goes, so that a refusal leaves behind what it is about

    @property
    def answer(self) -> Answer:
        """For the trace."""
        return Answer(document=self.document, parameters=without_secrets(self.parameters), heard=self.heard)


C = TypeVar("C")


class Door(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """One connection with its configuration and our side of it."""

    connection: Connection
    config: C
    ours: Addresses
    test_idp: TestIdpIdentity | None


class Adapter(Protocol):
    """A protocol. Refuses with a `LoginRefused`; never touches the world but through `fetch`."""

    def begin(self, door: Door[Any], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime) -> Departure:
        """Where the browser goes to sign in."""

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        """The answer in the fields of a form or query, opened far enough to know whose it claims to be."""

    def finish(
        self, door: Door[Any], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        """What the identity provider said, after every check."""

    def check_logout(self, door: Door[Any], fetch: Fetcher) -> None:
        """Raises `LogoutUnsupported` if the identity provider offers none."""

    def leave(
        self, door: Door[Any], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        """Where the browser goes to end a person's sessions, the newest first. Raises `LogoutUnsupported`.

        `handle` comes back with the answer.
        """
