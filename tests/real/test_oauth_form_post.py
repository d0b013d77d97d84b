"""Apple answers with a form from another site: the cookie that binds the sign-in has to come along with a POST."""

from __future__ import annotations

from pathlib import Path

from latchstring.effects import clock
from tests.oauth_for_tests import APPLE_KEY, credentials
from tests.oauth_player import Elsewhere, playing
from tests.real.login import Browser, Person, query, walk
from tests.real.served_house import ServedHouse

_CALLBACK = "http://localhost:5997/callback"


def test_a_form_from_another_site_finds_its_sign_in(tmp_path: Path) -> None:
    with (
        playing("AppleOAuth", clock.now) as player,
        ServedHouse(tmp_path, lambda would_block: Elsewhere(player, would_block)) as product,
    ):
        status, made = product.call("PUT", "/oauth_providers/AppleOAuth", credentials("AppleOAuth"))
        assert status == 201
        player.redirect_uri = made["redirect_uri"]
        player.client_keys = {"TEAM123456 KEY7890ABC": APPLE_KEY}
        browser = Browser("https://", _CALLBACK)
        asked = browser.open(product.authorize_url(_CALLBACK, state="kept", provider="AppleOAuth")).url
        assert asked.startswith("https://appleid.apple.com/auth/authorize?")
        elsewhere = player.at(asked).replace("127.0.0.1", "localhost", 1)  # another site than the product's own
        told = query(walk(browser, browser.open(elsewhere), Person({})).url)
        assert told["state"] == "kept", (told, player.faults)
        profile = product.redeem(told["code"])
        assert (profile["email"], profile["name"]) == ("ann@acme.example", "Ann Example")
        another = Browser("https://", _CALLBACK)  # without the cookie the same form is nobody's
        asked = browser.open(product.authorize_url(_CALLBACK, provider="AppleOAuth")).url
        page = walk(another, another.open(player.at(asked).replace("127.0.0.1", "localhost", 1)), Person({}))
        assert page.status == 400 and "browser_mismatch" in page.text
