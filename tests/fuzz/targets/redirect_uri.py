"""Redirect URIs: the first line is asked for, the others are registered; judged by another reading of the URI."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random
from urllib.parse import urlsplit

from latchstring.model.environment import RedirectUri, RedirectUriRules
from latchstring.model.refusal import Refusal
from latchstring.protocols import redirect_uri
from tests.fuzz import mutations
from tests.fuzz.target import Target, Violation

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_SEEDS = (
    b"https://app.example/callback\nhttps://app.example/callback",
    b"https://a.app.example/callback\nhttps://*.app.example/callback\nhttps://app.example/",
    b"http://localhost:3000/callback\nhttp://localhost:*/callback",
    b"http://127.0.0.1:8080/cb\nhttp://127.0.0.1:*/cb\nhttp://[::1]:*/cb",
    b"myapp://callback\nmyapp://callback",
    b"https://evil.example/callback\nhttps://app.example/callback\nhttps://*.app.example/callback",
    b"https://a.b.app.example/callback\nhttps://pre-*.app.example/callback\nhttps://*-suf.app.example/callback",
    b"https://x.co.uk/\nhttps://*.co.uk/\nhttps://*.github.io/",
)


def _registered(lines: list[str], rules: RedirectUriRules) -> list[RedirectUri]:
    found = []
    for number, uri in enumerate(lines):
        try:
            redirect_uri.check(uri, rules)
        except Refusal:
            continue
        if rules is RedirectUriRules.PRODUCTION and (uri.startswith("http:") or "*" in uri):
            raise Violation("registered in production: http or a wildcard")
        parts = urlsplit(uri)
        if rules is RedirectUriRules.STAGING and not _is_strict(uri):
            raise Violation("registered in staging: http beyond loopback, or a wildcard for part of a label")
        if parts.query or parts.fragment or "@" in parts.netloc or parts.scheme in ("javascript", "data", "file"):
            raise Violation("registered: a query, a fragment, a user or a scheme that is dangerous")
        found.append(
            RedirectUri(id=str(number), uri=uri, default=number == 0, created_at=_LONG_AGO, updated_at=_LONG_AGO)
        )
    return found


def _is_strict(uri: str) -> bool:
    scheme, _, rest = uri.partition("://")
    host = rest.split("/")[0]
    local = re.fullmatch(r"(localhost|127\.0\.0\.1|\[::1\])(:([0-9]*|\*))?", host) is not None
    return (scheme != "http" or local) and (local or "*" not in host.removeprefix("*."))


def _fits(asked: str, registered: str) -> bool:
    """Whether `asked` is `registered` with one host label, part of one, or a port in place of the star."""
    if "*" not in registered:
        return asked == registered
    before, after = registered.split("*")
    if not (asked.startswith(before) and asked.endswith(after) and len(asked) > len(before) + len(after)):
        return False
    star = asked[len(before) : len(asked) - len(after)]
    one, other = urlsplit(asked), urlsplit(registered)
    same = (one.scheme, one.path, one.query, one.fragment) == (other.scheme, other.path, other.query, other.fragment)
    return (
        same and re.fullmatch(r"[A-Za-z0-9_-]+", star) is not None and one.netloc.count(".") == other.netloc.count(".")
    )


def run(data: bytes) -> str:
    asked, *lines = data.decode("utf-8", "replace").split("\n")[:20]
    outcome = ""
    for rules in RedirectUriRules:
        registered = _registered(lines, rules)
        try:
            trusted = redirect_uri.admit(asked, registered, rules)
        except Refusal as refusal:
            outcome = outcome or refusal.code
            continue
        if str(trusted) != asked or not any(_fits(asked, entry.uri) for entry in registered):
            raise Violation("admitted, and not registered")
        if not asked.isascii() or not asked.isprintable() or " " in asked or "\\" in asked:
            raise Violation("admitted, and no browser reads it as we do")
        outcome = "accepted"
    return outcome


def _mutate(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\n")
    if chance.random() < 0.3:
        lines[0] = chance.choice(lines[1:] or lines)
    at = 0 if chance.random() < 0.6 else chance.randrange(len(lines))
    lines[at] = mutations.letters(lines[at], chance).replace(b"\n", b"")
    if chance.random() < 0.1:
        lines[0] = lines[0].replace(
            b"://", chance.choice((b":", b":/", b":///", b"://eve@", b"://evil.example/", b"://*"))
        )
    if chance.random() < 0.1:
        lines.append(chance.choice(_SEEDS).split(b"\n")[-1])
    return b"\n".join(lines)


TARGET = Target(about="redirect URIs, registered and asked for", seeds=lambda: _SEEDS, mutate=_mutate, run=run)
