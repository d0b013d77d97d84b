"""Whose request it is behind reverse proxies: the last address in X-Forwarded-For that no proxy of ours has (WEB-05).

Nothing else of a forwarded request is believed: not the host, not the scheme; absolute URLs come from the base URL.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from latchstring.effects.settings import Network


def client(peer: str | None, forwarded_for: Sequence[str], proxies: tuple[Network, ...]) -> str | None:
    """`peer` is who is connected to us, `forwarded_for` the lines of the header, `proxies` whom they are believed.

    Each proxy appends whom it was called by, so the list is read from its end, and only as far as it was written by
    proxies of ours. What stands before may be anybody's invention.
    """
    if not proxies or peer is None or not _is_one_of(peer, proxies):
        return peer
    found = peer
    for part in reversed(",".join(forwarded_for).split(",")):
        address = _plain(part.strip())
        if address is None:
            return found
        found = address
        if not _is_one_of(address, proxies):
            return found
    return found


def _plain(text: str) -> str | None:
    """An address as Python writes it; some proxies add the port."""
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _is_one_of(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)
