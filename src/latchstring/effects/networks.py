"""Which addresses belong to the Internet at large, whatever IPv4 address an IPv6 one leads to (OIDC-15)."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# All that is assigned to the Internet at large; the rest of IPv6 (site-local, translated, compatible, ...) is nobody's.
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_DOCUMENTATION_IPV6 = ipaddress.ip_network("3fff::/20")  # RFC 9637, which this Python does not know yet
_RELAYS = ipaddress.ip_network("192.88.99.0/24")  # to 6to4, which nobody runs any more (RFC 7526)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the middle of an address that tunnels to IPv4 (RFC 5214)


def is_public(address: Address) -> bool:
    """Of the Internet at large, and so is the IPv4 address that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address not in _RELAYS
    inner = _embedded(address)
    if inner is not None and not is_public(inner):
        return False
    return address in _NAT64 or (address in _GLOBAL_IPV6 and address.is_global and address not in _DOCUMENTATION_IPV6)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return last
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
