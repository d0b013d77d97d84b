"""Who is asking: an API key or an access token out of the Authorization headers."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from urllib.parse import unquote_plus

from latchstring.flows.house import House
from latchstring.flows.story import Visitor
from latchstring.model.audit import Doer
from latchstring.model.environment import Pass, UnknownKey
from latchstring.storage import front_door
from latchstring.web.kit.message import Inbound


def bearer_tokens(inbound: Inbound) -> list[str]:
    """All of them: one SDK adds a second Authorization line instead of replacing the first (contract 2.3)."""
    tokens = []
    for line in inbound.every(b"authorization"):
        scheme, _, token = line.strip().partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            tokens.append(token.strip())
    return tokens


def by_api_key(house: House, inbound: Inbound) -> Pass:
    """Raises `UnknownKey`."""
    for token in bearer_tokens(inbound):
        return front_door.by_api_key(house.database, token, house.now())
    raise UnknownKey


def basic(inbound: Inbound) -> tuple[str, str] | None:
    """HTTP Basic, both parts form-encoded as RFC 6749, 2.3.1 has it."""
    for line in inbound.every(b"authorization"):
        scheme, _, rest = line.strip().partition(" ")
        if scheme.lower() == "basic":
            try:
                name, colon, password = b64decode(rest.strip(), validate=True).decode().partition(":")
            except (NotBase64, UnicodeDecodeError):
                return None
            return (unquote_plus(name), unquote_plus(password)) if colon else None
    return None


def visitor(inbound: Inbound) -> Visitor:
    agent = inbound.header(b"user-agent")
    return Visitor(ip_address=inbound.peer, user_agent=agent[:512] if agent else None)


def acting(house: House, inbound: Inbound, actor: str, name: str | None = None) -> House:
    """The house in the hands of whoever sent this request: what they change stands under their name."""
    who = visitor(inbound)
    return house.acting(Doer(actor=actor, name=name, ip_address=who.ip_address, user_agent=who.user_agent))
