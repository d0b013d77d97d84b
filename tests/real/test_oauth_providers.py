"""Sign-ins through a real authorization server in the shape of Google, of a GitLab and of a GitHub of one's own."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import msgspec
import pytest

from latchstring.effects.outbound import Outbound
from latchstring.model.fetch import Fetch, Fetched, Fetcher
from latchstring.protocols.oidc import published
from tests.real.login import Browser, Person, query, walk
from tests.real.oauth_provider import ANN, CLIENT, EVE, OAuthProvider
from tests.real.product import Product
from tests.real.served_house import ServedHouse

_CALLBACK = "http://localhost:5998/callback"
_GOOGLE = frozenset({"accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com"})


def draft(product: Product, type_: str) -> str:
    """The redirect URI that has to be registered at the provider."""
    status, found = product.call("PUT", f"/oauth_providers/{type_}", {})
    assert status in (200, 201), found
    return str(found["redirect_uri"])


def complete(product: Product, type_: str, **settings: object) -> None:
    status, found = product.call("PUT", f"/oauth_providers/{type_}", {**CLIENT, **settings})
    assert (status, found["has_secret"]) == (200, True), found


def sign_in(product: Product, type_: str, person: Person, *, at: Callable[[str], str] = str) -> dict[str, str]:
    """What the application's redirect URI is told. `at` is where the provider's address really is."""
    browser = Browser("https://", _CALLBACK)
    page = browser.open(product.authorize_url(_CALLBACK, state="kept", provider=type_))
    if page.url.startswith("https://"):
        page = browser.open(at(page.url))
    page = walk(browser, page, person)
    assert page.url.startswith(_CALLBACK), f"{page}\n" + "\n".join(browser.visited)
    told = query(page.url)
    assert told["state"] == "kept"
    return told


@pytest.mark.parametrize(
    ("type_", "shape", "idp_id"), [("GitLabOAuth", "gitlab", "ann-7"), ("GitHubOAuth", "github", "583231")]
)
def test_a_server_of_ones_own(product: Product, app: str, type_: str, shape: str, idp_id: str) -> None:
    product.call("POST", "/user_management/redirect_uris", {"uri": _CALLBACK})
    provider = OAuthProvider(shape)
    with provider.running(draft(product, type_)) as child:
        complete(product, type_, base_url=provider.origin)
        told = sign_in(product, type_, ANN)
        assert "code" in told, (told, child.story())
        profile = product.redeem(told["code"])
        assert (profile["connection_type"], profile["organization_id"]) == (type_, None)
        assert (profile["idp_id"], profile["email"], profile["name"]) == (idp_id, "ann@acme.example", "Ann Real")
        again = product.redeem(sign_in(product, type_, ANN)["code"])
        assert again["id"] == profile["id"]
        refused = sign_in(product, type_, EVE)
        assert refused["error_uri"].endswith("/errors/email_unverified")
        complete(product, type_, client_secret="an old one")
        refused = sign_in(product, type_, ANN)
        assert (refused["error"], refused["error_uri"].rpartition("/")[2]) == ("oauth_failed", "oauth_client_refused")


class _LedToGoogle:
    """Google's hosts are one server on loopback; nothing else is there."""

    def __init__(self, origin: str, would_block: Callable[[], bool]) -> None:
        self._origin = origin
        self._outbound = Outbound(
            allow_networks=[ip_network("127.0.0.0/8")],
            allow_http=True,
            would_block=would_block,
            scope_open=lambda: False,
            monotonic=monotonic,
            sound=published.is_sound,
        )

    def __call__(self, fetch: Fetch) -> Fetched:
        return self._outbound(msgspec.structs.replace(fetch, url=led(self._origin, fetch.url)))


def led(origin: str, url: str) -> str:
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc in _GOOGLE) == ("https", True), url
    return f"{origin}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def test_google_signs_id_tokens_in_its_own_name(tmp_path: Path) -> None:
    provider = OAuthProvider("google")

    def internet(would_block: Callable[[], bool]) -> Fetcher:
        return _LedToGoogle(provider.origin, would_block)

    with ServedHouse(tmp_path, internet) as product, provider.running(draft(product, "GoogleOAuth")) as child:
        complete(product, "GoogleOAuth")
        told = sign_in(product, "GoogleOAuth", ANN, at=lambda url: led(provider.origin, url))
        assert "code" in told, (told, child.story())
        profile = product.redeem(told["code"])
        assert (profile["idp_id"], profile["email"]) == ("ann-7", "ann@acme.example")
        assert (profile["first_name"], profile["last_name"]) == ("Ann", "Real")
        assert profile["raw_attributes"]["hd"] == "acme.example"
        refused = sign_in(product, "GoogleOAuth", EVE, at=lambda url: led(provider.origin, url))
        assert refused["error_uri"].endswith("/errors/email_unverified")
