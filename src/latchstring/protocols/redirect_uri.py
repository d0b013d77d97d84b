"""Redirect URIs: which may be registered, and which registered one a request's URI is (contract 10, OAUTH-01/02)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from urllib.parse import SplitResult, urlsplit

from publicsuffixlist import PublicSuffixList

from latchstring.model.environment import RedirectUri, RedirectUriRules, TrustedRedirect
from latchstring.model.refusal import FieldError, InvalidFields, Mender, UntrustedRequest
from latchstring.protocols.redirect_uri_difference import nearest

MAX_LENGTH = 2048
SHOWN = 10  # registered URIs that a refusal names
_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "ws", "wss"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class RedirectUriUnregistered(UntrustedRequest):
    """The redirect URI is not registered, so nobody was sent there."""

    code = "redirect_uri_unregistered"
    mender = Mender.DEVELOPER
    fix = (
        "Register the URI exactly as the application sends it (scheme, host, port, path, trailing slash): "
        "`latchstring redirect-uri create URI`."
    )
    received: str
    registered: tuple[str, ...]  # the nearest first, and not all


class RedirectUriMatchesLoosely(RedirectUriUnregistered):
    """The redirect URI is one that this environment's present rules do not admit, so nobody was sent there."""

    code = "redirect_uri_matches_loosely"
    fix = (
        "It was registered under loose redirect URI rules, which are switched off. Register an https address, "
        "or for staging switch them on again: `latchstring environment set NAME --redirect-uri-rules loose`."
    )


class RedirectUriNeedsLooseRules(InvalidFields):
    """Only loose redirect URI rules admit this address."""

    code = "redirect_uri_needs_loose_rules"
    fix = (
        "Use https, and a wildcard for a whole label (https://*.example.com); or let this staging environment take "
        "it: `latchstring environment set NAME --redirect-uri-rules loose`."
    )


class RedirectUriReserved(UntrustedRequest):
    """The redirect URI belongs to the Dashboard of this latchstring, and to no application."""

    code = "redirect_uri_reserved"
    mender = Mender.DEVELOPER
    fix = "Use an address of your application."
    received: str


OWN_PATH = "/dashboard/sign-in/sso/return"


def own(base_url: str) -> TrustedRedirect:
    """Where operators come back to who sign in to the Dashboard. It is registered nowhere, and so deleted nowhere."""
    return TrustedRedirect(base_url + OWN_PATH)


def check_not_own(uri: str, base_url: str) -> None:
    """Raises `InvalidFields` for what is, or by a wildcard could be, an address of our own Dashboard."""
    if _is_own(uri, base_url):
        fault = FieldError(field="uri", code="redirect_uri_reserved", message=RedirectUriReserved.meaning())
        raise InvalidFields(errors=(fault,))


def refuse_own(uri: str, base_url: str) -> None:
    """The same of a request, which may come with one that a wildcard stands for. Raises `RedirectUriReserved`."""
    if _is_own(uri, base_url):
        raise RedirectUriReserved(received=uri[:500])


def _is_own(uri: str, base_url: str) -> bool:
    parts, ours = _split(uri), urlsplit(base_url)
    if parts is None:
        return False
    here = (parts.scheme, parts.netloc.lower()) == (ours.scheme, ours.netloc.lower())
    return _stands_for(uri, base_url + OWN_PATH) or (here and f"{parts.path}/".startswith("/dashboard/"))


def check(uri: str, rules: RedirectUriRules) -> None:
    """Raise `InvalidFields` if `uri` may not be registered: `RedirectUriNeedsLooseRules` if staging could take it."""
    _raise("uri", _fault(uri, rules), rules, _fault(uri, RedirectUriRules.LOOSE))


def check_one_place(uri: str, rules: RedirectUriRules) -> None:
    """The same for the logout URI, which has no wildcard."""
    _raise("logout_uri", _place_fault(uri, rules), rules, _place_fault(uri, RedirectUriRules.LOOSE))


_Fault = tuple[str, str]


def _raise(field: str, fault: _Fault | None, rules: RedirectUriRules, loose_fault: _Fault | None) -> None:
    if fault is None:
        return
    kind = RedirectUriNeedsLooseRules if rules is RedirectUriRules.STAGING and loose_fault is None else InvalidFields
    raise kind(errors=(FieldError(field=field, code=fault[0], message=fault[1]),))


def _place_fault(uri: str, rules: RedirectUriRules) -> _Fault | None:
    return _fault(uri, rules) or (
        ("logout_uri_wildcard", "A logout URI is a single place, without a wildcard.") if "*" in uri else None
    )


@lru_cache(maxsize=4096)  # asked at every sign-in about what is registered
def _fault(uri: str, rules: RedirectUriRules) -> _Fault | None:
    if len(uri) > MAX_LENGTH:
        return "redirect_uri_too_long", f"A redirect URI has at most {MAX_LENGTH} characters."
    if not _VISIBLE_ASCII.fullmatch(uri) or "\\" in uri:
        return "redirect_uri_characters", "Use visible ASCII only; write international hosts in punycode."
    parts = _split(uri)
    if parts is None or not _SCHEME.fullmatch(uri.partition(":")[0]) or not parts.netloc:
        return "redirect_uri_malformed", "This is not an absolute URI with a lower-case scheme and a host."
    if parts.scheme in _FORBIDDEN_SCHEMES:
        return "redirect_uri_scheme", f"The scheme {parts.scheme}: is never allowed."
    if "?" in uri:
        return "redirect_uri_query", "A redirect URI carries no query parameters; use `state` instead."
    if "#" in uri:
        return "redirect_uri_fragment", "A redirect URI carries no fragment (RFC 6749, 3.1.2)."
    if "@" in parts.netloc:
        return "redirect_uri_userinfo", "A redirect URI carries no user name or password."
    if {".", ".."} & {segment.replace("%2e", ".").replace("%2E", ".") for segment in parts.path.split("/")}:
        return "redirect_uri_dots", "Write the path without dot segments."
    return _host_fault(parts, rules)


