"""THE async file: reads the request, finds its route, runs the handler, and sends the answer.

Handlers are plain functions. They run on the event loop's own thread, where a SQLite look-up costs less than a thread
hop; a handler that has to call out raises `WouldBlock` there and is run again, from its beginning, in a worker thread.
That is safe because a handler never writes before it calls out, and this file checks that it did not.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from latchstring.effects import log
from latchstring.effects.outbound import WouldBlock
from latchstring.effects.settings import Network
from latchstring.flows.house import House
from latchstring.model.api_call import ApiCall
from latchstring.model.environment import Pass, UnknownKey
from latchstring.model.refusal import InvalidRequest, NotFound, Refusal
from latchstring.web.kit import caller, decode, language, peer
from latchstring.web.kit.message import Header, Inbound, Params, Reply, as_json
from latchstring.web.kit.route import Ask, Door, Route, Who

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_QUERY = 8192  # bytes (OAUTH-16)
BODY_SECONDS = 30.0  # to send a whole body (WEB-12)
WORKERS = 64
MAX_STREAMS = 40  # answers that go on, at one time: each looks into the database once a second
STREAM_SECONDS = 300.0
PAUSE = 1.0

_log = log.logger("endpoint")


class PathUnknown(NotFound):
    """Not Found"""

    code = "path_unknown"
    fix = "Look the path up in the API reference or in /openapi.json."


class MethodNotAllowed(InvalidRequest):
    """The method {method} is not allowed here; use {allowed}."""

    code = "method_not_allowed"
    fix = "Use one of the methods in the Allow header."
    method: str
    allowed: tuple[str, ...]


class BodyTooLarge(InvalidRequest):
    """The request body is larger than {limit} bytes."""

    code = "body_too_large"
    fix = "Send less."
    limit: int


class QueryTooLong(InvalidRequest):
    """The query string is longer than {limit} bytes."""

    code = "query_too_long"
    fix = "Send long values in the body, or keep them in your session."
    limit: int


class _Inline(threading.local):
    active = False


inline = _Inline()
"""Whether this thread is the event loop's and runs a handler; `app.py` hands it to the outbound client."""


