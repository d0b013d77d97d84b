"""An environment with credentials at an OAuth provider, and the provider played on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey

from tests.house_for_tests import Answer, Browser, Client, Rig
from tests.oauth_acts import ACTS
from tests.oauth_player import CLIENT_ID, CLIENT_SECRET, Elsewhere, Left, Player, playing

APPLE_KEY = ECKey.generate_key("P-256", private=True)


@dataclass
class Scene:
    """The house, the provider, and the way between them."""

    rig: Rig
    player: Player
    provider: dict[str, Any]  # as the API shows it

    @property
    def type(self) -> str:
        return self.player.act.type

    def depart(self, browser: Browser, **query: str) -> Left:
        """From the application through the product to the provider, where the person agrees; then on the way back."""
        left = self.rig.authorize(browser, **({"provider": self.type} | query))
        assert left.status == 302, left.text
        return self.player.visit(left.location)

    def arrive(self, browser: Browser, left: Left) -> Answer:
        if left.method == "POST":
            return browser.post(left.url, left.fields)
        return browser.get(left.url, query=left.fields)

    def sign_in(self, **query: str) -> Answer:
        browser = self.rig.browser()
        return self.arrive(browser, self.depart(browser, **query))

    def outcome(self, **query: str) -> str:
        """`ok`, or the code of the refusal."""
        returned = self.sign_in(**query).returned
        return "ok" if "code" in returned else returned["error_uri"].rpartition("/")[2]


def credentials(type_: str) -> dict[str, Any]:
    """The body of PUT /oauth_providers/{type}."""
    act = ACTS[type_]
    if act.client_authentication == "apple":
        pem = APPLE_KEY.as_pem(private=True).decode()
        return {"client_id": CLIENT_ID, "team_id": "TEAM123456", "key_id": "KEY7890ABC", "private_key": pem}
    return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **act.settings}


@contextmanager
def scene(rig: Rig, type_: str, settings: Mapping[str, Any] = {}, client: Client | None = None) -> Iterator[Scene]:
    """The provider set up over the API, with the redirect URI registered that it shows."""
    with playing(type_, rig.clock.now) as player:
        rig.network.elsewhere = Elsewhere(player)
        call = client or rig.client
        made = call("PUT", f"/oauth_providers/{type_}", {**credentials(type_), **settings})
        assert made.status in (200, 201), made.text
        player.redirect_uri = made.json["redirect_uri"]
        player.client_keys = {"TEAM123456 KEY7890ABC": APPLE_KEY}
        yield Scene(rig, player, made.json)
