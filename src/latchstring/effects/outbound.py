"""Every HTTP call that we make: one client that connects to checked addresses only, within limits (OIDC-15, OPS-09).

The name is resolved once and the connection goes to the very address that was checked, so an answer that changes in
between (DNS rebinding) gains nothing. No redirects, no proxies from the environment, no ambient credentials, no
compression. Public documents (discovery, JWKS) are kept for ten minutes, in this process's memory; while their server
is down or sends something else, the last good copy stands in for up to a week, and one call a minute looks whether it
is back (OIDC-14).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import cached_property
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

import msgspec
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from latchstring.effects.networks import Address, Network, is_public
from latchstring.model.fetch import Fetch, Fetched, Purpose, Unreachable

Resolve = Callable[[str, int], Sequence[str]]

_PUBLIC = frozenset({Purpose.DISCOVERY, Purpose.JWKS})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, bytes and counts."""

    connect: float = 3.0
    read: float = 5.0  # between two pieces
    total: float = 10.0
    metadata_bytes: int = 1_048_576
    bytes: int = 262_144
    at_once: int = 8  # calls to one host
    keep: float = 600.0  # public documents
    fresh: float = 60.0  # a fresh copy may be asked for this often, and a server that failed
    stale: float = 604_800.0  # public documents whose server does not answer
    kept: int = 512  # documents


class WouldBlock(Exception):
    """The event loop's own thread asked for something that has to be waited for: ask again from a worker thread."""


class _Kept(msgspec.Struct, frozen=True):
    """A public document, when it came, and when it was last asked for."""

    document: Fetched
    came: float
    asked: float