class Endpoint:
    """The ASGI application."""

    def __init__(self, house: House, doors: Sequence[Door], *, secure: bool, proxies: tuple[Network, ...] = ()) -> None:
        self._house = house
        self._proxies = proxies
        self._table = _Table(doors)
        self._streams: set[asyncio.Event] = set()
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="latchstring")
        self._always: tuple[Header, ...] = (
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        )
        if secure:
            self._always += ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self._pool.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        connected = scope["client"][0] if scope.get("client") else None
        if self._proxies:
            forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
            connected = peer.client(connected, forwarded, self._proxies)
        inbound = Inbound(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
            peer=connected,
            request_id=str(UUID(bytes=self._house.chance(16), version=4)),
        )
        door, route, params, refusal = self._table.find(inbound)
        if refusal is None and len(inbound.query) > MAX_QUERY:
            refusal = QueryTooLong(limit=MAX_QUERY)
        if refusal is None and route is not None and inbound.method not in ("GET", "HEAD"):
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await _body(receive, route.max_body)
            except TimeoutError:
                return  # whoever sends this slowly gets no answer
            if body is None:
                refusal = BodyTooLarge(limit=route.max_body)
            else:
                inbound = msgspec.structs.replace(inbound, body=body)
        if refusal is not None or route is None:
            with language.spoken_to(inbound, development=self._house.development):
                reply = self._refuse(door, refusal or PathUnknown(kind="Path", id=inbound.path), inbound)
        else:
            reply = await self._run(door, route, params, inbound)
        await self._send(receive, send, inbound, reply)

    async def _run(self, door: Door, route: Route, params: Params, inbound: Inbound) -> Reply:
        if route.aside:
            return await self._run_aside(door, route, params, inbound)
        before = self._house.database.writes
        inline.active = True
        try:
            return self._handle(door, route, params, inbound)
        except WouldBlock:
            if self._house.database.writes != before:
                raise RuntimeError("a handler wrote before it called out") from None
        finally:
            inline.active = False
        return await self._run_aside(door, route, params, inbound)

    async def _run_aside(self, door: Door, route: Route, params: Params, inbound: Inbound) -> Reply:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._handle, door, route, params, inbound)

    def _handle(self, door: Door, route: Route, params: Params, inbound: Inbound) -> Reply:
        with language.spoken_to(inbound, development=self._house.development):
            return self._answer(door, route, params, inbound)

    def _answer(self, door: Door, route: Route, params: Params, inbound: Inbound) -> Reply:
        """A request that came with an API key is put aside for the log of those."""
        met: list[Pass] = []
        began = self._house.now()
        code = None
        try:
            reply = self._handler_answers(route, params, inbound, met)
        except WouldBlock:
            raise
        except Refusal as refusal:
            reply, code = self._refuse(door, refusal, inbound), refusal.code
        except Exception:
            # The only place that catches everything: a bug becomes a plain 500 with a number to ask for (WEB-13).
            _log.error("unexpected", request_id=inbound.request_id, path=inbound.loggable_path, exc_info=True)
            reply = _broken(inbound)
        if met:
            self._house.heard(
                ApiCall(
                    pass_=met[-1],
                    id=inbound.request_id,
                    method=inbound.method,
                    path=inbound.loggable_path,
                    status=reply.status,
                    code=code,
                    microseconds=max(0, (self._house.now() - began) // timedelta(microseconds=1)),
                    at=began,
                )
            )
        return reply

    def _handler_answers(self, route: Route, params: Params, inbound: Inbound, met: list[Pass]) -> Reply:
        house, pass_ = self._house, None
        if route.who is Who.API_KEY:
            try:
                pass_ = caller.by_api_key(house, inbound)
            except UnknownKey as refusal:
                met.extend(() if refusal.owner is None else (refusal.owner,))  # its owner looks for who still uses it
                raise
            met.append(pass_)
            if inbound.method not in ("GET", "HEAD"):
                house = caller.acting(house, inbound, pass_.actor)
        body = decode.body(inbound, route.body) if route.body is not None else None
        return route.handler(house, Ask(inbound=inbound, params=params, pass_=pass_, body=body, met=met.append))

    def _refuse(self, door: Door, refusal: Refusal, inbound: Inbound) -> Reply:
        _log.info(
            "refused",
            code=refusal.code,
            path=inbound.loggable_path,
            method=inbound.method,
            request_id=inbound.request_id,
        )
        reply = door.refuse(self._house, refusal, inbound)
        if isinstance(refusal, MethodNotAllowed):
            reply = reply.plus((b"allow", ", ".join(refusal.allowed).encode()))
        return reply

    async def _send(self, receive: Receive, send: Send, inbound: Inbound, reply: Reply) -> None:
        names = {name for name, _ in reply.headers}
        if reply.more is not None and len(self._streams) >= MAX_STREAMS:
            reply = Reply(status=503, headers=((b"retry-after", b"10"),))
        headers = [*reply.headers, *self._always, (b"x-request-id", inbound.request_id.encode())]
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"no-store"))
        if reply.status not in (204, 304) and reply.more is None:
            headers.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        body = b"" if inbound.method == "HEAD" else reply.body
        if reply.more is None or inbound.method == "HEAD":
            await send({"type": "http.response.body", "body": body})
            return
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await self._go_on(receive, send, reply.more, inbound)
        await send({"type": "http.response.body", "body": b""})

    async def _go_on(self, receive: Receive, send: Send, more: Callable[[], bytes | None], inbound: Inbound) -> None:
        """Asks for more each second, in a worker thread, until there is none, the browser goes, or we do.

        After `STREAM_SECONDS` the browser has to ask anew, so that whoever may not see it any more does not for long.
        """
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self._streams.add(stopped)
        ends = (asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(stopped.wait()))
        last = loop.time() + STREAM_SECONDS
        try:
            while loop.time() < last:
                done, _ = await asyncio.wait(ends, timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED)
                chunk = None if done else await loop.run_in_executor(self._pool, self._ask, more, inbound)
                if chunk is None:
                    return
                if chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            self._streams.discard(stopped)
            for end in ends:
                end.cancel()

    def _ask(self, more: Callable[[], bytes | None], inbound: Inbound) -> bytes | None:
        try:
            with language.spoken_to(inbound, development=self._house.development):
                return more()
        except Refusal:
            return None
        except Exception:
            _log.error("unexpected", request_id=inbound.request_id, path=inbound.loggable_path, exc_info=True)
            return None

    def stop(self) -> None:
        """Ends every answer that goes on, from the loop's own thread: nobody waits for them when the server stops."""
        for stopped in self._streams:
            stopped.set()


class _Table:
    """Finds a route: paths without parameters in one dict, the others by pattern, in order."""

    def __init__(self, doors: Sequence[Door]) -> None:
        self._fallback = doors[0]
        self._plain: dict[str, dict[str, tuple[Door, Route]]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, tuple[Door, Route]]]] = []
        patterns: dict[str, dict[str, tuple[Door, Route]]] = {}
        for door in doors:
            for route in door.routes:
                table = patterns if "{" in route.path else self._plain
                methods = table.setdefault(route.path, {})
                if route.method in methods:
                    raise ValueError(f"two routes for {route.method} {route.path}")
                methods[route.method] = (door, route)
        for path, methods in sorted(patterns.items(), key=lambda item: item[0].count("{")):
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
            self._patterns.append((re.compile(pattern), methods))

    def find(self, inbound: Inbound) -> tuple[Door, Route | None, Params, Refusal | None]:
        methods, params = self._methods(inbound.path)
        if methods is None:
            return self._fallback, None, {}, PathUnknown(kind="Path", id=inbound.path)
        found = methods.get(inbound.method) or (methods.get("GET") if inbound.method == "HEAD" else None)
        if found is None:
            door = next(iter(methods.values()))[0]
            return door, None, {}, MethodNotAllowed(method=inbound.method, allowed=tuple(sorted(methods)))
        return found[0], found[1], params, None

    def _methods(self, path: str) -> tuple[dict[str, tuple[Door, Route]] | None, Params]:
        plain = self._plain.get(path)
        if plain is not None:
            return plain, {}
        for pattern, methods in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return methods, match.groupdict()
        return None, {}


async def _gone(receive: Receive) -> None:
    """Returns when the other side has hung up."""
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(PAUSE)  # a server says nothing else any more; whoever does is not asked in a circle


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None as soon as it is too large."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _broken(inbound: Inbound) -> Reply:
    text = f"Something went wrong on our side. The operator finds it in the log as {inbound.request_id}."
    return as_json({"message": text, "code": "internal_error", "request_id": inbound.request_id}, status=500)
