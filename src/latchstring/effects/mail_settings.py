"""Reads LATCHSTRING_SMTP_URL and LATCHSTRING_MAIL_FROM: the mail server, and in whose name mail is sent."""

from __future__ import annotations

import re
from email.headerregistry import Address
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from latchstring.model.secret import Secret
from latchstring.protocols import email_address

_EXAMPLE = "for example LATCHSTRING_SMTP_URL='smtp://user:password@mail.example.com:587?starttls=required'"
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server that takes our mail."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    user: str | None
    password: Secret[str]
    sender: Address
    timeout: float = 10.0  # seconds, for each step


def account(*, url: str, sender: str, timeout: str) -> tuple[MailAccount | None, list[str]]:
    """The account, or what is wrong. Nothing set is an account less, not a problem."""
    if not url and not sender:
        return None, ["LATCHSTRING_SMTP_TIMEOUT is set, and LATCHSTRING_SMTP_URL is not."] if timeout else []
    problems: list[str] = []
    if not url:
        problems.append(f"LATCHSTRING_SMTP_URL is missing, since LATCHSTRING_MAIL_FROM is set: {_EXAMPLE}.")
    from_whom = _sender(sender, problems)
    seconds = _seconds(timeout, problems)
    parts = _parts(url, problems) if url else None
    tls = _tls(parts, problems) if parts else None
    if problems or parts is None or tls is None or from_whom is None:
        return None, problems
    return (
        MailAccount(
            host=parts.hostname or "",
            port=parts.port or (465 if tls == "implicit" else 587),
            tls=tls,
            user=unquote(parts.username) if parts.username else None,
            password=Secret(unquote(parts.password or "")),
            sender=from_whom,
            timeout=seconds,
        ),
        [],
    )


def _parts(url: str, problems: list[str]) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        problems.append(
            f"LATCHSTRING_SMTP_URL is not a URL: {_EXAMPLE}. A password's / ? # @ : are written as %2F, ..."
        )
        return None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0 or parts.path not in ("", "/"):
        problems.append(f"LATCHSTRING_SMTP_URL is smtp:// or smtps:// and a server, without a path: {_EXAMPLE}.")
        return None
    if bool(parts.username) != bool(parts.password):
        problems.append("LATCHSTRING_SMTP_URL has a user name and a password, or neither.")
        return None
    if any(ord(c) < 33 or ord(c) == 127 for c in url + unquote(url)) or parts.fragment:
        problems.append("LATCHSTRING_SMTP_URL holds characters that do not belong into it.")
        return None
    return parts


def _tls(parts: SplitResult, problems: list[str]) -> Literal["implicit", "starttls", "none"] | None:
    """Encrypted unless somebody writes that it shall not be: a mail holds a way in."""
    options = parse_qsl(parts.query, keep_blank_values=True)
    if parts.scheme == "smtps":
        if options:
            problems.append("LATCHSTRING_SMTP_URL: smtps:// takes no options; it is encrypted from the first byte.")
        return "implicit"
    if options not in ([], [("starttls", "required")], [("starttls", "never")]):
        problems.append("LATCHSTRING_SMTP_URL: the one option is starttls=required (the default) or starttls=never.")
        return None
    if options != [("starttls", "never")]:
        return "starttls"
    if parts.username and parts.hostname not in _LOOPBACK:
        problems.append("LATCHSTRING_SMTP_URL: with starttls=never the password would be readable on its way.")
    return "none"


def _sender(text: str, problems: list[str]) -> Address | None:
    example = "for example LATCHSTRING_MAIL_FROM='Acme <sign-in@acme.example>'"
    if not text:
        problems.append(f"LATCHSTRING_MAIL_FROM is missing, since LATCHSTRING_SMTP_URL is set: {example}.")
        return None
    named = _NAMED.fullmatch(text)
    name, address = (named["name"], named["address"]) if named else ("", text)
    try:
        if not text.isprintable():
            raise ValueError
        local, _, domain = email_address.email_address(address).partition("@")
        return Address(display_name=name.strip('" '), username=local, domain=email_address.domain_name(domain))
    except (email_address.EmailInvalid, ValueError):
        problems.append(f"LATCHSTRING_MAIL_FROM is not one address, with or without a name before it: {example}.")
        return None


def _seconds(text: str, problems: list[str]) -> float:
    if not text:
        return 10.0
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 60:
        return float(text)
    problems.append(f"LATCHSTRING_SMTP_TIMEOUT: {text!r} is not a number of seconds from 1 to 60.")
    return 0.0
