"""Magic links as an application's back end makes them, and as a person opens them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.house_for_tests import Answer, Browser, Rig

EMAIL = "ann@acme.example"


def make(rig: Rig, **changed: Any) -> dict[str, Any]:
    """A passwordless session of the API."""
    made = rig.client("POST", "/passwordless/sessions", {"email": EMAIL, "type": "MagicLink", **changed})
    assert made.status == 201, made.body
    session: dict[str, Any] = made.json
    return session


def send(rig: Rig, session: dict[str, Any], **headers: str) -> Answer:
    return rig.client("POST", f"/passwordless/sessions/{session['id']}/send", {}, **headers)


def mailed(rig: Rig) -> str:
    """The link in the newest mail."""
    found = re.findall(r"https?://\S+/confirm", rig.house.kept_mail()[0].mail.text)
    assert len(found) == 1
    link: str = found[0]
    return link


def press(browser: Browser, link: str, **headers: str) -> Answer:
    """The button of the page behind the link, as a browser on that very page presses it."""
    return browser.post(link, {}, **{"sec_fetch_site": "same-origin", **headers})


def signed_in(rig: Rig, link: str) -> dict[str, Any]:
    """The profile that the application gets in the end."""
    answer = press(rig.browser(), link)
    assert answer.status == 302, answer.text
    swapped = rig.swap(answer.returned["code"])
    assert swapped.status == 200, swapped.body
    profile: dict[str, Any] = swapped.json["profile"]
    return profile


def organization_link(rig: Rig, **organization: Any) -> tuple[dict[str, Any], str]:
    """An organization with the domain acme.example, and the id of a MagicLink connection of its own."""
    body = {"name": "Acme", "domains": ["acme.example"], **organization}
    made = rig.client("POST", "/organizations", body).json
    wish = {"organization_id": made["id"], "connection_type": "MagicLink"}
    connection = rig.client("POST", "/connections", wish)
    assert connection.status == 201, connection.body
    return made, connection.json["id"]


def token_of(link: str) -> str:
    return urlsplit(link).path.split("/")[2]