def _host_fault(parts: SplitResult, rules: RedirectUriRules) -> _Fault | None:
    host, _, port = _host_and_port(parts.netloc)
    loopback = host in _LOOPBACK
    if parts.scheme not in (
        "http",
        "https",
    ):  # a native application's own scheme, e.g. myapp://callback (RFC 8252, 7.1)
        return ("redirect_uri_wildcard", "Wildcards need http or https.") if "*" in parts.geturl() else None
    if rules is RedirectUriRules.PRODUCTION:
        if parts.scheme == "http":
            return "redirect_uri_insecure", "Production redirect URIs use https."
        if loopback:
            return "redirect_uri_localhost", "Production redirect URIs do not point at localhost."
        if "*" in parts.geturl():
            return "redirect_uri_wildcard", "Wildcards are for staging environments."
    if rules is RedirectUriRules.STAGING and parts.scheme == "http" and not loopback:
        return "redirect_uri_insecure", "Redirect URIs use https; http is for localhost and loopback addresses."
    if "*" in parts.path:
        return "redirect_uri_wildcard", "A wildcard stands in the left-most host label, or as a loopback port."
    if port == "*":
        if not loopback:
            return "redirect_uri_wildcard", "A port wildcard is for localhost and loopback addresses."
    elif port and not (port.isdigit() and 0 < int(port) < 65536):
        return "redirect_uri_malformed", "The port is not a number between 1 and 65535."
    return None if loopback else _labels_fault(host, rules)


def _labels_fault(host: str, rules: RedirectUriRules) -> _Fault | None:
    first, _, rest = host.partition(".")
    if host.count("*") > 1 or "*" in rest:
        return "redirect_uri_wildcard", "One wildcard at most, in the left-most label of the host."
    labels = (first.replace("*", "x"), *(rest.split(".") if rest else ()))
    if not all(_LABEL.fullmatch(label) for label in labels):
        if host.startswith("[") and host.find("]") == len(host) - 1 and "*" not in host:
            return None  # an IPv6 literal; urlsplit has looked at it
        return "redirect_uri_host", "Write the host in lower case, international names in punycode, no dot at its end."
    if "*" not in first:
        return None
    if first != "*" and rules is not RedirectUriRules.LOOSE:
        return "redirect_uri_wildcard", "A wildcard stands for the whole left-most label: https://*.example.com."
    if not rest or _suffixes().publicsuffix(rest) == rest:
        return "redirect_uri_wildcard", f"A wildcard directly under {rest or 'the root'} would admit strangers' hosts."
    if _NUMBER.fullmatch(
        labels[-1]
    ):  # browsers read such a host as an IPv4 address, whoever's that is (WHATWG URL, 3.5)
        return "redirect_uri_wildcard", "A wildcard is no part of an IP address."
    return None


def admits(uri: str, rules: RedirectUriRules) -> bool:
    """Whether it may be registered, and counts where it is."""
    return _fault(uri, rules) is None


def default(registered: Sequence[RedirectUri], rules: RedirectUriRules) -> TrustedRedirect | None:
    """The default redirect URI, if the environment's present rules admit it."""
    return next((TrustedRedirect(e.uri) for e in registered if e.default and _fault(e.uri, rules) is None), None)


def admit(uri: str | None, registered: Sequence[RedirectUri], rules: RedirectUriRules) -> TrustedRedirect:
    """The redirect URI to use: `uri` if it is registered, the default if `uri` is None.

    Comparison is of strings; a wildcard stands for characters of one host label or of a port, so no other part of the
    URI can be forged through it. What is registered counts only while `rules` would let it be registered: nothing
    outlives the setting that admitted it.

    Raises `RedirectUriUnregistered`, and its `RedirectUriMatchesLoosely` if switching a setting on would admit it.
    """
    meant = [entry for entry in registered if (entry.default if uri is None else _stands_for(entry.uri, uri))]
    for entry in meant:
        if _fault(entry.uri, rules) is None:
            return TrustedRedirect(entry.uri if uri is None else uri)
    kind = RedirectUriUnregistered
    if rules is RedirectUriRules.STAGING and any(_fault(entry.uri, RedirectUriRules.LOOSE) is None for entry in meant):
        kind = RedirectUriMatchesLoosely
    raise kind(received=uri or "", registered=nearest([entry.uri for entry in registered], uri or "")[:SHOWN])


def _stands_for(entry: str, uri: str) -> bool:
    return _pattern(entry).fullmatch(uri) is not None if "*" in entry else entry == uri


@lru_cache(maxsize=1024)
def _pattern(uri: str) -> re.Pattern[str]:
    before, _, after = uri.partition("*")
    stands_for = "[0-9]{1,5}" if before.endswith(":") else "[A-Za-z0-9_-]+"
    return re.compile(re.escape(before) + stands_for + re.escape(after))


def _split(uri: str) -> SplitResult | None:
    try:
        return urlsplit(uri)
    except ValueError:
        return None


def _host_and_port(netloc: str) -> tuple[str, str, str]:
    if netloc.startswith("["):
        host, bracket, rest = netloc.partition("]")
        if rest[:1] in ("", ":"):
            return host + bracket, rest[:1], rest[1:]
        return netloc, "", ""  # [::1]80 or [::1]*: no port, and so no host
    return netloc.partition(":")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # read on first use: 10,000 rules, needed for wildcards alone
