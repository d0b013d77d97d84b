"""A real mail server on loopback (aiosmtpd): with or without TLS and passwords, and one that refuses."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.real.child import free_port

USER, PASSWORD = "la:tch", "p@ss/w?rd"


@dataclass
class MailServer:
    """What came, and how."""

    port: int
    came: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    recipient_answer: str = "250 OK"  # to RCPT TO
    data_answer: str = "250 Taken"  # to the mail itself
    unknown: set[str] = field(default_factory=set)  # addresses that there are not

    @property
    def messages(self) -> list[EmailMessage]:
        found = []
        for envelope in self.came:
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 No such mailbox"
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("250"):
            self.came.append(envelope)
            self.sessions.append(session)
        return self.data_answer


def _authenticate(_server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    passwords: bool = False,
    utf8: bool = False,
) -> Iterator[MailServer]:
    port = free_port()
    server = MailServer(port)
    more: dict[str, Any] = {"authenticator": _authenticate, "auth_required": True} if passwords else {}
    if starttls is not None:
        more |= {"tls_context": starttls, "require_starttls": True}
    controller = Controller(
        server, hostname="127.0.0.1", port=port, ssl_context=implicit, enable_SMTPUTF8=utf8, ready_timeout=30, **more
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