class _Flight:
    """One call for a document that several want: what it brought, for all of them."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.outcome: Fetched | Unreachable | None = None


class Outbound:
    """The client; a `model.fetch.Fetcher`. Safe to use from many threads."""

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network],
        allow_http: bool,
        would_block: Callable[[], bool],
        scope_open: Callable[[], bool],
        monotonic: Callable[[], float],
        sound: Callable[[Purpose, bytes], bool],
        resolve: Resolve | None = None,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_networks = tuple(allow_networks)
        self._allow_http = allow_http
        self._would_block = would_block
        self._scope_open = scope_open
        self._monotonic = monotonic
        self._sound = sound  # whether a body is a document of that kind at all
        self._resolve = resolve or _resolve
        self._limits = limits or Limits()
        self._given_tls = tls
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._busy: dict[str, int] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the machine's roots takes thirty milliseconds: not before somebody is called."""
        return self._given_tls or ssl.create_default_context()

    def __call__(self, fetch: Fetch) -> Fetched:
        """Raises `Unreachable`, and `WouldBlock` on the event loop's thread."""
        if self._scope_open():
            raise RuntimeError("an outbound call while a transaction is open")
        kept = self._copy(fetch)
        if kept is not None:
            return kept
        if self._would_block():
            raise WouldBlock
        if fetch.purpose not in _PUBLIC or fetch.body is not None:
            return self._ask(fetch)
        return self._fly(fetch)

    def _fly(self, fetch: Fetch) -> Fetched:
        """Of many who ask for one document, one goes; the others wait and get what it brought."""
        with self._lock:
            kept = self._usable(fetch)  # somebody may have landed a moment ago
            if kept is not None:
                return kept
            flight = self._flights.get(fetch.url)
            leads = flight is None
            if flight is None:
                flight = self._flights[fetch.url] = _Flight()
        if leads:
            try:
                flight.outcome = self._refresh(fetch)
            except Unreachable as refusal:
                flight.outcome = refusal
            finally:
                with self._lock:
                    del self._flights[fetch.url]
                flight.landed.set()
        flight.landed.wait()
        match flight.outcome:
            case Fetched() as document:
                return document
            case Unreachable(url=url, reason=reason):
                raise Unreachable(url=url, reason=reason)
            case None:
                raise Unreachable(url=_shown(fetch.url), reason="protocol")  # whoever led was struck down

    def _refresh(self, fetch: Fetch) -> Fetched:
        """A new copy, or the last good one where the server is down. Raises `Unreachable`."""
        try:
            found = self._ask(fetch)
        except Unreachable:
            stale = self._stale(fetch.url)
            if stale is None:
                raise
            return stale
        if found.status == 200 and self._sound(fetch.purpose, found.body):
            self._keep(fetch.url, found)
            return found
        if found.status >= 500 or found.status in (200, 429):
            return self._stale(fetch.url) or found
        with self._lock:
            self._kept.pop(fetch.url, None)  # the server is there and says that there is no such document
        return found

    def _copy(self, fetch: Fetch) -> Fetched | None:
        if fetch.body is not None:
            return None
        with self._lock:
            return self._usable(fetch)

    def _usable(self, fetch: Fetch) -> Fetched | None:
        """A copy that will do without asking: young enough, or asked for in vain a moment ago."""
        kept = self._kept.get(fetch.url)
        if kept is None:
            return None
        now = self._monotonic()
        asked_lately = now - kept.asked < self._limits.fresh
        young = now - kept.came < (0.0 if fetch.fresh else self._limits.keep)
        return kept.document if young or (asked_lately and now - kept.came < self._limits.stale) else None

    def _keep(self, url: str, document: Fetched) -> None:
        with self._lock:
            now = self._monotonic()
            self._kept[url] = _Kept(document, now, now)
            self._kept.move_to_end(url)
            while len(self._kept) > self._limits.kept:
                self._kept.popitem(last=False)

    def _stale(self, url: str) -> Fetched | None:
        """The last good copy, if it is not older than a week; it is not looked for again for a minute."""
        with self._lock:
            kept = self._kept.get(url)
            now = self._monotonic()
            if kept is None or now - kept.came >= self._limits.stale:
                return None
            self._kept[url] = _Kept(kept.document, kept.came, now)
            return kept.document

    def _ask(self, fetch: Fetch) -> Fetched:
        parts, port = self._parts(fetch.url)
        host = parts.hostname or ""
        with self._lock:
            if self._busy.get(host, 0) >= self._limits.at_once:
                raise Unreachable(url=_shown(fetch.url), reason="busy")
            self._busy[host] = self._busy.get(host, 0) + 1
        try:
            return self._exchange(fetch, parts, self._address(fetch.url, host, port), port)
        finally:
            with self._lock:
                self._busy[host] -= 1
                if not self._busy[host]:
                    del self._busy[host]

    def _parts(self, url: str) -> tuple[SplitResult, int]:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise Unreachable(url=_shown(url), reason="bad_url") from None
        schemes = ("https", "http") if self._allow_http else ("https",)
        plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
        if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or not plain:
            raise Unreachable(url=_shown(url), reason="bad_url")
        return parts, port

    def _address(self, url: str, host: str, port: int) -> str:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(url=_shown(url), reason="dns") from None
        for text in found:
            if self._may_connect(ipaddress.ip_address(text.partition("%")[0]), port):
                return text
        raise Unreachable(url=_shown(url), reason="blocked_address" if found else "dns")

    def _may_connect(self, address: Address, port: int) -> bool:
        if any(address in network for network in self._allow_networks if network.version == address.version):
            return True
        return port in (80, 443) and is_public(address)

    def _exchange(self, fetch: Fetch, parts: SplitResult, address: str, port: int) -> Fetched:
        watchdog = _Watchdog(self._limits.total)
        try:
            with watchdog, closing(self._connection(parts, address, port, watchdog)) as connection:
                found = self._converse(connection, fetch, parts)
        except NewConnectionError:  # before its base class, which means a time-out
            raise Unreachable(url=_shown(fetch.url), reason="connect") from None
        except (ConnectTimeoutError, ReadTimeoutError, TimeoutError):
            raise Unreachable(url=_shown(fetch.url), reason="timeout") from None
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise Unreachable(url=_shown(fetch.url), reason=_reason(error, cut=watchdog.bitten)) from None
        if watchdog.bitten:  # an end in the middle of the headers looks like an answer
            raise Unreachable(url=_shown(fetch.url), reason="timeout")
        return found

    def _connection(self, parts: SplitResult, address: str, port: int, watchdog: _Watchdog) -> HTTPConnection:
        connection: _Http | _Https
        if parts.scheme == "http":
            connection = _Http(address, port, timeout=self._limits.connect)
        else:
            connection = _Https(
                address,
                port,
                timeout=self._limits.connect,
                ssl_context=self._tls,
                server_hostname=parts.hostname,  # against which the TLS library holds the certificate
            )
        connection.watchdog = watchdog
        return connection

    def _converse(self, connection: HTTPConnection, fetch: Fetch, parts: SplitResult) -> Fetched:
        connection.connect()
        connection.timeout = self._limits.read
        if connection.sock is not None:
            connection.sock.settimeout(self._limits.read)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            **fetch.headers,
            "host": parts.netloc,
            "user-agent": "latchstring",
            "accept-encoding": "identity",
            "connection": "close",
        }
        connection.request(
            "GET" if fetch.body is None else "POST", target, body=fetch.body, headers=headers, preload_content=False
        )
        with closing(connection.getresponse()) as answer:  # which owns the socket by now
            return self._read(answer, fetch)

    def _read(self, answer: BaseHTTPResponse, fetch: Fetch) -> Fetched:
        if 300 <= answer.status < 400:
            raise Unreachable(url=_shown(fetch.url), reason="redirect")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreachable(url=_shown(fetch.url), reason="protocol")
        limit = self._limits.metadata_bytes if fetch.purpose is Purpose.METADATA else self._limits.bytes
        return Fetched(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=_body(answer, limit, fetch.url),
        )


class _Watchdog:
    """Ends a conversation that takes too long in all: time-outs of sockets are for one read, and bytes may drip."""

    def __init__(self, seconds: float) -> None:
        self.bitten = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._bite)
        self._timer.daemon = True

    def watch(self, connected: socket.socket) -> socket.socket:
        self._socket = connected.dup()  # TLS takes the original one over
        if self.bitten:
            self._bite()
        return connected

    def _bite(self) -> None:
        self.bitten = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()


class _Http(HTTPConnection):
    watchdog: _Watchdog

    def _new_conn(self) -> socket.socket:
        return self.watchdog.watch(super()._new_conn())


class _Https(HTTPSConnection):
    watchdog: _Watchdog

    def _new_conn(self) -> socket.socket:
        return self.watchdog.watch(super()._new_conn())


def _body(answer: BaseHTTPResponse, limit: int, url: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := answer.read(65_536, decode_content=False):
        size += len(chunk)
        if size > limit:
            raise Unreachable(url=_shown(url), reason="too_large")
        chunks.append(chunk)
    return b"".join(chunks)


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _reason(error: Exception, *, cut: bool) -> str:
    if cut:
        return "timeout"
    if isinstance(error, ssl.SSLError) or "ssl" in type(error).__name__.lower():
        return "tls"
    if isinstance(error, OSError) or "connection" in type(error).__name__.lower():
        return "connect"
    return "protocol"


def _shown(url: str) -> str:
    """Without a query, which may hold what is nobody's business."""
    return url.partition("?")[0][:500]
