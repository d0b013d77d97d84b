"""`Inbound` and `Reply`: an HTTP request and its answer as frozen values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

JSON = b"application/json; charset=utf-8"
HTML = b"text/html; charset=utf-8"

_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_TRACE_PATH = re.compile(r"^/t/.+", re.DOTALL)
_LINK_PATH = re.compile(r"^/passwordless/(?!sessions(/|$)).+", re.DOTALL)

Header = tuple[bytes, bytes]


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """A request, read whole. Header names are in lower case."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    peer: str | None = None  # the address of whoever asks: web.kit.peer
    request_id: str = ""

    def header(self, name: bytes) -> str | None:
        """The first value."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None

    def every(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self.headers if key == name]

    @property
    def content_type(self) -> str:
        return (self.header(b"content-type") or "").partition(";")[0].strip().lower()

    @property
    def loggable_path(self) -> str:
        """The path without what opens something: the token of a magic link stands in one."""
        return _TRACE_PATH.sub("/t/***", _LINK_PATH.sub("/passwordless/***", self.path))

    @property
    def wants_html(self) -> bool:
        """A browser on its way, rather than a program."""
        return "text/html" in (self.header(b"accept") or "")

    def cookies(self) -> dict[str, str]:
        pairs = (part.partition("=") for line in self.every(b"cookie") for part in line.split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. Security headers that stand on every answer are added by the endpoint."""

    status: int = 200
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    more: Callable[[], bytes | None] | None = None  # asked each second for what comes after; None: that was all

    def plus(self, *headers: Header) -> Reply:
        return msgspec.structs.replace(self, headers=self.headers + headers)


def as_json(value: Any, *, status: int = 200, headers: tuple[Header, ...] = ()) -> Reply:
    return Reply(status=status, headers=((b"content-type", JSON), *headers), body=msgspec.json.encode(value))


def empty(status: int = 204) -> Reply:
    return Reply(status=status)


def redirect(url: str, *, headers: tuple[Header, ...] = (), status: int = 302) -> Reply:
    """302: a browser turns it into a GET even after a POST; never 307 (OAUTH-12)."""
    return Reply(status=status, headers=((b"location", header_value(url)), *headers))


def header_value(text: str) -> bytes:
    """Bytes that fit on one header line; what would break it was refused or encoded long before."""
    value = text.encode("ascii", "backslashreplace")
    if _CONTROLS.search(value):
        raise ValueError("a header value holds control characters")
    return value


def cookie(
    name: str, value: str, *, max_age: int, path: str = "/", same_site: str = "Lax", secure: bool = True
) -> Header:
    flags = "; Secure" if secure else ""
    text = f"{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite={same_site}{flags}"
    return b"set-cookie", header_value(text)


Params = Mapping[str, str]
