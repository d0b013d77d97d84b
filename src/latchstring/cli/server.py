"""Listens and serves: sockets first, so that the port is known before anything is built on it; then uvicorn."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import uvicorn

from latchstring.cli.http_limits import LimitedHttp
from latchstring.model.refusal import Mender, Refusal

_BACKLOG = 2048
_GRACE = 5  # seconds for requests under way when told to stop


class AddressTaken(Refusal):
    """Port {port} on {host} is already in use."""

    code = "address_taken"
    mender = Mender.OPERATOR
    fix = "Stop the other program, or choose another port with `--port`."
    host: str
    port: int


class AddressUnusable(Refusal):
    """{host}:{port} cannot be listened on: {reason}."""

    code = "address_unusable"
    mender = Mender.OPERATOR
    fix = "Choose an address of this machine and a port above 1023."
    host: str
    port: int
    reason: str


def listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """One socket a host, all on the same port; port 0 takes a free one. A second host may be missing (IPv6)."""
    sockets: list[socket.socket] = []
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            found.bind((host, sockets[0].getsockname()[1] if sockets else port))
        except (OSError, OverflowError) as error:
            found.close()
            if sockets and getattr(error, "errno", None) != errno.EADDRINUSE:
                continue
            for other in sockets:
                other.close()
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                raise AddressTaken(host=host, port=port) from None
            raise AddressUnusable(host=host, port=port, reason=getattr(error, "strerror", None) or str(error)) from None
        found.listen(_BACKLOG)
        sockets.append(found)
    return sockets


def run(application: Any, sockets: Sequence[socket.socket], *, ready: Callable[[], None] | None = None) -> None:
    """Serves until SIGINT or SIGTERM; calls `ready` once requests are answered."""
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=LimitedHttp,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,  # the base URL is set, never read from a request (WEB-05)
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
    )
    with closing(_All(sockets)):
        _Server(config, ready, getattr(application, "stop", None)).run(sockets=list(sockets))


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None] | None, stop: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._stop is not None:
            self._stop()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # being told to stop and stopping is success, not death by a signal


class _All:
    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = sockets

    def close(self) -> None:
        for each in self._sockets:
            each.close()
