"""Mails: an address and an application's name that somebody typed; no header, recipient or tag may come out of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.utils import getaddresses
from html.parser import HTMLParser
from random import Random

from latchstring.effects import mail
from latchstring.model.mail import Mail
from latchstring.protocols import email_address, sign_in_mail
from latchstring.protocols.email_address import EmailInvalid
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation

_NOW = datetime(2026, 11, 23, 9, 14, 7, tzinfo=UTC)
_URL = f"https://sso.example.com/passwordless/{'x' * 43}/confirm"
_HEADERS = ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"]
_SEEDS = tuple(
    line.encode()
    for line in (
        "ann@acme.example\x1eAcme",
        "o'hara+x=1{a}@mail.acme.example\x1eAcme & Sons <b>",
        "änn@bücher.example\x1eBücher \U0001f600",
        " ann@xn--bcher-kva.example\t\x1eA\r\nBcc: joe@evil.example",
        "ann@acme.example\r\nBcc: joe@evil.example\x1eAcme",
        '"a b"@acme.example\x1e=?utf-8?q?Bcc?=: x',
        "a@b.example, c@d.example\x1e",
        "ann@acme.example>\r\nRCPT TO:<joe@evil.example\x1e.\r\nQUIT",
    )
)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.urls: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.urls += [value for name, value in attrs if name in ("href", "src", "background")]


def _compose(address: str, name: str) -> Mail:
    return sign_in_mail.compose(
        application=name, place="app.example", email=address, url=_URL, remaining=timedelta(minutes=15)
    )


_PLAIN = _Tags(_compose("ann@acme.example", "Acme").html)


def run(data: bytes) -> str:
    typed, _, name = data.decode("utf-8", "replace").partition("\x1e")
    try:
        address = email_address.email_address(typed)
    except EmailInvalid as refusal:
        return refusal.reason
    composed = _compose(address, name)
    message = mail.written(composed, Address(addr_spec="x@acme.example"), now=_NOW, message_id="m")
    read = message_from_bytes(message.as_bytes(policy=policy.SMTPUTF8), policy=policy.compat32)
    if sorted(header.lower() for header in read) != _HEADERS:
        raise Violation("a header that is none of ours")
    if len(getaddresses([str(read["To"])])) != 1 or len(getaddresses([str(message["To"])])) != 1:
        raise Violation("more recipients than one")
    envelope = mail.envelope(address).addr_spec
    if any(c in envelope for c in '\r\n <>,;:"\\\x00') or envelope.count("@") != 1:
        raise Violation("an envelope that could be another command")
    tags = _Tags(composed.html)
    if tags.found != _PLAIN.found or tags.urls != _PLAIN.urls:
        raise Violation("a tag or an address that is none of ours")
    if composed.text.count("://") - name.count("://") - address.count("://") > 1 or "\n" in composed.subject:
        raise Violation("a line that is none of ours")
    return "accepted"


def _mutate(data: bytes, chance: Random) -> bytes:
    parts = data.split(b"\x1e")
    at = chance.randrange(len(parts))
    parts[at] = mutations.letters(parts[at], chance)
    if chance.random() < 0.2:
        spot = chance.randrange(len(parts[at]) + 1)
        bits = (b"\r\n", b"\n", b"\r", b"\x00", b"@", b",", b"<", b">", b'"', b"=?utf-8?b?", b":", b"{")
        parts[at] = parts[at][:spot] + chance.choice(bits) + parts[at][spot:]
    if chance.random() < 0.1:
        parts[0] = chance.choice(_SEEDS).split(b"\x1e")[0]
    return b"\x1e".join(parts)


TARGET = Target(about="the mail with a magic link, and to whom it goes", seeds=lambda: _SEEDS, mutate=_mutate, run=run)
