"""Hands a mail to the mail server over SMTP; in development it is kept instead, to be looked at.

The server's certificate is verified, and without TLS nothing leaves unless the setting says so. Every header is made by
the standard library from single values, so that nothing in a name or an address can become a header of its own.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from latchstring.effects import log
from latchstring.effects.mail_settings import MailAccount
from latchstring.effects.outbound import WouldBlock
from latchstring.model.mail import Deliver, KeptMail, Mail
from latchstring.model.refusal import InvalidRequest, Mender, Unavailable
from latchstring.protocols import email_address

KEPT = 100  # mails, in development

_log = log.logger("mail")


class MailNotConfigured(InvalidRequest):
    """This server cannot send mail: LATCHSTRING_SMTP_URL is not set."""

    code = "mail_not_configured"
    mender = Mender.OPERATOR
    fix = "Set LATCHSTRING_SMTP_URL and LATCHSTRING_MAIL_FROM, and start the server again; or mail the link yourself."


class MailServerFailed(Unavailable):
    """The mail server did not take the mail ({reason}).

    `reason` is one of: `dns`, `connect`, `timeout`, `tls`, `starttls` (it offers none), `credentials`, `sender`,
    `later` (it wants to be asked again), `answer` (it refuses, or breaks off).
    """

    code = "mail_server_failed"
    fix = "Look for `mail_failed` in the server's log, and at LATCHSTRING_SMTP_URL and LATCHSTRING_MAIL_FROM."
    reason: str


class RecipientRefused(InvalidRequest):
    """The mail server delivers no mail to this address."""

    code = "mail_recipient_refused"
    mender = Mender.USER
    fix = "Check the address for typing errors; the operators find the mail server's words in the log."


class Smtp:
    """A `model.mail.Postbox` over one mail server. Safe to use from many threads: each mail has its own connection."""

    def __init__(
        self,
        account: MailAccount,
        *,
        our_name: str,
        would_block: Callable[[], bool],
        scope_open: Callable[[], bool],
        now: Callable[[], datetime],
        chance: Callable[[int], bytes],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._account = account
        self._our_name = our_name
        self._would_block = would_block
        self._scope_open = scope_open
        self._now = now
        self._chance = chance
        self._tls = tls or ssl.create_default_context()

    def __call__(self) -> Deliver:
        """Raises `WouldBlock` on the event loop's thread."""
        if self._would_block():
            raise WouldBlock
        return self._deliver

    def _deliver(self, mail: Mail) -> None:
        """Raises `RecipientRefused`, `MailServerFailed`."""
        if self._scope_open():
            raise RuntimeError("a mail while a transaction is open")
        sender = self._account.sender
        message = written(mail, sender, now=self._now(), message_id=self._chance(16).hex())
        try:
            server = _connect(self._account, self._our_name, self._tls)
            with closing(server):
                if self._account.user is not None:
                    server.login(self._account.user, self._account.password.reveal())
                server.send_message(message, sender.addr_spec, [envelope(mail.to).addr_spec])
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # it has the mail; how it says good-bye is its own affair
        except (smtplib.SMTPException, OSError) as error:
            raise _refusal(error, self._account) from error


def closed() -> Deliver:
    """The postbox of a server without mail settings."""
    raise MailNotConfigured


class Drawer:
    """A `model.mail.Postbox` that keeps the last mails in memory and tells whoever watches."""

    def __init__(self, now: Callable[[], datetime], told: Callable[[KeptMail], None]) -> None:
        self._now = now
        self._told = told
        self._kept: deque[KeptMail] = deque(maxlen=KEPT)

    def __call__(self) -> Deliver:
        return self._keep

    def kept(self) -> Sequence[KeptMail]:
        """The newest first."""
        return tuple(reversed(self._kept))

    def _keep(self, mail: Mail) -> None:
        entry = KeptMail(at=self._now(), mail=mail)
        self._kept.append(entry)
        self._told(entry)


def written(mail: Mail, sender: Address, *, now: datetime, message_id: str) -> EmailMessage:
    """The message as it goes out, without anything that it would have to fetch."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = envelope(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = now
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes in return
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def envelope(address: str) -> Address:
    """The address with its domain in punycode, which every mail server understands."""
    local, _, domain = email_address.email_address(address).partition("@")
    return Address(username=local, domain=email_address.domain_name(domain))


def _connect(account: MailAccount, our_name: str, tls: ssl.SSLContext) -> smtplib.SMTP:
    host, port, timeout = account.host, account.port, account.timeout
    if account.tls == "implicit":
        return smtplib.SMTP_SSL(host, port, local_hostname=our_name, timeout=timeout, context=tls)
    server = smtplib.SMTP(host, port, local_hostname=our_name, timeout=timeout)
    try:
        if account.tls == "starttls":
            server.starttls(context=tls)
    except BaseException:
        server.close()
        raise
    return server


def _refusal(error: smtplib.SMTPException | OSError, account: MailAccount) -> RecipientRefused | MailServerFailed:
    """What went wrong; the server's own words are for the log, since they tell about the operator's house."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = next(iter(error.recipients.values()))
        for_good = 500 <= answer[0] < 600
        _log.warning("mail_failed", host=account.host, reason="recipient", answer=repr(answer))
        return RecipientRefused() if for_good else MailServerFailed(reason="later")
    reason = _reason(error)
    _log.warning("mail_failed", host=account.host, reason=reason, answer=str(error))
    if reason == "recipient":
        return RecipientRefused()
    return MailServerFailed(reason=reason)


def _reason(error: smtplib.SMTPException | OSError) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return "credentials"
        case smtplib.SMTPSenderRefused():
            return "sender"
        case smtplib.SMTPNotSupportedError():
            if "SMTPUTF8" in str(error):
                return "recipient"  # letters before the @ that this server cannot write
            return "starttls" if "STARTTLS" in str(error) else "credentials"
        case smtplib.SMTPResponseException() if 400 <= error.smtp_code < 500:
            return "later"
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            return "timeout"
        case smtplib.SMTPException():
            return "answer"
        case ssl.SSLError():
            return "tls"
        case TimeoutError():
            return "timeout"
        case socket.gaierror():
            return "dns"
    return "connect"
