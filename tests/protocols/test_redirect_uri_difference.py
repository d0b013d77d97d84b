"""What differs between a redirect URI that was asked for and those that are registered, and which of those is meant."""

from __future__ import annotations

import pytest

from latchstring.model.environment import RedirectUriRules
from latchstring.protocols import redirect_uri
from latchstring.protocols.redirect_uri_difference import SENTENCES, Part, between, nearest
from tests.protocols.test_redirect_uri import registered

HOME = "https://app.example.com/callback"
DIFFERENT = {
    "scheme": ("http://app.example.com/callback", (Part.SCHEME,)),
    "host": ("https://evil.example/callback", (Part.HOST,)),
    "www": ("https://www.app.example.com/callback", (Part.WWW,)),
    "port": ("https://app.example.com:8443/callback", (Part.PORT,)),
    "the default port, written out": ("https://app.example.com:443/callback", (Part.PORT,)),
    "path": ("https://app.example.com/auth/callback", (Part.PATH,)),
    "a slash more": (HOME + "/", (Part.SLASH_TOO_MANY,)),
    "case": ("https://app.example.com/Callback", (Part.CASE,)),
    "case and a slash": ("https://app.example.com/Callback/", (Part.CASE, Part.SLASH_TOO_MANY)),
    "query": (HOME + "?next=/home", (Part.QUERY,)),
    "fragment": (HOME + "#top", (Part.FRAGMENT,)),
    "blanks": (HOME + " ", (Part.BLANKS,)),
    "several": ("http://app.example.com:3000/callback/", (Part.SCHEME, Part.PORT, Part.SLASH_TOO_MANY)),
    "the host in capitals is the same host": ("https://APP.example.com/callback/", (Part.SLASH_TOO_MANY,)),
    "no URI": ("callback", ()),
    "nothing that can be read": ("https://[::1/callback", ()),
}


@pytest.mark.parametrize(("received", "parts"), DIFFERENT.values(), ids=DIFFERENT)
def test_oauth_01_what_differs_has_a_name(received: str, parts: tuple[Part, ...]) -> None:
    assert between(HOME, received) == parts
    assert all(part in SENTENCES for part in parts)


@pytest.mark.parametrize(
    ("ours", "received", "parts"),
    [
        (HOME + "/", HOME, (Part.SLASH_MISSING,)),
        ("http://localhost:3000/cb", "http://127.0.0.1:3000/cb", (Part.LOOPBACK,)),
        ("http://localhost:*/cb", "http://localhost:3000/cb/", (Part.SLASH_TOO_MANY,)),
        ("http://[::1]:3000/cb", "http://[::1]:3001/cb", (Part.PORT,)),
        ("https://*.example.com/cb", "https://a.example.com/CB", (Part.CASE,)),
        ("https://*.example.com/cb", "https://a.b.example.com/cb", (Part.HOST,)),
        ("https://*.example.com/cb", "https://.example.com/cb", (Part.HOST,)),
        (HOME, HOME, ()),
    ],
)
def test_oauth_01_wildcards_and_slashes_are_seen(ours: str, received: str, parts: tuple[Part, ...]) -> None:
    assert between(ours, received) == parts


def test_oauth_01_the_nearest_registered_uri_comes_first() -> None:
    uris = ("https://other.example/callback", "http://localhost:3000/callback", "https://app.example.com/login", HOME)
    assert nearest(uris, HOME + "/")[:2] == (HOME, "https://app.example.com/login")
    assert nearest(uris, "http://localhost:5173/callback")[0] == "http://localhost:3000/callback"
    assert nearest(uris, "no uri at all") == nearest(uris, "no uri at all") and len(nearest(uris, "x")) == 4
    assert nearest((), HOME) == ()


def test_oauth_01_the_refusal_tells_the_nearest_first_and_not_hundreds() -> None:
    uris = [*(f"https://tenant{number}.example.org/callback" for number in range(60)), HOME]
    with pytest.raises(redirect_uri.RedirectUriUnregistered) as refused:
        redirect_uri.admit(HOME + "/", registered(*uris), RedirectUriRules.STAGING)
    assert refused.value.registered[0] == HOME
    assert len(refused.value.registered) == redirect_uri.SHOWN
