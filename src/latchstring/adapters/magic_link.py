"""Magic link: there is no identity provider; whoever shows the token of a mailed link is who the mail went to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from latchstring.adapters.base import Arrival, Departure, Door, Wishes
from latchstring.model.attempt import AnswerUnknown, LoginAttempt
from latchstring.model.connection import MagicLinkConfig
from latchstring.model.fetch import Fetcher
from latchstring.model.logout import LogoutUnsupported
from latchstring.model.magic_link import MagicLink
from latchstring.model.profile import Assertion
from latchstring.model.refusal import LoginRefused, Mender
from latchstring.model.session import IdpSession
from latchstring.protocols import email_address


class LinkNotAskedFor(LoginRefused):
    """A sign-in by magic link begins with a mail, not with this request."""

    code = "magic_link_needs_a_mail"
    mender = Mender.DEVELOPER
    fix = "Create the link with `POST /passwordless/sessions`, and let it be mailed with POST .../send."
    public = "invalid_connection_selector"


class MagicLinkAdapter:
    """`Arrival.content` is the `MagicLink`, found by its token; its life and its one use are the storage's to check."""

    def begin(
        self, door: Door[MagicLinkConfig], attempt: LoginAttempt, wishes: Wishes, fetch: Fetcher, now: datetime
    ) -> Departure:
        """Nobody can be sent anywhere: only the application's back end may name the address."""
        raise LinkNotAskedFor

    def receive(self, fields: Mapping[str, str]) -> Arrival:
        """No provider answers here; the confirmation page has a door of its own."""
        raise AnswerUnknown

    def finish(
        self, door: Door[MagicLinkConfig], arrival: Arrival, attempt: LoginAttempt, fetch: Fetcher, now: datetime
    ) -> Assertion:
        link: MagicLink = arrival.content
        return Assertion(
            subject=person(link.email),
            subject_format=None,
            attributes={"email": (link.email,)},
            friendly_names={},
            raw={"email": link.email},
            email_trusted=True,  # the link went to this very address
            message_id=link.id,
            valid_until=link.expires_at,
            answers=link.id,
            passed=("link_known", "link_in_time", "link_unused"),
        )

    def check_logout(self, door: Door[MagicLinkConfig], fetch: Fetcher) -> None:
        raise LogoutUnsupported(reason="a magic link keeps nobody signed in anywhere else")

    def leave(
        self, door: Door[MagicLinkConfig], sessions: Sequence[IdpSession], handle: str, fetch: Fetcher, now: datetime
    ) -> Departure:
        raise LogoutUnsupported(reason="a magic link keeps nobody signed in anywhere else")


def person(email: str) -> str:
    """The address as `idp_id`: a domain has one spelling here, in lower case and punycode.

    What stands before the @ is kept to the letter, because only its own server knows what it means (RFC 5321, 2.4).
    """
    return f"{email.partition('@')[0]}@{email_address.email_domain(email)}"
