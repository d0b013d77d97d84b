"""The head of a request has an end, in bytes and in time; so has its body. Over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from latchstring.cli.http_limits import MAX_HEAD, LimitedHttp
from latchstring.web.kit import endpoint
from tests.house_for_tests import Rig

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def _application(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class _Hasty(LimitedHttp):
    head_seconds = 0.05


def talk(
    act: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]], kind: Any = LimitedHttp
) -> bytes:
    """What `act` hears of a server of one connection."""

    async def run() -> bytes:
        config = uvicorn.Config(_application, http=kind, ws="none", lifespan="off", access_log=False, log_config=None)
        state = ServerState()
        server = await asyncio.get_running_loop().create_server(lambda: kind(config, state, {}), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                return await asyncio.wait_for(act(reader, writer), 20)
            finally:
                writer.close()

    return asyncio.run(run())


def says(*parts: bytes) -> Act:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await reader.readline()

    return act


def request(size: int, *, body: bytes = b"") -> bytes:
    """Whose head has so many bytes by our own count: without the end of its lines, but for four of each header."""
    start = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n" + b"content-length: %d\r\n" % len(body)
    counted = 1 + sum(len(line.replace(b": ", b"")) + 4 for line in start.split(b"\r\n")[1:-1])
    return start + b"x-long: " + b"a" * (size - counted - len("x-long") - 4) + b"\r\n\r\n" + body


def test_web_12_a_head_ends_at_sixteen_kib() -> None:
    assert talk(says(request(MAX_HEAD))).startswith(b"HTTP/1.1 200")
    assert talk(says(request(MAX_HEAD + 1))).startswith(b"HTTP/1.1 431")
    assert talk(says(request(MAX_HEAD + 1, body=b"b" * 1000))).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nhost: a\r\nx-long: ", b"GET / HTTP/1.1\r\n"])
def test_web_12_a_head_without_an_end_is_cut_off(start: bytes) -> None:
    more = b"x: y\r\n" if start.endswith(b"\n") else b"aaaaaa"
    assert talk(says(start, *[more * 1000] * 4)).startswith(b"HTTP/1.1 431")


def test_web_12_a_body_counts_for_itself() -> None:
    assert talk(says(request(200, body=b"b" * 100_000))).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: "])
def test_web_12_who_does_not_finish_a_head_is_left(start: bytes) -> None:
    assert talk(says(start), _Hasty) == b""


def test_web_12_a_second_request_has_its_own_time_and_its_own_bytes() -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        head = b"GET / HTTP/1.1\r\nhost: a\r\nx-long: " + b"a" * 12_000 + b"\r\n\r\n"
        for _ in range(3):
            writer.write(head)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\n")
        return await reader.readline()

    assert talk(act, _Hasty) == b""


def test_web_12_who_does_not_finish_a_body_gets_no_answer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "BODY_SECONDS", 0.05)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/dashboard/sign-in",
        "query_string": b"",
        "headers": [],
        "client": ("203.0.113.7", 1),
    }
    asyncio.run(rig.endpoint(scope, receive, send))
    assert sent == []
