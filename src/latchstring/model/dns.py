"""`TxtRecords`: what DNS says at a name, as a value, so that who proves a domain need not know a network."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from latchstring.model.refusal import Mender, Refusal


class TxtRecords(msgspec.Struct, frozen=True, kw_only=True):
    """The TXT records of one name (RFC 1035, 3.3.14)."""

    texts: tuple[str, ...] = ()  # each record's strings put together (RFC 7208, 3.3)
    alias: str | None = None  # the name is an alias (CNAME) of this one; then `texts` is empty
    exists: bool = True  # False: there is no such name


TxtLookup = Callable[[str], TxtRecords]
"""A name in punycode -> its records. Raises `DnsUnanswered`."""


class DnsUnanswered(Refusal):
    """DNS gave no answer about '{name}' ({reason}).

    `reason` is one of: `timeout`, `servers` (none of the name servers could answer), `name` (not a name in DNS).
    """

    code = "dns_unanswered"
    mender = Mender.OPERATOR
    fix = (
        "Ask for the TXT record from the machine that runs latchstring; `LATCHSTRING_DNS_SERVERS` names other servers. "
        "It is asked again by itself."
    )
    retryable = True
    name: str
    reason: str
