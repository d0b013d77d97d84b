"""Spoils JSON, forms, addresses and plain bytes. Everything follows from the `Random` that is handed in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    1e308,
    10**30,
    2**63,
    "",
    " ",
    "eve",
    "eve@evil.example",
    "none",
    "HS256",
    "RS256",
    "https://evil.example",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "//evil.example",
    "https://op.example",
    "https://op.example/",
    "our-client",
    [],
    {},
    [[]],
    [None],
    ["our-client", "evil"],
    {"a": {"b": []}},
    "x" * 300,
    "\u0000",
    "\u00e9",
    "\U0001f600",
    "sig",
    "enc",
    "RSA",
    "EC",
    "oct",
    "OKP",
    "AQAB",
    "AA",
    "P-256",
    "true",
    "9" * 400,
)
_PIECES = (
    b"",
    b"\0",
    b"\xff",
    b"\xc3(",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b" ",
    b"\r\n",
    b"%00",
    b"%",
    b"&",
    b"=",
    b";",
    b"#",
    b"?",
    b"/",
    b"\\",
    b"//",
    b"..",
    b"%2e%2e",
    b"@",
    b":",
    b"*",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b",",
    b"1e999",
    b"NaN",
    b"-",
    b".",
    b"+",
    b"<",
    b"<!--",
    b"eve",
    b"evil.example",
    b"http://127.0.0.1:9/",
    b"\t",
    b"\x7f",
)
_TOKENS = (
    b"[",
    b"{",
    b"a",
    b"=",
    b"&",
    b"&a=",
    b"%41",
    b"-",
    b".",
    b"\\",
    b'"',
    b" ",
    b"0",
    b"\xff",
    b"a.",
    b"*.",
    b"[[",
    b"xn--",
)

Spoil = Callable[[bytes, Random], bytes]


def letters(data: bytes, chance: Random) -> bytes:
    """Some bytes, blindly."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.choice(_PIECES) + data[at:]
            case 1:
                data = data[:at] + data[at + chance.randint(1, 20) :]
            case 2:
                data = data[:at] + data[at : at + chance.randint(1, 60)] + data[at:]
            case 3:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case _:
                if chance.random() < 0.1:
                    token = chance.choice(_TOKENS)
                    data = data[:at] + token * (chance.choice((100, 10_000, 300_000)) // len(token)) + data[at:]
    return data


def value(found: Any, chance: Random) -> Any:
    """A JSON value with one thing changed somewhere in it."""
    if isinstance(found, dict) and found and chance.random() < 0.85:
        name = chance.choice(list(found))
        match chance.randrange(6):
            case 0:
                return {key: each for key, each in found.items() if key != name}
            case 1:
                return {**found, str(chance.choice([*VALUES, *found])): chance.choice(VALUES)}
            case 2:
                return {**found, name: found[chance.choice(list(found))]}
            case 3:
                return {**found, name: [found[name]]}
        return {**found, name: value(found[name], chance)}
    if isinstance(found, list) and found and chance.random() < 0.85:
        at = chance.randrange(len(found))
        match chance.randrange(4):
            case 0:
                return found[:at] + found[at + 1 :]
            case 1:
                return [*found, found[at]] * chance.choice((1, 1, 1, 60))
        return [*found[:at], value(found[at], chance), *found[at + 1 :]]
    if isinstance(found, str) and found and chance.random() < 0.6:
        return letters(found.encode("utf-8", "surrogatepass"), chance).decode("utf-8", "replace")
    if isinstance(found, int | float) and chance.random() < 0.7:
        return found + chance.choice((-1, 1, -60, 61, -600, 3600, 0.5, -(10**12)))
    return chance.choice(VALUES)


def document(data: bytes, chance: Random) -> bytes:
    """A JSON document, spoilt as values, or as text: members twice, depths, and what is no JSON at all."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return letters(data, chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        found = value(found, chance)
    text = json.dumps(found, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace")
    match chance.randrange(12):
        case 0:
            return letters(text, chance)
        case 1:  # a member twice
            return re.sub(rb'("\w+": ("[^"]*"|\d+))', rb"\1, \1", text, count=chance.choice((1, 0)))
        case 2:
            depth = chance.choice((5, 33, 1000, 100_000))
            return text.replace(b": ", b": " + b"[" * depth + b"]" * depth + b', "x": ', 1)
    return text


def form(data: bytes, chance: Random) -> bytes:
    """A form or query: fields left out, doubled, renamed, swapped, encoded in other ways."""
    fields = data.split(b"&")
    at = chance.randrange(len(fields))
    name, _, said = fields[at].partition(b"=")
    other = chance.choice(fields)
    changed = (
        lambda: fields[:at] + fields[at + 1 :],
        lambda: [*fields, fields[at]],
        lambda: [*fields, name + b"=" + chance.choice(_PIECES)],
        lambda: [*fields[:at], name + b"[]=" + said, *fields[at + 1 :]],
        lambda: [*fields[:at], name.upper() + b"=" + said, *fields[at + 1 :]],
        lambda: [*fields[:at], name + b"=" + other.partition(b"=")[2], *fields[at + 1 :]],
        lambda: [*fields[:at], name + b"=" + letters(said, chance), *fields[at + 1 :]],
        lambda: [*fields[:at], name + b"=" + quote(said, safe="").encode(), *fields[at + 1 :]],
        lambda: chance.sample(fields, len(fields)),
        lambda: [letters(data, chance)],
        lambda: [data + b"&x=1" * chance.choice((1, 199, 300, 10_000))],
    )
    return b"&".join(chance.choice(changed)())


def some(spoil: Spoil, *, donors: Sequence[bytes] = ()) -> Spoil:
    """One to three changes, or the tail of another one."""

    def spoilt(data: bytes, chance: Random) -> bytes:
        if donors and chance.random() < 0.05:
            other = chance.choice(donors)
            data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
        for _ in range(chance.choice((1, 1, 2, 3))):
            data = spoil(data, chance)
        return data

    return spoilt
