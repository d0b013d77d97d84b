"""Which registered redirect URI an unregistered one comes nearest to, and what differs between the two, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import takewhile
from urllib.parse import urlsplit

import msgspec


class Part(Enum):
    """What can be another one, in the order of a URI."""

    SCHEME = "scheme"
    WWW = "www"
    LOOPBACK = "loopback"
    HOST = "host"
    PORT = "port"
    SLASH_MISSING = "slash_missing"
    SLASH_TOO_MANY = "slash_too_many"
    CASE = "case"
    PATH = "path"
    QUERY = "query"
    FRAGMENT = "fragment"
    BLANKS = "blanks"


SENTENCES: Mapping[Part, str] = {
    Part.SCHEME: "The scheme is another one (http, https).",
    Part.WWW: "Only one of the two hosts begins with www.",
    Part.LOOPBACK: "localhost and 127.0.0.1 are two different hosts.",
    Part.HOST: "The host is another one.",
    Part.PORT: "The port is another one, or only one of the two has a port.",
    Part.SLASH_MISSING: 'A "/" is missing at the end.',
    Part.SLASH_TOO_MANY: 'There is a "/" too many at the end.',
    Part.CASE: "Capital and small letters differ in the path.",
    Part.PATH: "The path is another one.",
    Part.QUERY: "It carries a query (?…), and a registered URI has none; send that in `state`.",
    Part.FRAGMENT: "It carries a fragment (#…), and a registered URI has none.",
    Part.BLANKS: "There are blanks around it.",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
# How far apart a difference puts two URIs. Another host is another place; the others are slips of one and the same.
_WEIGHTS = {Part.HOST: 20, Part.PATH: 6, Part.SCHEME: 3, Part.PORT: 3, Part.LOOPBACK: 2, Part.WWW: 2}


class _Parts(msgspec.Struct, frozen=True):
    scheme: str
    host: str
    port: str
    path: str
    query: bool
    fragment: bool


def between(registered: str, received: str) -> tuple[Part, ...]:
    """What of `received` is not as in `registered`, where a `*` stands for anything; nothing if one cannot be read."""
    stripped = received.strip()
    blanks = (Part.BLANKS,) if stripped != received else ()
    ours, theirs = _parts(registered), _parts(stripped)
    if ours is None or theirs is None:
        return blanks
    found = [
        *((Part.SCHEME,) if ours.scheme != theirs.scheme else ()),
        *_of_hosts(ours.host, theirs.host),
        *((Part.PORT,) if not _fits(ours.port, theirs.port) else ()),
        *_of_paths(ours.path, theirs.path),
        *((Part.QUERY,) if theirs.query else ()),
        *((Part.FRAGMENT,) if theirs.fragment else ()),
    ]
    return (*found, *blanks)


def nearest(registered: Iterable[str], received: str) -> tuple[str, ...]:
    """The registered ones, the one that is most likely meant first."""

    def distance(uri: str) -> tuple[int, int]:
        weight = sum(_WEIGHTS.get(part, 1) for part in between(uri, received))
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(uri, received, strict=False))
        return weight, -sum(1 for _ in shared)

    return tuple(sorted(registered, key=distance))


def _parts(uri: str) -> _Parts | None:
    try:
        split = urlsplit(uri)
    except ValueError:
        return None
    if not split.scheme or not split.netloc:
        return None
    host, port = split.netloc.rpartition("@")[2].lower(), ""
    if ":" in host.rpartition("]")[2]:
        host, _, port = host.rpartition(":")
    return _Parts(split.scheme, host, port, split.path, "?" in uri, "#" in uri)


def _of_hosts(ours: str, theirs: str) -> tuple[Part, ...]:
    if _fits(ours, theirs):
        return ()
    if ours.removeprefix("www.") == theirs.removeprefix("www."):
        return (Part.WWW,)
    return (Part.LOOPBACK,) if {ours, theirs} <= _LOOPBACK else (Part.HOST,)


def _of_paths(ours: str, theirs: str) -> tuple[Part, ...]:
    if ours == theirs:
        return ()
    shared = ours.rstrip("/") == theirs.rstrip("/")
    if not shared and ours.rstrip("/").casefold() != theirs.rstrip("/").casefold():
        return (Part.PATH,)
    slash: tuple[Part, ...] = ()
    if ours.endswith("/") != theirs.endswith("/") or shared:
        slash = (Part.SLASH_MISSING,) if len(ours) > len(theirs) else (Part.SLASH_TOO_MANY,)
    return slash if shared else (Part.CASE, *slash)


def _fits(ours: str, theirs: str) -> bool:
    """A wildcard stands for one label of a host, or for a port; that is looked at elsewhere, and strictly."""
    before, star, after = ours.partition("*")
    if not star:
        return ours == theirs
    middle = theirs.removeprefix(before).removesuffix(after)
    return theirs == before + middle + after and bool(middle) and "." not in middle
