"""Redirect URIs: which may be registered, and which registered one a request's URI is (contract 10, OAUTH-01/02)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from urllib.parse import SplitResult, urlsplit

from publicsuffixlist import PublicSuffixList

from latchstring.model.environment import EnvironmentKind, RedirectUri, TrustedRedirect
from latchstring.model.refusal import FieldError, InvalidFields, Mender, UntrustedRequest

MAX_LENGTH = 2048
_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "ws", "wss"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")


class RedirectUriUnregistered(UntrustedRequest):
    """The redirect URI is not registered, so nobody was sent there."""

    code = "redirect_uri_unregistered"
    mender = Mender.DEVELOPER
    fix = (
        "Register the URI exactly as the application sends it (scheme, host, port, path, trailing slash): "
        "`latchstring redirect-uri create URI`."
    )
    received: str
    registered: tuple[str, ...]


def check(uri: str, kind: EnvironmentKind) -> None:
    """Raise `InvalidFields` if `uri` may not be registered in an environment of this kind."""
    fault = _fault(uri, kind)
    if fault:
        code, message = fault
        raise InvalidFields(errors=(FieldError(field="uri", code=code, message=message),))


def check_one_place(uri: str, kind: EnvironmentKind) -> None:
    """Raise `InvalidFields` if `uri` may not be the logout URI: the same rules, and no wildcard."""
    fault = _fault(uri, kind) or (
        ("logout_uri_wildcard", "A logout URI is a single place, without a wildcard.") if "*" in uri else None
    )
    if fault:
        code, message = fault
        raise InvalidFields(errors=(FieldError(field="logout_uri", code=code, message=message),))


def _fault(uri: str, kind: EnvironmentKind) -> tuple[str, str] | None:
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
    return _host_fault(parts, kind)


def _host_fault(parts: SplitResult, kind: EnvironmentKind) -> tuple[str, str] | None:
    host, _, port = _host_and_port(parts.netloc)
    loopback = host in _LOOPBACK
    if parts.scheme not in ("http", "https"):  # a native application's own scheme, e.g. myapp://callback
        return ("redirect_uri_wildcard", "Wildcards need http or https.") if "*" in parts.geturl() else None
    if kind is EnvironmentKind.PRODUCTION:
        if parts.scheme == "http":
            return "redirect_uri_insecure", "Production redirect URIs use https."
        if loopback:
            return "redirect_uri_localhost", "Production redirect URIs do not point at localhost."
        if "*" in parts.geturl():
            return "redirect_uri_wildcard", "Wildcards are for staging environments."
    if "*" in parts.path:
        return "redirect_uri_wildcard", "A wildcard stands in the left-most host label, or as a loopback port."
    if port == "*":
        if not loopback:
            return "redirect_uri_wildcard", "A port wildcard is for localhost and loopback addresses."
    elif port and not (port.isdigit() and 0 < int(port) < 65536):
        return "redirect_uri_malformed", "The port is not a number between 1 and 65535."
    return None if loopback else _labels_fault(host)


def _labels_fault(host: str) -> tuple[str, str] | None:
    first, _, rest = host.partition(".")
    if host.count("*") > 1 or "*" in rest:
        return "redirect_uri_wildcard", "One wildcard at most, in the left-most label of the host."
    if not all(_LABEL.fullmatch(label) for label in (first.replace("*", "x"), *filter(None, rest.split(".")))):
        if host.startswith("[") and "*" not in host:
            return None  # an IPv6 literal; urlsplit has looked at it
        return "redirect_uri_host", "Write the host in lower case, international names in punycode."
    if "*" in first and (not rest or _suffixes().publicsuffix(rest) == rest):
        return "redirect_uri_wildcard", f"A wildcard directly under {rest or 'the root'} would admit strangers' hosts."
    return None


def admit(uri: str | None, registered: Sequence[RedirectUri], kind: EnvironmentKind) -> TrustedRedirect:
    """The redirect URI to use: `uri` if it is registered, the default if `uri` is None.

    Raises `RedirectUriUnregistered`. Comparison is of strings; a wildcard counts in staging only and stands for
    characters of one host label or of a port, so no other part of the URI can be forged through it.
    """
    if uri is None:
        for entry in registered:
            if entry.default:
                return TrustedRedirect(entry.uri)
    else:
        for entry in registered:
            if entry.uri == uri and "*" not in uri:
                return TrustedRedirect(uri)
            if "*" in entry.uri and kind is EnvironmentKind.STAGING and _pattern(entry.uri).fullmatch(uri):
                return TrustedRedirect(uri)
    raise RedirectUriUnregistered(received=uri or "", registered=tuple(entry.uri for entry in registered))


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
        host, bracket, port = netloc.partition("]")
        return host + bracket, ":" if port else "", port.removeprefix(":")
    return netloc.partition(":")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # read on first use: 10,000 rules, needed for wildcards alone
