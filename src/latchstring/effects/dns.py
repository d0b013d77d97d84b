"""Asks DNS for TXT records, at the machine's own servers or at those of the settings, within five seconds.

Records behind an alias (CNAME) are not taken: whoever owns the other name would speak for this one, and forgotten
aliases to hosting services are taken over every day. Like every call to the outside, never inside a transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from latchstring.effects.outbound import WouldBlock
from latchstring.model.dns import DnsUnanswered, TxtRecords

if TYPE_CHECKING:
    import dns.resolver

SECONDS = 5.0
MAX_RECORDS = 100  # a busy domain has twenty
MAX_TEXT = 1_000  # characters of one; a key of DKIM has 400


class Resolver:
    """A `model.dns.TxtLookup`. Safe to use from many threads."""

    def __init__(
        self,
        *,
        servers: Sequence[tuple[str, int]],
        would_block: Callable[[], bool],
        scope_open: Callable[[], bool],
        seconds: float = SECONDS,
    ) -> None:
        """`servers`: address and port of each; none: those that the machine itself asks."""
        self._servers = tuple(servers)
        self._would_block = would_block
        self._scope_open = scope_open
        self._seconds = seconds
        self._lock = threading.Lock()
        self._resolver: dns.resolver.Resolver | None = None

    def __call__(self, name: str) -> TxtRecords:
        """Raises `DnsUnanswered`, and `WouldBlock` on the event loop's thread."""
        if self._scope_open():
            raise RuntimeError("a DNS query while a transaction is open")
        if self._would_block():
            raise WouldBlock
        import dns.exception  # a tenth of a second that a start and a sign-in need not wait for
        import dns.name
        import dns.resolver

        try:
            absolute = dns.name.from_text(name)
            answer = self._made().resolve(absolute, "TXT", search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return TxtRecords(exists=False)
        except dns.resolver.NoResolverConfiguration:
            raise DnsUnanswered(name=name, reason="servers") from None
        except dns.resolver.NoNameservers:
            raise DnsUnanswered(name=name, reason="servers") from None
        except dns.exception.Timeout:
            raise DnsUnanswered(name=name, reason="timeout") from None
        except (dns.exception.DNSException, UnicodeError):
            raise DnsUnanswered(name=name, reason="name") from None
        except OSError:
            raise DnsUnanswered(name=name, reason="servers") from None
        if answer.canonical_name != absolute:
            return TxtRecords(alias=answer.canonical_name.to_text(omit_final_dot=True))
        records = () if answer.rrset is None else tuple(answer.rrset)[:MAX_RECORDS]
        return TxtRecords(texts=tuple(_text(record.strings) for record in records))

    def _made(self) -> dns.resolver.Resolver:
        import dns.nameserver
        import dns.resolver

        with self._lock:
            if self._resolver is None:
                resolver = dns.resolver.Resolver(configure=not self._servers)
                if self._servers:
                    resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in self._servers]
                resolver.lifetime = self._seconds
                resolver.timeout = self._seconds / 2  # of one server, so that a second one has its turn
                resolver.use_edns(0, payload=1_232)
                self._resolver = resolver
            return self._resolver


def _text(strings: Sequence[bytes]) -> str:
    return b"".join(strings).decode("utf-8", "replace")[:MAX_TEXT]
